/* SPDX-License-Identifier: MIT
 * A machine without KVM. */
#include "fake_guest.h"

#include "hooks/internal.h"

#include <ringscope/layout.h>
#include <ringscope/x86/cpu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RAM_SIZE (UINT64_C(8) << 20)
#define PML4 UINT64_C(0x1000)
#define GDT UINT64_C(0x10000)
#define IDT UINT64_C(0x11000)
#define TSS UINT64_C(0x12000)
#define RUN_SIZE 0x3000
#define SYSCALL_LENGTH 2

/* Tests and benchmarks both build on this: a mistake in it ends the process, whoever runs it. */
static void require(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "fake guest: %s failed\n", what);
    abort();
}

static void put(struct rs_machine *machine, uint64_t gpa, uint64_t value)
{
    require(rs_memory_write(&machine->vm.memory, gpa, &value, 8) == 0, "a write");
}

static void put_tables(struct rs_machine *machine)
{
    put(machine, PML4, 0x2000 | PTE_P | PTE_W | PTE_U);
    put(machine, 0x2000, 0x3000 | PTE_P | PTE_W | PTE_U);
    for (uint64_t i = 0; i < RAM_SIZE / LARGE_PAGE_SIZE; i++)
        put(machine, 0x3000 + i * 8, i * LARGE_PAGE_SIZE | PTE_P | PTE_W | PTE_U | PTE_PS);
}

static void put_descriptors(struct rs_machine *machine)
{
    put(machine, GDT + KGDT64_R0_CODE, 0x00209b0000000000);
    put(machine, GDT + KGDT64_R0_DATA, 0x0040930000000000);
    put(machine, GDT + KGDT64_R3_CMCODE, 0x00cffb000000ffff);
    put(machine, GDT + KGDT64_R3_DATA, 0x00cff3000000ffff);
    put(machine, GDT + KGDT64_R3_CODE, 0x0020fb0000000000);
    put(machine, TSS + TSS64_RSP0, FAKE_RSP0);
    put(machine, TSS + TSS64_IST1 + 16, FAKE_IST3);
    for (unsigned vector = 0; vector < 256; vector++) {
        uint64_t attributes = vector == 2 ? 0x8e03 : vector == 0x2e ? 0xee00 : 0x8e00;
        uint64_t raw[2] = {attributes << 32 | (uint64_t)KGDT64_R0_CODE << 16, 0};

        rs_gate_set_offset(raw, FAKE_HANDLER(vector));
        put(machine, IDT + vector * 16, raw[0]);
        put(machine, IDT + vector * 16 + 8, raw[1]);
    }
}

static void put_registers(struct rs_cpu *cpu)
{
    struct kvm_sregs *sregs = rs_vcpu_sregs(&cpu->vcpu);

    sregs->cr0 = CR0_PE | CR0_PG | CR0_WP;
    sregs->cr3 = PML4;
    sregs->cr4 = CR4_PAE;
    sregs->efer = EFER_LME | EFER_LMA | EFER_SCE | EFER_NXE;
    sregs->gdt.base = GDT;
    sregs->gdt.limit = 0x57;
    sregs->idt.base = IDT;
    sregs->idt.limit = 0xfff;
    sregs->tr = (struct kvm_segment){
        .base = TSS, .limit = 0x67, .selector = KGDT64_SYS_TSS, .type = 0xb, .present = 1};
    sregs->cs = (struct kvm_segment){.limit = UINT32_MAX,
                                     .selector = KGDT64_R0_CODE,
                                     .type = 0xb,
                                     .present = 1,
                                     .s = 1,
                                     .l = 1,
                                     .g = 1};
    sregs->ss = (struct kvm_segment){.limit = UINT32_MAX,
                                     .selector = KGDT64_R0_DATA,
                                     .type = 3,
                                     .present = 1,
                                     .s = 1,
                                     .db = 1,
                                     .g = 1};
    rs_vcpu_regs(&cpu->vcpu)->rflags = RFLAGS_FIXED;
}

static void add_cpu(struct rs_machine *machine, unsigned index)
{
    struct rs_cpu *cpu = &machine->cpus[index];

    cpu->machine = machine;
    cpu->vcpu = (struct rs_vcpu){.fd = -1, .index = index, .run_size = RUN_SIZE};
    cpu->vcpu.run = calloc(1, RUN_SIZE);
    require(cpu->vcpu.run != NULL && rs_stream_open(&cpu->stream, 1024) == 0, "a vCPU");
    put_registers(cpu);
    rs_hooks_init(&cpu->hooks, &machine->hooks, &cpu->vcpu, &cpu->stream);
}

struct rs_machine *fake_guest_with(unsigned cpu_count, const struct rs_hooks_config *config)
{
    struct rs_machine *machine = calloc(1, sizeof(*machine));
    struct rs_blob kernel = {"none", NULL, 0};
    struct rs_error error;

    require(machine != NULL, "calloc()");
    machine->vm.fd = -1;
    machine->cpu_count = cpu_count;
    machine->cpus = calloc(cpu_count, sizeof(*machine->cpus));
    require(machine->cpus != NULL && rs_memory_add(&machine->vm.memory, 0, RAM_SIZE) == 0 &&
                rs_memory_add(&machine->vm.memory, RS_GPA_HOOK_RAM, RS_HOOK_RAM_SIZE) == 1,
            "memory");
    put_tables(machine);
    put_descriptors(machine);
    require(rs_hook_set_init(&machine->hooks, config, &machine->vm, cpu_count, &kernel, &error) ==
                0,
            "rs_hook_set_init()");
    for (unsigned i = 0; i < cpu_count; i++)
        add_cpu(machine, i);
    return machine;
}

struct rs_machine *fake_guest_new(const struct rs_filter *filter, uint32_t needs)
{
    struct rs_hooks_config config = {.filter = filter, .needs = needs, .check = true};

    return fake_guest_with(1, &config);
}

void fake_guest_free(struct rs_machine *machine)
{
    for (unsigned i = 0; i < machine->cpu_count; i++) {
        rs_stream_free(&machine->cpus[i].stream);
        free(machine->cpus[i].vcpu.run);
    }
    rs_hook_set_free(&machine->hooks);
    rs_memory_free(&machine->vm.memory);
    free(machine->cpus);
    free(machine);
}

void fake_guest_deliver(struct rs_cpu *cpu, uint8_t vector, uint64_t rip, uint64_t rflags,
                        bool has_error_code, uint64_t error_code)
{
    uint64_t frame[6] = {error_code,        rip, KGDT64_R3_CODE | 3, rflags, FAKE_USER_STACK,
                         KGDT64_R3_DATA | 3};
    unsigned skip = has_error_code ? 0 : 1;
    uint64_t top = vector == 2 ? FAKE_IST3 : FAKE_RSP0;
    struct kvm_regs *regs = rs_vcpu_regs(&cpu->vcpu);

    regs->rsp = top - (6 - skip) * 8;
    require(rs_memory_write(&cpu->machine->vm.memory, regs->rsp, frame + skip, (6 - skip) * 8) == 0,
            "the frame");
    regs->rflags = rflags & ~(RFLAGS_IF | RFLAGS_TF | RFLAGS_NT | RFLAGS_RF);
    regs->rip = cpu->hooks.window_gva + vector * UINT64_C(16);
    rs_vcpu_sregs(&cpu->vcpu)->ss =
        (struct kvm_segment){.present = 0, .unusable = 1}; /* SS := NULL on a change of CPL */
    cpu->vcpu.run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
    cpu->vcpu.run->internal.suberror = KVM_INTERNAL_ERROR_EMULATION;
}

static void put_site(struct rs_hook_set *hooks, unsigned slot, uint64_t gva,
                     enum rs_return_kind kind)
{
    struct rs_return_site *site = &hooks->sites[slot];

    *site = (struct rs_return_site){.gva = gva, .gpa = gva, .kind = kind};
    site->length = kind == RS_RETURN_IRETQ ? 2 : 3;
    memcpy(site->bytes, kind == RS_RETURN_IRETQ ? "\x48\xcf" : "\x48\x0f\x07", site->length);
    require(rs_memory_write(&hooks->vm->memory, gva, site->bytes, site->length) == 0 &&
                rs_window_put_pristine(hooks, slot, site->bytes, site->length) == 0,
            "a site");
}

void fake_guest_hook_syscall(struct rs_cpu *cpu)
{
    struct rs_hooks *hooks = &cpu->hooks;
    struct rs_hook_set *set = hooks->set;

    hooks->star = (uint64_t)KGDT64_R0_CODE << 32 | (uint64_t)(KGDT64_R3_CMCODE | 3) << 48;
    hooks->lstar = FAKE_LSTAR;
    hooks->fmask = FAKE_FMASK;
    hooks->lstar_armed = true;
    put_site(set, 0, FAKE_IRETQ, RS_RETURN_IRETQ);
    put_site(set, 1, FAKE_SYSRETQ, RS_RETURN_SYSRETQ);
    set->site_count = 2;
    require(rs_memory_write(&set->vm->memory, FAKE_SYSCALL, "\x0f\x05", SYSCALL_LENGTH) == 0,
            "the SYSCALL");
}

void fake_guest_syscall(struct rs_cpu *cpu, uint32_t service, uint64_t rflags)
{
    struct kvm_regs *regs = rs_vcpu_regs(&cpu->vcpu);

    regs->rax = service;
    regs->rcx = FAKE_SYSCALL + SYSCALL_LENGTH;
    regs->r11 = rflags;
    regs->rsp = FAKE_USER_STACK;
    regs->rflags = (rflags & ~FAKE_FMASK) | RFLAGS_FIXED;
    regs->rip = rs_window_address(&cpu->hooks, RS_WINDOW_SYSCALL, 0);
    rs_vcpu_sregs(&cpu->vcpu)->ss = (struct kvm_segment){.limit = UINT32_MAX,
                                                         .selector = KGDT64_R0_DATA,
                                                         .type = 3,
                                                         .present = 1,
                                                         .s = 1,
                                                         .db = 1,
                                                         .g = 1};
    cpu->vcpu.run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
    cpu->vcpu.run->internal.suberror = KVM_INTERNAL_ERROR_EMULATION;
}

void fake_guest_site(struct rs_cpu *cpu, uint64_t site)
{
    struct kvm_run *run = cpu->vcpu.run;

    rs_vcpu_regs(&cpu->vcpu)->rip = site;
    run->exit_reason = KVM_EXIT_IO;
    run->io.direction = KVM_EXIT_IO_OUT;
    run->io.size = 1;
    run->io.count = 1;
    run->io.port = RS_PORT_SITE;
    run->io.data_offset = 0x1000;
}
