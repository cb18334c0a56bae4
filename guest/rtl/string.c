/* SPDX-License-Identifier: MIT
 * NUL-terminated strings. */

#include "rtl.h"

/* Not a loop in C: the compiler would see through it and call strlen. */
size_t strlen(const char *string)
{
    const char *end = string;
    size_t left = SIZE_MAX;

    __asm__("repne scasb" : "+D"(end), "+c"(left) : "a"(0) : "memory", "cc");
    return (size_t)(end - string) - 1;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t size)
{
    for (; size; size--, a++, b++) {
        if (*a != *b)
            return (unsigned char)*a - (unsigned char)*b;
        if (*a == 0)
            break;
    }
    return 0;
}

char *strchr(const char *string, int character)
{
    for (;; string++) {
        if (*string == (char)character)
            return (char *)(uintptr_t)string;
        if (*string == 0)
            return NULL;
    }
}

static char upper(char character)
{
    return character >= 'a' && character <= 'z' ? (char)(character - 'a' + 'A') : character;
}

bool RtlEqualNames(const char *a, const char *b)
{
    for (; upper(*a) == upper(*b); a++, b++)
        if (*a == 0)
            return true;
    return false;
}
