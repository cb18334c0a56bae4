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

/* Section headers are not the kernel's business. */
static bool same_header(const struct rs_blob *a, const struct rs_blob *b, Elf64_Ehdr *header)
{
    Elf64_Ehdr other;

    if (a->size < sizeof(*header) || b->size < sizeof(other))
        return false;
    memcpy(header, a->bytes, sizeof(*header));
    memcpy(&other, b->bytes, sizeof(other));
    other.e_shoff = header->e_shoff;
    other.e_shnum = header->e_shnum;
    other.e_shstrndx = header->e_shstrndx;
    return memcmp(header, &other, sizeof(other)) == 0;
}

static bool is_sound(const struct rs_blob *blob)
{
    struct rs_elf64_image image;
    struct rs_elf64_error error;

    return rs_elf64_parse(blob->bytes, blob->size, &image, &error) == 0;
}

bool rs_boot_same_image(const struct rs_blob *first, const struct rs_blob *second)
{
    Elf64_Ehdr header;

    if (!same_header(first, second, &header) || !is_sound(first) || !is_sound(second))
        return false;
    for (uint64_t i = 0; i < header.e_phnum; i++)
        if (!same_segment(first, second, header.e_phoff + i * sizeof(Elf64_Phdr)))
            return false;
    return true;
}
