/* SPDX-License-Identifier: MIT
 * `ringscope report`: what the host did otherwise than the SDM says. */
#include "report.h"

#include <inttypes.h>

static const struct {
    const char *name, *text;
} deviations[RS_DEVIATION_COUNT] = {
#define X(name, text) {#name, text},
    RS_DEVIATIONS(X)
#undef X
};

static uint64_t events_with(const struct rs_summary *summary, unsigned bit)
{
    uint64_t events = 0;

    for (unsigned kind = 0; kind < RS_EVENT_KIND_COUNT; kind++)
        events += summary->deviations[kind].bits[bit];
    return events;
}

static void put_deviation(const struct rs_summary *summary, unsigned bit, FILE *file)
{
    const char *separator = " (";

    fprintf(file, "%10" PRIu64 "  %s: %s", events_with(summary, bit), deviations[bit].name,
            deviations[bit].text);
    for (unsigned kind = 0; kind < RS_EVENT_KIND_COUNT; kind++) {
        uint64_t events = summary->deviations[kind].bits[bit];

        if (events > 0) {
            fprintf(file, "%s%s %" PRIu64, separator, rs_report_kind(kind), events);
            separator = ", ";
        }
    }
    fprintf(file, ")\n");
}

static void totals(const struct rs_summary *summary, uint64_t *events, uint64_t *repaired)
{
    *events = *repaired = 0;
    for (unsigned kind = 0; kind < RS_EVENT_KIND_COUNT; kind++) {
        *events += summary->deviations[kind].events;
        *repaired += summary->deviations[kind].repaired;
    }
}

void rs_report_deviations(const struct rs_summary *summary, FILE *file)
{
    uint64_t events, repaired;

    totals(summary, &events, &repaired);
    fprintf(file, "%" PRIu64 " events depart from the SDM, %" PRIu64 " of them were repaired\n",
            events, repaired);
    for (unsigned bit = 0; bit < RS_DEVIATION_COUNT; bit++)
        if (events_with(summary, bit) > 0)
            put_deviation(summary, bit, file);
}

static json_t *deviation_json(const struct rs_summary *summary, unsigned bit)
{
    json_t *kinds = json_object();

    for (unsigned kind = 0; kind < RS_EVENT_KIND_COUNT; kind++)
        if (summary->deviations[kind].bits[bit] > 0)
            json_object_set_new(kinds, rs_report_kind(kind),
                                json_integer((json_int_t)summary->deviations[kind].bits[bit]));
    return json_pack("{s:s, s:s, s:I, s:o}", "name", deviations[bit].name, "text",
                     deviations[bit].text, "events", (json_int_t)events_with(summary, bit), "kinds",
                     kinds);
}

json_t *rs_report_deviations_json(const struct rs_summary *summary)
{
    json_t *list = json_array();
    uint64_t events, repaired;

    totals(summary, &events, &repaired);
    for (unsigned bit = 0; bit < RS_DEVIATION_COUNT; bit++)
        if (events_with(summary, bit) > 0)
            json_array_append_new(list, deviation_json(summary, bit));
    return json_pack("{s:I, s:I, s:o}", "events", (json_int_t)events, "repaired",
                     (json_int_t)repaired, "list", list);
}
