/* SPDX-License-Identifier: MIT
 * Decoding raw values: descriptors, registers, error codes, page-table entries, service numbers. */
#ifndef RINGSCOPE_DECODE_H
#define RINGSCOPE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Pure functions, total for any value: what the SDM (or NT) says about the bits, and what is wrong
 * with them. No KVM, no I/O.
 */

/*
 * X(id, name, minimum, maximum, width, source, summary)
 *   id        of the enumeration and of rs_decode_<id>()
 *   minimum, maximum  quadwords that the value has
 *   width     bits that a value of one quadword may have
 *   source    where the layout is defined
 */
// clang-format off
#define RS_DECODE_KINDS(X)                                                                                                    \
    X(gate, "gate", 2, 2, 64, "SDM Vol. 3A, \"64-Bit Mode IDT\"", "an IDT gate: two quadwords")                               \
    X(segment, "segment", 1, 2, 64, "SDM Vol. 3A, \"Segment Descriptors\"", "a GDT descriptor: one quadword, two for a TSS")   \
    X(tss, "tss", 13, 13, 64, "SDM Vol. 3A, \"Task Management in 64-bit Mode\"", "a 64-bit TSS: 104 bytes")                    \
    X(selector, "selector", 1, 1, 16, "SDM Vol. 3A, \"Segment Selectors\"", "a segment selector")                             \
    X(star, "star", 1, 1, 64, "SDM Vol. 2B, \"SYSCALL - Fast System Call\"", "IA32_STAR: what SYSCALL and SYSRET load")        \
    X(error, "error-code", 1, 1, 32, "SDM Vol. 3A, \"Error Code\"", "an exception's error code (--vector)")              \
    X(vector, "vector", 1, 1, 8, "SDM Vol. 3A, \"Exception and Interrupt Vectors\"", "an interrupt vector: number or mnemonic") \
    X(service, "service", 1, 1, 32, "NT's system-service dispatch", "EAX of a system call; with --base a service-table entry")  \
    X(status, "status", 1, 1, 32, "NT's NTSTATUS layout", "an NTSTATUS")                                                     \
    X(pte, "pte", 1, 1, 64, "SDM Vol. 3A, \"4-Level Paging and 5-Level Paging\"", "a paging-structure entry (--level)")       \
    X(msr, "msr", 1, 1, 32, "SDM Vol. 4, \"Model-Specific Registers (MSRs)\"", "an MSR: index or name")                       \
    X(rflags, "rflags", 1, 1, 64, "SDM Vol. 1, \"EFLAGS Register\"", "RFLAGS")                                                \
    X(fmask, "fmask", 1, 1, 64, "SDM Vol. 2B, \"SYSCALL - Fast System Call\"", "IA32_FMASK: RFLAGS bits that SYSCALL clears")  \
    X(cr0, "cr0", 1, 1, 64, "SDM Vol. 3A, \"Control Registers\"", "CR0")                                                      \
    X(cr4, "cr4", 1, 1, 64, "SDM Vol. 3A, \"Control Registers\"", "CR4")                                                      \
    X(efer, "efer", 1, 1, 64, "SDM Vol. 4, \"IA32_EFER\"; AMD APM Vol. 2, \"EFER\"", "IA32_EFER")                             \
    X(dr6, "dr6", 1, 1, 64, "SDM Vol. 3B, \"Debug Status Register (DR6)\"", "DR6")                                            \
    X(dr7, "dr7", 1, 1, 64, "SDM Vol. 3B, \"Debug Control Register (DR7)\"", "DR7")
// clang-format on

enum rs_decode_id {
#define X(id, name, minimum, maximum, width, source, summary) RS_DECODE_##id,
    RS_DECODE_KINDS(X)
#undef X
    RS_DECODE_KIND_COUNT
};

enum rs_pte_level {
    RS_PTE_LEVEL_PTE,
    RS_PTE_LEVEL_PDE,
    RS_PTE_LEVEL_PDPTE,
    RS_PTE_LEVEL_PML4E,
    RS_PTE_LEVEL_COUNT
};
extern const char *const rs_pte_level_names[RS_PTE_LEVEL_COUNT];

#define RS_DECODE_WORDS_MAX 13

struct rs_decode_input {
    uint64_t words[RS_DECODE_WORDS_MAX]; /* as they lie in memory, the lowest address first */
    unsigned count;                      /* of words, within the kind's limits */
    bool has_vector, has_base;
    uint8_t vector;          /* error_code */
    enum rs_pte_level level; /* pte */
    uint64_t base;           /* service: address of the table that the entry is from */
};

struct rs_decoded_field {
    char bits[24];    /* "63:48,15:0", "+0x24" (bytes), or "" for what follows from other fields */
    const char *name; /* static */
    uint64_t value;
    bool wrong; /* reserved and set, or a value that the processor refuses: meaning says why */
    char meaning[128];
};

#define RS_DECODED_FIELDS_MAX 40

struct rs_decoded {
    char summary[192]; /* one line without the kind's name */
    unsigned count;
    struct rs_decoded_field fields[RS_DECODED_FIELDS_MAX];
};

struct rs_decode_kind {
    const char *name;
    unsigned minimum, maximum; /* quadwords */
    unsigned width;            /* bits */
    const char *source, *summary;
    void (*decode)(const struct rs_decode_input *input, struct rs_decoded *decoded);
};
extern const struct rs_decode_kind rs_decode_kinds[RS_DECODE_KIND_COUNT];

#define X(id, name, minimum, maximum, width, source, summary)                                      \
    void rs_decode_##id(const struct rs_decode_input *input, struct rs_decoded *decoded);
RS_DECODE_KINDS(X)
#undef X

/* NULL when there is none of this name. */
const struct rs_decode_kind *rs_decode_find(const char *name);

/*
 * Values as debuggers print them: hexadecimal quadwords, with or without 0x, ` between their
 * halves; or all bytes as they lie in memory, in one string or apart. For service, vector and msr
 * also a name. Returns 0, or -1 with a line that says which value is wrong and what is expected.
 */
int rs_decode_parse(const struct rs_decode_kind *kind, char *const *values, size_t count,
                    struct rs_decode_input *input, char *message, size_t size);

/* One number of at most `width` bits, written like that. Returns 0 or -1. */
int rs_decode_number(const char *text, unsigned width, uint64_t *value);
/* A mnemonic, also with '#', or a hexadecimal number. Returns 0 or -1 with the reason. */
int rs_decode_vector_name(const char *text, uint8_t *vector, char *message, size_t size);

/*
 * One line for a trace: "#PF(0x6: not-present write user)", "#GP(0x10a: IDT vector 0x21)",
 * "#GP(0x33: GDT selector 0x30, external)", "#SS(0)", "#CP(0x1: near RET)". Cut to `size` bytes
 * with its NUL; returns the length that the whole line has, as snprintf() does. For any vector and
 * code.
 */
size_t rs_decode_error_code(uint8_t vector, uint32_t code, char *buffer, size_t size);

/* The set flags of an entry that is present: "W U A D NX". Returns as snprintf() does. */
size_t rs_decode_pte_flags(uint64_t entry, enum rs_pte_level level, char *buffer, size_t size);
/* Whether an entry of this level maps a page, and of which size in bytes. */
bool rs_pte_is_page(uint64_t entry, enum rs_pte_level level);
uint64_t rs_pte_page_size(enum rs_pte_level level);
/* The page's, or the next table's, guest-physical address. */
uint64_t rs_pte_address(uint64_t entry, enum rs_pte_level level);

/* An entry of a packed service table: (function - base) << 4 | stack arguments. */
static inline uint64_t rs_service_entry_target(uint64_t base, uint32_t entry)
{
    return base + (uint64_t)(int64_t)((int32_t)entry >> 4);
}

static inline unsigned rs_service_entry_arguments(uint32_t entry)
{
    return entry & 0xf;
}

/* "64-bit interrupt gate", or NULL: no gate that the IDT may have in IA-32e mode. */
const char *rs_gate_type_name(uint8_t type);
/* "code, execute/read, accessed", "64-bit TSS (busy)" */
void rs_segment_type_name(bool s, uint8_t type, char *buffer, size_t size);

#endif
