/* SPDX-License-Identifier: MIT
 * Lines of doctor, measured when somebody asks, once. */
#include "measured.h"

#include "doctor/doctor.h"
#include "doctor/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct rs_claim *find_claim(const char *id)
{
    const struct rs_claim *claim = NULL;

    for (size_t i = 0; i < rs_group_count && !claim; i++)
        claim = rs_claim_find(rs_groups[i], id);
    return claim;
}

static void conclude(const struct rs_measured_lines *lines, const struct rs_finding *finding,
                     struct rs_measured_line *line)
{
    const struct rs_difference *first = finding->differences;
    bool repaired = lines->repair && rs_finding_needs(finding) != 0;

    if (finding->status == RS_STATUS_SKIP)
        line->measured = RS_MEASURED_FAILED;
    else if (finding->status == RS_STATUS_OK || repaired)
        line->measured = RS_MEASURED_OK;
    else
        line->measured = RS_MEASURED_DEPARTS;
    if (finding->difference_count > 0)
        snprintf(line->observed, sizeof(line->observed), "%s: expected %.50s, got %.50s",
                 first->field, first->expected, first->got);
    else
        snprintf(line->observed, sizeof(line->observed), "%.*s", RS_OBSERVED_MAX - 1,
                 finding->observed);
}

static void measure(const struct rs_measured_lines *lines, const struct rs_claim *claim,
                    struct rs_measured_line *line)
{
    struct rs_error error = {0};
    struct rs_finding finding;
    struct rs_probe probe;

    if (rs_probe_open(&probe, lines->kvm_fd, (struct rs_probe_kind){0}, &error) != 0) {
        snprintf(line->observed, sizeof(line->observed), "%.150s", error.message);
        return;
    }
    if (rs_measure(&probe, claim, &finding, &error) == 0)
        conclude(lines, &finding, line);
    else
        snprintf(line->observed, sizeof(line->observed), "%.150s", error.message);
    rs_probe_close(&probe);
}

static struct rs_measured_line *add(struct rs_measured_lines *lines, const struct rs_claim *claim)
{
    struct rs_measured_line *more =
        realloc(lines->lines, (lines->count + 1) * sizeof(*lines->lines));

    if (!more)
        return NULL;
    lines->lines = more;
    more[lines->count] = (struct rs_measured_line){.id = claim->id, .measured = RS_MEASURED_FAILED};
    measure(lines, claim, &more[lines->count]);
    return &more[lines->count++];
}

enum rs_measured rs_measure_line(void *context, const char *id, char observed[RS_OBSERVED_MAX])
{
    struct rs_measured_lines *lines = context;
    const struct rs_claim *claim = find_claim(id);
    struct rs_measured_line *line = NULL;

    observed[0] = '\0';
    if (!claim)
        return RS_MEASURED_UNKNOWN;
    for (size_t i = 0; i < lines->count && !line; i++)
        line = lines->lines[i].id == claim->id ? &lines->lines[i] : NULL;
    if (!line)
        line = add(lines, claim);
    if (!line)
        return RS_MEASURED_FAILED;
    memcpy(observed, line->observed, RS_OBSERVED_MAX);
    return line->measured;
}

void rs_measured_free(struct rs_measured_lines *lines)
{
    free(lines->lines);
    lines->lines = NULL;
    lines->count = 0;
}
