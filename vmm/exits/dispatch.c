/* SPDX-License-Identifier: MIT
 * From an exit reason to its handler. */
#include "exits.h"

#include <inttypes.h>
#include <ringscope/x86/cpu.h>

#define RESET_RIP 0xfff0 /* SDM Vol. 3A, "First Instruction Executed" */

static enum rs_exit_action exit_resume(struct rs_cpu *cpu)
{
    (void)cpu;
    return RS_EXIT_RESUME;
}

static enum rs_exit_action exit_hlt(struct rs_cpu *cpu)
{
    return rs_exit_crash(cpu, "the guest halted with nothing to wake it");
}

/* What is left of a shutdown on AMD is not architectural: KVM makes the state of a reset of it. */
static enum rs_exit_action exit_shutdown(struct rs_cpu *cpu)
{
    bool reset;

    rs_vcpu_fetch(&cpu->vcpu);
    reset =
        rs_vcpu_regs(&cpu->vcpu)->rip == RESET_RIP && !(rs_vcpu_sregs(&cpu->vcpu)->cr0 & CR0_PE);

    return rs_exit_crash(cpu, "triple fault: the guest shut down%s",
                         reset ? " (KVM has reset its registers)" : "");
}

static enum rs_exit_action exit_system_event(struct rs_cpu *cpu)
{
    return rs_exit_crash(cpu, "system event %u", cpu->vcpu.run->system_event.type);
}

static enum rs_exit_action exit_fail_entry(struct rs_cpu *cpu)
{
    return rs_exit_crash(cpu, "the host refused to enter the guest, hardware reason %#llx",
                         cpu->vcpu.run->fail_entry.hardware_entry_failure_reason);
}

static enum rs_exit_action exit_unknown(struct rs_cpu *cpu)
{
    return rs_exit_crash(cpu, "unknown exit, hardware reason %#llx",
                         cpu->vcpu.run->hw.hardware_exit_reason);
}

static const struct {
    const char *name;
    enum rs_exit_action (*handle)(struct rs_cpu *cpu);
} handlers[] = {
    [KVM_EXIT_UNKNOWN] = {"UNKNOWN", exit_unknown},
    [KVM_EXIT_IO] = {"IO", rs_exit_io},
    [KVM_EXIT_DEBUG] = {"DEBUG", rs_exit_debug},
    [KVM_EXIT_HLT] = {"HLT", exit_hlt},
    [KVM_EXIT_MMIO] = {"MMIO", rs_exit_mmio},
    [KVM_EXIT_IRQ_WINDOW_OPEN] = {"IRQ_WINDOW_OPEN", exit_resume},
    [KVM_EXIT_SHUTDOWN] = {"SHUTDOWN", exit_shutdown},
    [KVM_EXIT_FAIL_ENTRY] = {"FAIL_ENTRY", exit_fail_entry},
    [KVM_EXIT_INTR] = {"INTR", exit_resume},
    [KVM_EXIT_INTERNAL_ERROR] = {"INTERNAL_ERROR", rs_exit_internal_error},
    [KVM_EXIT_SYSTEM_EVENT] = {"SYSTEM_EVENT", exit_system_event},
    [KVM_EXIT_HYPERV] = {"HYPERV", rs_exit_hyperv},
    [KVM_EXIT_X86_RDMSR] = {"X86_RDMSR", rs_exit_msr},
    [KVM_EXIT_X86_WRMSR] = {"X86_WRMSR", rs_exit_msr},
};

enum rs_exit_action rs_exit_handle(struct rs_cpu *cpu)
{
    uint32_t reason = cpu->vcpu.run->exit_reason;

    if (reason >= sizeof(handlers) / sizeof(handlers[0]) || !handlers[reason].handle)
        return rs_exit_crash(cpu, "exit reason %" PRIu32 " is not one that ringscope asked for",
                             reason);
    rs_hooks_sync(&cpu->hooks);
    return handlers[reason].handle(cpu);
}
