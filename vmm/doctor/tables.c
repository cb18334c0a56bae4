/* SPDX-License-Identifier: MIT
 * The tables of the doctor's little machine: paging, GDT, IDT, TSS. */
#include "probe.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/vectors.h>
#include <string.h>

#define TABLE_RIGHTS (PTE_P | PTE_W | PTE_U | PTE_A)
#define PAGE_RIGHTS (TABLE_RIGHTS | PTE_D)
#define PAGES (LARGE_PAGE_SIZE / PAGE_SIZE)

/* Descriptors with the accessed bit set: SDM Vol. 3A, "Segment Descriptors". */
#define CODE64_R0 RS_U64(0x00209b0000000000)
#define DATA_R0 RS_U64(0x00cf93000000ffff)
#define CODE64_R1 RS_U64(0x0020bb0000000000)
#define DATA_R1 RS_U64(0x00cfb3000000ffff)
#define CODE64_R2 RS_U64(0x0020db0000000000)
#define DATA_R2 RS_U64(0x00cfd3000000ffff)
#define CODE32_R3 RS_U64(0x00cffb000000ffff)
#define DATA_R3 RS_U64(0x00cff3000000ffff)
#define CODE64_R3 RS_U64(0x0020fb0000000000)
#define CODE32_R0 RS_U64(0x00cf9b000000ffff)
#define CODE32_R3_SHORT RS_U64(0x0040fb0000000fff)
#define CODE64_R3_WIDE RS_U64(0x0060fb0000000000)
#define CODE64_R3_ABSENT RS_U64(0x00207b0000000000)
#define DATA_R3_ABSENT RS_U64(0x00cf73000000ffff)

static uint64_t tss_descriptor(uint64_t base, uint64_t type)
{
    return (TSS64_SIZE - 1) | (base & 0xffffff) << 16 | type << 40 | RS_U64(1) << 47 |
           (base >> 24 & 0xff) << 56;
}

static void build_gdt(uint64_t *gdt)
{
    gdt[KGDT64_R0_CODE / 8] = CODE64_R0;
    gdt[KGDT64_R0_DATA / 8] = DATA_R0;
    gdt[KGDT64_R3_CMCODE / 8] = CODE32_R3;
    gdt[KGDT64_R3_DATA / 8] = DATA_R3;
    gdt[KGDT64_R3_CODE / 8] = CODE64_R3;
    gdt[KGDT64_SYS_TSS / 8] = tss_descriptor(PROBE_TSS, DESC_TYPE_TSS_BUSY);
    gdt[KGDT64_R3_CMTEB / 8] = DATA_R3;
    gdt[PROBE_SEL_ABSENT_DATA / 8] = DATA_R3_ABSENT;
    gdt[PROBE_SEL_ABSENT_CODE / 8] = CODE64_R3_ABSENT;
    gdt[PROBE_SEL_R1_CODE / 8] = CODE64_R1;
    gdt[PROBE_SEL_R1_DATA / 8] = DATA_R1;
    gdt[PROBE_SEL_R2_CODE / 8] = CODE64_R2;
    gdt[PROBE_SEL_R2_DATA / 8] = DATA_R2;
    gdt[PROBE_SEL_WIDE_CODE / 8] = CODE64_R3_WIDE;
    gdt[PROBE_SEL_R0_CODE32 / 8] = CODE32_R0;
    gdt[PROBE_SEL_SHORT_CODE / 8] = CODE32_R3_SHORT;
    gdt[PROBE_SEL_AVAILABLE_TSS / 8] = tss_descriptor(PROBE_TSS, DESC_TYPE_TSS_AVAILABLE);
}

static void build_gate(uint64_t gate[2], unsigned vector, uint64_t type, uint64_t dpl, uint64_t ist)
{
    gate[0] = RS_U64(1) << 47 | dpl << 45 | type << 40 | ist << 32 | (uint64_t)KGDT64_R0_CODE << 16;
    gate[1] = 0;
    rs_gate_set_offset(gate, PROBE_VECTORS + vector * PROBE_GATE_SIZE);
}

static uint64_t page_entry(uint64_t gva)
{
    switch (gva) {
    case 0:
    case PROBE_NOT_PRESENT:
        return 0;
    case PROBE_DONE:
    case PROBE_VECTORS:
    case PROBE_ENTRIES:
        return (RS_GPA_GATE_WINDOW + gva) | PAGE_RIGHTS;
    case PROBE_MMIO:
        return (RS_GPA_GATE_WINDOW + gva) | PAGE_RIGHTS | PTE_PCD | PTE_NX;
    case PROBE_LAPIC:
        return RS_GPA_LAPIC | PAGE_RIGHTS | PTE_PCD | PTE_NX;
    case PROBE_READ_ONLY:
        return gva | (PAGE_RIGHTS & ~PTE_W);
    case PROBE_NO_EXECUTE:
        return gva | PAGE_RIGHTS | PTE_NX;
    case PROBE_SUPERVISOR:
        return gva | (PAGE_RIGHTS & ~PTE_U);
    default:
        return gva < PROBE_RAM_SIZE ? gva | PAGE_RIGHTS : 0;
    }
}

static int put(struct rs_probe *probe, uint64_t gpa, const void *bytes, size_t size)
{
    return rs_memory_write(&probe->vm.memory, gpa, bytes, size);
}

static int put_entry(struct rs_probe *probe, uint64_t gpa, uint64_t entry)
{
    return put(probe, gpa, &entry, sizeof(entry));
}

/* Written once: the processor changes nothing in them that matters. */
static void write_paging(struct rs_probe *probe)
{
    put_entry(probe, PROBE_PML4, PROBE_PDPT | TABLE_RIGHTS);
    put_entry(probe, PROBE_PDPT, PROBE_PD | TABLE_RIGHTS);
    put_entry(probe, PROBE_PD, PROBE_PT | TABLE_RIGHTS);
    for (uint64_t page = 0; page < PAGES; page++)
        put_entry(probe, PROBE_PT + page * 8, page_entry(page * PAGE_SIZE));
}

static void write_tss(struct rs_probe *probe, uint64_t ist7)
{
    uint8_t tss[TSS64_SIZE] = {0};
    static const uint64_t rsp[] = {PROBE_RSP0, PROBE_RSP1, PROBE_RSP2};
    uint16_t no_bitmap = TSS64_SIZE;

    memcpy(tss + TSS64_RSP0, rsp, sizeof(rsp));
    for (unsigned i = 1; i <= 7; i++) {
        uint64_t ist = i == 7 && ist7 ? ist7 : PROBE_IST(i);

        memcpy(tss + TSS64_IST1 + 8 * (i - 1), &ist, sizeof(ist));
    }
    memcpy(tss + TSS64_IOMAP_BASE, &no_bitmap, sizeof(no_bitmap));
    put(probe, PROBE_TSS, tss, sizeof(tss));
}

void rs_tables_init(struct rs_probe *probe)
{
    memset(probe->gdt, 0, sizeof(probe->gdt));
    build_gdt(probe->gdt);
    for (unsigned vector = 0; vector < 256; vector++)
        build_gate(probe->idt[vector], vector, DESC_TYPE_INTERRUPT_GATE, 0, 0);
    write_paging(probe);
}

int rs_tables_write(struct rs_probe *probe, const struct rs_setup *setup)
{
    unsigned vector = setup->gate.vector;
    uint64_t gate[2], df_gate[2];

    write_tss(probe, setup->ist7);
    build_gate(gate, vector, setup->gate.trap ? DESC_TYPE_TRAP_GATE : DESC_TYPE_INTERRUPT_GATE,
               setup->gate.dpl, setup->gate.ist);
    gate[0] ^= setup->gate.flip[0];
    gate[1] ^= setup->gate.flip[1];
    build_gate(df_gate, RS_VECTOR_DF, DESC_TYPE_INTERRUPT_GATE, 0, setup->df_stack ? 2 : 0);
    return put(probe, PROBE_GDT, probe->gdt, sizeof(probe->gdt)) ||
           put(probe, PROBE_IDT, probe->idt, sizeof(probe->idt)) ||
           put(probe, PROBE_IDT + RS_VECTOR_DF * sizeof(df_gate), df_gate, sizeof(df_gate)) ||
           put(probe, PROBE_IDT + vector * sizeof(gate), gate, sizeof(gate));
}

void rs_tables_segment(const struct rs_probe *probe, uint16_t selector, struct kvm_segment *segment)
{
    struct rs_segment decoded;

    rs_segment_decode(probe->gdt[selector / 8], selector, &decoded);
    *segment = (struct kvm_segment){
        .base = decoded.base,
        .limit = decoded.limit,
        .selector = selector,
        .type = decoded.type,
        .s = decoded.s,
        .present = decoded.p,
        .dpl = decoded.dpl,
        .l = decoded.l,
        .db = decoded.db,
        .g = decoded.g,
    };
}
