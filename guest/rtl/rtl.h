/* SPDX-License-Identifier: MIT
 * Run-time library of the kernel and of ntdll: memory, strings, formatting. */
#ifndef RTL_H
#define RTL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Under their C names: the compiler calls the first four by itself. */
void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *string);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t size);
/* Without regard to the case of ASCII letters, as the names of NT's objects are compared. */
bool RtlEqualNames(const char *a, const char *b);
char *strchr(const char *string, int character);

/* Receives a formatted text in pieces. */
typedef void rtl_put(void *sink, const char *text, size_t size);

/*
 * printf formats: flags - 0 + #, width and precision (also *), lengths hh h l ll z,
 * conversions d i u x X p s c %. The number of characters is returned.
 */
int RtlFormat(rtl_put *put, void *sink, const char *format, va_list arguments);

#endif
