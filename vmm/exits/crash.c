/* SPDX-License-Identifier: MIT
 * Telling why a guest cannot go on: reason, registers, the instruction. */
#include "exits.h"

#include "decode/disassemble.h"

#include <inttypes.h>
#include <ringscope/x86/cpu.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum rs_exit_action rs_exit_crash(struct rs_cpu *cpu, const char *format, ...)
{
    const struct kvm_regs *regs = rs_vcpu_regs(&cpu->vcpu);
    const struct kvm_sregs *sregs = rs_vcpu_sregs(&cpu->vcpu);
    char reason[160], text[96] = "no memory there";
    uint8_t bytes[RS_INSN_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason, sizeof(reason), format, arguments);
    va_end(arguments);
    /* The bytes before the end of a page are enough when the next page is not mapped. */
    for (size_t size = sizeof(bytes); size > 0; size--) {
        if (rs_memory_read_virtual(&cpu->machine->vm.memory, sregs->cr3, regs->rip, bytes, size) ==
            0) {
            rs_insn_format(bytes, size, regs->rip, text, sizeof(text));
            break;
        }
    }
    rs_cpu_set_stop(cpu, RS_STOP_CRASH, 0,
                    "%s: rip %#" PRIx64 " (%s) cpl %u rsp %#" PRIx64 " rflags %#" PRIx64
                    " cr2 %#" PRIx64 " cr3 %#" PRIx64,
                    reason, (uint64_t)regs->rip, text, sregs->ss.dpl, (uint64_t)regs->rsp,
                    (uint64_t)regs->rflags, (uint64_t)sregs->cr2, (uint64_t)sregs->cr3);
    return RS_EXIT_STOP;
}
