/* SPDX-License-Identifier: MIT
 * From TSC values to nanoseconds and wall-clock time. */
#ifndef RINGSCOPE_CLOCK_H
#define RINGSCOPE_CLOCK_H

#include <stdint.h>
#include <time.h>

struct rs_clock {
    uint64_t tsc_hz;
    uint64_t tsc;         /* read together with `wall` */
    struct timespec wall; /* CLOCK_REALTIME */
};

/* tsc_hz 0: measured against CLOCK_MONOTONIC_RAW, which takes 10 ms. */
void rs_clock_start(struct rs_clock *clock, uint64_t tsc_hz);

/* Ticks -> nanoseconds, without overflow for any span of this machine's uptime. */
uint64_t rs_clock_ns(const struct rs_clock *clock, uint64_t ticks);

struct timespec rs_clock_wall(const struct rs_clock *clock, uint64_t tsc);

#endif
