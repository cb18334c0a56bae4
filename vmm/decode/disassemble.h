/* SPDX-License-Identifier: MIT
 * Disassembly, by Zydis. */
#ifndef RINGSCOPE_DISASSEMBLE_H
#define RINGSCOPE_DISASSEMBLE_H

#include <stddef.h>
#include <stdint.h>

#define RS_INSN_MAX 15 /* bytes: SDM Vol. 2A, "Instruction Format" */

/* One instruction of 64-bit mode as text; bytes as hexadecimal when it is not one. */
void rs_insn_format(const uint8_t *bytes, size_t size, uint64_t rip, char *text, size_t text_size);

#endif
