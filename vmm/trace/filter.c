/* SPDX-License-Identifier: MIT
 * The filter: its default, its storage and the questions that it answers. */
#include "trace/filter.h"

#include <ringscope/nt/services.h>
#include <ringscope/x86/msr.h>

#include <string.h>

#include "trace/filter_internal.h"

#define SERVICE_MASK (RS_SERVICE_INDEX_MASK | 1u << RS_SERVICE_TABLE_SHIFT)

_Static_assert(sizeof(((struct rs_filter *)0)->services) * 8 == SERVICE_MASK + 1,
               "one bit for each service number");

static bool get_bit(const uint64_t *words, uint32_t bit)
{
    return words[bit / 64] >> bit % 64 & 1;
}

/* The bits of a set; those of words[0..count) that are not in it become 0. */
static void store_bits(uint64_t *words, size_t count, const struct rs_filter_set *set)
{
    memset(words, 0, count * sizeof(words[0]));
    for (unsigned i = 0; i < set->count; i++)
        for (uint64_t bit = set->ranges[i].first; bit <= set->ranges[i].last; bit++)
            words[bit / 64] |= UINT64_C(1) << bit % 64;
}

static bool store_msrs(struct rs_filter *filter, const struct rs_filter_set *set)
{
    if (set->count > RS_FILTER_MSR_RANGES_MAX)
        return false;
    memcpy(filter->msr_ranges, set->ranges, set->count * sizeof(set->ranges[0]));
    filter->msr_range_count = set->count;
    return true;
}

#define WORDS(array) (array), sizeof(array) / sizeof((array)[0])

bool rs_filter_store(struct rs_filter *filter, enum rs_filter_kind kind,
                     const struct rs_filter_set *set)
{
    switch (kind) {
    case RS_FILTER_SYSCALL:
        store_bits(WORDS(filter->services), set);
        break;
    case RS_FILTER_EXCEPTION:
        store_bits(WORDS(filter->vectors), set);
        break;
    case RS_FILTER_INTERRUPT:
        store_bits(WORDS(filter->interrupts), set);
        break;
    default:
        return store_msrs(filter, set);
    }
    return true;
}

void rs_filter_init(struct rs_filter *filter)
{
    struct rs_filter_set msrs = {0};

    memset(filter->services, 0xff, sizeof(filter->services));
    memset(filter->vectors, 0xff, sizeof(filter->vectors));
    memset(filter->interrupts, 0xff, sizeof(filter->interrupts));
#define X(name, index, hooked, title)                                                              \
    if (hooked)                                                                                    \
        rs_filter_set_add(&msrs, (index), (index));
    RS_MSRS(X)
#undef X
    rs_filter_set_normalize(&msrs);
    store_msrs(filter, &msrs);
}

bool rs_filter_service(const struct rs_filter *filter, uint32_t eax)
{
    return get_bit(filter->services, eax & SERVICE_MASK);
}

bool rs_filter_any_service(const struct rs_filter *filter)
{
    uint64_t any = 0;

    for (size_t i = 0; i < sizeof(filter->services) / sizeof(filter->services[0]); i++)
        any |= filter->services[i];
    return any != 0;
}

bool rs_filter_vector(const struct rs_filter *filter, uint8_t vector)
{
    return get_bit(filter->vectors, vector);
}

bool rs_filter_interrupt(const struct rs_filter *filter, uint8_t vector)
{
    return get_bit(filter->interrupts, vector);
}

bool rs_filter_msr(const struct rs_filter *filter, uint32_t index)
{
    for (unsigned i = 0; i < filter->msr_range_count; i++)
        if (index >= filter->msr_ranges[i].first && index <= filter->msr_ranges[i].last)
            return true;
    return false;
}
