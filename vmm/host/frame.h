/* SPDX-License-Identifier: MIT
 * The protocol between ringscope and the init process of the emulated host. */
#ifndef RINGSCOPE_HOST_FRAME_H
#define RINGSCOPE_HOST_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One byte stream in each direction, cut into frames: 8 bytes of header (struct rs_frame_header),
 * then the payload. Integers are little-endian.
 *
 * X(name, direction, meaning)       direction: IN to the machine, OUT of it
 *
 * Order: HELLO -> READY, any number of times; FILE_*, ARGUMENT, VARIABLE, OUTPUT; START; then DATA,
 * CLOSE, CREDIT and SIGNAL as things happen; EXIT is the last frame, after all data.
 */
#define RS_FRAME_TYPES(X)                                                                          \
    X(HELLO, IN, "struct rs_hello")                                                                \
    X(READY, OUT, "the init process serves; no payload")                                           \
    X(FILE_OPEN, IN, "32-bit mode, then the path: create the file")                                \
    X(FILE_DATA, IN, "bytes of the file")                                                          \
    X(FILE_CLOSE, IN, "the file is complete")                                                      \
    X(ARGUMENT, IN, "one more argument, from argv[0]")                                             \
    X(VARIABLE, IN, "one more NAME=VALUE of the environment")                                      \
    X(OUTPUT, IN, "path: what is written there becomes DATA of this stream")                       \
    X(START, IN, "path of the executable: start it")                                               \
    X(DATA, BOTH, "bytes of the stream")                                                           \
    X(CLOSE, BOTH, "IN: end of stdin, or nobody reads the stream any more; OUT: its end")          \
    X(CREDIT, OUT, "32 bits: so many more bytes of stdin may be sent")                             \
    X(SIGNAL, IN, "32-bit signal number for the command")                                          \
    X(EXIT, OUT, "struct rs_exit: the command has ended")                                          \
    X(FAILURE, OUT, "text: it cannot go on, and why")

enum rs_frame_type {
#define X(name, direction, meaning) RS_FRAME_##name,
    RS_FRAME_TYPES(X)
#undef X
    RS_FRAME_TYPE_COUNT
};

/* Streams: the standard ones by their descriptors, then the outputs in order. */
#define RS_STREAM_STDIN 0
#define RS_STREAM_STDOUT 1
#define RS_STREAM_STDERR 2
#define RS_STREAM_OUTPUT 3
#define RS_STREAM_COUNT 23

/* Bytes of stdin that may be on their way; the init process holds so many for a slow command. */
#define RS_STDIN_WINDOW 65536

struct rs_frame_header {
    uint32_t size; /* of the payload */
    uint8_t type;
    uint8_t stream;    /* 0 where it means nothing */
    uint16_t reserved; /* 0 */
};

/* A frame is what one write to a virtio port takes in Linux: 32 KiB. */
#define RS_FRAME_MAX 32768u
#define RS_FRAME_PAYLOAD_MAX (RS_FRAME_MAX - (uint32_t)sizeof(struct rs_frame_header))

struct rs_hello {
    uint64_t version; /* RS_FRAME_VERSION */
    int64_t realtime_s;
    uint8_t entropy[32]; /* a restored machine has the old one's random numbers */
};

struct rs_exit {
    uint32_t signaled; /* 0 or 1 */
    uint32_t value;    /* exit status or signal number */
};

#define RS_FRAME_VERSION 1

/* A frame that has arrived. The payload stays valid until rs_frame_space(). */
struct rs_frame {
    enum rs_frame_type type;
    uint8_t stream;
    uint32_t size;
    const uint8_t *payload;
};

/* Cuts arriving bytes into frames. All zero: empty. */
struct rs_frame_reader {
    size_t start, end;
    uint8_t bytes[2 * RS_FRAME_MAX];
};

/* Where the next bytes go, and how many at most (at least 1 when rs_frame_next() returned 0). */
uint8_t *rs_frame_space(struct rs_frame_reader *reader, size_t *size);

/* `size` bytes have been put there. */
void rs_frame_filled(struct rs_frame_reader *reader, size_t size);

/* Returns 1 with *frame filled, 0 when more bytes are needed, -1 when the bytes are no frame. */
int rs_frame_next(struct rs_frame_reader *reader, struct rs_frame *frame);

/* The payload as a structure of exactly `size` bytes; false when it has another size. */
bool rs_frame_get(const struct rs_frame *frame, void *structure, size_t size);

#endif
