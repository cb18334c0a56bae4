/* SPDX-License-Identifier: MIT
 * What is kept of a test's trace while it runs. */
#include "watch.h"

#include "trace/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int rs_watch_open(struct rs_watch *watch, unsigned cpu_count, uint32_t departures,
                  struct rs_error *error)
{
    *watch = (struct rs_watch){
        .cpu_count = cpu_count,
        .told = calloc(cpu_count, sizeof(*watch->told)),
        .before = calloc(cpu_count, sizeof(*watch->before)),
        .begin = calloc(cpu_count, sizeof(*watch->begin)),
        .kept = calloc(RS_WATCH_KEPT, sizeof(*watch->kept)),
    };
    watch->transitions = (struct rs_transitions){
        .told = watch->told, .cpu_count = cpu_count, .departures = departures};
    if (watch->told && watch->before && watch->begin && watch->kept)
        return 0;
    rs_watch_free(watch);
    return rs_error_set(error, RS_EXIT_HOST, "out of memory");
}

void rs_watch_free(struct rs_watch *watch)
{
    free(watch->told);
    free(watch->before);
    free(watch->begin);
    free(watch->kept);
    rs_transitions_free(&watch->transitions);
    *watch = (struct rs_watch){0};
}

void rs_watch_remember(struct rs_watch *watch)
{
    memcpy(watch->begin, watch->told, watch->cpu_count * sizeof(*watch->told));
}

void rs_watch_begin(struct rs_watch *watch, uint64_t budget)
{
    struct rs_transitions *transitions = &watch->transitions;

    memcpy(watch->told, watch->begin, watch->cpu_count * sizeof(*watch->told));
    memcpy(watch->before, watch->begin, watch->cpu_count * sizeof(*watch->told));
    watch->budget = budget;
    watch->events = 0;
    watch->kept_count = 0;
    transitions->count = 0;
    transitions->part_count = 0;
    transitions->line_size = 0;
    transitions->dispatcher = 0;
    transitions->cut = false;
}

static void tell(struct rs_told *told, const struct rs_event *event)
{
    if (rs_event_group(event->kind) == RS_GROUP_MARK)
        rs_told_mark(told, event);
    else
        rs_told_forget_arguments(told);
}

static void keep(struct rs_watch *watch, const struct rs_event *event)
{
    struct rs_event *place = &watch->kept[watch->kept_count % RS_WATCH_KEPT];

    if (watch->kept_count >= RS_WATCH_KEPT)
        tell(&watch->before[place->vcpu], place);
    *place = *event;
    watch->kept_count++;
}

bool rs_watch_event(struct rs_watch *watch, const struct rs_event *event)
{
    if (event->vcpu >= watch->cpu_count)
        return true;
    keep(watch, event);
    tell(&watch->told[event->vcpu], event);
    rs_transitions_take(&watch->transitions, event);
    if (rs_event_group(event->kind) != RS_GROUP_MARK)
        watch->events++;
    return watch->budget == 0 || watch->events <= watch->budget;
}

void rs_watch_put_trace(const struct rs_watch *watch, struct rs_machine *machine,
                        const struct rs_symbols *symbols, struct rs_result *result)
{
    struct rs_text text = {
        .relative = true, .durations = true, .symbols = symbols, .cpu_count = watch->cpu_count};
    struct rs_told *told = malloc(watch->cpu_count * sizeof(*told));
    size_t first = watch->kept_count > RS_WATCH_KEPT ? watch->kept_count - RS_WATCH_KEPT : 0;
    size_t size = 0;
    char *bytes = NULL;

    text.file = told ? open_memstream(&bytes, &size) : NULL;
    if (text.file) {
        memcpy(told, watch->before, watch->cpu_count * sizeof(*told));
        text.told = told;
        text.empty_span = machine->hooks.config.empty_span;
        rs_clock_start(&text.clock, machine->tsc_hz);
        if (first > 0)
            fprintf(text.file, "# the last %d of %zu events\n", RS_WATCH_KEPT, watch->kept_count);
        for (size_t i = first; i < watch->kept_count; i++)
            rs_text_event(&text, &watch->kept[i % RS_WATCH_KEPT]);
        rs_text_end(&text);
        if (fclose(text.file) == 0)
            rs_result_set_text(result, RS_TEXT_TRACE, bytes, size);
    }
    free(told);
}

/* What is between marks of system calls, when there are such, else everything. */
void rs_watch_put_transitions(const struct rs_watch *watch, struct rs_result *result)
{
    const struct rs_transitions *transitions = &watch->transitions;
    bool by_call = false;
    size_t size = 0;
    char *bytes = NULL;
    FILE *out = open_memstream(&bytes, &size);

    if (!out)
        return;
    for (unsigned i = 0; i < transitions->part_count; i++) {
        if (!transitions->parts[i].by_call)
            continue;
        rs_transitions_write(transitions, &transitions->parts[i], out);
        by_call = true;
    }
    if (!by_call)
        rs_transitions_write(transitions, NULL, out);
    if (fclose(out) == 0)
        rs_result_set_text(result, RS_TEXT_TRANSITIONS, bytes, size);
}
