/* SPDX-License-Identifier: MIT
 * Which of the known deviations this host has: what the doctor has measured decides. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static bool departs_so(const struct rs_deviation *deviation, const struct rs_finding *finding,
                       const struct rs_difference *difference)
{
    return strcmp(finding->claim->id, deviation->claim) == 0 &&
           strcmp(difference->field, deviation->field) == 0 &&
           (!deviation->got ||
            strncmp(difference->got, deviation->got, strlen(deviation->got)) == 0);
}

/* What is no number reads as 0. */
static void add(struct rs_departing *departing, unsigned index,
                const struct rs_difference *difference)
{
    uint64_t expected = strtoull(difference->expected, NULL, 0);
    uint64_t got = strtoull(difference->got, NULL, 0);

    departing->mask |= rs_fuzz_bit(index);
    departing->lost[index] = expected & ~got;
    departing->extra[index] = got & ~expected;
}

void rs_departing_add(struct rs_departing *departing, const struct rs_finding *finding)
{
    if (finding->status != RS_STATUS_DEPARTS)
        return;
    for (unsigned i = 0; i < rs_deviation_count; i++)
        for (unsigned j = 0; j < finding->difference_count; j++)
            if (departs_so(&rs_deviations[i], finding, &finding->differences[j]))
                add(departing, i, &finding->differences[j]);
}
