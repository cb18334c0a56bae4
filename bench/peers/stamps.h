/* SPDX-License-Identifier: MIT
 * The file that peers.py makes, and that stamps.c fills in each VMM that takes part. */
#ifndef BENCH_PEERS_STAMPS_H
#define BENCH_PEERS_STAMPS_H

#include <stdatomic.h>
#include <stdint.h>

#define STAMPS_VMMS_MAX 12

/* Of the file that this says: its path, a colon, which of the VMMs this is. */
#define STAMPS_VARIABLE "RINGSCOPE_STAMPS"

enum stamps_state {
    STAMPS_AWAITED,
    STAMPS_TAKES_TURNS,
    STAMPS_GONE
};

/* Ticks of one exit: from before KVM_RUN to behind it, and on to before the next. */
struct stamps_exit {
    uint32_t inside, outside;
};

struct stamps_block {
    uint32_t kind; /* 'P' or 'M': PIO or MMIO */
    uint32_t count;
};

/* Behind it, for each VMM: `blocks` times a struct stamps_block with `exits` struct stamps_exit. */
struct stamps {
    uint32_t vmms, blocks, exits; /* what there is room for */
    _Atomic uint32_t turn;        /* whose it is, once nobody is awaited; a futex */
    _Atomic uint32_t state[STAMPS_VMMS_MAX];
};

#endif
