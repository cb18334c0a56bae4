/* SPDX-License-Identifier: MIT
 * A machine that runs the program `bench`, and does what it is asked. */
#ifndef RINGSCOPE_BENCH_GUEST_H
#define RINGSCOPE_BENCH_GUEST_H

#include "error.h"
#include "items.h"
#include "machine/machine.h"

struct rs_bench_host; /* host.h */

struct rs_bench_guest {
    struct rs_machine *machine; /* owned */
    bool handed_over;           /* the guest waits for a request */
    bool pcid;                  /* CR4.PCIDE is set */
    struct rs_filter filter;
    struct rs_cpu_model cpu; /* without PCID */
    /* What events tell: NULL: they are dropped. */
    void (*event)(void *context, const struct rs_event *event);
    void *context;
};

/* Whether the item times a hook that is of another kind on this host, and then in `why` what was
 * found. */
bool rs_bench_lacks_hook(const struct rs_bench_item *item, const struct rs_bench_host *host,
                         char *why, size_t size);

/* Boots it and waits for its first question. */
int rs_bench_guest_start(struct rs_bench_guest *guest, const struct rs_bench_host *host,
                         enum rs_bench_variant variant, struct rs_error *error);
void rs_bench_guest_end(struct rs_bench_guest *guest);

/* Records that came, all of them sound: their points are in order, and within the time that the
 * request took. */
struct rs_bench_batch {
    struct rs_stamp_record records[RS_STAMP_RECORDS_MAX];
    uint32_t count;
    uint32_t unsound; /* that were thrown away */
    uint32_t status;  /* NTSTATUS of the guest; not 0: it cannot do it */
};

/* `count` is at most RS_STAMP_RECORDS_MAX. The guest may be hostile: whatever it leaves in the
 * area, the batch is sound. Returns 0, or -1: the machine is lost. */
int rs_bench_guest_measure(struct rs_bench_guest *guest, enum rs_operation operation,
                           uint32_t count, uint64_t parameter, struct rs_bench_batch *batch,
                           struct rs_error *error);

/* Signals that end a measurement (SIGINT, SIGTERM), and a limit for each request. */
void rs_bench_signals(bool on);
bool rs_bench_interrupted(void);

#endif
