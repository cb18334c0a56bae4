/* SPDX-License-Identifier: MIT
 * Exceptions whose status depends on the instruction: #DE, #UD, #GP. */

#include "ke.h"
#include "mm.h"

/* SDM Vol. 2A, "Instruction Format". */
#define INSTRUCTION_MAX 15

struct instruction {
    uint8_t bytes[INSTRUCTION_MAX];
    unsigned size; /* bytes that could be read */
    unsigned next; /* first byte not looked at */
    uint8_t rex;
    bool lock;
    bool operand16;
    bool gs;
};

static bool is_legacy_prefix(uint8_t byte)
{
    switch (byte) {
    case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65: /* segments */
    case 0x66: case 0x67: case 0xf0: case 0xf2: case 0xf3:
        return true;
    default:
        return false;
    }
}

/* An opcode byte, or 0x100 when there is none: no case matches that. */
static unsigned next_byte(struct instruction *in)
{
    return in->next < in->size ? in->bytes[in->next++] : 0x100;
}

/* Reads at RIP, up to the end of the page if the next one is not there. Skips prefixes. */
static bool fetch(const struct ktrap_frame *frame, struct instruction *in)
{
    const uint8_t *rip = (const uint8_t *) frame->Rip;

    in->size = INSTRUCTION_MAX;
    if (!NT_SUCCESS(MmReadUser(in->bytes, rip, in->size))) {
        in->size = (unsigned) (-frame->Rip & (PAGE_SIZE - 1));
        if (in->size >= INSTRUCTION_MAX || !NT_SUCCESS(MmReadUser(in->bytes, rip, in->size)))
            return false;
    }
    in->next = 0;
    in->lock = in->operand16 = in->gs = false;
    in->rex = 0;
    while (in->next < in->size && is_legacy_prefix(in->bytes[in->next])) {
        in->lock |= in->bytes[in->next] == 0xf0;
        in->operand16 |= in->bytes[in->next] == 0x66;
        in->gs |= in->bytes[in->next] == 0x65;
        in->next++;
    }
    if (in->next < in->size && (in->bytes[in->next] & 0xf0) == 0x40)
        in->rex = in->bytes[in->next++];
    return true;
}

NTSTATUS KiDecodeInvalidOpcode(const struct ktrap_frame *frame)
{
    struct instruction in;

    return fetch(frame, &in) && in.lock ? STATUS_INVALID_LOCK_SEQUENCE : STATUS_ILLEGAL_INSTRUCTION;
}

/* Second byte after 0F, and for groups the ModRM byte after that. */
static bool is_privileged_0f(struct instruction *in)
{
    unsigned opcode = next_byte(in);
    unsigned modrm, reg;

    switch (opcode) {
    case 0x06: case 0x07: case 0x08: case 0x09: /* CLTS SYSRET INVD WBINVD */
    case 0x20: case 0x21: case 0x22: case 0x23: /* MOV CR, MOV DR */
    case 0x30: case 0x32: case 0x33: case 0x35: /* WRMSR RDMSR RDPMC SYSEXIT */
        return true;
    case 0x00: /* LLDT LTR */
        reg = next_byte(in) >> 3 & 7;
        return reg == 2 || reg == 3;
    case 0x01: /* LGDT LIDT LMSW INVLPG, SWAPGS */
        modrm = next_byte(in);
        reg = modrm >> 3 & 7;
        return modrm == 0xf8 || reg == 6 || (modrm < 0xc0 && (reg == 2 || reg == 3 || reg == 7));
    default:
        return false;
    }
}

NTSTATUS KiDecodeGeneralProtection(const struct ktrap_frame *frame)
{
    struct instruction in;

    if (!fetch(frame, &in))
        return STATUS_ACCESS_VIOLATION;
    switch (next_byte(&in)) {
    case 0xf4: case 0xfa: case 0xfb:            /* HLT CLI STI */
    case 0x6c: case 0x6d: case 0x6e: case 0x6f: /* INS OUTS */
    case 0xe4: case 0xe5: case 0xe6: case 0xe7: /* IN OUT */
    case 0xec: case 0xed: case 0xee: case 0xef:
        return STATUS_PRIVILEGED_INSTRUCTION;
    case 0x0f:
        return is_privileged_0f(&in) ? STATUS_PRIVILEGED_INSTRUCTION : STATUS_ACCESS_VIOLATION;
    default:
        return STATUS_ACCESS_VIOLATION;
    }
}

static uint64_t read_register(const struct ktrap_frame *frame,
                              const struct kexception_frame *exception_frame, unsigned number)
{
    const uint64_t values[16] = {
        frame->Rax, frame->Rcx, frame->Rdx, frame->Rbx, frame->Rsp, frame->Rbp,
        frame->Rsi, frame->Rdi, frame->R8,  frame->R9,  frame->R10, frame->R11,
        exception_frame->R12, exception_frame->R13, exception_frame->R14, exception_frame->R15,
    };

    return values[number & 15];
}

/*
 * DIV and IDIV raise #DE for a zero divisor and for a quotient that does not fit. Only a divisor
 * in a register is looked at: memory may have changed since.
 */
NTSTATUS KiDecodeDivide(const struct ktrap_frame *frame,
                        const struct kexception_frame *exception_frame)
{
    struct instruction in;
    unsigned opcode, modrm, number;
    uint64_t divisor;

    if (!fetch(frame, &in))
        return STATUS_INTEGER_DIVIDE_BY_ZERO;
    opcode = next_byte(&in);
    modrm = next_byte(&in);
    if ((opcode != 0xf6 && opcode != 0xf7) || modrm < 0xc0 || modrm > 0xff)
        return STATUS_INTEGER_DIVIDE_BY_ZERO;
    number = (modrm & 7) | (in.rex & 1) << 3;
    if (opcode == 0xf6 && in.rex == 0 && number >= 4 && number < 8) /* AH CH DH BH */
        divisor = read_register(frame, exception_frame, number - 4) >> 8 & 0xff;
    else
        divisor = read_register(frame, exception_frame, number);
    if (opcode == 0xf6)
        divisor &= 0xff;
    else if (in.operand16 && !(in.rex & 8))
        divisor &= 0xffff;
    else if (!(in.rex & 8))
        divisor &= 0xffffffff;
    return divisor ? STATUS_INTEGER_OVERFLOW : STATUS_INTEGER_DIVIDE_BY_ZERO;
}
