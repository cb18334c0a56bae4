/* SPDX-License-Identifier: MIT
 * Where a kernel's return instructions are. */
#ifndef RINGSCOPE_RETURNS_H
#define RINGSCOPE_RETURNS_H

#include "decode/disassemble.h"

#include <stddef.h>
#include <stdint.h>

enum rs_return_kind {
    RS_RETURN_IRETQ,
    RS_RETURN_SYSRETQ
};

struct rs_return_site {
    uint64_t gva, gpa; /* of the instruction */
    enum rs_return_kind kind;
    uint8_t length; /* bytes of the instruction */
    uint8_t bytes[RS_INSN_MAX];
};

/* Finds every IRETQ and SYSRETQ of an ELF64 kernel image: functions of the symbol table, or all
 * executable segments when it has none, decoded one instruction after another. Returns how many
 * there are; the first `max` are stored. */
struct rs_elf64_image;
size_t rs_insn_find_returns(const struct rs_elf64_image *image, struct rs_return_site *sites,
                            size_t max);

#endif
