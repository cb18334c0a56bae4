/* SPDX-License-Identifier: MIT
 * GDT, TSS and IDT. */

#include "mktables.h"

#include "frame.h"

#include <ringscope/layout.h>
#include <ringscope/x86/vectors.h>
#include <string.h>

/* SDM Vol. 3A, "64-Bit IDT Gate Descriptors". */
#define GATE_PRESENT 0x8000u
#define GATE_DPL_SHIFT 13
#define GATE_TYPE_SHIFT 8

struct gate {
    const char *handler; /* NULL: thunk */
    unsigned dpl, ist;
};

static const struct gate gates[RS_VECTOR_COUNT] = {
#define X(mnemonic, vector, class, error_code, dpl, ist, handler, title)                           \
    [vector] = {#handler, dpl, ist},
    RS_VECTORS(X)
#undef X
};

static void write_idt(FILE *out, struct image *image)
{
    uint64_t thunks = image_address(image, "KiIsrThunk");

    fprintf(out, "    .section .tables.rodata, \"a\", @progbits\n    .balign 16\n"
                 "    .globl KiIdt\nKiIdt:\n");
    for (unsigned vector = 0; vector < RS_VECTOR_COUNT; vector++) {
        const struct gate *gate = &gates[vector];
        uint64_t offset = gate->handler ? image_address(image, gate->handler) : thunks + 8 * vector;
        uint64_t attributes = GATE_PRESENT | gate->dpl << GATE_DPL_SHIFT |
                              DESC_TYPE_INTERRUPT_GATE << GATE_TYPE_SHIFT | gate->ist;
        uint64_t low = (offset & 0xffff) | (uint64_t)KGDT64_R0_CODE << 16 | attributes << 32 |
                       (offset >> 16 & 0xffff) << 48;

        fprintf(out, "    .quad 0x%016lx, 0x%08lx /* %02x %s */\n", (unsigned long)low,
                (unsigned long)(offset >> 32), vector,
                gate->handler ? gate->handler : "KiIsrThunk");
    }
}

/* SDM Vol. 3A, "TSS Descriptor in 64-bit mode": type 9, LTR makes it B. */
static void write_gdt(FILE *out, struct image *image)
{
    uint64_t tss = image_address(image, "KiTss");
    uint64_t low = (TSS64_SIZE - 1) | (tss & 0xffffff) << 16 |
                   (uint64_t)DESC_TYPE_TSS_AVAILABLE << 40 | (uint64_t)1 << 47 |
                   (tss >> 24 & 0xff) << 56;
    const uint64_t gdt[KGDT64_SIZE / 8] = {
        [KGDT64_R0_CODE / 8] = 0x00209b0000000000,   [KGDT64_R0_DATA / 8] = 0x0040930000000000,
        [KGDT64_R3_CMCODE / 8] = 0x00cffb000000ffff, [KGDT64_R3_DATA / 8] = 0x00cff3000000ffff,
        [KGDT64_R3_CODE / 8] = 0x0020fb0000000000,   [KGDT64_SYS_TSS / 8] = low,
        [KGDT64_SYS_TSS / 8 + 1] = tss >> 32,        [KGDT64_R3_CMTEB / 8] = 0x0040f30000003c00,
    };

    fprintf(out, "    .section .tables.data, \"aw\", @progbits\n    .balign 16\n"
                 "    .globl KiGdt\nKiGdt:\n");
    for (unsigned i = 0; i < KGDT64_SIZE / 8; i++)
        fprintf(out, "    .quad 0x%016lx\n", (unsigned long)gdt[i]);
}

static void put64(uint8_t *bytes, uint64_t value)
{
    memcpy(bytes, &value, sizeof(value));
}

/* An I/O map base at the limit means: no map, every IN and OUT of ring 3 faults. */
static void write_tss(FILE *out, struct image *image)
{
    uint64_t stack = image_address(image, "KiKernelStack") + KERNEL_STACK_SIZE;
    uint64_t ist = image_address(image, "KiIstStacks");
    uint8_t tss[TSS64_SIZE] = {0};

    put64(tss + TSS64_RSP0, stack);
    for (unsigned i = 0; i < IST_COUNT; i++)
        put64(tss + TSS64_IST1 + 8 * i, ist + (i + 1) * (PAGE_SIZE + IST_STACK_SIZE));
    tss[TSS64_IOMAP_BASE] = TSS64_SIZE;
    fprintf(out, "    .balign 16\n    .globl KiTss\nKiTss:\n");
    for (unsigned i = 0; i < TSS64_SIZE; i++)
        fprintf(out, "%s0x%02x%s", i % 8 ? "" : "    .byte ", tss[i], i % 8 == 7 ? "\n" : ", ");
}

void write_descriptor_tables(FILE *out, struct image *image)
{
    write_idt(out, image);
    write_gdt(out, image);
    write_tss(out, image);
}
