/* SPDX-License-Identifier: MIT
 * A session: one machine run from start to end, its output written as it comes. */
#include "session.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The rings are drained on a timer; a vCPU thread wakes us only when its own is full or it has
 * ended. */
#define DRAIN_INTERVAL_MS 5
#define LOOK_ROUNDS 4 /* between two looks for IDTs */
#define INPUT_CHUNK 512

static struct rs_machine *interrupted_machine;

static void on_interrupt(int signal)
{
    (void)signal;
    if (interrupted_machine)
        rs_machine_stop(interrupted_machine, RS_STOP_INTERRUPTED);
}

static void on_toggle(int signal)
{
    (void)signal;
    if (interrupted_machine)
        rs_machine_toggle_hooks(interrupted_machine);
}

static bool write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

static int console_fd(const struct rs_session *session)
{
    return session->console_on_stderr ? STDERR_FILENO : STDOUT_FILENO;
}

static void put_console(struct rs_session *session, const struct rs_record *record)
{
    uint32_t size = rs_budget_console(&session->budget, record->size);

    if (session->budget.spent == RS_BUDGET_CONSOLE)
        rs_machine_stop(&session->machine, RS_STOP_BUDGET);
    if (!write_all(console_fd(session), record->text, size))
        rs_machine_stop(&session->machine, RS_STOP_OUTPUT);
}

static void put_record(struct rs_session *session, const struct rs_record *record)
{
    if (record->type == RS_RECORD_CONSOLE) {
        /* Both may be one terminal: lines come out in the order in which things happened. */
        if (session->text)
            fflush(session->text->file);
        put_console(session, record);
        return;
    }
    if (!rs_budget_use(&session->budget, RS_BUDGET_EVENTS,
                       session->budget.used[RS_BUDGET_EVENTS] + 1))
        rs_machine_stop(&session->machine, RS_STOP_BUDGET);
    if (session->counts)
        rs_counts_add(session->counts, &record->event);
    if (session->recording && !rs_recording_event(session->recording, &record->event))
        rs_machine_stop(&session->machine, RS_STOP_OUTPUT);
    if (session->text)
        rs_text_event(session->text, &record->event);
}

static void drain(struct rs_session *session)
{
    const struct rs_record *record;
    struct rs_stream *stream;

    while ((record = rs_merge_next(&session->merge, &stream))) {
        put_record(session, record);
        rs_stream_consume(stream);
    }
    if (session->text && (fflush(session->text->file) != 0 || ferror(session->text->file)))
        rs_machine_stop(&session->machine, RS_STOP_OUTPUT);
    if (session->recording && !rs_recording_tick(session->recording))
        rs_machine_stop(&session->machine, RS_STOP_OUTPUT);
}

/* Of regular files alone: what a pipe or a terminal gets fills no disk of ours. */
static uint64_t text_size(const struct rs_session *session)
{
    struct stat status;

    if (!session->text || fstat(fileno(session->text->file), &status) != 0 ||
        !S_ISREG(status.st_mode) || (uint64_t)status.st_size < session->text_begin)
        return 0;
    return (uint64_t)status.st_size - session->text_begin;
}

static uint64_t exits(const struct rs_session *session)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < session->machine.cpu_count; i++)
        sum += atomic_load_explicit(&session->machine.cpus[i].exits, memory_order_relaxed);
    return sum;
}

static void keep_budget(struct rs_session *session)
{
    uint64_t trace =
        text_size(session) + (session->recording ? session->recording->writer.bytes : 0);

    if (!rs_budget_use(&session->budget, RS_BUDGET_EXITS, exits(session)) ||
        !rs_budget_use(&session->budget, RS_BUDGET_TRACE, trace))
        rs_machine_stop(&session->machine, RS_STOP_BUDGET);
}

static void begin_budget(struct rs_session *session)
{
    int fds[2] = {session->text ? fileno(session->text->file) : -1,
                  session->recording ? session->recording->writer.streams[0].ring.fds[0] : -1};

    session->text_begin = text_size(session);
    rs_budget_begin(&session->budget, fds, 2, console_fd(session));
}

static bool wants_input(struct rs_session *session)
{
    struct rs_uart *uart = &session->machine.uart;

    if (session->typist.from_stdin)
        return rs_typist_wants_stdin(&session->typist, &session->machine.keyboard);
    return atomic_load(&uart->wants_input) && !atomic_load(&uart->input_ended) &&
           rs_uart_room(uart) >= INPUT_CHUNK;
}

static void feed_input(struct rs_session *session)
{
    char bytes[INPUT_CHUNK];
    ssize_t count;

    if (session->typist.from_stdin) {
        rs_typist_read(&session->typist, &session->machine.keyboard);
        return;
    }
    count = read(STDIN_FILENO, bytes, sizeof(bytes));
    if (count > 0)
        rs_uart_receive(&session->machine.uart, bytes, (size_t)count);
    else if (count == 0 || errno != EINTR)
        rs_uart_end_input(&session->machine.uart);
}

static double now_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* True: there is input. The counters of the wakes are emptied, whatever they say. */
static bool wait_for_work(struct rs_session *session)
{
    unsigned count = session->machine.cpu_count;
    struct pollfd fds[RS_CPUS_MAX + 1];
    uint64_t wakes;

    for (unsigned i = 0; i < count; i++)
        fds[i] = (struct pollfd){.fd = session->streams[i]->wake_fd, .events = POLLIN};
    fds[count] = (struct pollfd){.fd = wants_input(session) ? STDIN_FILENO : -1, .events = POLLIN};
    if (poll(fds, count + 1, DRAIN_INTERVAL_MS) <= 0)
        return false;
    for (unsigned i = 0; i < count; i++)
        if (fds[i].revents && read(fds[i].fd, &wakes, sizeof(wakes)) < 0)
            continue; /* another wake has emptied it */
    return fds[count].revents != 0;
}

static void loop(struct rs_session *session)
{
    double end = now_seconds() + session->budget.seconds;

    for (unsigned round = 0;
         atomic_load(&session->machine.running) && !rs_machine_bury(&session->machine); round++) {
        bool input = wait_for_work(session);

        drain(session);
        keep_budget(session);
        if (round % LOOK_ROUNDS == 0)
            rs_machine_look(&session->machine);
        if (input)
            feed_input(session);
        rs_typist_type(&session->typist, &session->machine.keyboard);
        if (now_seconds() > end)
            rs_machine_stop(&session->machine, RS_STOP_TIMEOUT);
    }
}

static void on_signals(struct rs_machine *machine)
{
    struct sigaction action = {.sa_handler = machine ? on_interrupt : SIG_DFL};

    interrupted_machine = machine;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    action.sa_handler = machine ? on_toggle : SIG_DFL;
    sigaction(SIGUSR2, &action, NULL);
    action.sa_handler = SIG_IGN; /* a reader that has gone shows as EPIPE */
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGXFSZ, &action, NULL); /* and a limit of the file size as EFBIG */
}

static void begin_merge(struct rs_session *session)
{
    session->merge = (struct rs_merge){session->streams, session->machine.cpu_count, false};
    for (unsigned i = 0; i < session->machine.cpu_count; i++)
        session->streams[i] = &session->machine.cpus[i].stream;
}

int rs_session_run(struct rs_session *session, struct rs_error *error)
{
    begin_merge(session);
    begin_budget(session);
    on_signals(&session->machine);
    if (session->typist.from_stdin) /* nothing of it is for the console */
        rs_uart_end_input(&session->machine.uart);
    if (rs_confinement_prepare(&session->confinement, &session->sandbox, &session->machine,
                               error) != 0 ||
        rs_machine_start(&session->machine, error) != 0) {
        on_signals(NULL);
        return -1;
    }
    rs_confinement_release(&session->confinement);
    loop(session);
    rs_machine_join(&session->machine);
    session->merge.ended = true;
    drain(session);
    rs_machine_end_abandoned(&session->machine);
    drain(session);
    on_signals(NULL);
    return rs_confinement_result(&session->confinement, error);
}
