/* SPDX-License-Identifier: MIT
 * Builds the fake machine and reads its memory for the model. */
#include "fake_machine.h"

#include <stdlib.h>
#include <string.h>

static int read_memory(void *context, uint64_t gva, void *buffer, size_t size)
{
    const struct fake_machine *machine = context;

    for (unsigned i = 0; i < FAKE_REGIONS; i++) {
        const struct fake_region *region = &machine->regions[i];
        uint64_t offset = gva - region->gva;

        if (gva >= region->gva && offset < region->size && size <= region->size - offset) {
            memcpy(buffer, region->bytes + offset, size);
            return 0;
        }
    }
    return -1;
}

static void map(struct fake_machine *machine, unsigned region, uint64_t gva, void *bytes,
                size_t size)
{
    machine->regions[region] = (struct fake_region){.gva = gva, .size = size, .bytes = bytes};
}

void fake_machine_unmap(struct fake_machine *machine, uint64_t gva)
{
    for (unsigned i = 0; i < FAKE_REGIONS; i++)
        if (gva - machine->regions[i].gva < machine->regions[i].size)
            machine->regions[i].size = 0;
}

void fake_machine_poke(struct fake_machine *machine, uint64_t gva, uint64_t value)
{
    for (unsigned i = 0; i < FAKE_REGIONS; i++) {
        const struct fake_region *region = &machine->regions[i];
        uint64_t offset = gva - region->gva;

        if (offset < region->size && region->size - offset >= sizeof(value)) {
            memcpy(region->bytes + offset, &value, sizeof(value));
            return;
        }
    }
    abort();
}

void fake_machine_set_tss(struct fake_machine *machine, unsigned offset, uint64_t rsp)
{
    memcpy(machine->tss + offset, &rsp, sizeof(rsp));
}

void fake_machine_set_gate(struct fake_machine *machine, uint8_t vector, uint16_t attributes,
                           uint16_t selector, uint64_t offset)
{
    machine->idt[vector][0] = (offset & 0xffff) | (uint64_t)selector << 16 |
                              (uint64_t)attributes << 32 | (offset >> 16 & 0xffff) << 48;
    machine->idt[vector][1] = offset >> 32;
}

/* 0x8e00: present, DPL 0, interrupt gate. */
static void build_idt(struct fake_machine *machine)
{
    for (unsigned i = 0; i < RS_VECTOR_COUNT; i++)
        fake_machine_set_gate(machine, (uint8_t)i, 0x8e00, KGDT64_R0_CODE, FAKE_HANDLER(i));
#define X(mnemonic, vector, class, error_code, dpl, ist, handler, title)                           \
    fake_machine_set_gate(machine, vector, (uint16_t)(0x8e00 | (dpl) << 13 | (ist)),               \
                          KGDT64_R0_CODE, FAKE_HANDLER(vector));
    RS_VECTORS(X)
#undef X
}

static void build_gdt(struct fake_machine *machine)
{
    static const uint64_t entries[FAKE_GDT_ENTRIES] = {
        [KGDT64_R0_CODE / 8] = UINT64_C(0x00209b0000000000),
        [KGDT64_R0_DATA / 8] = UINT64_C(0x0040930000000000),
        [KGDT64_R3_CMCODE / 8] = UINT64_C(0x00cffb000000ffff),
        [KGDT64_R3_DATA / 8] = UINT64_C(0x00cff3000000ffff),
        [KGDT64_R3_CODE / 8] = UINT64_C(0x0020fb0000000000),
        [FAKE_SEL_R0_CONFORMING / 8] = UINT64_C(0x00209f0000000000),
        [FAKE_SEL_R1_CODE / 8] = UINT64_C(0x0020ba0000000000),
        [FAKE_SEL_R1_DATA / 8] = UINT64_C(0x0040b20000000000),
        [FAKE_SEL_R2_CODE / 8] = UINT64_C(0x0020db0000000000),
        [FAKE_SEL_R0_ABSENT / 8] = UINT64_C(0x00201b0000000000),
        [FAKE_SEL_R0_CODE32 / 8] = UINT64_C(0x00cf9b000000ffff),
        [FAKE_SEL_R0_CODE_L_D / 8] = UINT64_C(0x00609b0000000000),
        [FAKE_SEL_R3_ABSENT_DATA / 8] = UINT64_C(0x00cf73000000ffff),
        [FAKE_SEL_R3_READ_ONLY / 8] = UINT64_C(0x00cff1000000ffff),
        [FAKE_SEL_R3_CONFORMING / 8] = UINT64_C(0x0020ff0000000000),
        [FAKE_SEL_R3_DATA16 / 8] = UINT64_C(0x000ff3000000ffff),
    };

    memcpy(machine->gdt, entries, sizeof(entries));
    machine->ldt[0] = UINT64_C(0x00209b0000000000);
}

static void build_memory(struct fake_machine *machine)
{
    map(machine, FAKE_REGION_GDT, FAKE_GDT, machine->gdt, sizeof(machine->gdt));
    map(machine, FAKE_REGION_LDT, FAKE_LDT, machine->ldt, sizeof(machine->ldt));
    map(machine, FAKE_REGION_IDT, FAKE_IDT, machine->idt, sizeof(machine->idt));
    map(machine, FAKE_REGION_TSS, FAKE_TSS, machine->tss, sizeof(machine->tss));
    map(machine, FAKE_REGION_RSP0, FAKE_RSP0 - PAGE_SIZE, machine->stack[0], PAGE_SIZE);
    fake_machine_set_tss(machine, TSS64_RSP0, FAKE_RSP0);
    for (unsigned i = 1; i <= 7; i++) {
        map(machine, FAKE_REGION_IST1 + i - 1, FAKE_IST(i) - PAGE_SIZE, machine->stack[i],
            PAGE_SIZE);
        fake_machine_set_tss(machine, TSS64_IST1 + 8 * (i - 1), FAKE_IST(i));
    }
    map(machine, FAKE_REGION_KERNEL_STACK, FAKE_KERNEL_STACK - PAGE_SIZE, machine->stack[8],
        PAGE_SIZE);
    map(machine, FAKE_REGION_USER_STACK, FAKE_USER_STACK - PAGE_SIZE, machine->stack[9], PAGE_SIZE);
}

static void load_segments(struct fake_machine *machine, uint16_t cs, uint16_t ss)
{
    struct rs_cpu_state *state = &machine->state;

    rs_segment_decode(machine->gdt[cs / 8], cs, &state->cs);
    rs_segment_decode(machine->gdt[ss / 8], ss, &state->ss);
    state->cpl = cs & RPL_MASK;
}

void fake_machine_init(struct fake_machine *machine)
{
    struct rs_cpu_state *state = &machine->state;

    memset(machine, 0, sizeof(*machine));
    machine->env =
        (struct rs_model_env){.read = read_memory, .context = machine, .record_steps = true};
    build_gdt(machine);
    build_idt(machine);
    build_memory(machine);
    load_segments(machine, KGDT64_R3_CODE | RPL_MASK, KGDT64_R3_DATA | RPL_MASK);
    state->gdt = (struct rs_table_register){.base = FAKE_GDT, .limit = FAKE_GDT_LIMIT};
    state->idt = (struct rs_table_register){.base = FAKE_IDT, .limit = 0xfff};
    state->ldt_base = FAKE_LDT;
    state->ldt_limit = 15;
    state->tr = (struct rs_segment){.base = FAKE_TSS,
                                    .limit = TSS64_SIZE - 1,
                                    .selector = KGDT64_SYS_TSS,
                                    .type = DESC_TYPE_TSS_BUSY,
                                    .p = true};
    state->rip = FAKE_USER_RIP;
    state->gpr[RS_RSP] = FAKE_USER_STACK - 0x38;
    state->rflags = RFLAGS_FIXED | RFLAGS_IF | RFLAGS_ZF | RFLAGS_PF;
    state->cr0 = CR0_PE | CR0_PG | CR0_WP;
    state->cr4 = CR4_PAE;
    state->efer = EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE;
    state->star = UINT64_C(0x0023001000000000);
    state->lstar = FAKE_LSTAR;
    state->cstar = FAKE_CSTAR;
    state->fmask = 0x4700;
}

void fake_machine_enter_kernel(struct fake_machine *machine)
{
    load_segments(machine, KGDT64_R0_CODE, KGDT64_R0_DATA);
    machine->state.rip = FAKE_KERNEL_RIP;
    machine->state.gpr[RS_RSP] = FAKE_KERNEL_STACK - 0x48;
}

void fake_machine_enter_compatibility(struct fake_machine *machine)
{
    load_segments(machine, KGDT64_R3_CMCODE | RPL_MASK, KGDT64_R3_DATA | RPL_MASK);
    machine->state.rip = 0x401000;
}

void fake_machine_run(struct fake_machine *machine, struct rs_cause cause)
{
    rs_model_run(&machine->env, &machine->state, &cause, &machine->result);
}
