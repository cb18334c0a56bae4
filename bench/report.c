/* SPDX-License-Identifier: MIT
 * bench-report: a long trace through the writer, and through what `ringscope report` reads with. */
#include "table.h"
#include "trace/ctf/writer.h"
#include "trace/digest.h"

#include <errno.h>
#include <inttypes.h>
#include <ringscope/nt/services.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * The events have two hours of time stamps and the demo's mix: system calls with their returns,
 * page faults inside one in eight, a clock interrupt now and then. The trace goes through the real
 * writer into a file, RUNS times, and is read RUNS times, each time in a process of its own, whose
 * largest memory counts.
 */
#define RUNS 5
#define EVENTS_DEFAULT UINT64_C(8000000)
#define EVENTS_MIN 1000
#define SECONDS UINT64_C(7200)
#define TSC_HZ UINT64_C(2600000000)
#define GOAL_WRITE_M 5
#define GOAL_READ_M 20
#define GOAL_BYTES 64
#define GOAL_MIB 64
#define MILLI 1000

/* Of a run: thousandths of a million events per second are events per millisecond. */
struct figures {
    uint64_t write_rate[RUNS], read_rate[RUNS]; /* events per millisecond */
    uint64_t cpu_us[RUNS];                      /* of reading: user and system, all threads */
    uint64_t bytes, peak_kib;
};

struct producer {
    struct rs_ctf_writer writer;
    uint64_t step; /* TSC ticks between events, on average */
    uint64_t tsc, sequence, events;
    uint32_t random;
};

static char trace[512];

static uint64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static uint32_t next_random(struct producer *producer)
{
    producer->random = producer->random * UINT32_C(1664525) + UINT32_C(1013904223);
    return producer->random >> 8;
}

static struct rs_event stamp(struct producer *producer, uint16_t kind)
{
    struct rs_event event = {.kind = kind, .sequence = producer->sequence++};

    producer->tsc += producer->step / 2 + next_random(producer) % producer->step;
    event.tsc_exit = producer->tsc;
    event.tsc_resume = producer->tsc + 300;
    return event;
}

static bool put(struct producer *producer, const struct rs_event *event)
{
    producer->events--;
    return rs_ctf_write(&producer->writer, event);
}

static void close_span(struct rs_event *event, const struct rs_event *entry)
{
    event->entry_kind = entry->kind;
    event->entry_code = entry->code;
    event->vector = entry->vector;
    event->entry_sequence = entry->sequence;
    event->entry_tsc = entry->tsc_resume;
    event->depth = entry->depth;
}

static bool put_gate(struct producer *producer, uint16_t kind, uint8_t vector, uint16_t depth)
{
    struct rs_event entry = stamp(producer, kind), end;

    entry.vector = vector;
    entry.depth = depth;
    entry.from_rip = 0xfffff80140000000;
    if (!put(producer, &entry))
        return false;
    end = stamp(producer, RS_EVENT_IRET);
    close_span(&end, &entry);
    return put(producer, &end);
}

/* A system call, with what happens inside. */
static bool put_call(struct producer *producer)
{
    static const uint16_t services[] = {
#define X(number, name, args, class, arguments) number,
        RS_SERVICES(X)
#undef X
    };
    uint32_t random = next_random(producer);
    struct rs_event entry = stamp(producer, RS_EVENT_SYSCALL), end;

    entry.code = services[random % (sizeof(services) / sizeof(services[0]))];
    entry.from_rip = 0x140001000;
    entry.deviations = RS_DEVIATION_SYSCALL_CPL;
    entry.flags = RS_EVENT_REPAIRED;
    for (unsigned i = 0; i < RS_EVENT_ARGS; i++)
        entry.args[i] = random + i;
    if (!put(producer, &entry))
        return false;
    if (random % 8 == 0 && !put_gate(producer, RS_EVENT_EXCEPTION, 14, 1))
        return false;
    end = stamp(producer, RS_EVENT_SYSRET);
    close_span(&end, &entry);
    end.code = random % 32 == 0 ? 0xc0000008 : 0;
    return put(producer, &end);
}

static int fail(const struct rs_error *error)
{
    fprintf(stderr, "bench-report: %s\n", error->message);
    return -1;
}

/* Returns the bytes of the trace, or 0. */
static uint64_t write_trace(uint64_t events, uint64_t *rate)
{
    static struct producer producer;
    struct rs_clock clock = {.tsc_hz = TSC_HZ, .wall = {.tv_sec = 1700000000}};
    struct rs_ctf_environment environment = {.kernel = "bench", .command_line = "bench-report"};
    struct rs_error error;
    uint64_t start, took;
    bool good = true;

    producer = (struct producer){.step = SECONDS * TSC_HZ / events, .tsc = 1, .events = events};
    start = now_us();
    if (rs_ctf_open(&producer.writer, trace, 1, &clock, &environment, &error) != 0)
        return fail(&error), 0;
    while (good && producer.events >= 6) {
        good = put_call(&producer);
        if (good && next_random(&producer) % 64 == 0)
            good = put_gate(&producer, RS_EVENT_INTERRUPT, 0xd1, 0);
    }
    while (good && producer.events > 0) {
        struct rs_event event = stamp(&producer, RS_EVENT_RDMSR);

        good = put(&producer, &event);
    }
    if (rs_ctf_close(&producer.writer, &error) != 0)
        return fail(&error), 0;
    took = now_us() - start;
    *rate = events * MILLI / (took ? took : 1);
    return producer.writer.bytes;
}

/* In a process of its own, which answers through its pipe. */
static void read_in_child(int pipe, uint64_t events)
{
    struct rs_digest digest;
    struct rs_error error;
    uint64_t start = now_us(), took;

    if (rs_digest_read(&digest, trace, 10, NULL, NULL, &error) != 0 ||
        rs_ctf_faults_error(&digest.faults, trace, &error) != 0)
        _exit(fail(&error) != 0);
    took = now_us() - start;
    if (digest.summary->events != events || took == 0) {
        fprintf(stderr, "bench-report: %" PRIu64 " events were read\n", digest.summary->events);
        _exit(1);
    }
    if (write(pipe, &took, sizeof(took)) != (ssize_t)sizeof(took))
        _exit(1);
    _exit(0);
}

static uint64_t microseconds(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

static int read_trace(uint64_t events, struct figures *figures, unsigned run)
{
    struct rusage usage;
    uint64_t took = 0;
    int ends[2], status = 1;
    pid_t child;

    if (pipe(ends) != 0)
        return -1;
    child = fork();
    if (child == 0)
        read_in_child(ends[1], events);
    close(ends[1]);
    if (child > 0 && read(ends[0], &took, sizeof(took)) == (ssize_t)sizeof(took) &&
        wait4(child, &status, 0, &usage) == child && status == 0) {
        figures->read_rate[run] = events * MILLI / took;
        figures->cpu_us[run] = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
        if ((uint64_t)usage.ru_maxrss > figures->peak_kib)
            figures->peak_kib = (uint64_t)usage.ru_maxrss;
    }
    close(ends[0]);
    return status == 0 ? 0 : -1;
}

static void remove_trace(const char *directory)
{
    static const char *const files[] = {"metadata", "stream_0"};
    char path[600];

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", trace, files[i]);
        unlink(path);
    }
    rmdir(trace);
    if (directory)
        rmdir(directory);
}

static int measure(struct figures *figures, uint64_t events)
{
    for (unsigned run = 0; run < RUNS; run++) {
        remove_trace(NULL);
        figures->bytes = write_trace(events, &figures->write_rate[run]);
        if (figures->bytes == 0)
            return -1;
    }
    for (unsigned run = 0; run < RUNS; run++)
        if (read_trace(events, figures, run) != 0)
            return -1;
    return 0;
}

/* `value` is in thousandths of the unit. */
static int put_row(const char *name, uint64_t value, const char *unit, bool at_least, uint64_t goal)
{
    bool met = at_least ? value >= goal * MILLI : value <= goal * MILLI;

    printf("%-12s %8.1f %-12s goal %s %" PRIu64 "%s\n", name, (double)value / MILLI, unit,
           at_least ? ">=" : "<=", goal, met ? "" : "  MISSED");
    return met ? 0 : 1;
}

static int print(struct figures *figures, uint64_t events)
{
    int missed = 0;

    rs_bench_heading("writing and reading a trace");
    printf("%" PRIu64 " events in %" PRIu64 " s of time stamps, %" PRIu64
           " bytes; medians of %d runs\n",
           events, SECONDS, figures->bytes, RUNS);
    missed |= put_row("write", rs_bench_median(figures->write_rate, RUNS), "M events/s", true,
                      GOAL_WRITE_M);
    missed |= put_row("on disk", figures->bytes * MILLI / events, "bytes/event", false, GOAL_BYTES);
    missed |= put_row("report", rs_bench_median(figures->read_rate, RUNS), "M events/s", true,
                      GOAL_READ_M);
    printf("%-12s %8.1f ns/event, of all its threads\n", "its CPU time",
           (double)rs_bench_median(figures->cpu_us, RUNS) * 1000 / (double)events);
    missed |= put_row("its memory", figures->peak_kib * MILLI / 1024, "MiB", false, GOAL_MIB);
    return missed;
}

int main(int argc, char **argv)
{
    const char *base = getenv("TMPDIR");
    uint64_t events = argc > 1 ? strtoull(argv[1], NULL, 10) : EVENTS_DEFAULT;
    struct figures figures = {0};
    char directory[256];
    int result;

    if (argc > 2 || events < EVENTS_MIN) {
        fprintf(stderr, "usage: bench-report [EVENTS]   (%d or more, %" PRIu64 ")\n", EVENTS_MIN,
                EVENTS_DEFAULT);
        return 125;
    }
    snprintf(directory, sizeof(directory), "%s/bench-report-%d", base ? base : "/tmp", getpid());
    snprintf(trace, sizeof(trace), "%s/trace", directory);
    if (mkdir(directory, 0700) != 0) {
        fprintf(stderr, "bench-report: '%s': %s\n", directory, strerror(errno));
        return 123;
    }
    result = measure(&figures, events);
    remove_trace(directory);
    return result == 0 ? print(&figures, events) : 1;
}
