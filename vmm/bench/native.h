/* SPDX-License-Identifier: MIT
 * The host's own transitions, timed with the same stamps on the same thread. */
#ifndef RINGSCOPE_BENCH_NATIVE_H
#define RINGSCOPE_BENCH_NATIVE_H

#include "error.h"
#include "items.h"

struct rs_bench_native {
    int zero_fd, null_fd;
    int kvm_fd; /* not owned */
};

int rs_bench_native_open(struct rs_bench_native *native, int kvm_fd, struct rs_error *error);
void rs_bench_native_close(struct rs_bench_native *native);

/* Fills `count` records. Returns 0 or -1. */
int rs_bench_native_measure(struct rs_bench_native *native, enum rs_native_operation operation,
                            uint32_t count, struct rs_stamp_record *records,
                            struct rs_error *error);

#endif
