/* SPDX-License-Identifier: MIT
 * The exit dispatcher, with hooks armed, fed with any kvm_run over any registers and tables. */
#include "exits/exits.h"
#include "fake_guest.h"
#include "fuzz.h"

#include <ringscope/layout.h>
#include <string.h>

#define EXITS_MAX 24
#define RAM_SIZE (UINT64_C(8) << 20)

/* Addresses at which something is, or just not; and anything. */
static uint64_t address(struct fuzz_input *input)
{
    static const uint64_t places[] = {
        0,
        FAKE_SYSCALL,
        FAKE_RSP0,
        FAKE_IST3,
        RAM_SIZE - 8,
        RAM_SIZE,
        RS_GPA_PAGEFILE_DEVICE,
        RS_GPA_HOOK_RAM,
        RS_GPA_GATE_WINDOW,
        UINT64_C(0x7fffffffffff),
        UINT64_C(0x800000000000),
        UINT64_C(0xffffff8000000000), /* the window, when the last slots are free */
        UINT64_C(0xffffff8000001000),
        UINT64_MAX,
    };
    unsigned choice = fuzz_below(input, 2 * sizeof(places) / sizeof(places[0]));

    if (choice < sizeof(places) / sizeof(places[0]))
        return places[choice] + fuzz_take(input, 2);
    return fuzz_take(input, 8);
}

static void change_registers(struct fuzz_input *input, struct rs_cpu *cpu)
{
    struct kvm_regs *regs = &cpu->vcpu.run->s.regs.regs;
    struct kvm_sregs *sregs = &cpu->vcpu.run->s.regs.sregs;
    unsigned what = (unsigned)fuzz_take(input, 1);

    if (what & 0x01)
        regs->rip = address(input);
    if (what & 0x02)
        regs->rsp = address(input);
    if (what & 0x04)
        regs->rflags = fuzz_take(input, 3);
    if (what & 0x08)
        regs->rcx = address(input);
    if (what & 0x10)
        sregs->ss.dpl = sregs->cs.dpl = (uint8_t)fuzz_below(input, 4);
    if (what & 0x20)
        sregs->cr3 = address(input);
    if (what & 0x40)
        sregs->idt.base = address(input);
    if (what & 0x80) {
        sregs->gdt.base = address(input);
        sregs->gdt.limit = (uint16_t)fuzz_take(input, 2);
        sregs->tr.base = address(input);
        sregs->cr4 = fuzz_take(input, 4);
    }
}

static void change_memory(struct fuzz_input *input, struct rs_machine *machine)
{
    for (unsigned i = fuzz_below(input, 4); i > 0; i--) {
        uint64_t value = fuzz_take(input, 8);

        /* The tables of the fake guest lie below 80 KiB. */
        (void)rs_memory_write(&machine->vm.memory, fuzz_take(input, 3) % 0x14000, &value, 8);
    }
}

static void fabricate(struct fuzz_input *input, struct rs_cpu *cpu)
{
    static const uint32_t reasons[] = {KVM_EXIT_IO, KVM_EXIT_MMIO, KVM_EXIT_INTERNAL_ERROR,
                                       KVM_EXIT_X86_RDMSR, KVM_EXIT_X86_WRMSR};
    struct kvm_run *run = cpu->vcpu.run;
    uint8_t *data = (uint8_t *)&run->io; /* the union */
    unsigned choice = fuzz_below(input, 8);

    run->exit_reason = choice < 5 ? reasons[choice] : (uint32_t)fuzz_take(input, choice - 4);
    for (unsigned i = 0; i < 32; i++)
        data[i] = (uint8_t)fuzz_take(input, 1);
    if (choice == 2) /* what KVM says for a fetch without memory */
        run->internal.suberror = fuzz_below(input, 4);
    if (choice == 0 && fuzz_below(input, 4)) {
        run->io.data_offset = cpu->vcpu.run_size - fuzz_below(input, 64);
        run->io.count = fuzz_below(input, 40);
    }
}

static void drain(struct rs_cpu *cpu)
{
    const struct rs_record *record;

    while ((record = rs_stream_peek(&cpu->stream))) {
        FUZZ_CHECK(record->type == RS_RECORD_EVENT || record->size <= RS_CONSOLE_RECORD_MAX);
        rs_stream_consume(&cpu->stream);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, data + size};
    static struct rs_filter filter;
    struct rs_hooks_config config = {.filter = &filter, .check = true, .string_size = 32};
    struct rs_machine *machine;
    struct rs_cpu *cpu;

    rs_filter_init(&filter);
    config.marks = fuzz_below(&input, 2);
    config.needs = (uint32_t)fuzz_take(&input, 1);
    config.two_roots = fuzz_below(&input, 2);
    machine = fake_guest_with(1, &config);
    cpu = &machine->cpus[0];
    for (unsigned i = 0; i < EXITS_MAX && input.next < input.end; i++) {
        enum rs_exit_action action;

        change_memory(&input, machine);
        change_registers(&input, cpu);
        fabricate(&input, cpu);
        rs_hooks_resume(&cpu->hooks, i);
        action = rs_exit_handle(cpu);
        drain(cpu);
        if (action == RS_EXIT_STOP) {
            FUZZ_CHECK(machine->stop.kind != RS_STOP_NONE);
            FUZZ_CHECK(memchr(machine->stop.message, '\0', sizeof(machine->stop.message)));
            break;
        }
    }
    fake_guest_free(machine);
    return 0;
}
