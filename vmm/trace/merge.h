/* SPDX-License-Identifier: MIT
 * Merge: the records of several streams in the order of their time, while they are written. */
#ifndef RINGSCOPE_MERGE_H
#define RINGSCOPE_MERGE_H

#include "stream.h"

/*
 * The oldest record at hand is the next one if no stream can bring an older one any more. Of a
 * stream with records that is its first. Of one without, whose vCPU is in the guest, it is not
 * older than the moment at which that was seen; of one whose vCPU is at an exit, not older than
 * that vCPU's last resumption. So a record waits while another vCPU handles an exit, which takes
 * microseconds, and no longer. When a producer waits for room the oldest record at hand is taken as
 * it is, because it may hold up the vCPU that is waited for.
 */
struct rs_merge {
    struct rs_stream **streams; /* the caller's */
    unsigned count;
    bool ended; /* nothing comes any more: set by the caller */
};

/* The next record, whose stream is *from: rs_stream_consume() takes it off. NULL: none for now. */
const struct rs_record *rs_merge_next(struct rs_merge *merge, struct rs_stream **from);

uint64_t rs_record_tsc(const struct rs_record *record);

#endif
