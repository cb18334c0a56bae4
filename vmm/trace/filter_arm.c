/* SPDX-License-Identifier: MIT
 * What must be hooked: the services, vectors and MSRs of which an expression may be true, when
 * nothing else of an event is known. */
#include <ringscope/nt/services.h>
#include <ringscope/x86/vectors.h>

#include "trace/filter_internal.h"

/* One vector, service or MSR: may any event of it be reported, and is it so for every one? */
struct verdict {
    bool may, must, asked;
};

static void ask_of(const struct rs_filter *filter, const struct rs_event *event,
                   struct verdict *verdict)
{
    struct rs_filter_outcomes now, later;
    enum rs_filter_truth shown, followed;

    rs_filter_ask(filter, event, RS_FILTER_KEY_ONLY, false, &now);
    shown = followed = rs_filter_run(&filter->program, &now);
    if (rs_event_direction(event->kind) == RS_DIRECTION_ENTRY) {
        rs_filter_ask(filter, event, RS_FILTER_KEY_ONLY, true, &later);
        followed = rs_filter_run(&filter->program, &later);
    }
    if (!verdict->asked)
        *verdict = (struct verdict){.must = true, .asked = true};
    verdict->may |= shown != RS_FILTER_FALSE || followed != RS_FILTER_FALSE;
    verdict->must &= shown == RS_FILTER_TRUE && followed == RS_FILTER_TRUE;
}

/* All kinds of a group that stand for what has this number. */
static struct verdict ask_group(const struct rs_filter *filter, enum rs_event_group group,
                                uint32_t number)
{
    struct verdict verdict = {0};

    for (unsigned kind = 0; kind < RS_EVENT_KIND_COUNT; kind++) {
        struct rs_event event = {.kind = (uint16_t)kind, .code = number, .vector = (uint8_t)number};

        if (rs_event_group(kind) == group && rs_event_direction(kind) != RS_DIRECTION_RETURN)
            ask_of(filter, &event, &verdict);
    }
    return verdict;
}

static bool keep(struct rs_filter *filter, struct verdict verdict)
{
    filter->exact &= verdict.must || !verdict.may;
    return verdict.may;
}

static void arm_vectors(struct rs_filter *filter, enum rs_event_group group, uint64_t *words)
{
    for (uint32_t number = 0; number < RS_VECTOR_COUNT; number++) {
        uint64_t bit = UINT64_C(1) << number % 64;

        if ((words[number / 64] & bit) && !keep(filter, ask_group(filter, group, number)))
            words[number / 64] &= ~bit;
    }
}

static void arm_kinds(struct rs_filter *filter)
{
    for (unsigned kind = 0; kind < RS_EVENT_KIND_COUNT; kind++) {
        struct rs_event event = {.kind = (uint16_t)kind};
        struct verdict verdict = {0};

        if (rs_event_group(kind) != RS_GROUP_MARK)
            continue;
        ask_of(filter, &event, &verdict);
        if (!keep(filter, verdict))
            filter->hooked.kinds &= ~(UINT64_C(1) << kind);
    }
}

/* The MSRs that tests name, whatever they ask of them. */
static bool add_named(const struct rs_filter_program *program, struct rs_filter_set *set)
{
    for (unsigned i = 0; i < program->test_count; i++) {
        const struct rs_filter_test *test = &program->tests[i];
        const struct rs_filter_range *ranges = &program->ranges[test->first_range];

        for (unsigned j = 0; test->field == RS_FILTER_MSR && j < test->range_count; j++)
            if (!rs_filter_set_add(set, ranges[j].first, ranges[j].last))
                return false;
    }
    return true;
}

/* Whether a test asks for the number of what is in this group. */
static bool asks_for(const struct rs_filter_test *test, enum rs_event_group group)
{
    if (group == RS_GROUP_MSR)
        return test->field == RS_FILTER_MSR;
    return test->field == RS_FILTER_SYSCALL || test->field == RS_FILTER_SERVICE;
}

/* From `from` on, the first number at which some test may change its answer; at most `end`. */
static uint64_t next_change(const struct rs_filter_program *program, enum rs_event_group group,
                            uint64_t from, uint64_t end)
{
    for (unsigned i = 0; i < program->test_count; i++) {
        const struct rs_filter_test *test = &program->tests[i];
        const struct rs_filter_range *ranges = &program->ranges[test->first_range];

        if (test->field == RS_FILTER_CLASS && group == RS_GROUP_SYSCALL && from < RS_SERVICE_LIMIT)
            return from + 1;
        for (unsigned j = 0; asks_for(test, group) && j < test->range_count; j++) {
            if (ranges[j].first > from && ranges[j].first < end)
                end = ranges[j].first;
            if (ranges[j].last >= from && ranges[j].last < end)
                end = ranges[j].last + 1;
        }
    }
    return end;
}

static void arm_services(struct rs_filter *filter)
{
    uint64_t *words = filter->hooked.services;
    uint64_t end = sizeof(filter->hooked.services) * 8;

    for (uint64_t at = 0, next; at < end; at = next) {
        struct verdict verdict = ask_group(filter, RS_GROUP_SYSCALL, (uint32_t)at);
        bool any = false;

        next = next_change(&filter->program, RS_GROUP_SYSCALL, at, end);
        for (uint64_t number = at; number < next; number++) {
            any |= words[number / 64] >> number % 64 & 1;
            if (!verdict.may)
                words[number / 64] &= ~(UINT64_C(1) << number % 64);
        }
        if (any)
            keep(filter, verdict);
    }
}

/* From the MSRs that restrictions allow; without one, those that steer transitions and those that
 * the expression names. */
static bool arm_msrs(struct rs_filter *filter)
{
    struct rs_filter_sets *sets = &filter->hooked;
    struct rs_filter_set from = {0}, kept = {0};

    for (unsigned i = 0; i < sets->msr_range_count; i++)
        rs_filter_set_add(&from, sets->msr_ranges[i].first, sets->msr_ranges[i].last);
    if (!filter->msr_restricted && !add_named(&filter->program, &from))
        return false;
    rs_filter_set_normalize(&from);
    for (unsigned i = 0; i < from.count; i++) {
        uint64_t end = from.ranges[i].last + 1;

        for (uint64_t at = from.ranges[i].first, next; at < end; at = next) {
            next = next_change(&filter->program, RS_GROUP_MSR, at, end);
            if (keep(filter, ask_group(filter, RS_GROUP_MSR, (uint32_t)at)) &&
                !rs_filter_set_add(&kept, at, next - 1))
                return false;
        }
    }
    rs_filter_set_normalize(&kept);
    if (kept.count > RS_FILTER_MSR_RANGES_MAX)
        return false;
    sets->msr_range_count = kept.count;
    for (unsigned i = 0; i < kept.count; i++)
        sets->msr_ranges[i] = (struct rs_filter_msr_range){(uint32_t)kept.ranges[i].first,
                                                           (uint32_t)kept.ranges[i].last};
    return true;
}

bool rs_filter_arm(struct rs_filter *filter)
{
    struct rs_filter_sets *sets = &filter->hooked;

    *sets = filter->given;
    filter->exact = true;
    if (filter->program.code_count == 0)
        return true;
    arm_services(filter);
    arm_vectors(filter, RS_GROUP_EXCEPTION, sets->vectors);
    arm_vectors(filter, RS_GROUP_INTERRUPT, sets->interrupts);
    arm_kinds(filter);
    return arm_msrs(filter);
}
