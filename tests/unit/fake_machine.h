/* SPDX-License-Identifier: MIT
 * A machine for the model's tests: NT's GDT, an IDT, a TSS and stacks, without a processor. */
#ifndef RINGSCOPE_TESTS_FAKE_MACHINE_H
#define RINGSCOPE_TESTS_FAKE_MACHINE_H

#include <ringscope/layout.h>
#include <ringscope/x86/cpu.h>
#include <ringscope/x86/vectors.h>

#include "model/model.h"

/* Where things are. Each table has a page of its own, with nothing mapped around it. */
#define FAKE_GDT UINT64_C(0xfffff80000001000)
#define FAKE_IDT UINT64_C(0xfffff80000003000)
#define FAKE_TSS UINT64_C(0xfffff80000005000)
#define FAKE_LDT UINT64_C(0xfffff80000007000)
#define FAKE_RSP0 UINT64_C(0xfffff80000012000)                            /* top of a page */
#define FAKE_IST(n) (UINT64_C(0xfffff80000020000) + (n)*UINT64_C(0x2000)) /* tops of pages */
#define FAKE_KERNEL_STACK UINT64_C(0xfffff80000032000)                    /* top of a page */
#define FAKE_USER_STACK UINT64_C(0x0000000000150000)                      /* top of a page */
#define FAKE_USER_RIP UINT64_C(0x0000000140001000)
#define FAKE_KERNEL_RIP UINT64_C(0xfffff80140001000)
#define FAKE_LSTAR UINT64_C(0xfffff80140008000)
#define FAKE_CSTAR UINT64_C(0xfffff80140009000)
#define FAKE_HANDLER(vector) (UINT64_C(0xfffff80140010000) + (vector)*UINT64_C(16))

/* Regions, in the order of fake_machine_init(); tests move, cut and unmap them. */
enum fake_region_index {
    FAKE_REGION_GDT,
    FAKE_REGION_LDT,
    FAKE_REGION_IDT,
    FAKE_REGION_TSS,
    FAKE_REGION_RSP0,
    FAKE_REGION_IST1, /* to IST7 */
    FAKE_REGION_KERNEL_STACK = FAKE_REGION_IST1 + 7,
    FAKE_REGION_USER_STACK,
    FAKE_REGIONS
};

#define FAKE_GDT_ENTRIES 24

struct fake_region {
    uint64_t gva;
    uint64_t size;
    uint8_t *bytes;
};

struct fake_machine {
    struct rs_cpu_state state;
    struct rs_model_env env;
    struct rs_model_result result;
    struct fake_region regions[FAKE_REGIONS];
    uint64_t gdt[FAKE_GDT_ENTRIES];
    uint64_t ldt[2];
    uint64_t idt[RS_VECTOR_COUNT][2];
    uint8_t tss[TSS64_SIZE];
    uint64_t stack[10][512]; /* RSP0, IST1-7, kernel, user: a page each */
};

/*
 * Ring 3 in 64-bit code with interrupts on. Vectors with a row in RS_VECTORS have its DPL and IST,
 * the others DPL 0; all are interrupt gates to KGDT64_R0_CODE at FAKE_HANDLER(vector).
 * RSP is FAKE_USER_STACK - 0x38: not a multiple of 16.
 */
void fake_machine_init(struct fake_machine *machine);
/* Ring 0 in 64-bit code; RSP is FAKE_KERNEL_STACK - 0x48. */
void fake_machine_enter_kernel(struct fake_machine *machine);
/* Ring 3 in 32-bit (compatibility) code. */
void fake_machine_enter_compatibility(struct fake_machine *machine);

void fake_machine_set_gate(struct fake_machine *machine, uint8_t vector, uint16_t attributes,
                           uint16_t selector, uint64_t offset);
void fake_machine_set_tss(struct fake_machine *machine, unsigned offset, uint64_t rsp);
/* The page at gva is not mapped any more. */
void fake_machine_unmap(struct fake_machine *machine, uint64_t gva);
/* Writes a quadword to mapped memory; aborts elsewhere. */
void fake_machine_poke(struct fake_machine *machine, uint64_t gva, uint64_t value);

/* Runs the model; the result is machine->result. */
void fake_machine_run(struct fake_machine *machine, struct rs_cause cause);

/* Descriptors beside NT's, for the error rules. */
enum fake_selector {
    FAKE_SEL_R0_CONFORMING = 0x60, /* 64-bit conforming code, DPL 0 */
    FAKE_SEL_R1_CODE = 0x68,
    FAKE_SEL_R1_DATA = 0x70,
    FAKE_SEL_R2_CODE = 0x78,
    FAKE_SEL_R0_ABSENT = 0x80, /* 64-bit code, DPL 0, not present */
    FAKE_SEL_R0_CODE32 = 0x88,
    FAKE_SEL_R0_CODE_L_D = 0x90, /* L and D set */
    FAKE_SEL_R3_ABSENT_DATA = 0x98,
    FAKE_SEL_R3_READ_ONLY = 0xa0,
    FAKE_SEL_R3_CONFORMING = 0xa8, /* 64-bit conforming code, DPL 3 */
    FAKE_SEL_R3_DATA16 = 0xb0,     /* B clear */
    FAKE_SEL_LDT_CODE = 0x04,      /* first entry of the LDT: 64-bit code, DPL 0 */
};

#define FAKE_GDT_LIMIT (FAKE_GDT_ENTRIES * 8 - 1)

#endif
