/* SPDX-License-Identifier: MIT
 * Inside the loader of other kernels' images: one function for each protocol. */
#ifndef RINGSCOPE_LOADER_DIRECT_INTERNAL_H
#define RINGSCOPE_LOADER_DIRECT_INTERNAL_H

#include "loader/direct.h"

#include <string.h>

/* Fills *error, cutting a message that is too long, and returns -1. */
__attribute__((format(printf, 2, 3))) int rs_direct_fail(struct rs_direct_error *error,
                                                         const char *format, ...);

/* Adds a segment; empty ones are left out. `what` names it in messages, `number` counts it. */
int rs_direct_add(struct rs_direct_image *image, const struct rs_direct_segment *segment,
                  const char *what, unsigned number, struct rs_direct_error *error);

/* The header's place in the file, or -1: there is none. */
long rs_multiboot_find(const uint8_t *bytes, size_t size);
int rs_multiboot_parse(struct rs_direct_image *image, struct rs_direct_error *error);
int rs_elf32_parse(struct rs_direct_image *image, struct rs_direct_error *error);

bool rs_linux_is(const uint8_t *bytes, size_t size);
int rs_linux_parse(struct rs_direct_image *image, struct rs_direct_error *error);

/* Whether an ELF64 file is to be entered by PVH. */
bool rs_pvh_is(const uint8_t *bytes, size_t size);
int rs_pvh_parse(struct rs_direct_image *image, struct rs_direct_error *error);

static inline bool rs_direct_in_file(const struct rs_direct_image *image, uint64_t offset,
                                     uint64_t size)
{
    return offset <= image->size && size <= image->size - offset;
}

/* Little-endian fields at any alignment; the caller has checked the range. */
static inline uint16_t rs_direct_u16(const uint8_t *bytes)
{
    uint16_t value;

    memcpy(&value, bytes, sizeof(value));
    return value;
}

static inline uint32_t rs_direct_u32(const uint8_t *bytes)
{
    uint32_t value;

    memcpy(&value, bytes, sizeof(value));
    return value;
}

static inline uint64_t rs_direct_u64(const uint8_t *bytes)
{
    uint64_t value;

    memcpy(&value, bytes, sizeof(value));
    return value;
}

#endif
