/* SPDX-License-Identifier: MIT
 * The notes of an ELF64 file, and the linker's build identifier among them. */
#include <string.h>

#include "loader/elf64_internal.h"

void rs_elf64_notes_begin(const struct rs_elf64_image *image, struct rs_elf64_notes *notes)
{
    memset(notes, 0, sizeof(*notes));
    notes->image = image;
}

/* Moves to the next PT_NOTE whose bytes are in the file. */
static bool next_segment(struct rs_elf64_notes *notes)
{
    const struct rs_elf64_image *image = notes->image;

    while (notes->header < image->program_header_count) {
        Elf64_Phdr header;

        rs_elf64_program_header(image, notes->header++, &header);
        if (header.p_type != PT_NOTE ||
            !rs_elf64_in_file(header.p_offset, header.p_filesz, image->size))
            continue;
        notes->start = image->bytes + header.p_offset;
        notes->next = notes->start;
        notes->end = notes->start + header.p_filesz;
        notes->align = header.p_align == 8 ? 8 : 4;
        return true;
    }
    return false;
}

/* Takes `size` bytes and what follows them up to the next multiple of the alignment, counted from
 * the segment's start; at the end of the segment that may be missing. */
static const uint8_t *take(struct rs_elf64_notes *notes, uint32_t size)
{
    size_t length = (size_t)(notes->end - notes->start);
    size_t offset = (size_t)(notes->next - notes->start);
    size_t next;

    if (size > length - offset)
        return NULL;
    next = (offset + size + notes->align - 1) & ~((size_t)notes->align - 1);
    notes->next = notes->start + (next < length ? next : length);
    return notes->start + offset;
}

static bool read_note(struct rs_elf64_notes *notes, struct rs_elf64_note *note)
{
    Elf64_Nhdr header;

    if ((size_t)(notes->end - notes->next) < sizeof(header))
        return false;
    memcpy(&header, notes->next, sizeof(header));
    notes->next += sizeof(header);
    note->name = (const char *)take(notes, header.n_namesz);
    note->descriptor = note->name != NULL ? take(notes, header.n_descsz) : NULL;
    note->name_size = header.n_namesz;
    note->descriptor_size = header.n_descsz;
    note->type = header.n_type;
    return note->descriptor != NULL;
}

bool rs_elf64_notes_next(struct rs_elf64_notes *notes, struct rs_elf64_note *note)
{
    do {
        if (notes->next != NULL && read_note(notes, note))
            return true;
    } while (next_segment(notes));
    return false;
}

size_t rs_elf64_build_id(const struct rs_elf64_image *image, const uint8_t **id)
{
    struct rs_elf64_notes notes;
    struct rs_elf64_note note;

    *id = NULL;
    rs_elf64_notes_begin(image, &notes);
    while (rs_elf64_notes_next(&notes, &note)) {
        if (note.type != NT_GNU_BUILD_ID || note.name_size != sizeof(ELF_NOTE_GNU) ||
            memcmp(note.name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) != 0)
            continue;
        *id = note.descriptor;
        return note.descriptor_size;
    }
    return 0;
}
