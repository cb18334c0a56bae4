/* SPDX-License-Identifier: MIT
 * Recognising the instructions that cause transitions: SDM Vol. 2A, "Instruction Format". */
#include "model/internal.h"

#define INSTRUCTION_MAX 15

struct prefixes {
    bool operand_size; /* 66h */
    bool rex_w;
    bool lock;
};

/* Passes over prefixes and returns the index of the opcode. REX counts only just before it. */
static size_t skip_prefixes(const uint8_t *bytes, size_t size, bool mode64,
                            struct prefixes *prefixes)
{
    size_t i;

    for (i = 0; i < size; i++) {
        switch (bytes[i]) {
        case 0x66:
            prefixes->operand_size = true;
            break;
        case 0xf0:
            prefixes->lock = true;
            break;
        case 0x26: /* ES, CS, SS, DS, FS, GS, address size, REPNE, REP: no effect on these */
        case 0x2e:
        case 0x36:
        case 0x3e:
        case 0x64:
        case 0x65:
        case 0x67:
        case 0xf2:
        case 0xf3:
            break;
        default:
            if (!mode64 || (bytes[i] & 0xf0) != 0x40)
                return i;
            prefixes->rex_w = (bytes[i] & 0x08) != 0;
            continue;
        }
        prefixes->rex_w = false;
    }
    return i;
}

static uint8_t iret_operand(const struct prefixes *prefixes)
{
    if (prefixes->rex_w)
        return 1;
    return prefixes->operand_size ? 2 : 0;
}

/* Decodes the opcode at bytes[0..size); returns its length without prefixes, or 0. */
static size_t decode_opcode(const uint8_t *bytes, size_t size, const struct prefixes *prefixes,
                            struct rs_cause *cause)
{
    uint8_t second = size > 1 ? bytes[1] : 0;

    if (size == 0)
        return 0;
    switch (bytes[0]) {
    case 0xcc:
        *cause = (struct rs_cause){.kind = RS_CAUSE_INT3, .vector = RS_VECTOR_BP};
        return 1;
    case 0xcd:
        *cause = (struct rs_cause){.kind = RS_CAUSE_INT_N, .vector = second};
        return size > 1 ? 2 : 0;
    case 0xce:
        *cause = (struct rs_cause){.kind = RS_CAUSE_INTO, .vector = RS_VECTOR_OF};
        return 1;
    case 0xcf:
        *cause = (struct rs_cause){.kind = RS_CAUSE_IRET, .operand = iret_operand(prefixes)};
        return 1;
    case 0xf1:
        *cause = (struct rs_cause){.kind = RS_CAUSE_ICEBP, .vector = RS_VECTOR_DB};
        return 1;
    case 0x0f:
        *cause = (struct rs_cause){.kind = second == 0x05 ? RS_CAUSE_SYSCALL : RS_CAUSE_SYSRET,
                                   .operand = second == 0x07 && prefixes->rex_w};
        return second == 0x05 || second == 0x07 ? 2 : 0;
    default:
        return 0;
    }
}

bool rs_cause_from_instruction(const uint8_t *bytes, size_t size, bool mode64,
                               struct rs_cause *cause)
{
    struct prefixes prefixes = {0};
    size_t start, length;

    if (size == 0)
        return false;
    if (size > INSTRUCTION_MAX)
        size = INSTRUCTION_MAX;
    start = skip_prefixes(bytes, size, mode64, &prefixes);
    length = decode_opcode(bytes + start, size - start, &prefixes, cause);
    if (length == 0 || prefixes.lock)
        return false;
    cause->length = (uint8_t)(start + length);
    return true;
}
