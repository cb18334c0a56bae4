/* SPDX-License-Identifier: MIT
 * Telling why a guest cannot go on: reason, registers, the instruction. */
#include "exits.h"

#include "decode/disassemble.h"

#include <inttypes.h>
#include <ringscope/x86/cpu.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Outside 64-bit mode: the bytes alone. Without paging, where they are is plain. */
static void show_bytes(struct rs_cpu *cpu, char *text, size_t size)
{
    const struct kvm_sregs *sregs = rs_vcpu_sregs(&cpu->vcpu);
    uint64_t gpa = sregs->cs.base + rs_vcpu_regs(&cpu->vcpu)->rip;
    uint8_t byte;
    size_t used = 0;

    if (sregs->cr0 & CR0_PG) {
        snprintf(text, size, "not in 64-bit mode");
        return;
    }
    for (unsigned i = 0; i < RS_INSN_MAX && used + 4 < size; i++) {
        if (rs_memory_read(&cpu->machine->vm.memory, gpa + i, &byte, 1) != 0)
            return;
        used += (size_t)snprintf(text + used, size - used, "%s%02x", i ? " " : "", byte);
    }
}

static void show_instruction(struct rs_cpu *cpu, char *text, size_t size)
{
    const struct kvm_sregs *sregs = rs_vcpu_sregs(&cpu->vcpu);
    uint64_t rip = rs_vcpu_regs(&cpu->vcpu)->rip;
    uint8_t bytes[RS_INSN_MAX];

    if (!sregs->cs.l) {
        show_bytes(cpu, text, size);
        return;
    }
    /* The bytes before the end of a page are enough when the next page is not mapped. */
    for (size_t length = sizeof(bytes); length > 0; length--) {
        if (rs_memory_read_virtual(&cpu->machine->vm.memory, sregs->cr3, rip, bytes, length) == 0) {
            rs_insn_format(bytes, length, rip, text, size);
            return;
        }
    }
}

enum rs_exit_action rs_exit_unexplained(struct rs_cpu *cpu)
{
    return rs_exit_crash(cpu, "a fetch from the gate window that no transition explains");
}

enum rs_exit_action rs_exit_crash(struct rs_cpu *cpu, const char *format, ...)
{
    const struct kvm_regs *regs = rs_vcpu_regs(&cpu->vcpu);
    const struct kvm_sregs *sregs = rs_vcpu_sregs(&cpu->vcpu);
    char reason[160], vcpu[16] = "", text[96] = "no memory there";
    va_list arguments;

    rs_vcpu_fetch(&cpu->vcpu);
    va_start(arguments, format);
    vsnprintf(reason, sizeof(reason), format, arguments);
    va_end(arguments);
    show_instruction(cpu, text, sizeof(text));
    if (cpu->machine->cpu_count > 1)
        snprintf(vcpu, sizeof(vcpu), "vCPU %u, ", cpu->vcpu.index);
    rs_cpu_set_stop(cpu, RS_STOP_CRASH, 0,
                    "%s%s: rip %#" PRIx64 " (%s) cpl %u rsp %#" PRIx64 " rflags %#" PRIx64
                    " cr2 %#" PRIx64 " cr3 %#" PRIx64,
                    vcpu, reason, (uint64_t)regs->rip, text, sregs->ss.dpl, (uint64_t)regs->rsp,
                    (uint64_t)regs->rflags, (uint64_t)sregs->cr2, (uint64_t)sregs->cr3);
    return RS_EXIT_STOP;
}
