/* SPDX-License-Identifier: MIT
 * memcpy and its kin as string instructions: one instruction to fetch for a whole copy, which
 * counts where ring 0 is interpreted. */

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

void *memmove(void *to, const void *from, size_t size)
{
    const uint8_t *source = from;
    uint8_t *target = to;

    if ((uintptr_t) target - (uintptr_t) source >= size)
        return memcpy(to, from, size);
    while (size--)
        *(volatile uint8_t *) (target + size) = source[size];
    return to;
}

void *memset(void *to, int value, size_t size)
{
    void *result = to;

    __asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
    return result;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const volatile uint8_t *left = a, *right = b;

    for (; size; size--, left++, right++)
        if (*left != *right)
            return *left - *right;
    return 0;
}
