/* SPDX-License-Identifier: MIT
 * All packets of a trace: by one thread in the order of streams and packets, by several in none. */
#ifndef RINGSCOPE_CTF_SCAN_H
#define RINGSCOPE_CTF_SCAN_H

#include "reader.h"

#define RS_CTF_SCAN_THREADS_MAX 4

struct rs_ctf_scan {
    unsigned threads; /* 1 to RS_CTF_SCAN_THREADS_MAX: rs_ctf_scan_threads() */
    /* One packet of stream `stream`; each thread has its own context. False: its content is not
     * sound. */
    bool (*visit)(void *context, unsigned stream, struct rs_ctf_packet *packet);
    void *contexts[RS_CTF_SCAN_THREADS_MAX];
    void (*progress)(unsigned percent); /* from the calling thread; may be NULL */
    uint64_t start, end;                /* out: of the trace, in TSC ticks */
};

/* As many as are worth it for this trace on this machine. */
unsigned rs_ctf_scan_threads(const struct rs_ctf_reader *reader);

/* Packets that cannot be used are left out. Fills reader->discarded and reader->faults. Returns 0,
 * or -1 when there is no memory; rs_ctf_faults_error() tells the faults. */
int rs_ctf_scan(struct rs_ctf_reader *reader, struct rs_ctf_scan *scan, struct rs_error *error);

#endif
