/* SPDX-License-Identifier: MIT
 * Reads traces that ringscope wrote. The files are not trusted; memory does not grow with them. */
#ifndef RINGSCOPE_CTF_READER_H
#define RINGSCOPE_CTF_READER_H

#include "codec.h"
#include "error.h"
#include "trace/clock.h"

#include <stdio.h>

/* A packet whose head has been checked, and the place in it. Pure. */
struct rs_ctf_packet {
    struct rs_ctf_packet_head head;
    const uint8_t *at, *end;
    struct rs_ctf_base base; /* of the event before; base.sequence: of the next one */
};

/* Checks a head of sizeof(struct rs_ctf_packet_head) bytes. Returns NULL when it is sound and of
 * the trace `uuid`, else what is wrong. */
const char *rs_ctf_check_head(const struct rs_ctf_packet_head *head,
                              const uint8_t uuid[RS_CTF_UUID_SIZE]);
/* `bytes` are the whole packet of a head that was checked. */
void rs_ctf_packet_begin(struct rs_ctf_packet *packet, const uint8_t *bytes);
/* 1: *event is filled; 0: the packet has no more; -1: its content is not sound. */
int rs_ctf_packet_next(struct rs_ctf_packet *packet, struct rs_event *event);

struct rs_ctf_reader {
    const char *path;
    uint8_t uuid[RS_CTF_UUID_SIZE];
    struct rs_clock clock;
    bool emulated;
    uint64_t empty_span; /* ticks */
    uint64_t kernel_hash, program_hash;
    char *environment;  /* owned; environment.h takes it apart */
    uint64_t discarded; /* in the streams read so far */
    uint64_t events;
    int directory;
    FILE *file;      /* of the stream, NULL: none is open */
    unsigned stream; /* the one that is read, or the next one */
    uint64_t packets;
    struct rs_ctf_packet packet;
    _Alignas(8) uint8_t bytes[RS_CTF_PACKET_SIZE];
};

/* Opens a trace and checks its metadata. `path` stays the caller's. Returns 0 or -1. */
int rs_ctf_reader_open(struct rs_ctf_reader *reader, const char *path, struct rs_error *error);
/* One stream behind the other. 1: *event is filled; 0: the end; -1: *error tells what is wrong. */
int rs_ctf_reader_next(struct rs_ctf_reader *reader, struct rs_event *event,
                       struct rs_error *error);
void rs_ctf_reader_close(struct rs_ctf_reader *reader);

#endif
