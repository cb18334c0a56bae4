/* SPDX-License-Identifier: MIT
 * The PT_LOAD segments of an ELF64 file: each checked alone, then against the others. */
#include <inttypes.h>

#include "loader/elf64_internal.h"

/* 48-bit addresses: the boot tables have four levels. Both halves, without the hole between. */
#define LOW_HALF_END UINT64_C(0x0000800000000000)
#define HIGH_HALF_START UINT64_C(0xffff800000000000)

static bool range_is_canonical(uint64_t address, uint64_t size)
{
    if (address < LOW_HALF_END)
        return size <= LOW_HALF_END - address;
    /* The last byte of the address space is left out, so that every end is a number. */
    return address >= HIGH_HALF_START && size <= UINT64_MAX - address;
}

static int check_file_range(const Elf64_Phdr *header, uint32_t index, uint64_t size,
                            struct rs_elf64_error *error)
{
    if (header->p_filesz > header->p_memsz)
        return rs_elf64_fail(error, RS_ELF64_FILE_RANGE,
                             "segment %" PRIu32 ": file size 0x%" PRIx64
                             " is larger than its memory size 0x%" PRIx64,
                             index, header->p_filesz, header->p_memsz);
    if (!rs_elf64_in_file(header->p_offset, header->p_filesz, size))
        return rs_elf64_fail(error, RS_ELF64_FILE_RANGE,
                             "segment %" PRIu32 ": file range 0x%" PRIx64 "+0x%" PRIx64
                             " passes the end of the file (0x%" PRIx64
                             " bytes): the file is truncated or damaged",
                             index, header->p_offset, header->p_filesz, size);
    return 0;
}

static int check_addresses(const Elf64_Phdr *header, uint32_t index, struct rs_elf64_error *error)
{
    uint64_t align = header->p_align;

    if (!range_is_canonical(header->p_vaddr, header->p_memsz))
        return rs_elf64_fail(error, RS_ELF64_ADDRESS,
                             "segment %" PRIu32 ": virtual range 0x%" PRIx64 "+0x%" PRIx64
                             " leaves the canonical 48-bit addresses",
                             index, header->p_vaddr, header->p_memsz);
    if (header->p_memsz > UINT64_MAX - header->p_paddr)
        return rs_elf64_fail(error, RS_ELF64_ADDRESS,
                             "segment %" PRIu32 ": physical range 0x%" PRIx64 "+0x%" PRIx64
                             " passes the last 64-bit address",
                             index, header->p_paddr, header->p_memsz);
    if ((align & (align - 1)) != 0)
        return rs_elf64_fail(error, RS_ELF64_ALIGNMENT,
                             "segment %" PRIu32 ": alignment 0x%" PRIx64 " is not a power of two",
                             index, align);
    if (align > 1 && ((header->p_vaddr - header->p_offset) & (align - 1)) != 0)
        return rs_elf64_fail(error, RS_ELF64_ALIGNMENT,
                             "segment %" PRIu32 ": virtual address 0x%" PRIx64
                             " and file offset 0x%" PRIx64
                             " differ modulo their alignment 0x%" PRIx64,
                             index, header->p_vaddr, header->p_offset, align);
    return 0;
}

static int check_overlap(const struct rs_elf64_image *image, const struct rs_elf64_segment *added,
                         struct rs_elf64_error *error)
{
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct rs_elf64_segment *other = &image->segments[i];

        if (added->vaddr < other->vaddr + other->memory_size &&
            other->vaddr < added->vaddr + added->memory_size)
            return rs_elf64_fail(error, RS_ELF64_OVERLAP,
                                 "segment %" PRIu32 ": virtual range 0x%" PRIx64 "+0x%" PRIx64
                                 " overlaps segment %" PRIu32 " (0x%" PRIx64 "+0x%" PRIx64 ")",
                                 added->index, added->vaddr, added->memory_size, other->index,
                                 other->vaddr, other->memory_size);
    }
    return 0;
}

static int add_segment(struct rs_elf64_image *image, const Elf64_Phdr *header, uint32_t index,
                       struct rs_elf64_error *error)
{
    struct rs_elf64_segment segment = {
        .vaddr = header->p_vaddr,
        .paddr = header->p_paddr,
        .file_offset = header->p_offset,
        .file_size = header->p_filesz,
        .memory_size = header->p_memsz,
        .flags = header->p_flags & (RS_ELF64_R | RS_ELF64_W | RS_ELF64_X),
        .index = index,
    };

    /* Linkers leave empty ones behind, at addresses that mean nothing. */
    if (header->p_memsz == 0 && header->p_filesz == 0)
        return 0;
    if (check_file_range(header, index, image->size, error) ||
        check_addresses(header, index, error))
        return -1;
    if (image->segment_count == RS_ELF64_SEGMENTS_MAX)
        return rs_elf64_fail(error, RS_ELF64_HEADERS,
                             "segment %" PRIu32 ": more than %d loadable segments", index,
                             RS_ELF64_SEGMENTS_MAX);
    if (check_overlap(image, &segment, error))
        return -1;
    image->segments[image->segment_count++] = segment;
    return 0;
}

int rs_elf64_check_entry(const struct rs_elf64_image *image, struct rs_elf64_error *error)
{
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct rs_elf64_segment *segment = &image->segments[i];

        if (image->entry < segment->vaddr || image->entry - segment->vaddr >= segment->memory_size)
            continue;
        if (segment->flags & RS_ELF64_X)
            return 0;
        return rs_elf64_fail(error, RS_ELF64_ENTRY,
                             "entry point 0x%" PRIx64 " is in segment %" PRIu32
                             ", which is not executable",
                             image->entry, segment->index);
    }
    return rs_elf64_fail(error, RS_ELF64_ENTRY, "entry point 0x%" PRIx64 " is in no segment",
                         image->entry);
}

int rs_elf64_parse_segments(struct rs_elf64_image *image, struct rs_elf64_error *error)
{
    for (uint32_t i = 0; i < image->program_header_count; i++) {
        Elf64_Phdr header;

        rs_elf64_program_header(image, i, &header);
        if (header.p_type == PT_INTERP || header.p_type == PT_DYNAMIC)
            return rs_elf64_fail(error, RS_ELF64_NOT_STATIC,
                                 "segment %" PRIu32 ": it asks for a dynamic linker (%s): "
                                 "link it statically, with -static -no-pie",
                                 i, header.p_type == PT_INTERP ? "PT_INTERP" : "PT_DYNAMIC");
        if (header.p_type == PT_LOAD && add_segment(image, &header, i, error))
            return -1;
    }
    if (image->segment_count == 0)
        return rs_elf64_fail(error, RS_ELF64_HEADERS,
                             "none of the %" PRIu32 " program headers has anything to load",
                             image->program_header_count);
    return 0;
}
