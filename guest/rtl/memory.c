/* SPDX-License-Identifier: MIT
 * memcpy and its kin as string instructions: one instruction to fetch for a whole copy, which
 * counts where ring 0 is interpreted; and quadwords, since each iteration counts there, too. */

#include "rtl.h"

void *memcpy(void *to, const void *from, size_t size)
{
    void *result = to;
    size_t quadwords = size / 8, rest = size % 8;

    __asm__ volatile("rep movsq\n\tmovq %3, %%rcx\n\trep movsb"
                     : "+D"(to), "+S"(from), "+c"(quadwords)
                     : "r"(rest)
                     : "memory");
    return result;
}

/* Downwards when the target begins inside the source. */
void *memmove(void *to, const void *from, size_t size)
{
    const uint8_t *source = (const uint8_t *)from + size - 1;
    uint8_t *target = (uint8_t *)to + size - 1;

    if ((uintptr_t)to - (uintptr_t)from >= size)
        return memcpy(to, from, size);
    __asm__ volatile("std\n\trep movsb\n\tcld"
                     : "+D"(target), "+S"(source), "+c"(size)
                     :
                     : "memory", "cc");
    return to;
}

void *memset(void *to, int value, size_t size)
{
    void *result = to;
    uint64_t pattern = 0x0101010101010101 * (uint8_t)value;
    size_t quadwords = size / 8, rest = size % 8;

    __asm__ volatile("rep stosq\n\tmovq %3, %%rcx\n\trep stosb"
                     : "+D"(to), "+c"(quadwords)
                     : "a"(pattern), "r"(rest)
                     : "memory");
    return result;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const uint8_t *left = a, *right = b;

    if (size == 0)
        return 0;
    __asm__("repe cmpsb" : "+S"(left), "+D"(right), "+c"(size) : : "memory", "cc");
    return left[-1] - right[-1];
}
