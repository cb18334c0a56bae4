/* SPDX-License-Identifier: MIT
 * The one writer of JSON strings and of numbers that no reader of JSON rounds. */
#ifndef RINGSCOPE_EXPORT_JSON_H
#define RINGSCOPE_EXPORT_JSON_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Larger integers lose bits in readers that keep numbers as IEEE 754 doubles (RFC 8259, section 6,
 * "Numbers"). */
#define RS_JSON_INTEGER_MAX ((UINT64_C(1) << 53) - 1)

/* `size` bytes, which may hold anything, as a string with its quotes. What is not UTF-8 becomes
 * U+FFFD, one for each byte. */
void rs_json_bytes(FILE *file, const char *bytes, size_t size);
void rs_json_string(FILE *file, const char *string);

/* A number; above RS_JSON_INTEGER_MAX a string of its decimal digits. */
void rs_json_integer(FILE *file, uint64_t value);
/* "0x1f" */
void rs_json_hex(FILE *file, uint64_t value);

#endif
