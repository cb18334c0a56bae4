/* SPDX-License-Identifier: MIT
 * Claims: the ways in which KVM lets a VMM see what the guest does. */
#include "hook_probes.h"

#include "hooks/kinds.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/msr.h>
#include <ringscope/x86/vectors.h>

#define RING0 .setup.from = RS_FROM_RING0
#define NOP_NOP RS_CODE("\x90\x90")
#define ENABLES(name, in) .enables = {.rings = (in), .kind = RS_HOOK_##name}
#define RING_0 (1u << RS_HOOK_RING0)
#define RING_3 (1u << RS_HOOK_RING3)
#define FILTER "KVM API, \"KVM_X86_SET_MSR_FILTER\""
#define FAILURE "KVM API, \"KVM_CAP_EXIT_ON_EMULATION_FAILURE\""
#define EXIT_IO "KVM API, \"The kvm_run structure\", KVM_EXIT_IO"
#define EXIT_MMIO "KVM API, \"The kvm_run structure\", KVM_EXIT_MMIO"
#define DEBUG "KVM API, \"KVM_SET_GUEST_DEBUG\""

static const struct rs_claim claims[] = {
    {
        .id = "hook.msr.write",
        .text = "MSR hook: WRMSR leaves the guest with the value",
        .reference = FILTER,
        .probe = rs_hook_wrmsr,
        .code = RS_CODE("\x0f\x30"),
        .setup = {.from = RS_FROM_RING0, .gprs = {RS_GPR(RCX, MSR_STAR)}},
    },
    {
        .id = "hook.msr.read",
        .text = "MSR hook: RDMSR reads what the VMM answers",
        .reference = FILTER,
        .probe = rs_hook_rdmsr,
        .code = RS_CODE("\x0f\x32"),
        .setup = {.from = RS_FROM_RING0, .gprs = {RS_GPR(RCX, MSR_LSTAR)}},
    },
    {
        .id = "hook.gate.ring0",
        .text = "gate hook: a fetch in ring 0 leaves the guest, registers untouched",
        .reference = FAILURE,
        .probe = rs_hook_gate,
        .code = RS_CODE("\x90"),
        RING0,
    },
    {
        .id = "hook.gate.ring3",
        .text = "gate hook: a fetch in ring 3 leaves the guest, registers untouched",
        .reference = FAILURE,
        .probe = rs_hook_gate,
        .code = RS_CODE("\x90"),
    },
    {
        .id = "hook.site",
        .text = "site hook: OUT leaves the guest, and the VMM sends it elsewhere",
        .reference = EXIT_IO,
        .probe = rs_hook_site,
        .code = RS_CODE("\xe6\x9a"),
        RING0,
    },
    {
        .id = "hook.mmio.ring0",
        .text = "a write without memory in ring 0 leaves the guest with the value",
        .reference = EXIT_MMIO,
        .probe = rs_hook_mmio,
        .code = RS_CODE("\x48\x89\x03"), /* mov [rbx], rax */
        .setup = {.from = RS_FROM_RING0, .gprs = {RS_GPR(RBX, PROBE_MMIO)}},
    },
    {
        .id = "hook.mmio.ring3",
        .text = "a write without memory in ring 3 leaves the guest with the value",
        .reference = EXIT_MMIO,
        .probe = rs_hook_mmio,
        .code = RS_CODE("\x48\x89\x03"),
        .setup = {.gprs = {RS_GPR(RBX, PROBE_MMIO)}},
    },
    {
        .id = "hook.int3.ring0",
        ENABLES(INT3, RING_0),
        .text = "KVM_GUESTDBG_USE_SW_BP: INT3 in ring 0 leaves the guest",
        .reference = DEBUG,
        .probe = rs_hook_software_breakpoint,
        .code = RS_CODE("\xcc"),
        RING0,
    },
    {
        .id = "hook.int3.ring3",
        ENABLES(INT3, RING_0 | RING_3),
        .text = "KVM_GUESTDBG_USE_SW_BP: INT3 in ring 3 leaves the guest",
        .reference = DEBUG,
        .probe = rs_hook_software_breakpoint,
        .code = RS_CODE("\xcc"),
        .setup = {.gate = {.vector = RS_VECTOR_BP, .dpl = 3}},
    },
    {
        .id = "hook.int3.back.ring0",
        ENABLES(INT3, RING_0 | RING_3),
        .text = "KVM_GUESTDBG_INJECT_BP: an INT3 of ring 0 is given back as #BP, RIP after it",
        .reference = DEBUG,
        .probe = rs_hook_give_back,
        .code = RS_CODE("\xcc"),
        RING0,
    },
    {
        .id = "hook.int3.back.ring3",
        ENABLES(INT3, RING_0 | RING_3),
        .text = "KVM_GUESTDBG_INJECT_BP: an INT3 of ring 3 is given back as #BP, RIP after it",
        .reference = DEBUG,
        .probe = rs_hook_give_back,
        .code = RS_CODE("\xcc"),
        .setup = {.gate = {.vector = RS_VECTOR_BP, .dpl = 3}},
    },
    {
        .id = "hook.int3.back.dpl0",
        ENABLES(INT3, RING_0 | RING_3),
        .text = "KVM_GUESTDBG_INJECT_BP: on a gate of DPL 0 that INT3 raises #GP(8n+2)",
        .reference = DEBUG,
        .probe = rs_hook_give_back,
        .code = RS_CODE("\xcc"),
    },
    {
        .id = "hook.breakpoint.ring0",
        ENABLES(BREAKPOINT, RING_0),
        .text = "KVM_GUESTDBG_USE_HW_BP: a breakpoint in ring 0 leaves the guest",
        .reference = DEBUG,
        .probe = rs_hook_hardware_breakpoint,
        .code = NOP_NOP,
        RING0,
    },
    {
        .id = "hook.breakpoint.ring3",
        .text = "KVM_GUESTDBG_USE_HW_BP: a breakpoint in ring 3 leaves the guest",
        .reference = DEBUG,
        .probe = rs_hook_hardware_breakpoint,
        .code = NOP_NOP,
    },
    {
        .id = "hook.breakpoint.resume",
        ENABLES(BREAKPOINT, RING_0),
        .text = "with RFLAGS.RF the instruction at a breakpoint of the VMM's is executed",
        .reference = "SDM Vol. 3B, \"Instruction-Breakpoint Exception Condition\"",
        .probe = rs_hook_resume_breakpoint,
        .code = NOP_NOP,
        RING0,
    },
    {
        .id = "hook.breakpoint.guard",
        ENABLES(BREAKPOINT, RING_0),
        .text = "DR7.GD of the VMM's: a MOV DR of the guest leaves it",
        .reference = "SDM Vol. 3B, \"General-Detect Exception Condition\"",
        .probe = rs_hook_guard,
        .code = RS_CODE("\x0f\x21\xf8"), /* mov rax, dr7 */
        RING0,
    },
    {
        .id = "hook.step.ring0",
        .text = "KVM_GUESTDBG_SINGLESTEP leaves the guest after one instruction of ring 0",
        .reference = DEBUG,
        .probe = rs_hook_single_step,
        .code = NOP_NOP,
        RING0,
    },
    {
        .id = "hook.step.ring3",
        .text = "KVM_GUESTDBG_SINGLESTEP leaves the guest after one instruction of ring 3",
        .reference = DEBUG,
        .probe = rs_hook_single_step,
        .code = NOP_NOP,
    },
};

const struct rs_group rs_group_hooks = {
    .name = "hooks",
    .title = "Hooks",
    .claims = claims,
    .count = sizeof(claims) / sizeof(claims[0]),
};
