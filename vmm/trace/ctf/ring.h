/* SPDX-License-Identifier: MIT
 * The files of one stream, and which of them is written: the only one, or several in rotation. */
#ifndef RINGSCOPE_CTF_RING_H
#define RINGSCOPE_CTF_RING_H

#include <stdbool.h>
#include <stdint.h>

/* A stream in rotation has so many files: when the last one is full, the oldest one is emptied and
 * written again, so that the trace has seven eighths of its size at least. They are all open from
 * the start: a sandbox opens none. */
#define RS_CTF_RING_FILES 8

/* Of a ring's size, for the metadata; the streams share the rest evenly. */
#define RS_CTF_RING_METADATA (UINT64_C(64) << 10)
/* The smallest ring, of each vCPU. */
#define RS_CTF_RING_MIN (UINT64_C(256) << 10)

struct rs_ctf_ring {
    unsigned count; /* 1 or RS_CTF_RING_FILES */
    unsigned at;    /* the file that is written */
    bool elsewhere; /* into FIFOs: the files are at their other ends, and are turned there */
    int fds[RS_CTF_RING_FILES];         /* owned by who opened them; of FIFOs, the first alone */
    uint64_t limit;                     /* bytes of a file; UINT64_MAX: none */
    uint64_t bytes[RS_CTF_RING_FILES];  /* in each file */
    uint64_t events[RS_CTF_RING_FILES]; /* in each file, when the writer tells */
};

/* What gave way to newer events. */
struct rs_ctf_ring_given {
    uint64_t bytes, events;
};

/* How long a file of a ring of `size` bytes may be, for `cpus` streams: whole packets. `size` is at
 * least cpus * RS_CTF_RING_MIN; 0: no ring, and no limit. */
uint64_t rs_ctf_ring_limit(uint64_t size, unsigned cpus);

/* Of file `number` of the ring of stream `stream`; without a ring of its only file. */
#define RS_CTF_STREAM_NAME_SIZE 32
void rs_ctf_stream_name(char name[RS_CTF_STREAM_NAME_SIZE], unsigned stream, bool ring,
                        unsigned number);

/* The descriptor to write to, and in *room how many bytes it takes, at least one. When the file was
 * full, the oldest one is emptied for that. Negative: -errno. */
int rs_ctf_ring_room(struct rs_ctf_ring *ring, uint64_t *room, struct rs_ctf_ring_given *given);
/* So much was written. */
void rs_ctf_ring_wrote(struct rs_ctf_ring *ring, uint64_t bytes, uint64_t events);

#endif
