/* SPDX-License-Identifier: MIT
 * All packets of a trace: each thread takes the next window of packets that nobody has taken. */
#include "scan.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

/* Below this size of a trace a second thread costs more than it brings. */
#define BYTES_PER_THREAD (UINT64_C(4) << 20)

/* What the threads share. */
struct shared {
    const struct rs_ctf_reader *reader;
    const struct rs_ctf_scan *scan;
    uint64_t windows[RS_CTF_STREAMS_MAX]; /* in each stream */
    uint64_t window_count;
    atomic_uint_fast64_t taken;
};

struct worker {
    struct shared *shared;
    void *context;
    void (*progress)(unsigned percent);
    struct rs_ctf_window window;
    struct rs_ctf_faults faults;
    uint64_t start, end;
    struct {
        uint64_t packet, discarded;
    } last[RS_CTF_STREAMS_MAX]; /* packet 0: none yet, else number + 1 */
};

unsigned rs_ctf_scan_threads(const struct rs_ctf_reader *reader)
{
    uint64_t bytes = 0, threads;
    cpu_set_t cpus;

    for (unsigned i = 0; i < reader->stream_count; i++)
        bytes += rs_ctf_files_bytes(&reader->sources[i].files);
    threads = bytes / BYTES_PER_THREAD + 1;
    if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0)
        return 1;
    if (threads > (unsigned)CPU_COUNT(&cpus))
        threads = (unsigned)CPU_COUNT(&cpus);
    return threads < RS_CTF_SCAN_THREADS_MAX ? (unsigned)threads : RS_CTF_SCAN_THREADS_MAX;
}

static void note_packet(struct worker *worker, const struct rs_ctf_packet_head *head)
{
    const struct rs_ctf_window *window = &worker->window;

    if (head->timestamp_begin < worker->start)
        worker->start = head->timestamp_begin;
    if (head->timestamp_end > worker->end)
        worker->end = head->timestamp_end;
    /* A thread's packets of one stream come in order. */
    worker->last[window->stream].packet = window->next;
    worker->last[window->stream].discarded = head->events_discarded;
}

static void read_window(struct worker *worker)
{
    const struct shared *shared = worker->shared;
    struct rs_ctf_window *window = &worker->window;
    struct rs_ctf_packet packet;
    const char *wrong;
    int result;

    while ((result = rs_ctf_window_next(window, shared->reader->uuid, &packet, &wrong)) != 0) {
        if (result > 0) {
            note_packet(worker, &packet.head);
            if (shared->scan->visit(worker->context, window->stream, &packet))
                continue;
            wrong = "its content is not sound";
        }
        rs_ctf_faults_add(&worker->faults, window->stream, window->next - 1, wrong);
    }
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct shared *shared = worker->shared;
    struct rs_ctf_window *window = &worker->window;
    uint64_t taken;

    while ((taken = atomic_fetch_add(&shared->taken, 1)) < shared->window_count) {
        uint64_t first = taken;

        if (worker->progress)
            worker->progress((unsigned)(taken * 100 / shared->window_count));
        for (window->stream = 0; first >= shared->windows[window->stream]; window->stream++)
            first -= shared->windows[window->stream];
        window->files = &shared->reader->sources[window->stream].files;
        window->size = 0; /* what is in it may be another stream's */
        first *= RS_CTF_WINDOW_PACKETS;
        rs_ctf_window_range(window, first, first + RS_CTF_WINDOW_PACKETS);
        read_window(worker);
    }
    return NULL;
}

static void collect(struct rs_ctf_reader *reader, struct rs_ctf_scan *scan,
                    const struct worker *workers)
{
    scan->start = UINT64_MAX;
    scan->end = 0;
    for (unsigned i = 0; i < scan->threads; i++) {
        if (workers[i].start < scan->start)
            scan->start = workers[i].start;
        if (workers[i].end > scan->end)
            scan->end = workers[i].end;
        rs_ctf_faults_merge(&reader->faults, &workers[i].faults);
    }
    if (scan->start > scan->end)
        scan->start = scan->end;
    for (unsigned stream = 0; stream < reader->stream_count; stream++) {
        unsigned last = 0;

        for (unsigned i = 1; i < scan->threads; i++)
            if (workers[i].last[stream].packet > workers[last].last[stream].packet)
                last = i;
        reader->discarded += workers[last].last[stream].discarded;
    }
}

int rs_ctf_scan(struct rs_ctf_reader *reader, struct rs_ctf_scan *scan, struct rs_error *error)
{
    struct worker workers[RS_CTF_SCAN_THREADS_MAX] = {0};
    pthread_t threads[RS_CTF_SCAN_THREADS_MAX];
    struct shared shared = {.reader = reader, .scan = scan};
    unsigned opened = 0, started = 1;
    int result = 0;

    for (unsigned i = 0; i < reader->stream_count; i++) {
        shared.windows[i] =
            (rs_ctf_files_bytes(&reader->sources[i].files) + RS_CTF_WINDOW_SIZE - 1) /
            RS_CTF_WINDOW_SIZE;
        shared.window_count += shared.windows[i];
    }
    for (; opened < scan->threads && result == 0; opened++) {
        workers[opened] = (struct worker){
            .shared = &shared, .context = scan->contexts[opened], .start = UINT64_MAX};
        result = rs_ctf_window_open(&workers[opened].window, NULL, 0);
    }
    workers[0].shared = &shared;
    workers[0].progress = scan->progress;
    /* A thread that cannot be had leaves its share to the others. */
    while (result == 0 && started < scan->threads &&
           pthread_create(&threads[started], NULL, work, &workers[started]) == 0)
        started++;
    if (result == 0)
        work(&workers[0]);
    while (--started > 0)
        pthread_join(threads[started], NULL);
    collect(reader, scan, workers);
    while (opened-- > 0)
        rs_ctf_window_close(&workers[opened].window);
    return result == 0 ? 0 : rs_error_set(error, RS_EXIT_HOST, "out of memory");
}
