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

static unsigned gate_type(unsigned vector)
{
    static const bool trap[RS_VECTOR_COUNT] = {
#define X(mnemonic) [RS_VECTOR_##mnemonic] = true,
        RS_TRAP_GATES(X)
#undef X
    };

    return trap[vector] ? DESC_TYPE_TRAP_GATE : DESC_TYPE_INTERRUPT_GATE;
}

/* The handlers of KVA shadow have their names with a suffix. */
void make_idt(struct image *image, const char *suffix, uint64_t idt[])
{
    for (unsigned vector = 0; vector < RS_VECTOR_COUNT; vector++) {
        const struct gate *gate = &gates[vector];
        uint64_t attributes = GATE_PRESENT | gate->dpl << GATE_DPL_SHIFT |
                              gate_type(vector) << GATE_TYPE_SHIFT | gate->ist;
        uint64_t offset;
        char name[64];

        snprintf(name, sizeof(name), "%s%s", gate->handler ? gate->handler : "KiIsrThunk", suffix);
        offset = image_address(image, name) + (gate->handler ? 0 : 8 * vector);
        idt[2 * vector] = (offset & 0xffff) | (uint64_t)KGDT64_R0_CODE << 16 | attributes << 32 |
                          (offset >> 16 & 0xffff) << 48;
        idt[2 * vector + 1] = offset >> 32;
    }
}

static void write_idt(FILE *out, struct image *image, const char *name, const char *suffix)
{
    uint64_t idt[2 * RS_VECTOR_COUNT];

    make_idt(image, suffix, idt);
    fprintf(out,
            "    .section .tables.rodata, \"a\", @progbits\n    .balign 16\n"
            "    .globl %s\n%s:\n",
            name, name);
    for (unsigned vector = 0; vector < RS_VECTOR_COUNT; vector++)
        fprintf(out, "    .quad 0x%016lx, 0x%08lx /* %02x %s */\n", (unsigned long)idt[2 * vector],
                (unsigned long)idt[2 * vector + 1], vector,
                gates[vector].handler ? gates[vector].handler : "KiIsrThunk");
}

/* SDM Vol. 3A, "TSS Descriptor in 64-bit mode": type 9, LTR makes it B. */
void make_gdt(uint64_t tss, uint64_t gdt[])
{
    uint64_t low = (TSS64_SIZE - 1) | (tss & 0xffffff) << 16 |
                   (uint64_t)DESC_TYPE_TSS_AVAILABLE << 40 | (uint64_t)1 << 47 |
                   (tss >> 24 & 0xff) << 56;
    const uint64_t entries[KGDT64_SIZE / 8] = {
        [KGDT64_R0_CODE / 8] = 0x00209b0000000000,   [KGDT64_R0_DATA / 8] = 0x0040930000000000,
        [KGDT64_R3_CMCODE / 8] = 0x00cffb000000ffff, [KGDT64_R3_DATA / 8] = 0x00cff3000000ffff,
        [KGDT64_R3_CODE / 8] = 0x0020fb0000000000,   [KGDT64_SYS_TSS / 8] = low,
        [KGDT64_SYS_TSS / 8 + 1] = tss >> 32,        [KGDT64_R3_CMTEB / 8] = 0x0040f30000003c00,
    };

    memcpy(gdt, entries, sizeof(entries));
}

static void write_gdt(FILE *out, struct image *image)
{
    uint64_t gdt[KGDT64_SIZE / 8];

    make_gdt(image_address(image, "KiTss"), gdt);
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
void make_tss(uint64_t rsp0, const uint64_t ist[IST_COUNT], uint8_t tss[TSS64_SIZE])
{
    memset(tss, 0, TSS64_SIZE);
    put64(tss + TSS64_RSP0, rsp0);
    for (unsigned i = 0; i < IST_COUNT; i++)
        put64(tss + TSS64_IST1 + 8 * i, ist[i]);
    tss[TSS64_IOMAP_BASE] = TSS64_SIZE;
}

void find_ist_stacks(struct image *image, uint64_t tops[IST_COUNT])
{
    uint64_t stacks = image_address(image, "KiIstStacks");

    for (unsigned i = 0; i < IST_COUNT; i++)
        tops[i] = stacks + (i + 1) * (PAGE_SIZE + IST_STACK_SIZE);
}

static void write_tss(FILE *out, struct image *image)
{
    uint8_t tss[TSS64_SIZE];
    uint64_t ist[IST_COUNT];

    find_ist_stacks(image, ist);
    make_tss(image_address(image, "KiKernelStack") + KERNEL_STACK_SIZE, ist, tss);
    fprintf(out, "    .balign 16\n    .globl KiTss\nKiTss:\n");
    for (unsigned i = 0; i < TSS64_SIZE; i++)
        fprintf(out, "%s0x%02x%s", i % 8 ? "" : "    .byte ", tss[i], i % 8 == 7 ? "\n" : ", ");
}

void write_descriptor_tables(FILE *out, struct image *image)
{
    write_idt(out, image, "KiIdt", "");
    write_idt(out, image, "KiIdtTemplate", "");
    write_idt(out, image, "KiIdtShadowTemplate", "Shadow");
    write_gdt(out, image);
    write_tss(out, image);
}
