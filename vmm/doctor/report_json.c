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

static json_t *hook_cost(const struct rs_hook_costs *costs, enum rs_hook_kind kind,
                         enum rs_hook_ring ring)
{
    const struct rs_hook_cost *cost = &costs->of[kind][ring];

    return json_pack("{s:s, s:i, s:I, s:I, s:I}", "kind", rs_hook_kind_name(kind), "ring",
                     ring == RS_HOOK_RING0 ? 0 : 3, "p25", (json_int_t)cost->quartiles[0], "p50",
                     (json_int_t)cost->quartiles[1], "p75", (json_int_t)cost->quartiles[2]);
}

static json_t *hook_costs(const struct rs_hook_costs *costs)
{
    json_t *list = json_array();

    for (unsigned kind = 0; list && kind < RS_HOOK_KIND_COUNT; kind++)
        for (unsigned ring = 0; ring < RS_HOOK_RINGS; ring++)
            if (costs->of[kind][ring].works)
                json_array_append_new(
                    list, hook_cost(costs, (enum rs_hook_kind)kind, (enum rs_hook_ring)ring));
    return list;
}

static json_t *hook_kinds(const struct rs_hook_kinds *kinds)
{
    json_t *object = json_object();

    for (unsigned i = 0; object && i < RS_PLACE_COUNT; i++) {
        enum rs_hook_place place = (enum rs_hook_place)i;

        json_object_set_new(object, rs_hook_place_name(place),
                            json_string(rs_hook_kind_name(rs_hook_kind_of(kinds, place))));
    }
    return object;
}

int rs_examination_print_json(const struct rs_examination *examination, FILE *out)
{
    json_t *report = json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "schema_version",
                               SCHEMA_VERSION, "ringscope", RS_VERSION, "host", host(examination),
                               "summary", summary(examination), "repair", needs(examination->needs),
                               "hook_costs", hook_costs(&examination->hook_costs), "hook_kinds",
                               hook_kinds(&examination->hook_kinds), "lines", lines(examination));
    int result = report ? json_dumpf(report, out, JSON_INDENT(2)) : -1;

    json_decref(report);
    if (result == 0 && fputc('\n', out) == EOF)
        result = -1;
    return result == 0 && fflush(out) == 0 ? 0 : -1;
}
