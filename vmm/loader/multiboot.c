/* SPDX-License-Identifier: MIT
 * Multiboot 1 images: "Multiboot Specification version 0.6.96", "OS image format". */
#include <elf.h>
#include <inttypes.h>

#include "loader/direct_internal.h"

#define SEARCH_SIZE 8192 /* the header lies in the first so many bytes, aligned to 4 */
#define MAGIC 0x1badb002u
#define FLAG_ADDRESSES 0x00010000u
/* Bits 0 and 1 ask for what is always done, bit 2 for a video mode, which is only a wish. */
#define FLAGS_KNOWN 0x00000007u
#define FLAGS_MUST 0x0000ffffu

/* Offsets in the header. */
enum {
    HEADER_FLAGS = 4,
    HEADER_CHECKSUM = 8,
    HEADER_SIZE = 12,
    HEADER_ADDRESS = 12,
    HEADER_LOAD = 16,
    HEADER_LOAD_END = 20,
    HEADER_BSS_END = 24,
    HEADER_ENTRY = 28,
    HEADER_ADDRESSES_SIZE = 32
};

long rs_multiboot_find(const uint8_t *bytes, size_t size)
{
    size_t end = size < SEARCH_SIZE ? size : SEARCH_SIZE;

    for (size_t at = 0; at + HEADER_SIZE <= end; at += 4)
        if (rs_direct_u32(bytes + at) == MAGIC &&
            (uint32_t)(MAGIC + rs_direct_u32(bytes + at + HEADER_FLAGS) +
                       rs_direct_u32(bytes + at + HEADER_CHECKSUM)) == 0)
            return (long)at;
    return -1;
}

/* The address fields: "The address fields of Multiboot header". A load end of 0 means the end of
 * the file, a BSS end of 0 that there is none. */
static int parse_addresses(struct rs_direct_image *image, size_t at, struct rs_direct_error *error)
{
    const uint8_t *header = image->bytes + at;
    uint32_t address, load, load_end, bss_end;
    struct rs_direct_segment segment;

    if (at + HEADER_ADDRESSES_SIZE > image->size)
        return rs_direct_fail(error, "the Multiboot header at 0x%zx is cut", at);
    address = rs_direct_u32(header + HEADER_ADDRESS);
    load = rs_direct_u32(header + HEADER_LOAD);
    load_end = rs_direct_u32(header + HEADER_LOAD_END);
    bss_end = rs_direct_u32(header + HEADER_BSS_END);
    if (load > address || address - load > at)
        return rs_direct_fail(error,
                              "Multiboot header: load address 0x%" PRIx32
                              " does not fit the header's own, 0x%" PRIx32 " at file offset 0x%zx",
                              load, address, at);
    segment.gpa = load;
    segment.file_offset = at - (address - load);
    segment.file_size = load_end ? (uint64_t)load_end - load : image->size - segment.file_offset;
    if (load_end && load_end < load)
        return rs_direct_fail(
            error, "Multiboot header: load end 0x%" PRIx32 " lies before load address 0x%" PRIx32,
            load_end, load);
    if (bss_end && bss_end < load + segment.file_size)
        return rs_direct_fail(error,
                              "Multiboot header: BSS end 0x%" PRIx32
                              " lies before the end of what is loaded, 0x%" PRIx64,
                              bss_end, load + segment.file_size);
    segment.memory_size = bss_end ? (uint64_t)bss_end - load : segment.file_size;
    image->entry = rs_direct_u32(header + HEADER_ENTRY);
    return rs_direct_add(image, &segment, "load range", 0, error);
}

int rs_multiboot_parse(struct rs_direct_image *image, struct rs_direct_error *error)
{
    long at = rs_multiboot_find(image->bytes, image->size);
    uint32_t flags;

    if (at < 0)
        return rs_direct_fail(error, "no Multiboot header in its first %d bytes", SEARCH_SIZE);
    flags = rs_direct_u32(image->bytes + at + HEADER_FLAGS);
    if (flags & FLAGS_MUST & ~FLAGS_KNOWN)
        return rs_direct_fail(
            error, "Multiboot header: flags 0x%" PRIx32 " ask for something that is not known",
            flags);
    if (flags & FLAG_ADDRESSES)
        return parse_addresses(image, (size_t)at, error);
    return rs_elf32_parse(image, error);
}
