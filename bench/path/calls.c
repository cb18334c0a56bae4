/* SPDX-License-Identifier: MIT
 * bench-path: one system call, and one event on its way into a trace or onto a line of text. */
#include "bundle/bundle.h"
#include "commands/options.h"
#include "commands/recording.h"
#include "machine/machine.h"
#include "path.h"
#include "trace/merge.h"
#include "trace/text.h"

#include <inttypes.h>
#include <ringscope/layout.h>
#include <stdlib.h>
#include <x86intrin.h>

/* The program `syscall-loop` with N and with 2N calls: the difference is what N calls take. The
 * ring has room for the events of 2N: nobody reads it meanwhile. */
#define CALLS 1500
#define CALLS_UNTRACED 20000

static const char *const restrictions[] = {"syscall=all", "exception=none", "interrupt=none",
                                           "msr=none"};

struct loop {
    const struct rs_path *path;
    const struct rs_filter *filter; /* NULL: nothing is hooked */
    struct rs_images images;
    struct rs_machine *machine;
    uint64_t ticks;
};

static int create(struct loop *loop, unsigned calls, struct rs_error *error)
{
    char number[16];
    char *arguments[] = {(char[]){"syscall-loop"}, number, NULL};
    struct rs_machine_config config = {
        .kernel = *rs_bundle_kernel(),
        .program = *rs_bundle_program("syscall-loop"),
        .arguments = arguments,
        .memory_size = RS_RAM_DEFAULT,
        .hooks = {.filter = loop->filter, .needs = loop->path->needs, .check = true},
    };

    snprintf(number, sizeof(number), "%u", calls);
    loop->machine = calloc(1, sizeof(*loop->machine));
    if (!loop->machine)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    if (rs_machine_create(loop->machine, loop->path->kvm_fd, &config, error) == 0)
        return 0;
    free(loop->machine);
    return -1;
}

static void destroy(struct loop *loop)
{
    rs_machine_destroy(loop->machine);
    free(loop->machine);
}

static int run(struct loop *loop, unsigned calls, struct rs_error *error)
{
    const struct rs_stop *stop;
    uint64_t start;

    if (create(loop, calls, error) != 0)
        return -1;
    stop = &loop->machine->stop;
    start = __rdtsc();
    rs_cpu_run(loop->machine->cpus);
    loop->ticks = __rdtsc() - start;
    if (stop->kind == RS_STOP_PROGRAM && stop->value == 0)
        return 0;
    rs_error_set(error, RS_EXIT_CRASH, "syscall-loop did not end well: %s", stop->message);
    destroy(loop);
    return -1;
}

/* The figure of one call of `calls`; the machine of the longer run is left. */
static int put_calls(struct loop *loop, const char *name, unsigned calls, struct rs_error *error)
{
    uint64_t once;

    if (run(loop, calls, error) != 0)
        return -1;
    once = loop->ticks;
    destroy(loop);
    if (run(loop, 2 * calls, error) != 0)
        return -1;
    rs_path_put(name, ((double)loop->ticks - (double)once) / calls);
    return 0;
}

/* What the main thread does with the records of a stream. */
struct sink {
    struct rs_text *text;           /* either */
    struct rs_recording *recording; /* or */
};

static unsigned drain(struct rs_machine *machine, const struct sink *sink)
{
    struct rs_stream *streams[] = {&machine->cpus->stream}, *stream;
    struct rs_merge merge = {streams, 1, true};
    const struct rs_record *record;
    unsigned events = 0;

    while ((record = rs_merge_next(&merge, &stream))) {
        if (record->type == RS_RECORD_EVENT) {
            events++;
            if (sink->recording)
                rs_recording_event(sink->recording, &record->event);
            else
                rs_text_event(sink->text, &record->event);
        }
        rs_stream_consume(stream);
    }
    return events;
}

static int put_recorded(struct loop *loop, struct rs_error *error)
{
    static char name[] = "bench-path";
    static char *argv[] = {name, NULL};
    static struct rs_recording recording = {.path = "path-length.ctf", .argc = 1, .argv = argv};
    struct sink sink = {.recording = &recording};
    unsigned events;
    uint64_t start;

    if (rs_recording_open(&recording, loop->machine, true, &loop->images, error) != 0)
        return -1;
    start = __rdtsc();
    events = drain(loop->machine, &sink);
    rs_path_put("event.recorded", (double)(__rdtsc() - start) / events);
    return rs_recording_close(&recording, loop->machine, error);
}

static int put_printed(struct loop *loop, struct rs_error *error)
{
    static struct rs_text text = {.lines = true};
    struct sink sink = {.text = &text};
    unsigned events;
    uint64_t start;

    text.file = fopen("/dev/null", "we");
    text.symbols = rs_images_symbols(&loop->images);
    if (!text.file)
        return rs_error_set(error, RS_EXIT_HOST, "/dev/null");
    rs_clock_start(&text.clock, loop->machine->tsc_hz);
    start = __rdtsc();
    events = drain(loop->machine, &sink);
    fflush(text.file);
    rs_path_put("event.printed", (double)(__rdtsc() - start) / events);
    fclose(text.file);
    return 0;
}

static int put_traced(struct loop *loop, int (*put)(struct loop *, struct rs_error *),
                      const char *name, struct rs_error *error)
{
    int result = name ? put_calls(loop, name, CALLS, error) : run(loop, 2 * CALLS, error);

    if (result != 0)
        return -1;
    result = put(loop, error);
    destroy(loop);
    return result;
}

static int put_all(struct loop *loop, struct rs_error *error)
{
    static struct rs_filter filter;
    struct rs_filter_error filter_error;

    if (put_calls(loop, "syscall.untraced", CALLS_UNTRACED, error) != 0)
        return -1;
    destroy(loop);
    rs_filter_init(&filter);
    for (size_t i = 0; i < sizeof(restrictions) / sizeof(restrictions[0]); i++)
        if (rs_filter_parse(&filter, restrictions[i], &filter_error) != 0)
            return rs_error_set(error, RS_EXIT_USAGE, "%s: refused", restrictions[i]);
    loop->filter = &filter;
    return put_traced(loop, put_recorded, "syscall.traced", error) == 0 &&
                   put_traced(loop, put_printed, NULL, error) == 0
               ? 0
               : -1;
}

int rs_path_calls(const struct rs_path *path, struct rs_error *error)
{
    static struct rs_options options;
    static char name[] = "syscall-loop";
    static char *arguments[] = {name, NULL};
    struct loop loop = {.path = path};
    int result;

    rs_options_init(&options, error);
    options.arguments = arguments;
    if (rs_images_load(&loop.images, &options, error) != 0)
        return -1;
    result = put_all(&loop, error);
    rs_images_unload(&loop.images);
    return result;
}
