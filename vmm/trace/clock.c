/* SPDX-License-Identifier: MIT
 * From TSC values to nanoseconds and wall-clock time. */
#include "clock.h"

#include <x86intrin.h>

#define NS_PER_S 1000000000

static uint64_t measure_hz(void)
{
    const struct timespec wait = {.tv_nsec = 10000000};
    struct timespec start, end;
    uint64_t first, last, ns;

    clock_gettime(CLOCK_MONOTONIC_RAW, &start);
    first = __rdtsc();
    nanosleep(&wait, NULL);
    clock_gettime(CLOCK_MONOTONIC_RAW, &end);
    last = __rdtsc();
    ns = (uint64_t)((end.tv_sec - start.tv_sec) * NS_PER_S + (end.tv_nsec - start.tv_nsec));
    return (uint64_t)((unsigned __int128)(last - first) * NS_PER_S / ns);
}

void rs_clock_start(struct rs_clock *clock, uint64_t tsc_hz)
{
    clock->tsc_hz = tsc_hz ? tsc_hz : measure_hz();
    clock->tsc = __rdtsc();
    clock_gettime(CLOCK_REALTIME, &clock->wall);
}

uint64_t rs_clock_ns(const struct rs_clock *clock, uint64_t ticks)
{
    return (uint64_t)((unsigned __int128)ticks * NS_PER_S / clock->tsc_hz);
}

struct timespec rs_clock_wall(const struct rs_clock *clock, uint64_t tsc)
{
    uint64_t ns = rs_clock_ns(clock, tsc - clock->tsc) + (uint64_t)clock->wall.tv_nsec;

    return (struct timespec){clock->wall.tv_sec + (time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)};
}
