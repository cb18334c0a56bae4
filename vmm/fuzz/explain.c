/* SPDX-License-Identifier: MIT
 * Whether what a host does otherwise is what it is known to do otherwise. */
#include "internal.h"

#include <limits.h>
#include <string.h>

#define LEFT_OUT_MAX 2
#define TOGETHER_MAX 2

struct search {
    const struct rs_probe *probe;
    const struct rs_fuzz_case *one;
    const struct rs_observation *seen;
    const struct rs_departing *departing;
    rs_fuzz_mask applied; /* of the last try */
    struct rs_fuzz_nearest *nearest;
    unsigned distance; /* of the nearest */
};

#define FAR RS_DIFFERENCES_MAX /* another end is further than any other difference */

static unsigned distance_of(const struct rs_finding *finding)
{
    bool elsewhere = finding->difference_count == 1 &&
                     strcmp(finding->differences[0].field, RS_FIELD_OUTCOME) == 0;

    return finding->difference_count + (elsewhere ? FAR : 0);
}

static bool try(struct search *search, rs_fuzz_mask mask)
{
    struct rs_fuzz_prediction prediction;
    struct rs_finding finding = {0};
    bool agrees;

    rs_fuzz_predict(search->one, search->probe->env.vendor, search->departing, mask, &prediction,
                    NULL, NULL);
    search->applied = prediction.applied;
    if (prediction.end == RS_FUZZ_UNKNOWN)
        return false;
    agrees = rs_fuzz_compare(search->probe, search->one, &prediction, search->seen, &finding);
    if (!agrees && distance_of(&finding) < search->distance) {
        search->distance = distance_of(&finding);
        *search->nearest = (struct rs_fuzz_nearest){prediction.applied, finding};
    }
    return agrees;
}

/* Leaves out what is not necessary. */
static rs_fuzz_mask reduce(struct search *search, rs_fuzz_mask mask)
{
    for (rs_fuzz_mask bit = 1; bit != 0; bit <<= 1)
        if (mask & bit && try(search, mask & ~bit))
            mask &= ~bit;
    return mask;
}

/* Without `count` of those from bit `from` on: two may be of the same claim and exclude each
 * other. */
static rs_fuzz_mask leave_out(struct search *search, rs_fuzz_mask mask, unsigned from,
                              unsigned count)
{
    if (count == 0)
        return try(search, mask) ? reduce(search, search->applied) : 0;
    for (unsigned i = from; i < rs_deviation_count; i++) {
        rs_fuzz_mask found = 0, bit = rs_fuzz_bit(i);

        if (mask & bit)
            found = leave_out(search, mask & ~bit, i + 1, count - 1);
        if (found)
            return found;
    }
    return 0;
}

/* `count` more of those from bit `from` on. */
static rs_fuzz_mask combine(struct search *search, rs_fuzz_mask mask, unsigned from, unsigned count)
{
    if (count == 0)
        return try(search, mask) && search->applied == mask ? mask : 0;
    for (unsigned i = from; i < rs_deviation_count; i++) {
        rs_fuzz_mask found = 0, bit = rs_fuzz_bit(i);

        if (search->departing->mask & bit)
            found = combine(search, mask | bit, i + 1, count - 1);
        if (found)
            return found;
    }
    return 0;
}

static rs_fuzz_mask search_all(struct search *search)
{
    rs_fuzz_mask found = 0;

    for (unsigned count = 0; !found && count <= LEFT_OUT_MAX; count++)
        found = leave_out(search, search->departing->mask, 0, count);
    for (unsigned count = 1; !found && count <= TOGETHER_MAX; count++)
        found = combine(search, 0, 0, count);
    return found;
}

static void remember(struct rs_fuzz_recent *recent, unsigned place, rs_fuzz_mask mask)
{
    memmove(&recent->masks[1], &recent->masks[0], place * sizeof(mask));
    recent->masks[0] = mask;
}

rs_fuzz_mask rs_fuzz_explain(const struct rs_probe *probe, const struct rs_fuzz_case *one,
                             const struct rs_observation *seen,
                             const struct rs_departing *departing, struct rs_fuzz_recent *recent,
                             struct rs_fuzz_nearest *nearest)
{
    struct search search = {.probe = probe,
                            .one = one,
                            .seen = seen,
                            .departing = departing,
                            .nearest = nearest,
                            .distance = UINT_MAX};
    rs_fuzz_mask mask;
    unsigned i;

    for (i = 0; i < FUZZ_RECENT_MAX && recent->masks[i]; i++)
        if (try(&search, recent->masks[i]) && search.applied == recent->masks[i])
            break;
    if (i < FUZZ_RECENT_MAX && recent->masks[i]) {
        mask = recent->masks[i];
        remember(recent, i, mask);
        return mask;
    }
    mask = search_all(&search);
    if (mask)
        remember(recent, FUZZ_RECENT_MAX - 1, mask);
    return mask;
}

bool rs_fuzz_leads_outside(const struct rs_probe *probe, const struct rs_fuzz_case *one,
                           const struct rs_departing *departing)
{
    struct rs_fuzz_prediction prediction;

    rs_fuzz_predict(one, probe->env.vendor, departing, departing->mask, &prediction, NULL, NULL);
    return prediction.end == RS_FUZZ_UNKNOWN;
}
