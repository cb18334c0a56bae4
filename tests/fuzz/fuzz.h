/* SPDX-License-Identifier: MIT
 * What the fuzz targets share: a reader that makes numbers of the input, and a check. */
#ifndef RINGSCOPE_TESTS_FUZZ_H
#define RINGSCOPE_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* libFuzzer's entry point; driver.c calls the same one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that must hold for every input. */
#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition);          \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

struct fuzz_input {
    const uint8_t *next, *end;
};

/* After the end of the input everything is 0. */
static inline uint64_t fuzz_take(struct fuzz_input *input, unsigned bytes)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < bytes; i++)
        if (input->next < input->end)
            value |= (uint64_t)*input->next++ << 8 * i;
    return value;
}

/* 0 .. bound - 1; bound is at most 2^16. */
static inline unsigned fuzz_below(struct fuzz_input *input, unsigned bound)
{
    return (unsigned)fuzz_take(input, bound > 256 ? 2 : 1) % bound;
}

#endif
