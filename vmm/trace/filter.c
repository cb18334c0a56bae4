/* SPDX-License-Identifier: MIT
 * The filter: its default, its restrictions, what it hooks, and what it does with an event. */
#include "trace/filter.h"

#include <ringscope/nt/services.h>
#include <ringscope/x86/msr.h>

#include <string.h>

#include "trace/filter_internal.h"

#define SERVICE_MASK (RS_SERVICE_INDEX_MASK | 1u << RS_SERVICE_TABLE_SHIFT)

_Static_assert(sizeof(((struct rs_filter_sets *)0)->services) * 8 == SERVICE_MASK + 1,
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

static bool store_msrs(struct rs_filter_sets *sets, const struct rs_filter_set *set)
{
    if (set->count > RS_FILTER_MSR_RANGES_MAX)
        return false;
    for (unsigned i = 0; i < set->count; i++)
        sets->msr_ranges[i] = (struct rs_filter_msr_range){(uint32_t)set->ranges[i].first,
                                                           (uint32_t)set->ranges[i].last};
    sets->msr_range_count = set->count;
    return true;
}

#define WORDS(array) (array), sizeof(array) / sizeof((array)[0])

bool rs_filter_restrict(struct rs_filter *filter, enum rs_filter_field field,
                        const struct rs_filter_set *set)
{
    switch (field) {
    case RS_FILTER_SYSCALL:
        store_bits(WORDS(filter->given.services), set);
        break;
    case RS_FILTER_EXCEPTION:
        store_bits(WORDS(filter->given.vectors), set);
        break;
    case RS_FILTER_INTERRUPT:
        store_bits(WORDS(filter->given.interrupts), set);
        break;
    default:
        filter->msr_restricted = true;
        return store_msrs(&filter->given, set);
    }
    return true;
}

void rs_filter_init(struct rs_filter *filter)
{
    struct rs_filter_sets *given = &filter->given;
    struct rs_filter_set msrs = {0};

    memset(filter, 0, sizeof(*filter));
    memset(given->services, 0xff, sizeof(given->services));
    memset(given->vectors, 0xff, sizeof(given->vectors));
    memset(given->interrupts, 0xff, sizeof(given->interrupts));
    given->kinds = UINT64_MAX;
#define X(name, index, hooked, title)                                                              \
    if (hooked)                                                                                    \
        rs_filter_set_add(&msrs, (index), (index));
    RS_MSRS(X)
#undef X
    rs_filter_set_normalize(&msrs);
    store_msrs(given, &msrs);
    rs_filter_arm(filter);
}

void rs_filter_init_trace(struct rs_filter *filter)
{
    const struct rs_filter_set all = {.count = 1, .ranges = {{0, UINT32_MAX}}};

    rs_filter_init(filter);
    rs_filter_restrict(filter, RS_FILTER_MSR, &all);
    rs_filter_arm(filter);
}

void rs_filter_set_clock(struct rs_filter *filter, uint64_t tsc_hz, uint64_t empty_span)
{
    filter->empty_span = empty_span;
    filter->tsc_hz = tsc_hz;
}

bool rs_filter_service(const struct rs_filter *filter, uint32_t eax)
{
    return get_bit(filter->hooked.services, eax & SERVICE_MASK);
}

bool rs_filter_any_service(const struct rs_filter *filter)
{
    const struct rs_filter_sets *sets = &filter->hooked;
    uint64_t any = 0;

    for (size_t i = 0; i < sizeof(sets->services) / sizeof(sets->services[0]); i++)
        any |= sets->services[i];
    return any != 0;
}

bool rs_filter_vector(const struct rs_filter *filter, uint8_t vector)
{
    return get_bit(filter->hooked.vectors, vector);
}

bool rs_filter_interrupt(const struct rs_filter *filter, uint8_t vector)
{
    return get_bit(filter->hooked.interrupts, vector);
}

bool rs_filter_msr(const struct rs_filter *filter, uint32_t index)
{
    const struct rs_filter_sets *sets = &filter->hooked;

    for (unsigned i = 0; i < sets->msr_range_count; i++)
        if (index >= sets->msr_ranges[i].first && index <= sets->msr_ranges[i].last)
            return true;
    return false;
}

static bool is_hooked(const struct rs_filter *filter, uint16_t kind, uint32_t code, uint8_t vector)
{
    switch (rs_event_group(kind)) {
    case RS_GROUP_SYSCALL:
        return rs_filter_service(filter, code);
    case RS_GROUP_EXCEPTION:
        return rs_filter_vector(filter, vector);
    case RS_GROUP_INTERRUPT:
        return rs_filter_interrupt(filter, vector);
    case RS_GROUP_MSR:
        return rs_filter_msr(filter, code);
    default:
        return filter->hooked.kinds >> kind & 1;
    }
}

unsigned rs_filter_judge(const struct rs_filter *filter, struct rs_filter_memory *memory,
                         const struct rs_event *event)
{
    uint16_t kind = event->kind;
    uint32_t code = event->code;

    if (kind < RS_EVENT_KIND_COUNT && rs_event_direction(kind) == RS_DIRECTION_RETURN) {
        kind = event->entry_kind;
        code = event->entry_code;
    }
    if (kind >= RS_EVENT_KIND_COUNT || !is_hooked(filter, kind, code, event->vector))
        return 0;
    if (filter->exact)
        return rs_event_direction(event->kind) == RS_DIRECTION_ENTRY
                   ? RS_FILTER_SHOWN | RS_FILTER_FOLLOWED
                   : RS_FILTER_SHOWN;
    return rs_filter_judge_program(filter, memory, event);
}
