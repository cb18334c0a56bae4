/* SPDX-License-Identifier: MIT
 * The loadable segments of an ELF32 file: System V ABI, "Program Header". They go to p_paddr. */
#include <elf.h>

#include "loader/direct_internal.h"

#define PROGRAM_HEADERS_MAX 64

static int check_header(const struct rs_direct_image *image, const Elf32_Ehdr *header,
                        struct rs_direct_error *error)
{
    const uint8_t *ident = header->e_ident;

    if (memcmp(ident, ELFMAG, SELFMAG) != 0)
        return rs_direct_fail(error,
                              "Multiboot without load addresses takes an ELF file: it begins with "
                              "%02x %02x %02x %02x, not with 7f 45 4c 46",
                              ident[0], ident[1], ident[2], ident[3]);
    if (ident[EI_CLASS] != ELFCLASS32 || ident[EI_DATA] != ELFDATA2LSB ||
        header->e_machine != EM_386)
        return rs_direct_fail(error,
                              "Multiboot takes ELF32 for i386: this is class %u, byte order %u, "
                              "machine %u (objcopy -O elf32-i386 makes one)",
                              ident[EI_CLASS], ident[EI_DATA], header->e_machine);
    if (header->e_type != ET_EXEC)
        return rs_direct_fail(error, "ELF type %u is not supported: only 2 (executable) is",
                              header->e_type);
    if (header->e_phnum == 0 || header->e_phnum > PROGRAM_HEADERS_MAX ||
        header->e_phentsize != sizeof(Elf32_Phdr))
        return rs_direct_fail(error, "%u program headers of %u bytes: 1 to %d of %zu are supported",
                              header->e_phnum, header->e_phentsize, PROGRAM_HEADERS_MAX,
                              sizeof(Elf32_Phdr));
    if (!rs_direct_in_file(image, header->e_phoff, (uint64_t)header->e_phnum * sizeof(Elf32_Phdr)))
        return rs_direct_fail(error,
                              "its program headers at 0x%x pass the end of the file (0x%zx "
                              "bytes): the file is truncated or damaged",
                              header->e_phoff, image->size);
    return 0;
}

/* Some linkers give the entry point as a virtual address: it is moved with its segment. */
static void move_entry(struct rs_direct_image *image, const Elf32_Phdr *header, uint32_t entry)
{
    if (entry >= header->p_vaddr && entry - header->p_vaddr < header->p_memsz)
        image->entry = (uint64_t)header->p_paddr + (entry - header->p_vaddr);
}

int rs_elf32_parse(struct rs_direct_image *image, struct rs_direct_error *error)
{
    Elf32_Ehdr elf;

    if (image->size < sizeof(elf))
        return rs_direct_fail(error, "not an ELF32 file: it has %zu bytes, an ELF32 header has %zu",
                              image->size, sizeof(elf));
    memcpy(&elf, image->bytes, sizeof(elf));
    if (check_header(image, &elf, error) != 0)
        return -1;
    image->entry = elf.e_entry;
    for (unsigned i = 0; i < elf.e_phnum; i++) {
        Elf32_Phdr header;
        struct rs_direct_segment segment;

        memcpy(&header, image->bytes + elf.e_phoff + i * sizeof(header), sizeof(header));
        if (header.p_type != PT_LOAD)
            continue;
        segment = (struct rs_direct_segment){
            .gpa = header.p_paddr,
            .file_offset = header.p_offset,
            .file_size = header.p_filesz,
            .memory_size = header.p_memsz,
        };
        if (rs_direct_add(image, &segment, "segment", i, error) != 0)
            return -1;
        move_entry(image, &header, elf.e_entry);
    }
    return 0;
}
