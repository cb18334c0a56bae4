/* SPDX-License-Identifier: MIT
 * Pseudo-random numbers that are the same everywhere. */
#ifndef RINGSCOPE_FUZZ_RANDOM_H
#define RINGSCOPE_FUZZ_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

/* SplitMix64: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators". */
struct rs_random {
    uint64_t state;
};

static inline uint64_t rs_random_mix(uint64_t value)
{
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

static inline uint64_t rs_random_next(struct rs_random *random)
{
    random->state += UINT64_C(0x9e3779b97f4a7c15);
    return rs_random_mix(random->state);
}

/* 0 .. bound - 1; bound is small and not 0. */
static inline unsigned rs_random_below(struct rs_random *random, unsigned bound)
{
    return (unsigned)((rs_random_next(random) >> 32) % bound);
}

/* True once in `one_in` times. */
static inline bool rs_random_chance(struct rs_random *random, unsigned one_in)
{
    return rs_random_below(random, one_in) == 0;
}

#endif
