/* SPDX-License-Identifier: MIT
 * Disassembly, by Zydis. */
#include "disassemble.h"

#include <Zydis/Zydis.h>
#include <stdio.h>

void rs_insn_format(const uint8_t *bytes, size_t size, uint64_t rip, char *text, size_t text_size)
{
    ZydisDisassembledInstruction instruction;
    size_t used = 0;

    if (ZYAN_SUCCESS(
            ZydisDisassembleIntel(ZYDIS_MACHINE_MODE_LONG_64, rip, bytes, size, &instruction))) {
        snprintf(text, text_size, "%s", instruction.text);
        return;
    }
    text[0] = '\0';
    for (size_t i = 0; i < size && used + 4 < text_size; i++)
        used += (size_t)snprintf(text + used, text_size - used, i ? " %02x" : "%02x", bytes[i]);
}
