/* SPDX-License-Identifier: MIT
 * Inside the ELF64 loader: how its files report an error and read a header. */
#ifndef RINGSCOPE_LOADER_ELF64_INTERNAL_H
#define RINGSCOPE_LOADER_ELF64_INTERNAL_H

#include <elf.h>

#include "loader/elf64.h"

/* Fills *error, cutting a message that is too long, and returns -1. */
__attribute__((format(printf, 3, 4))) int
rs_elf64_fail(struct rs_elf64_error *error, enum rs_elf64_code code, const char *format, ...);

/* Copies one program header: the table has no alignment in an untrusted file.
 * index < image->program_header_count, and rs_elf64_parse() found the table in the file. */
void rs_elf64_program_header(const struct rs_elf64_image *image, uint32_t index,
                             Elf64_Phdr *header);

/* The entry point lies in an executable segment. */
int rs_elf64_check_entry(const struct rs_elf64_image *image, struct rs_elf64_error *error);

/* The second half of rs_elf64_parse_loadable(): fills image->segments. */
int rs_elf64_parse_segments(struct rs_elf64_image *image, struct rs_elf64_error *error);

/* True when offset + size stays inside a file of file_size bytes. */
static inline bool rs_elf64_in_file(uint64_t offset, uint64_t size, uint64_t file_size)
{
    return offset <= file_size && size <= file_size - offset;
}

#endif
