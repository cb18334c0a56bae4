/* SPDX-License-Identifier: MIT
 * Reads traces that ringscope wrote. The files are not trusted; memory does not grow with them. */
#ifndef RINGSCOPE_CTF_READER_H
#define RINGSCOPE_CTF_READER_H

#include "trace/clock.h"
#include "window.h"

/* One stream, and its event that comes next. */
struct rs_ctf_source {
    struct rs_ctf_files files;
    uint64_t discarded;
    struct rs_ctf_window window;
    struct rs_ctf_packet packet;
    bool ready; /* `event` is filled */
    struct rs_event event;
};

struct rs_ctf_reader {
    const char *path;
    uint8_t uuid[RS_CTF_UUID_SIZE];
    struct rs_clock clock;
    bool emulated;
    uint64_t empty_span; /* ticks */
    uint64_t kernel_hash, program_hash;
    char *environment;    /* owned; environment.h takes it apart */
    uint64_t ring_size;   /* bytes; 0: not in rotation */
    uint64_t overwritten; /* events of all streams that gave way to newer ones */
    uint64_t discarded;   /* in all streams, as far as they have been read */
    uint64_t events;
    struct rs_ctf_faults faults;
    int directory;
    unsigned stream_count;
    struct rs_ctf_source *sources; /* one for each stream */
};

/* Opens a trace and checks its metadata. `path` stays the caller's. Returns 0 or -1. */
int rs_ctf_reader_open(struct rs_ctf_reader *reader, const char *path, struct rs_error *error);
/* The events of all streams in the order of their time. 1: *event is filled; 0: the end; -1: also
 * the end, and *error tells which packets could not be used: what could be has been read. */
int rs_ctf_reader_next(struct rs_ctf_reader *reader, struct rs_event *event,
                       struct rs_error *error);
void rs_ctf_reader_close(struct rs_ctf_reader *reader);

/* The next event of one stream into source->event; source->ready is false at its end. */
void rs_ctf_source_next(struct rs_ctf_reader *reader, struct rs_ctf_source *source);
/* The next event will be the first one of the stream that has this sequence number or a later one;
 * packets whose head is not sound are passed over. */
void rs_ctf_source_seek(struct rs_ctf_reader *reader, struct rs_ctf_source *source,
                        uint64_t sequence);

#endif
