/* SPDX-License-Identifier: MIT
 * The packets of one stream, read many at a time. The file is not trusted. */
#ifndef RINGSCOPE_CTF_WINDOW_H
#define RINGSCOPE_CTF_WINDOW_H

#include "error.h"
#include "files.h"
#include "packet.h"

/* Fits the second-level cache; a read of so much costs little more than its copy. */
#define RS_CTF_WINDOW_PACKETS 64
#define RS_CTF_WINDOW_SIZE (RS_CTF_WINDOW_PACKETS * RS_CTF_PACKET_SIZE)

/* Packet n of a stream begins n pages into its files, so that any of them can be read alone. */
struct rs_ctf_window {
    const struct rs_ctf_files *files; /* not owned */
    unsigned stream;
    uint64_t next;  /* number of the packet that comes next */
    uint64_t end;   /* the packets before this one alone */
    uint64_t first; /* of those in `bytes` */
    size_t size;    /* of what is in `bytes` */
    uint8_t *bytes; /* owned */
};

/* Returns 0, or -1 when there is no memory. */
int rs_ctf_window_open(struct rs_ctf_window *window, const struct rs_ctf_files *files,
                       unsigned stream);
void rs_ctf_window_close(struct rs_ctf_window *window);
/* The packets from `next` to before `end`. */
void rs_ctf_window_range(struct rs_ctf_window *window, uint64_t next, uint64_t end);

/* 1: *packet is the next one, valid until the next call; 0: there is none; -1: the packet before
 * `next` cannot be used, and *wrong says why. What is behind it can still be read. */
int rs_ctf_window_next(struct rs_ctf_window *window, const uint8_t uuid[RS_CTF_UUID_SIZE],
                       struct rs_ctf_packet *packet, const char **wrong);

/* The packets that cannot be used: the first one, and how many there are. */
struct rs_ctf_faults {
    uint64_t count;
    unsigned stream;
    uint64_t packet;
    const char *what;
};

void rs_ctf_faults_add(struct rs_ctf_faults *faults, unsigned stream, uint64_t packet,
                       const char *what);
void rs_ctf_faults_merge(struct rs_ctf_faults *into, const struct rs_ctf_faults *from);
/* Returns 0 when there is none; else fills the error and returns -1. */
int rs_ctf_faults_error(const struct rs_ctf_faults *faults, const char *path,
                        struct rs_error *error);

#endif
