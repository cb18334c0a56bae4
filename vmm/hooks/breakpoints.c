/* SPDX-License-Identifier: MIT
 * Hooks by debug registers of the VMM's: nothing in the guest's memory or registers changes. */
#include "internal.h"
#include "kvm/events.h"

#include <ringscope/x86/cpu.h>

/*
 * KVM_GUESTDBG_USE_HW_BP puts these in place of the guest's own debug registers, and brings every
 * #DB here. So they are for a guest that uses neither: DR7.GD has its first MOV DR leave, and then,
 * or at a #DB of its own, the places get gate and site for good.
 */
static bool has(const struct rs_hook_set *set, enum rs_hook_place place)
{
    return rs_hook_kind_of(&set->config.kinds, place) == RS_HOOK_BREAKPOINT;
}

bool rs_breakpoints_have_syscall(const struct rs_hook_set *set)
{
    return has(set, RS_PLACE_SYSCALL);
}

bool rs_breakpoints_have_return(const struct rs_hook_set *set, size_t site)
{
    return has(set, RS_PLACE_RETURNS) && site < RS_BREAKPOINT_RETURNS;
}

int rs_breakpoints_put(struct rs_hooks *hooks)
{
    const struct rs_hook_set *set = hooks->set;
    uint64_t gvas[RS_BREAKPOINTS_MAX];
    unsigned count = 0;

    if (has(set, RS_PLACE_SYSCALL) && set->lstar_wanted && hooks->lstar != 0)
        gvas[count++] = hooks->lstar;
    if (set->returns_wanted)
        for (size_t i = 0; i < set->site_count && rs_breakpoints_have_return(set, i); i++)
            gvas[count++] = set->sites[i].gva;
    return rs_vcpu_set_hw_breakpoints(hooks->vcpu, gvas, count, true);
}

/* The guest's own #DB, or its MOV DR: gates and sites from now on. What it was about to see, it
 * sees: a MOV DR and an INT1 are executed again, a trap is delivered with the DR6 that it has. */
static enum rs_fetch give_up(struct rs_hooks *hooks, uint64_t dr6)
{
    struct rs_hook_set *set = hooks->set;
    bool syscall = has(set, RS_PLACE_SYSCALL);
    bool sites_armed = atomic_load_explicit(&set->sites_armed, memory_order_relaxed);

    rs_sites_put(set, false);
    for (unsigned i = 0; i < RS_PLACE_COUNT; i++)
        if (has(set, (enum rs_hook_place)i))
            set->config.kinds.of[i] = RS_HOOK_GATE;
    rs_sites_put(set, sites_armed);
    if (rs_vcpu_set_guest_debug(hooks->vcpu, 0) != 0 ||
        (syscall && set->lstar_wanted && hooks->lstar != 0 && rs_gates_arm_lstar(hooks) != 0) ||
        ((dr6 & DR6_BS) && rs_vcpu_debug_trap(hooks->vcpu, DR6_BS) != 0))
        return RS_FETCH_OTHER;
    return RS_FETCH_HANDLED;
}

/* The instruction is executed now, at its own address: SDM Vol. 3B, "Instruction-Breakpoint
 * Exception Condition". */
static void resume(struct rs_hooks *hooks, uint64_t rip)
{
    struct kvm_regs *regs = rs_vcpu_regs(hooks->vcpu);

    if (regs->rip == rip)
        regs->rflags |= RFLAGS_RF;
    rs_vcpu_regs_dirty(hooks->vcpu);
}

enum rs_fetch rs_breakpoints_exit(struct rs_hooks *hooks)
{
    uint64_t dr6 = hooks->vcpu->run->debug.arch.dr6;
    struct kvm_regs *regs = rs_vcpu_regs(hooks->vcpu);
    uint64_t rip = regs->rip;
    enum rs_fetch result;

    if (!(dr6 & (DR6_B0 | DR6_B1 | DR6_B2 | DR6_B3)))
        return give_up(hooks, dr6);
    regs->rflags &= ~RFLAGS_RF; /* as the fault has it, not the transition before it */
    if (has(hooks->set, RS_PLACE_SYSCALL) && rip == hooks->lstar)
        result = rs_gates_syscall_fetch(hooks);
    else
        result = rs_sites_return(hooks, rip) ? RS_FETCH_HANDLED : RS_FETCH_FAILED;
    resume(hooks, rip);
    return result;
}
