/* SPDX-License-Identifier: MIT
 * Programs that can take each other's place once one of them was loaded. */
#include "boot.h"
#include "loader/elf64.h"

#include <elf.h>
#include <ringscope/x86/cpu.h>
#include <string.h>

static bool same_bytes(const struct rs_blob *a, const struct rs_blob *b, uint64_t offset,
                       uint64_t size)
{
    return offset <= a->size && size <= a->size - offset && offset <= b->size &&
           size <= b->size - offset &&
           memcmp((const char *)a->bytes + offset, (const char *)b->bytes + offset, size) == 0;
}

/* The rest of a page that the file does not fill is made zero, which takes a copy. */
static bool is_copied(const Elf64_Phdr *segment)
{
    return segment->p_type == PT_LOAD && (segment->p_flags & PF_W) &&
           (segment->p_vaddr + segment->p_filesz) % PAGE_SIZE != 0 && segment->p_filesz != 0;
}

static bool same_segment(const struct rs_blob *a, const struct rs_blob *b, uint64_t offset)
{
    Elf64_Phdr segment;

    if (!same_bytes(a, b, offset, sizeof(segment)))
        return false;
    memcpy(&segment, (const char *)a->bytes + offset, sizeof(segment));
    if (segment.p_type == PT_NOTE)
        return same_bytes(a, b, segment.p_offset, segment.p_filesz);
    return !is_copied(&segment);
}

bool rs_boot_same_image(const struct rs_blob *first, const struct rs_blob *second)
{
    struct rs_elf64_image image;
    struct rs_elf64_error error;
    Elf64_Ehdr header;

    if (first->size != second->size || !same_bytes(first, second, 0, sizeof(header)) ||
        rs_elf64_parse(first->bytes, first->size, &image, &error) != 0)
        return false;
    memcpy(&header, first->bytes, sizeof(header));
    for (uint64_t i = 0; i < header.e_phnum; i++)
        if (!same_segment(first, second, header.e_phoff + i * sizeof(Elf64_Phdr)))
            return false;
    return true;
}
