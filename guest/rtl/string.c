/* SPDX-License-Identifier: MIT
 * NUL-terminated strings. */

#include "rtl.h"

/* Reads are volatile so that the compiler does not turn a loop into a call of itself. */
size_t strlen(const char *string)
{
    const volatile char *end = string;

    while (*end)
        end++;
    return (size_t) ((const char *) end - string);
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t size)
{
    for (; size; size--, a++, b++) {
        if (*a != *b)
            return (unsigned char) *a - (unsigned char) *b;
        if (*a == 0)
            break;
    }
    return 0;
}

char *strchr(const char *string, int character)
{
    for (;; string++) {
        if (*string == (char) character)
            return (char *) (uintptr_t) string;
        if (*string == 0)
            return NULL;
    }
}
