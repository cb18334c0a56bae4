/* SPDX-License-Identifier: MIT
 * The init process of the emulated host: the streams of the command, and its end. */
#include "init.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static void drop(struct rs_inner *inner, uint8_t stream)
{
    if (inner->streams[stream] >= 0)
        close(inner->streams[stream]);
    inner->streams[stream] = -1;
}

void rs_inner_stdin_data(struct rs_inner *inner, const struct rs_frame *frame)
{
    if (frame->stream != RS_STREAM_STDIN || inner->stdin_ended ||
        frame->size > sizeof(inner->stdin_bytes) - inner->stdin_size) {
        rs_inner_fail(inner, "unexpected data on stream %u", frame->stream);
        return;
    }
    memcpy(inner->stdin_bytes + inner->stdin_size, frame->payload, frame->size);
    inner->stdin_size += frame->size;
    rs_inner_feed_stdin(inner);
}

/* No credit for what the command does not take: the outer side then stops reading its stdin. */
void rs_inner_feed_stdin(struct rs_inner *inner)
{
    int pipe = inner->streams[RS_STREAM_STDIN];
    uint32_t taken;
    ssize_t size;

    if (pipe < 0) {
        inner->stdin_size = 0;
        return;
    }
    size = write(pipe, inner->stdin_bytes, inner->stdin_size);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size < 0) {
        inner->stdin_size = 0;
        drop(inner, RS_STREAM_STDIN);
        return;
    }
    taken = (uint32_t)size;
    inner->stdin_size -= taken;
    memmove(inner->stdin_bytes, inner->stdin_bytes + taken, inner->stdin_size);
    if (taken > 0)
        rs_inner_send(inner, RS_FRAME_CREDIT, RS_STREAM_STDIN, &taken, sizeof(taken));
    if (inner->stdin_ended && inner->stdin_size == 0)
        drop(inner, RS_STREAM_STDIN);
}

void rs_inner_close(struct rs_inner *inner, uint8_t stream)
{
    if (stream != RS_STREAM_STDIN) {
        drop(inner, stream);
        return;
    }
    inner->stdin_ended = true;
    if (inner->stdin_size == 0)
        drop(inner, RS_STREAM_STDIN);
}

bool rs_inner_forward(struct rs_inner *inner, uint8_t stream)
{
    uint8_t bytes[RS_FRAME_PAYLOAD_MAX];
    ssize_t size;

    if (inner->streams[stream] < 0)
        return false;
    size = read(inner->streams[stream], bytes, sizeof(bytes));
    if (size > 0) {
        rs_inner_send(inner, RS_FRAME_DATA, stream, bytes, (size_t)size);
        return true;
    }
    if (size == 0) {
        drop(inner, stream);
        rs_inner_send(inner, RS_FRAME_CLOSE, stream, NULL, 0);
    }
    return false;
}

static void finish(struct rs_inner *inner, int status)
{
    struct rs_exit exit = {
        .signaled = WIFSIGNALED(status),
        .value = (uint32_t)(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)),
    };

    for (uint8_t stream = RS_STREAM_STDOUT; stream < RS_STREAM_COUNT; stream++) {
        while (rs_inner_forward(inner, stream))
            ;
        drop(inner, stream);
    }
    drop(inner, RS_STREAM_STDIN);
    rs_inner_send(inner, RS_FRAME_EXIT, 0, &exit, sizeof(exit));
}

void rs_inner_reap(struct rs_inner *inner)
{
    struct signalfd_siginfo information;
    int status;
    pid_t child;

    while (read(inner->child_signal, &information, sizeof(information)) > 0)
        ;
    while ((child = waitpid(-1, &status, WNOHANG)) > 0) {
        if (child == inner->child) {
            inner->child = 0;
            finish(inner, status);
        }
    }
}
