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
};

/* next_byte when there is none; the tables have an entry for it. */
#define NO_BYTE 0x100
#define TABLE_SIZE (NO_BYTE + 1)

static const bool is_legacy_prefix[TABLE_SIZE] = {
    [0x26] = true,          /* ES */
    [0x2e] = true,          /* CS */
    [0x36] = true,          /* SS */
    [0x3e] = true,          /* DS */
    [0x64 ... 0x65] = true, /* FS GS */
    [0x66 ... 0x67] = true, /* operand size, address size */
    [0xf0] = true,          /* LOCK */
    [0xf2 ... 0xf3] = true, /* REPNE REP */
};

static const bool is_privileged[TABLE_SIZE] = {
    [0x6c ... 0x6f] = true, /* INS OUTS */
    [0xe4 ... 0xe7] = true, /* IN OUT, port in the instruction */
    [0xec ... 0xef] = true, /* IN OUT, port in DX */
    [0xf4] = true,          /* HLT */
    [0xfa ... 0xfb] = true, /* CLI STI */
};

/* After 0F. */
static const bool is_privileged_0f[TABLE_SIZE] = {
    [0x06 ... 0x09] = true, /* CLTS SYSRET INVD WBINVD */
    [0x20 ... 0x23] = true, /* MOV CR, MOV DR */
    [0x30] = true,          /* WRMSR */
    [0x32 ... 0x33] = true, /* RDMSR RDPMC */
    [0x35] = true,          /* SYSEXIT */
};

static unsigned next_byte(struct instruction *in)
{
    return in->next < in->size ? in->bytes[in->next++] : NO_BYTE;
}

/* Reads at RIP, up to the end of the page if the next one is not there. Skips prefixes. */
static bool fetch(const struct ktrap_frame *frame, struct instruction *in)
{
    const uint8_t *rip = (const uint8_t *)frame->Rip;

    in->size = INSTRUCTION_MAX;
    if (!NT_SUCCESS(MmReadUser(in->bytes, rip, in->size))) {
        in->size = (unsigned)(-frame->Rip & (PAGE_SIZE - 1));
        if (in->size >= INSTRUCTION_MAX || !NT_SUCCESS(MmReadUser(in->bytes, rip, in->size)))
            return false;
    }
    in->next = 0;
    in->lock = in->operand16 = false;
    in->rex = 0;
    for (; in->next < in->size && is_legacy_prefix[in->bytes[in->next]]; in->next++) {
        in->lock |= in->bytes[in->next] == 0xf0;
        in->operand16 |= in->bytes[in->next] == 0x66;
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

/* 0F 00 and 0F 01 have their operation in the ModRM byte. */
static bool is_privileged_group(struct instruction *in, unsigned opcode)
{
    unsigned modrm = next_byte(in), reg = modrm >> 3 & 7;

    if (opcode == 0x00) /* LLDT LTR */
        return reg == 2 || reg == 3;
    if (modrm >= 0xc0) /* SWAPGS, LMSW from a register */
        return modrm == 0xf8 || reg == 6;
    return reg == 2 || reg == 3 || reg == 6 || reg == 7; /* LGDT LIDT LMSW INVLPG */
}

NTSTATUS KiDecodeGeneralProtection(const struct ktrap_frame *frame)
{
    struct instruction in;
    unsigned opcode;
    bool privileged;

    if (!fetch(frame, &in))
        return STATUS_ACCESS_VIOLATION;
    opcode = next_byte(&in);
    privileged = is_privileged[opcode];
    if (opcode == 0x0f) {
        opcode = next_byte(&in);
        privileged = opcode <= 0x01 ? is_privileged_group(&in, opcode) : is_privileged_0f[opcode];
    }
    return privileged ? STATUS_PRIVILEGED_INSTRUCTION : STATUS_ACCESS_VIOLATION;
}

static uint64_t read_register(const struct ktrap_frame *frame,
                              const struct kexception_frame *exception_frame, unsigned number)
{
    /* In the order of their encoding. */
    const uint64_t values[16] = {frame->Rax,
                                 frame->Rcx,
                                 frame->Rdx,
                                 frame->Rbx,
                                 frame->Rsp,
                                 frame->Rbp,
                                 frame->Rsi,
                                 frame->Rdi,
                                 frame->R8,
                                 frame->R9,
                                 frame->R10,
                                 frame->R11,
                                 exception_frame->R12,
                                 exception_frame->R13,
                                 exception_frame->R14,
                                 exception_frame->R15};

    return values[number & 15];
}

static uint64_t divisor_of(const struct ktrap_frame *frame,
                           const struct kexception_frame *exception_frame,
                           const struct instruction *in, bool byte, unsigned modrm)
{
    unsigned number = (modrm & 7) | (in->rex & 1) << 3;

    if (byte && in->rex == 0 && number >= 4) /* AH CH DH BH */
        return read_register(frame, exception_frame, number - 4) >> 8 & 0xff;
    uint64_t value = read_register(frame, exception_frame, number);
    if (byte)
        return value & 0xff;
    if (in->rex & 8)
        return value;
    return value & (in->operand16 ? 0xffff : 0xffffffff);
}

/*
 * DIV and IDIV raise #DE for a zero divisor and for a quotient that does not fit. Only a divisor
 * in a register is looked at: memory may have changed since.
 */
NTSTATUS KiDecodeDivide(const struct ktrap_frame *frame,
                        const struct kexception_frame *exception_frame)
{
    struct instruction in;
    unsigned opcode, modrm;

    if (!fetch(frame, &in))
        return STATUS_INTEGER_DIVIDE_BY_ZERO;
    opcode = next_byte(&in);
    modrm = next_byte(&in);
    if ((opcode != 0xf6 && opcode != 0xf7) || modrm < 0xc0 || modrm == NO_BYTE)
        return STATUS_INTEGER_DIVIDE_BY_ZERO;
    return divisor_of(frame, exception_frame, &in, opcode == 0xf6, modrm)
               ? STATUS_INTEGER_OVERFLOW
               : STATUS_INTEGER_DIVIDE_BY_ZERO;
}
