/* SPDX-License-Identifier: MIT
 * bench-path: how many instructions things take, on a host whose TSC goes on by one for each. */
#ifndef RINGSCOPE_BENCH_PATH_H
#define RINGSCOPE_BENCH_PATH_H

#include "error.h"

#include <stdint.h>

struct rs_path {
    int kvm_fd;
    uint32_t needs; /* what the host gets wrong: as for every run */
};

/* One figure on the standard output: "NAME VALUE". The names: docs/performance.md. */
void rs_path_put(const char *name, double instructions);

/* The scenarios, each with figures of its own. Return 0, or -1 with *error filled. */
int rs_path_exits(const struct rs_path *path, struct rs_error *error);
int rs_path_calls(const struct rs_path *path, struct rs_error *error);
int rs_path_boots(const struct rs_path *path, struct rs_error *error);

#endif
