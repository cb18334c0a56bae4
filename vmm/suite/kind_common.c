/* SPDX-License-Identifier: MIT
 * What all kinds of tests do with a machine that is ready: run it within the budget. */
#include "kinds.h"
#include "watch.h"

#include "machine/machine.h"
#include "machine/registers.h"
#include "nt/services.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND_RUN_SECONDS 10

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void keep_console(void *context, const struct rs_record *record)
{
    struct rs_result *result = context;
    size_t room = RS_CONSOLE_KEPT - result->console_size;
    size_t size = record->size < room ? record->size : room;

    memcpy(result->console + result->console_size, record->text, size);
    result->console_size += (uint32_t)size;
    result->console[result->console_size] = '\0';
    result->console_cut |= size < record->size;
}

static void keep_registers(const struct rs_machine *machine, struct rs_result *result)
{
    size_t size;
    char *text = rs_machine_registers(machine, &size);

    if (text)
        rs_result_set_text(result, RS_TEXT_REGISTERS, text, size);
}

__attribute__((format(printf, 2, 3))) static void broke(struct rs_result *result,
                                                        const char *format, ...)
{
    va_list arguments;

    result->outcome = RS_OUTCOME_ERROR;
    va_start(arguments, format);
    vsnprintf(result->detail, sizeof(result->detail), format, arguments);
    va_end(arguments);
}

static void judge_exit(struct rs_result *result, uint32_t status)
{
    const char *name = status > 0xff ? rs_status_name(status) : NULL;

    rs_judge_output(result, status);
    if (status > 0xff && result->outcome != RS_OUTCOME_FAIL)
        broke(result, "it ended with status %#010" PRIx32 "%s%s", status, name ? " " : "",
              name ? name : "");
}

/* In QEMU's encoding of the debug exit 0 and 1 are passed; others say what they like. */
static void judge_stop(const struct rs_bench_place *place, const struct rs_stop *stop,
                       struct rs_result *result)
{
    switch (stop->kind) {
    case RS_STOP_PROGRAM:
    case RS_STOP_DEBUG_EXIT:
        judge_exit(result, stop->value);
        break;
    case RS_STOP_BUG_CHECK:
        broke(result, "the kernel stopped with bug check %#" PRIx32, stop->value);
        break;
    case RS_STOP_TIMEOUT:
        broke(result, "it did not end within %g s", place->budget.seconds);
        break;
    case RS_STOP_BUDGET:
        broke(result, "it used up its budget of %" PRIu64 " events", place->budget.events);
        break;
    default:
        broke(result, "the guest crashed: %s", stop->message);
    }
}

static void judge(const struct rs_bench_place *place, const struct rs_test *test,
                  const struct rs_stop *stop, const struct rs_watch *watch,
                  struct rs_result *result)
{
    judge_stop(place, stop, result);
    if (test->ends)
        rs_judge_end(result, test->ends, stop);
    if (result->console_cut && result->outcome == RS_OUTCOME_PASS)
        broke(result, "it wrote more than the %d bytes that are kept", RS_CONSOLE_KEPT);
    if (watch)
        rs_watch_check(watch, result);
    else if (strstr(result->console, "# expect-trace ") && result->outcome == RS_OUTCOME_PASS)
        broke(result,
              "it has expectations on its trace, and nothing says so in its ELF file: build "
              "it with the linker script of the SDK, or use --trace");
}

void rs_kind_run_machine(const struct rs_bench_place *place, const struct rs_test *test,
                         struct rs_machine *machine, struct rs_watch *watch,
                         struct rs_result *result)
{
    double begun = now();
    struct rs_error error;

    if (watch)
        rs_watch_begin(watch, place->budget.events);
    if (rs_kind_run(place, machine, place->budget.seconds, watch, keep_console, result, &error) !=
        0) {
        broke(result, "%.200s", error.message);
        return;
    }
    result->seconds = now() - begun;
    for (unsigned i = 0; i < machine->cpu_count; i++) {
        result->console_cut |= machine->cpus[i].stream.dropped > 0;
        machine->cpus[i].stream.dropped = 0;
    }
    judge(place, test, &machine->stop, watch, result);
    if (result->outcome != RS_OUTCOME_PASS)
        keep_registers(machine, result);
}

static void take_trace(struct rs_result *first, struct rs_result *second)
{
    struct rs_result_text *trace = &second->texts[RS_TEXT_TRACE];
    char *text;
    int size;

    if (trace->bytes) {
        size = asprintf(&text, "# of a second run, traced, which ended as %s%s%s\n%s",
                        rs_outcome_text(second->outcome), second->detail[0] ? ": " : "",
                        second->detail, trace->bytes);
        if (size >= 0)
            rs_result_set_text(first, RS_TEXT_TRACE, text, (size_t)size);
    }
}

/* The second run has as much time as the first one, but for one that hangs. */
int rs_kind_run_twice(const struct rs_bench_place *place, const struct rs_test *test,
                      rs_kind_run_fn *run, struct rs_result *result, struct rs_error *error)
{
    bool traced = rs_test_is_traced(place, test);
    struct rs_bench_place hurried = *place;
    struct rs_result second = {0};

    if (run(place, test, traced, result, error) != 0)
        return -1;
    if (traced || !place->keep_trace ||
        (result->outcome != RS_OUTCOME_FAIL && result->outcome != RS_OUTCOME_ERROR))
        return 0;
    if (hurried.budget.seconds > SECOND_RUN_SECONDS)
        hurried.budget.seconds = SECOND_RUN_SECONDS;
    second.console = malloc(RS_CONSOLE_KEPT + 1);
    if (!second.console)
        return 0;
    second.console[0] = '\0';
    if (run(&hurried, test, true, &second, error) == 0)
        take_trace(result, &second);
    rs_result_free(&second);
    return 0;
}
