/* SPDX-License-Identifier: MIT
 * A trace on disk read in full, by several threads: its summary and its longest spans. */
#ifndef RINGSCOPE_DIGEST_H
#define RINGSCOPE_DIGEST_H

#include "ctf/reader.h"
#include "filter.h"
#include "slowest.h"
#include "summary.h"

struct rs_digest {
    const char *path;
    struct rs_clock clock; /* tsc_hz alone */
    bool emulated;
    uint64_t empty_span; /* ticks, taken off each span */
    uint64_t discarded;
    uint64_t ring_size, overwritten; /* as in struct rs_ctf_reader */
    uint64_t start, end;             /* TSC ticks */
    struct rs_ctf_faults faults;
    struct rs_summary *summary; /* owned */
    struct rs_slowest slowest;
};

/* `path` stays the caller's; `slowest`: how many spans to keep; `filter`: which events count, NULL
 * for all of them; `progress` may be NULL. Packets that are not sound are left out:
 * rs_ctf_faults_error() tells them. Returns 0; -1 when there is nothing to be read, and then there
 * is nothing to free. */
int rs_digest_read(struct rs_digest *digest, const char *path, size_t slowest,
                   struct rs_filter *filter, void (*progress)(unsigned percent),
                   struct rs_error *error);
void rs_digest_free(struct rs_digest *digest);

#endif
