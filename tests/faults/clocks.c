/* SPDX-License-Identifier: MIT
 * Reads the TSC, CLOCK_MONOTONIC and CLOCK_MONOTONIC_RAW at one moment: the try, of many, in which
 * the TSC went on least. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define TRIES 1000

static uint64_t now_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int main(void)
{
    uint64_t least = UINT64_MAX, tsc = 0, monotonic = 0, raw = 0;

    for (unsigned i = 0; i < TRIES; i++) {
        uint64_t before = __rdtsc();
        uint64_t here = now_ns(CLOCK_MONOTONIC), there = now_ns(CLOCK_MONOTONIC_RAW);
        uint64_t ticks = __rdtsc() - before;

        if (ticks < least) {
            least = ticks;
            tsc = before + ticks / 2;
            monotonic = here;
            raw = there;
        }
    }
    return printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", tsc, monotonic, raw) < 0;
}
