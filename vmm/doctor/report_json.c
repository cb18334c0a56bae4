/* SPDX-License-Identifier: MIT
 * The doctor's report as JSON: docs/doctor-json.md. */
#include "doctor.h"

#include <jansson.h>

#define SCHEMA_VERSION 1

/* json_pack() reports what fails inside it by returning NULL, and frees what it was given: a NULL
 * at the end is the only thing to check. */
static json_t *host(const struct rs_examination *examination)
{
    return json_pack("{s:s, s:s, s:s, s:b}", "kernel", examination->host.release, "machine",
                     examination->host.machine, "guest_vendor",
                     examination->guest_vendor == RS_VENDOR_AMD ? "AMD" : "Intel", "emulated",
                     examination->emulated);
}

static json_t *summary(const struct rs_examination *examination)
{
    const unsigned *totals = examination->totals;

    return json_pack("{s:i, s:i, s:i, s:i}", "ok", (int)totals[RS_STATUS_OK], "departs",
                     (int)totals[RS_STATUS_DEPARTS], "absent", (int)totals[RS_STATUS_ABSENT],
                     "skip", (int)totals[RS_STATUS_SKIP]);
}

static json_t *needs(uint32_t bits)
{
    json_t *list = json_array();
    const char *name;
    uint32_t bit;

    for (unsigned i = 0; list && (name = rs_need_name(i, &bit)); i++)
        if (bits & bit)
            json_array_append_new(list, json_string(name));
    return list;
}

static json_t *differences(const struct rs_finding *finding)
{
    json_t *list = json_array();

    for (unsigned i = 0; list && i < finding->difference_count; i++) {
        const struct rs_difference *difference = &finding->differences[i];

        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s}", "field", difference->field, "expected",
                                        difference->expected, "got", difference->got));
    }
    return list;
}

static json_t *line(const struct rs_group *group, const struct rs_finding *finding)
{
    static const char *const statuses[RS_STATUS_COUNT] = {
        [RS_STATUS_OK] = "ok",
        [RS_STATUS_DEPARTS] = "departs",
        [RS_STATUS_ABSENT] = "absent",
        [RS_STATUS_SKIP] = "skip",
    };
    const struct rs_claim *claim = finding->claim;

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:o}", "id", claim->id, "group",
                     group->name, "status", statuses[finding->status], "claim", claim->text,
                     "reference", claim->reference, "observed", finding->observed, "repaired",
                     rs_finding_needs(finding) != 0, "differences", differences(finding));
}

static json_t *lines(const struct rs_examination *examination)
{
    const struct rs_finding *finding = examination->findings;
    json_t *list = json_array();

    for (size_t group = 0; list && group < rs_group_count; group++)
        for (size_t i = 0; i < rs_groups[group]->count; i++)
            json_array_append_new(list, line(rs_groups[group], finding++));
    return list;
}

int rs_examination_print_json(const struct rs_examination *examination, FILE *out)
{
    json_t *report =
        json_pack("{s:i, s:s, s:o, s:o, s:o, s:o}", "schema_version", SCHEMA_VERSION, "ringscope",
                  RS_VERSION, "host", host(examination), "summary", summary(examination), "repair",
                  needs(examination->needs), "lines", lines(examination));
    int result = report ? json_dumpf(report, out, JSON_INDENT(2)) : -1;

    json_decref(report);
    if (result == 0 && fputc('\n', out) == EOF)
        result = -1;
    return result == 0 && fflush(out) == 0 ? 0 : -1;
}
