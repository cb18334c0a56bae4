/* SPDX-License-Identifier: MIT
 * The init process of the emulated host: serves one command. */
#include "init.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <unistd.h>

/*
 * A machine that is saved is so while this process waits in poll() for its first frame after READY,
 * so everything before that happens once, and everything after it in every restored machine.
 */

char *rs_inner_string(const uint8_t *bytes, size_t size)
{
    if (memchr(bytes, '\0', size))
        return NULL;
    return strndup((const char *)bytes, size);
}

static void hello(struct rs_inner *inner, const struct rs_frame *frame)
{
    struct rs_hello greeting;

    if (!rs_frame_get(frame, &greeting, sizeof(greeting)) || greeting.version != RS_FRAME_VERSION) {
        rs_inner_fail(inner, "greeting of another version");
        return;
    }
    rs_inner_greet(&greeting);
    rs_inner_send(inner, RS_FRAME_READY, 0, NULL, 0);
}

static void handle(struct rs_inner *inner, const struct rs_frame *frame)
{
    switch (frame->type) {
    case RS_FRAME_HELLO:
        hello(inner, frame);
        break;
    case RS_FRAME_FILE_OPEN:
    case RS_FRAME_FILE_DATA:
    case RS_FRAME_FILE_CLOSE:
        rs_inner_file(inner, frame);
        break;
    case RS_FRAME_ARGUMENT:
        rs_inner_word(inner, &inner->arguments, frame);
        break;
    case RS_FRAME_VARIABLE:
        rs_inner_word(inner, &inner->environment, frame);
        break;
    case RS_FRAME_OUTPUT:
        rs_inner_output(inner, frame);
        break;
    case RS_FRAME_START:
        rs_inner_start(inner, frame);
        break;
    case RS_FRAME_DATA:
        rs_inner_stdin_data(inner, frame);
        break;
    case RS_FRAME_CLOSE:
        rs_inner_close(inner, frame->stream);
        break;
    case RS_FRAME_SIGNAL:
        rs_inner_signal(inner, frame);
        break;
    default:
        rs_inner_fail(inner, "unexpected frame type %d", (int)frame->type);
    }
}

static void receive(struct rs_inner *inner)
{
    struct rs_frame frame;
    size_t space;
    uint8_t *bytes = rs_frame_space(&inner->reader, &space);
    ssize_t size = read(inner->in, bytes, space);
    int found;

    if (size <= 0) {
        rs_inner_at_end(inner);
        return;
    }
    rs_frame_filled(&inner->reader, (size_t)size);
    while ((found = rs_frame_next(&inner->reader, &frame)) > 0)
        handle(inner, &frame);
    if (found < 0)
        rs_inner_fail(inner, "malformed frame");
}

/* Slots of the poll set: the streams by their numbers, then these. */
#define SLOT_PORT RS_STREAM_COUNT
#define SLOT_CHILD (RS_STREAM_COUNT + 1)
#define SLOT_COUNT (RS_STREAM_COUNT + 2)

static void serve(struct rs_inner *inner)
{
    struct pollfd slots[SLOT_COUNT];

    for (unsigned i = 0; i < RS_STREAM_COUNT; i++)
        slots[i] = (struct pollfd){.fd = inner->streams[i], .events = POLLIN};
    slots[RS_STREAM_STDIN].events = POLLOUT;
    if (inner->stdin_size == 0)
        slots[RS_STREAM_STDIN].fd = -1;
    slots[SLOT_PORT] = (struct pollfd){.fd = inner->in, .events = POLLIN};
    slots[SLOT_CHILD] = (struct pollfd){.fd = inner->child_signal, .events = POLLIN};
    if (poll(slots, SLOT_COUNT, -1) < 0)
        return;

    if (slots[RS_STREAM_STDIN].revents)
        rs_inner_feed_stdin(inner);
    for (uint8_t i = RS_STREAM_STDOUT; i < RS_STREAM_COUNT; i++)
        if (slots[i].revents)
            rs_inner_forward(inner, i);
    if (slots[SLOT_PORT].revents)
        receive(inner);
    if (slots[SLOT_CHILD].revents)
        rs_inner_reap(inner);
}

int main(void)
{
    static struct rs_inner inner = {.file = -1, .more = -1};
    sigset_t child;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    for (unsigned i = 0; i < RS_STREAM_COUNT; i++)
        inner.streams[i] = -1;
    inner.child_signal = signalfd(-1, &child, SFD_NONBLOCK | SFD_CLOEXEC);
    if (rs_inner_prepare() == 0 && rs_inner_open(&inner) == 0)
        for (;;)
            serve(&inner);
    /* Emulators end where a machine would begin again. */
    reboot(RB_AUTOBOOT);
    return EXIT_FAILURE;
}
