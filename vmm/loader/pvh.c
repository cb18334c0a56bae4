/* SPDX-License-Identifier: MIT
 * PVH images: Xen documentation, "x86/HVM direct boot ABI"; the notes in Xen's public header
 * "elfnote.h". */
#include "loader/direct_internal.h"
#include "loader/elf64.h"

#include <ringscope/abi.h>

#define XEN_NAME "Xen"
#define XEN_ELFNOTE_PHYS32_ENTRY 18

static bool has_name(const struct rs_elf64_note *note, const char *name)
{
    size_t size = strlen(name) + 1;

    return note->name_size == size && memcmp(note->name, name, size) == 0;
}

/* The entry point: 4 or 8 bytes. */
static bool read_entry(const struct rs_elf64_note *note, uint64_t *entry)
{
    if (!has_name(note, XEN_NAME) || note->type != XEN_ELFNOTE_PHYS32_ENTRY)
        return false;
    if (note->descriptor_size >= sizeof(uint64_t))
        *entry = rs_direct_u64(note->descriptor);
    else if (note->descriptor_size >= sizeof(uint32_t))
        *entry = rs_direct_u32(note->descriptor);
    else
        return false;
    return true;
}

static bool find_entry(const struct rs_elf64_image *elf, uint64_t *entry, bool *ringscope)
{
    struct rs_elf64_notes notes;
    struct rs_elf64_note note;
    bool found = false;

    *ringscope = false;
    rs_elf64_notes_begin(elf, &notes);
    while (rs_elf64_notes_next(&notes, &note)) {
        if (has_name(&note, RS_BOOT_NOTE_NAME) && note.type == RS_BOOT_NOTE_ABI)
            *ringscope = true;
        else if (!found)
            found = read_entry(&note, entry);
    }
    return found;
}

bool rs_pvh_is(const uint8_t *bytes, size_t size)
{
    struct rs_elf64_image elf;
    struct rs_elf64_error ignored;
    uint64_t entry;
    bool ringscope;

    return rs_elf64_parse_loadable(bytes, size, &elf, &ignored) == 0 &&
           find_entry(&elf, &entry, &ringscope) && !ringscope;
}

int rs_pvh_parse(struct rs_direct_image *image, struct rs_direct_error *error)
{
    struct rs_elf64_image elf;
    struct rs_elf64_error wrong;
    bool ringscope;

    if (rs_elf64_parse_loadable(image->bytes, image->size, &elf, &wrong) != 0)
        return rs_direct_fail(error, "%.*s", RS_DIRECT_MESSAGE_MAX - 1, wrong.message);
    if (!find_entry(&elf, &image->entry, &ringscope))
        return rs_direct_fail(error, "it has no note XEN_ELFNOTE_PHYS32_ENTRY: no entry by PVH");
    for (uint32_t i = 0; i < elf.segment_count; i++) {
        struct rs_direct_segment segment = {
            .gpa = elf.segments[i].paddr,
            .file_offset = elf.segments[i].file_offset,
            .file_size = elf.segments[i].file_size,
            .memory_size = elf.segments[i].memory_size,
        };

        if (rs_direct_add(image, &segment, "segment", elf.segments[i].index, error) != 0)
            return -1;
    }
    return 0;
}
