/* SPDX-License-Identifier: MIT
 * Instructions: disassembly (Zydis), and where a kernel's return instructions are. */
#ifndef RINGSCOPE_INSN_H
#define RINGSCOPE_INSN_H

#include <stddef.h>
#include <stdint.h>

#define RS_INSN_MAX 15 /* bytes: SDM Vol. 2A, "Instruction Format" */

/* One instruction of 64-bit mode as text; bytes as hexadecimal when it is not one. */
void rs_insn_format(const uint8_t *bytes, size_t size, uint64_t rip, char *text, size_t text_size);

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
