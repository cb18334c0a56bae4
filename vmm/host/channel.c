/* SPDX-License-Identifier: MIT
 * Our side of the protocol: frames over a socket. */
#include "channel.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SEND_TIMEOUT_MS 30000

void rs_channel_init(struct rs_channel *channel, int fd, struct rs_wait *wait)
{
    channel->fd = channel->out = fd;
    channel->wait = wait;
    channel->reader.start = channel->reader.end = 0;
    channel->queued = 0;
}

void rs_channel_send_to(struct rs_channel *channel, int out)
{
    channel->out = out;
}

static int ended(struct rs_error *error)
{
    return rs_error_set(error, RS_EXIT_HOST, "the emulated machine ended");
}

int rs_channel_flush(struct rs_channel *channel, struct rs_error *error)
{
    ssize_t sent;

    if (channel->queued == 0)
        return 0;
    sent = channel->out == channel->fd
               ? send(channel->fd, channel->queue, channel->queued, MSG_DONTWAIT | MSG_NOSIGNAL)
               : write(channel->out, channel->queue, channel->queued);
    if (sent < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : ended(error);
    channel->queued -= (size_t)sent;
    memmove(channel->queue, channel->queue + sent, channel->queued);
    return 0;
}

static int make_room(struct rs_channel *channel, size_t size, struct rs_error *error)
{
    while (sizeof(channel->queue) - channel->queued < size) {
        struct pollfd slot = {.fd = channel->out, .events = POLLOUT};
        int ready = rs_wait_poll(channel->wait, &slot, 1, SEND_TIMEOUT_MS);

        if (ready < 0)
            return rs_wait_interrupted(channel->wait, error);
        if (ready == 0)
            return rs_error_set(error, RS_EXIT_HOST, "the emulated machine does not listen");
        if (rs_channel_flush(channel, error) != 0)
            return -1;
    }
    return 0;
}

int rs_channel_send(struct rs_channel *channel, enum rs_frame_type type, uint8_t stream,
                    const void *payload, size_t size, struct rs_error *error)
{
    struct rs_frame_header header = {
        .size = (uint32_t)size, .type = (uint8_t)type, .stream = stream};
    uint8_t *bytes;

    if (size > RS_FRAME_PAYLOAD_MAX)
        return rs_error_set(error, RS_EXIT_HOST, "emulated host: %zu bytes in one piece, above %u",
                            size, RS_FRAME_PAYLOAD_MAX);
    if (make_room(channel, sizeof(header) + size, error) != 0)
        return -1;
    bytes = channel->queue + channel->queued;
    memcpy(bytes, &header, sizeof(header));
    if (size > 0)
        memcpy(bytes + sizeof(header), payload, size);
    channel->queued += sizeof(header) + size;
    return rs_channel_flush(channel, error);
}

int rs_channel_receive(struct rs_channel *channel, struct rs_error *error)
{
    size_t space;
    uint8_t *bytes = rs_frame_space(&channel->reader, &space);
    ssize_t size = channel->out == channel->fd ? recv(channel->fd, bytes, space, MSG_DONTWAIT)
                                               : read(channel->fd, bytes, space);

    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (size <= 0)
        return ended(error);
    rs_frame_filled(&channel->reader, (size_t)size);
    return 0;
}

int rs_channel_refuse(const struct rs_frame *frame, struct rs_error *error)
{
    char text[200];
    uint32_t size = frame->size < sizeof(text) ? frame->size : sizeof(text) - 1;

    if (frame->type != RS_FRAME_FAILURE)
        return rs_error_set(error, RS_EXIT_HOST, "emulated host: unexpected frame of type %d",
                            (int)frame->type);
    for (uint32_t i = 0; i < size; i++)
        text[i] = isprint(frame->payload[i]) ? (char)frame->payload[i] : '?';
    text[size] = '\0';
    return rs_error_set(error, RS_EXIT_HOST, "emulated host: %s", text);
}
