/* SPDX-License-Identifier: MIT
 * Runs a machine to its end: on this thread, or with a thread for each vCPU while this one drains
 * the rings. */
#include "kinds.h"
#include "watch.h"

#include "machine/machine.h"
#include "trace/merge.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define DRAIN_INTERVAL_MS 5
#define LOOK_ROUNDS 4 /* between two looks for IDTs */

/* Time is up when SIGALRM comes. */
static struct rs_machine *timed_machine;

static void on_alarm(int signal)
{
    (void)signal;
    if (timed_machine)
        rs_machine_stop(timed_machine, RS_STOP_TIMEOUT);
}

static void set_alarm(struct rs_machine *machine, double seconds)
{
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval timer = {
        .it_value.tv_sec = (time_t)seconds,
        .it_value.tv_usec = (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6),
    };

    if (seconds > 0 && timer.it_value.tv_sec == 0 && timer.it_value.tv_usec == 0)
        timer.it_value.tv_usec = 1;
    timed_machine = machine;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
}

struct sink {
    struct rs_machine *machine;
    struct rs_watch *watch;
    void (*console)(void *context, const struct rs_record *record);
    void *context;
};

static void put(struct sink *sink, const struct rs_record *record, unsigned vcpu)
{
    if (record->type == RS_RECORD_CONSOLE) {
        if (sink->watch)
            rs_transitions_console(&sink->watch->transitions, vcpu, record->text, record->size);
        sink->console(sink->context, record);
    } else if (sink->watch && !rs_watch_event(sink->watch, &record->event)) {
        rs_machine_stop(sink->machine, RS_STOP_BUDGET);
    }
}

static void drain(struct sink *sink, struct rs_merge *merge)
{
    const struct rs_record *record;
    struct rs_stream *stream;

    while ((record = rs_merge_next(merge, &stream))) {
        unsigned vcpu = 0;

        while (stream != merge->streams[vcpu])
            vcpu++;
        put(sink, record, vcpu);
        rs_stream_consume(stream);
    }
}

static void wait_for_work(const struct rs_merge *merge)
{
    struct pollfd fds[RS_CPUS_MAX];
    uint64_t wakes;

    for (unsigned i = 0; i < merge->count; i++)
        fds[i] = (struct pollfd){.fd = merge->streams[i]->wake_fd, .events = POLLIN};
    if (poll(fds, merge->count, DRAIN_INTERVAL_MS) <= 0)
        return;
    for (unsigned i = 0; i < merge->count; i++)
        if (fds[i].revents && read(fds[i].fd, &wakes, sizeof(wakes)) < 0)
            continue; /* another wake has emptied it */
}

/* On the vCPU thread, before the guest runs there. It has neither /dev/kvm nor the socket on which
 * results are told. Its list of ioctls stays: the worker's filter, which it has too, looks at each
 * request anyway. */
static bool confine(void *context, struct rs_cpu *cpu)
{
    const struct rs_confined *confined = context;
    int files[RS_CPU_FILES], result;

    rs_cpu_files(cpu, files);
    result = rs_sandbox_keep_files(files, RS_CPU_FILES);
    if (result == 0 || !confined->strict)
        result = rs_sandbox_confine(&confined->vcpu, confined->tell, confined->context);
    if (result != 0)
        rs_cpu_set_stop(cpu, RS_STOP_CRASH, 0,
                        "sandbox: a vCPU thread gets no filter, or no descriptors of its own: %s",
                        strerror(-result));
    return result == 0;
}

static int run_threads(const struct rs_bench_place *place, struct sink *sink,
                       struct rs_error *error)
{
    struct rs_machine *machine = sink->machine;
    struct rs_stream *streams[RS_CPUS_MAX];
    struct rs_merge merge = {streams, machine->cpu_count, false};

    for (unsigned i = 0; i < machine->cpu_count; i++)
        streams[i] = &machine->cpus[i].stream;
    machine->begin = place->confined ? confine : NULL;
    machine->begin_context = (void *)(uintptr_t)place->confined;
    if (rs_machine_start(machine, error) != 0)
        return -1;
    for (unsigned round = 0; atomic_load(&machine->running); round++) {
        wait_for_work(&merge);
        drain(sink, &merge);
        if (round % LOOK_ROUNDS == 0)
            rs_machine_look(machine);
    }
    rs_machine_join(machine);
    merge.ended = true;
    drain(sink, &merge);
    return 0;
}

/* A full ring drops: nobody empties it meanwhile. */
static void run_here(struct sink *sink)
{
    struct rs_stream *stream = &sink->machine->cpus->stream;
    const struct rs_record *record;

    rs_stream_close(stream);
    rs_machine_run(sink->machine);
    while ((record = rs_stream_peek(stream)) != NULL) {
        put(sink, record, 0);
        rs_stream_consume(stream);
    }
}

int rs_kind_run(const struct rs_bench_place *place, struct rs_machine *machine, double seconds,
                struct rs_watch *watch,
                void (*console)(void *context, const struct rs_record *record), void *context,
                struct rs_error *error)
{
    struct sink sink = {machine, watch, console, context};
    int result = 0;

    set_alarm(machine, seconds);
    if (watch || machine->cpu_count > 1)
        result = run_threads(place, &sink, error);
    else
        run_here(&sink);
    set_alarm(NULL, 0);
    return result;
}
