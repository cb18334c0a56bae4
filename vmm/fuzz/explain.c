/* SPDX-License-Identifier: MIT
 * Whether what a host does otherwise is what it is known to do otherwise. */
#include "internal.h"

#include <string.h>

#define LEFT_OUT_MAX 2
#define TOGETHER_MAX 2

struct search {
    const struct rs_probe *probe;
    const struct rs_fuzz_case *one;
    const struct rs_observation *seen;
    const struct rs_departing *departing;
    uint64_t applied; /* of the last try */
};

static bool try(struct search *search, uint64_t mask)
{
    struct rs_fuzz_prediction prediction;
    struct rs_finding finding = {0};

    rs_fuzz_predict(search->one, search->probe->env.vendor, search->departing, mask, &prediction,
                    NULL, NULL);
    search->applied = prediction.applied;
    return prediction.end != RS_FUZZ_UNKNOWN &&
           rs_fuzz_compare(search->probe, search->one, &prediction, search->seen, &finding);
}

/* Leaves out what is not necessary. */
static uint64_t reduce(struct search *search, uint64_t mask)
{
    for (uint64_t bit = 1; bit != 0; bit <<= 1)
        if (mask & bit && try(search, mask & ~bit))
            mask &= ~bit;
    return mask;
}

/* Without `count` of those from bit `from` on: two may be of the same claim and exclude each
 * other. */
static uint64_t leave_out(struct search *search, uint64_t mask, unsigned from, unsigned count)
{
    if (count == 0)
        return try(search, mask) ? reduce(search, search->applied) : 0;
    for (unsigned i = from; i < rs_deviation_count; i++) {
        uint64_t found = 0, bit = UINT64_C(1) << i;

        if (mask & bit)
            found = leave_out(search, mask & ~bit, i + 1, count - 1);
        if (found)
            return found;
    }
    return 0;
}

/* `count` more of those from bit `from` on. */
static uint64_t combine(struct search *search, uint64_t mask, unsigned from, unsigned count)
{
    if (count == 0)
        return try(search, mask) && search->applied == mask ? mask : 0;
    for (unsigned i = from; i < rs_deviation_count; i++) {
        uint64_t found = 0, bit = UINT64_C(1) << i;

        if (search->departing->mask & bit)
            found = combine(search, mask | bit, i + 1, count - 1);
        if (found)
            return found;
    }
    return 0;
}

static uint64_t search_all(struct search *search)
{
    uint64_t found = 0;

    for (unsigned count = 0; !found && count <= LEFT_OUT_MAX; count++)
        found = leave_out(search, search->departing->mask, 0, count);
    for (unsigned count = 1; !found && count <= TOGETHER_MAX; count++)
        found = combine(search, 0, 0, count);
    return found;
}

static void remember(struct rs_fuzz_recent *recent, unsigned place, uint64_t mask)
{
    memmove(&recent->masks[1], &recent->masks[0], place * sizeof(mask));
    recent->masks[0] = mask;
}

uint64_t rs_fuzz_explain(const struct rs_probe *probe, const struct rs_fuzz_case *one,
                         const struct rs_observation *seen, const struct rs_departing *departing,
                         struct rs_fuzz_recent *recent)
{
    struct search search = {.probe = probe, .one = one, .seen = seen, .departing = departing};
    uint64_t mask;
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
