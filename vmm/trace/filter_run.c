/* SPDX-License-Identifier: MIT
 * Running an expression on an event. Nothing is allocated; the time is bounded by its size. */
#include "trace/filter_internal.h"

static bool is_among(const struct rs_filter *filter, const struct rs_filter_test *test,
                     uint64_t value)
{
    const struct rs_filter_range *ranges = &filter->program.ranges[test->first_range];

    return rs_filter_ranges_have(ranges, test->range_count, value);
}

/* Several deviations may come together: one among them, or, negated, one more than they. */
static bool any_deviation(const struct rs_filter *filter, const struct rs_filter_test *test,
                          uint64_t bits)
{
    for (unsigned bit = 0; bits >> bit != 0; bit++)
        if ((bits >> bit & 1) && is_among(filter, test, bit) != test->negated)
            return true;
    return false;
}

/* A word: the event's own kind, or that of a return which is still to come. */
static enum rs_filter_truth is_kind(const struct rs_filter *filter,
                                    const struct rs_filter_test *test, const struct rs_event *event,
                                    bool of_return)
{
    unsigned yes = 0, no = 0;

    if (!of_return || !test->own)
        return is_among(filter, test, event->kind) ? RS_FILTER_TRUE : RS_FILTER_FALSE;
    for (unsigned kind = 0; kind < RS_EVENT_KIND_COUNT; kind++) {
        if (!(rs_filter_return_kinds >> kind & 1))
            continue;
        if (is_among(filter, test, kind))
            yes++;
        else
            no++;
    }
    return no == 0 ? RS_FILTER_TRUE : yes == 0 ? RS_FILTER_FALSE : RS_FILTER_OPEN;
}

static enum rs_filter_truth ask(const struct rs_filter *filter, const struct rs_filter_test *test,
                                const struct rs_event *event, enum rs_filter_view view,
                                bool of_return)
{
    uint64_t value = 0;

    if (test->field == RS_FILTER_KIND)
        return is_kind(filter, test, event, of_return);
    switch (rs_filter_get(filter, (enum rs_filter_field)test->field, event, view, &value)) {
    case RS_FILTER_ABSENT:
        return RS_FILTER_FALSE;
    case RS_FILTER_MAYBE:
        return RS_FILTER_OPEN;
    case RS_FILTER_THERE:
        return test->present ? RS_FILTER_TRUE : RS_FILTER_OPEN;
    default:
        break;
    }
    if (test->present)
        return RS_FILTER_TRUE;
    if (test->field == RS_FILTER_DEVIATION)
        return any_deviation(filter, test, value) ? RS_FILTER_TRUE : RS_FILTER_FALSE;
    return is_among(filter, test, value) != test->negated ? RS_FILTER_TRUE : RS_FILTER_FALSE;
}

void rs_filter_ask(const struct rs_filter *filter, const struct rs_event *event,
                   enum rs_filter_view view, bool of_return, struct rs_filter_outcomes *outcomes)
{
    *outcomes = (struct rs_filter_outcomes){0};
    for (unsigned i = 0; i < filter->program.test_count; i++) {
        enum rs_filter_truth truth = ask(filter, &filter->program.tests[i], event, view, of_return);

        outcomes->passed |= (uint64_t)(truth == RS_FILTER_TRUE) << i;
        outcomes->open |= (uint64_t)(truth == RS_FILTER_OPEN) << i;
    }
}

enum rs_filter_truth rs_filter_run(const struct rs_filter_program *program,
                                   const struct rs_filter_outcomes *outcomes)
{
    uint8_t stack[RS_FILTER_TESTS_MAX] = {0};
    unsigned used = 0;

    for (unsigned i = 0; i < program->code_count; i++) {
        unsigned code = program->code[i];
        uint8_t top;

        if (code < RS_FILTER_TESTS_MAX) {
            stack[used++] = outcomes->passed >> code & 1 ? RS_FILTER_TRUE
                            : outcomes->open >> code & 1 ? RS_FILTER_OPEN
                                                         : RS_FILTER_FALSE;
            continue;
        }
        if (used < (code == RS_FILTER_NOT ? 1 : 2)) /* no parser makes that */
            return RS_FILTER_FALSE;
        top = stack[used - 1];
        if (code == RS_FILTER_NOT) {
            stack[used - 1] = (uint8_t)(RS_FILTER_TRUE - top);
            continue;
        }
        used--;
        if (code == RS_FILTER_AND ? top < stack[used - 1] : top > stack[used - 1])
            stack[used - 1] = top;
    }
    return used == 0 ? RS_FILTER_TRUE : (enum rs_filter_truth)stack[0];
}

/* What an entry is remembered by; 0 stands for nothing. */
static uint64_t key_of(uint64_t sequence)
{
    return sequence == RS_SEQUENCE_HIDDEN ? sequence : sequence + 1;
}

/* An entry is reported when the expression may come true with its return. */
static unsigned judge_entry(const struct rs_filter *filter, struct rs_filter_memory *memory,
                            const struct rs_event *event)
{
    struct rs_filter_outcomes outcomes;
    enum rs_filter_truth truth;
    unsigned verdict = 0;

    rs_filter_ask(filter, event, RS_FILTER_WHOLE, false, &outcomes);
    truth = rs_filter_run(&filter->program, &outcomes);
    if (truth != RS_FILTER_FALSE)
        verdict |= RS_FILTER_SHOWN;
    if (rs_event_direction(event->kind) != RS_DIRECTION_ENTRY)
        return verdict;
    if (filter->program.tells_direction) {
        rs_filter_ask(filter, event, RS_FILTER_WHOLE, true, &outcomes);
        truth = rs_filter_run(&filter->program, &outcomes);
    }
    if (truth == RS_FILTER_FALSE)
        return verdict;
    if (event->depth < RS_FILTER_DEPTH_MAX)
        memory->open[event->depth] =
            (struct rs_filter_entry){key_of(event->sequence), outcomes.passed};
    return verdict | RS_FILTER_FOLLOWED;
}

/* What a return without its entry tells of it. */
static struct rs_event entry_of(const struct rs_event *event)
{
    return (struct rs_event){
        .kind = event->entry_kind, .code = event->entry_code, .vector = event->vector};
}

static unsigned judge_return(const struct rs_filter *filter, const struct rs_filter_memory *memory,
                             const struct rs_event *event)
{
    uint64_t own = filter->program.at_return;
    struct rs_filter_outcomes outcomes, entry = {0};

    rs_filter_ask(filter, event, RS_FILTER_WHOLE, false, &outcomes);
    if (event->depth < RS_FILTER_DEPTH_MAX &&
        memory->open[event->depth].key == key_of(event->entry_sequence)) {
        entry.passed = memory->open[event->depth].passed;
    } else {
        const struct rs_event rest = entry_of(event);

        rs_filter_ask(filter, &rest, RS_FILTER_KEY_ONLY, true, &entry);
    }
    outcomes.passed = (outcomes.passed & own) | (entry.passed & ~own);
    outcomes.open = (outcomes.open & own) | (entry.open & ~own);
    return rs_filter_run(&filter->program, &outcomes) == RS_FILTER_TRUE ? RS_FILTER_SHOWN : 0;
}

unsigned rs_filter_judge_program(const struct rs_filter *filter, struct rs_filter_memory *memory,
                                 const struct rs_event *event)
{
    if (rs_event_direction(event->kind) == RS_DIRECTION_RETURN)
        return judge_return(filter, memory, event);
    return judge_entry(filter, memory, event);
}

void rs_filter_number(struct rs_filter_memory *memory, const struct rs_event *entry)
{
    if (entry->depth < RS_FILTER_DEPTH_MAX)
        memory->open[entry->depth].key = key_of(entry->sequence);
}
