/* SPDX-License-Identifier: MIT
 * One command in the machine: its streams. */
#include "relay.h"

#include "trace/ctf/ring.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

int rs_relay_data(struct rs_relay *relay, const struct rs_frame *frame, struct rs_error *error)
{
    if (frame->stream == RS_STREAM_STDIN)
        return rs_error_set(error, RS_EXIT_HOST, "emulated host: data from stdin");
    if (relay->sinks[frame->stream] < 0)
        return 0; /* written before the machine knew that nobody reads */
    relay->pending = frame->payload;
    relay->pending_size = frame->size;
    relay->pending_stream = frame->stream;
    return 0;
}

/* poll() promises room for one byte of a regular file's or PIPE_BUF of a pipe's; more could block,
 * and O_NONBLOCK is not ours to set: the description is shared with other processes. */
static size_t write_size(int sink, size_t size)
{
    struct stat status;

    if (fstat(sink, &status) == 0 && S_ISREG(status.st_mode))
        return size;
    return size < PIPE_BUF ? size : PIPE_BUF;
}

/* The command sees it as it would see it here: EPIPE, or SIGPIPE. */
static int close_sink(struct rs_relay *relay, int reason, struct rs_error *error)
{
    uint8_t stream = relay->pending_stream;

    if (stream >= RS_STREAM_OUTPUT && !relay->output_errno)
        relay->output_errno = reason;
    relay->sinks[stream] = -1;
    relay->pending_size = 0;
    return rs_channel_send(&relay->machine->channel, RS_FRAME_CLOSE, stream, NULL, 0, error);
}

/* As write(2), into the file of a ring that has room. */
static ssize_t write_ring(struct rs_ctf_ring *ring, const void *bytes, size_t size)
{
    struct rs_ctf_ring_given given;
    ssize_t written;
    uint64_t room;
    int fd = rs_ctf_ring_room(ring, &room, &given);

    if (fd < 0) {
        errno = -fd;
        return -1;
    }
    written = write(fd, bytes, size < room ? size : (size_t)room);
    if (written > 0)
        rs_ctf_ring_wrote(ring, (uint64_t)written, 0);
    return written;
}

int rs_relay_write(struct rs_relay *relay, struct rs_error *error)
{
    int sink = relay->sinks[relay->pending_stream];
    struct rs_ctf_ring *ring = relay->rings[relay->pending_stream];
    ssize_t written = ring ? write_ring(ring, relay->pending, relay->pending_size)
                           : write(sink, relay->pending, write_size(sink, relay->pending_size));

    if (written < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : close_sink(relay, errno, error);
    relay->pending += written;
    relay->pending_size -= (size_t)written;
    return 0;
}

int rs_relay_read_stdin(struct rs_relay *relay, struct rs_error *error)
{
    size_t most = relay->credit < RS_FRAME_PAYLOAD_MAX ? relay->credit : RS_FRAME_PAYLOAD_MAX;
    uint8_t bytes[RS_FRAME_PAYLOAD_MAX];
    ssize_t size = read(STDIN_FILENO, bytes, most);

    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (size > 0) {
        relay->credit -= (uint32_t)size;
        return rs_channel_send(&relay->machine->channel, RS_FRAME_DATA, RS_STREAM_STDIN, bytes,
                               (size_t)size, error);
    }
    relay->stdin_open = false;
    return rs_channel_send(&relay->machine->channel, RS_FRAME_CLOSE, RS_STREAM_STDIN, NULL, 0,
                           error);
}
