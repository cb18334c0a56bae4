/* SPDX-License-Identifier: MIT
 * Our side of the protocol: frames over a socket that never blocks us against our will. */
#ifndef RINGSCOPE_HOST_CHANNEL_H
#define RINGSCOPE_HOST_CHANNEL_H

#include "frame.h"
#include "wait.h"

struct rs_channel {
    int fd;  /* received from */
    int out; /* sent to: the same socket, or something that is written */
    struct rs_wait *wait;
    struct rs_frame_reader reader;
    size_t queued; /* bytes of `queue` that wait for room in the socket */
    uint8_t queue[2 * RS_FRAME_MAX];
};

void rs_channel_init(struct rs_channel *channel, int fd, struct rs_wait *wait);

/* From now on frames go there: a file, or what does not block. */
void rs_channel_send_to(struct rs_channel *channel, int out);

/* Queues a frame, after waiting for room if there is none. */
int rs_channel_send(struct rs_channel *channel, enum rs_frame_type type, uint8_t stream,
                    const void *payload, size_t size, struct rs_error *error);

/* Sends what the socket takes at once. */
int rs_channel_flush(struct rs_channel *channel, struct rs_error *error);

/* Takes what has arrived; fails at the end of the connection. */
int rs_channel_receive(struct rs_channel *channel, struct rs_error *error);

/* What a FAILURE says, or that the frame was not expected. Returns -1. */
int rs_channel_refuse(const struct rs_frame *frame, struct rs_error *error);

#endif
