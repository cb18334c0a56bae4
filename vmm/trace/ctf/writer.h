/* SPDX-License-Identifier: MIT
 * Writes events into a trace on disk. For the thread that drains the stream. */
#ifndef RINGSCOPE_CTF_WRITER_H
#define RINGSCOPE_CTF_WRITER_H

#include "codec.h"
#include "error.h"
#include "metadata.h"
#include "ring.h"

/* One vCPU's files, and its packet that is being filled. */
struct rs_ctf_stream {
    struct rs_ctf_ring ring;
    uint32_t cpu;
    uint64_t tsc; /* the last time stamp: a stream never goes back */
    uint64_t next_sequence;
    uint64_t cr3; /* the last event's */
    uint64_t discarded;
    uint64_t packets;
    size_t used; /* of `packet`; 0: no event in it */
    union {
        struct rs_ctf_packet_head head;
        uint8_t packet[RS_CTF_PACKET_SIZE + RS_CTF_EVENT_SIZE_MAX];
    };
};

struct rs_ctf_writer {
    const char *path;
    uint8_t uuid[RS_CTF_UUID_SIZE];
    uint64_t events;
    uint64_t bytes;       /* in the files of the trace */
    uint64_t overwritten; /* events that gave way to newer ones */
    bool fifo;            /* into FIFOs, which have their names elsewhere */
    int error;            /* errno of the first write that failed; nothing is written after it */
    bool cut_off_failed;  /* the part of a packet that was written stayed in the file */
    unsigned stream_count;
    struct rs_ctf_stream *streams;
};

/* Makes the directory (directory.h), writes all of the metadata and opens a stream for each of
 * `cpus` vCPUs. `path` stays the caller's. environment->ring_size 0: streams grow; else the whole
 * trace stays within so many bytes, at least cpus * RS_CTF_RING_MIN, and the oldest events give
 * way. Returns 0 or -1. */
int rs_ctf_open(struct rs_ctf_writer *writer, const char *path, unsigned cpus,
                const struct rs_clock *clock, const struct rs_ctf_environment *environment,
                struct rs_error *error);

/* False when the disk takes no more: what is there stays a sound trace. */
bool rs_ctf_write(struct rs_ctf_writer *writer, const struct rs_event *event);

/* Writes what has waited in unfinished packets. */
bool rs_ctf_flush(struct rs_ctf_writer *writer);

/* Events that never came, as far as the sequence numbers tell. */
uint64_t rs_ctf_discarded(const struct rs_ctf_writer *writer);

/* Ends the trace. Returns 0, or -1 when anything could not be written. */
int rs_ctf_close(struct rs_ctf_writer *writer, struct rs_error *error);

#endif
