/* SPDX-License-Identifier: MIT
 * Parsing an ELF64 file: its header and its program headers. */
#include "loader/elf64.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "loader/elf64_internal.h"

_Static_assert(RS_ELF64_X == PF_X && RS_ELF64_W == PF_W && RS_ELF64_R == PF_R,
               "the rights are the ABI's bits");

int rs_elf64_fail(struct rs_elf64_error *error, enum rs_elf64_code code, const char *format, ...)
{
    va_list arguments;

    error->code = code;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof(error->message), format, arguments);
    va_end(arguments);
    return -1;
}

void rs_elf64_program_header(const struct rs_elf64_image *image, uint32_t index, Elf64_Phdr *header)
{
    memcpy(header, image->bytes + image->program_header_offset + index * sizeof(*header),
           sizeof(*header));
}

static int check_identification(const uint8_t *ident, struct rs_elf64_error *error)
{
    if (memcmp(ident, ELFMAG, SELFMAG) != 0)
        return rs_elf64_fail(error, RS_ELF64_NOT_ELF,
                             "not an ELF file: it begins with %02x %02x %02x %02x, not with "
                             "7f 45 4c 46",
                             ident[0], ident[1], ident[2], ident[3]);
    if (ident[EI_CLASS] != ELFCLASS64)
        return rs_elf64_fail(error, RS_ELF64_UNSUPPORTED,
                             "ELF class %u is not supported: only 2 (64-bit) is", ident[EI_CLASS]);
    if (ident[EI_DATA] != ELFDATA2LSB)
        return rs_elf64_fail(error, RS_ELF64_UNSUPPORTED,
                             "ELF byte order %u is not supported: only 1 (little-endian) is",
                             ident[EI_DATA]);
    if (ident[EI_VERSION] != EV_CURRENT)
        return rs_elf64_fail(error, RS_ELF64_UNSUPPORTED,
                             "ELF version %u is not supported: only 1 is", ident[EI_VERSION]);
    return 0;
}

static int check_kind(const Elf64_Ehdr *header, struct rs_elf64_error *error)
{
    if (header->e_version != EV_CURRENT)
        return rs_elf64_fail(error, RS_ELF64_UNSUPPORTED,
                             "ELF version %" PRIu32 " is not supported: only 1 is",
                             header->e_version);
    if (header->e_machine != EM_X86_64)
        return rs_elf64_fail(error, RS_ELF64_UNSUPPORTED,
                             "ELF machine %u is not supported: only 62 (x86-64) is",
                             header->e_machine);
    if (header->e_type == ET_DYN)
        return rs_elf64_fail(error, RS_ELF64_NOT_STATIC,
                             "ELF type 3 (shared or position-independent) has no fixed address: "
                             "link it statically, with -static -no-pie");
    if (header->e_type != ET_EXEC)
        return rs_elf64_fail(error, RS_ELF64_UNSUPPORTED,
                             "ELF type %u is not supported: only 2 (executable) is",
                             header->e_type);
    return 0;
}

static int check_table(const Elf64_Ehdr *header, size_t size, struct rs_elf64_error *error)
{
    if (header->e_phnum == 0)
        return rs_elf64_fail(error, RS_ELF64_HEADERS, "no program headers: nothing can be loaded");
    if (header->e_phentsize != sizeof(Elf64_Phdr))
        return rs_elf64_fail(error, RS_ELF64_HEADERS,
                             "program headers of %u bytes: ELF64 has %zu-byte ones",
                             header->e_phentsize, sizeof(Elf64_Phdr));
    if (header->e_phnum > RS_ELF64_PROGRAM_HEADERS_MAX)
        return rs_elf64_fail(error, RS_ELF64_HEADERS, "%u program headers: at most %d are allowed",
                             header->e_phnum, RS_ELF64_PROGRAM_HEADERS_MAX);
    if (!rs_elf64_in_file(header->e_phoff, header->e_phnum * sizeof(Elf64_Phdr), size))
        return rs_elf64_fail(error, RS_ELF64_HEADERS,
                             "program headers: file range 0x%" PRIx64 "+0x%zx passes the end of "
                             "the file (0x%zx bytes): the file is truncated or damaged",
                             header->e_phoff, header->e_phnum * sizeof(Elf64_Phdr), size);
    return 0;
}

static int parse_header(struct rs_elf64_image *image, struct rs_elf64_error *error)
{
    Elf64_Ehdr header;

    if (image->size < sizeof(header))
        return rs_elf64_fail(error, RS_ELF64_NOT_ELF,
                             "not an ELF64 file: it has %zu bytes, an ELF64 header has %zu",
                             image->size, sizeof(header));
    memcpy(&header, image->bytes, sizeof(header));
    if (check_identification(header.e_ident, error) || check_kind(&header, error) ||
        check_table(&header, image->size, error))
        return -1;
    image->entry = header.e_entry;
    image->program_header_offset = header.e_phoff;
    image->program_header_count = header.e_phnum;
    return 0;
}

int rs_elf64_parse_loadable(const void *bytes, size_t size, struct rs_elf64_image *image,
                            struct rs_elf64_error *error)
{
    memset(image, 0, sizeof(*image));
    memset(error, 0, sizeof(*error));
    image->bytes = bytes;
    image->size = size;
    if (parse_header(image, error))
        return -1;
    return rs_elf64_parse_segments(image, error);
}

int rs_elf64_parse(const void *bytes, size_t size, struct rs_elf64_image *image,
                   struct rs_elf64_error *error)
{
    if (rs_elf64_parse_loadable(bytes, size, image, error) != 0)
        return -1;
    return rs_elf64_check_entry(image, error);
}
