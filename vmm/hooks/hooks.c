/* SPDX-License-Identifier: MIT
 * Hooks of one vCPU: what is done at each exit, and MSRs. */
#include "internal.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/msr.h>

void rs_hooks_init(struct rs_hooks *hooks, struct rs_hook_set *set, struct rs_vcpu *vcpu,
                   struct rs_stream *stream)
{
    hooks->set = set;
    hooks->vcpu = vcpu;
    hooks->stream = stream;
    hooks->vendor = vcpu->vendor;
    hooks->site_lifted = -1;
    hooks->exit_number = 1;
    hooks->marks.wanted = set->config.marks && set->config.filter;
    set->cpus[set->cpu_count++] = hooks;
}

/* Gates must be reachable when ring 3 is left for the first time. Where it runs with a root of its
 * own nothing has exited with that root so far, unless the return that leads there does. The roots
 * that the kernel makes later are copies. */
static void reach_ring3_root(struct rs_hooks *hooks)
{
    if (hooks->set->config.two_roots && !hooks->ring3_entered && hooks->window_gva != 0)
        rs_sites_arm(hooks, true);
}

/* Gates and the window are those of 64-bit mode with four levels of page tables. A guest that has
 * them and gives them up gets its IDT back: its gates would lead nowhere. */
static bool can_hook(struct rs_hooks *hooks)
{
    const struct kvm_sregs *sregs = rs_vcpu_sregs(hooks->vcpu);
    bool paged = (sregs->efer & EFER_LMA) && (sregs->cr0 & CR0_PG);

    if (!hooks->set->config.foreign || (paged && !(sregs->cr4 & CR4_LA57)))
        return true;
    if (paged)
        rs_hooks_cannot(hooks->set, RS_UNHOOKABLE_LA57);
    else if (hooks->idt)
        rs_hooks_cannot(hooks->set, RS_UNHOOKABLE_MODE);
    if (hooks->window_gva != 0)
        rs_gates_release(hooks);
    return false;
}

void rs_hooks_sync_active(struct rs_hooks *hooks)
{
    if (!can_hook(hooks))
        return;
    if (hooks->site_lifted >= 0)
        rs_sites_put_back(hooks);
    rs_gates_sync(hooks);
    reach_ring3_root(hooks);
}

static bool is_canonical_register(uint32_t index)
{
    return index == MSR_LSTAR || index == MSR_CSTAR || index == MSR_SYSENTER_ESP ||
           index == MSR_SYSENTER_EIP || index == MSR_FS_BASE || index == MSR_GS_BASE ||
           index == MSR_KERNEL_GS_BASE;
}

/* KVM_SET_MSRS accepts what a guest's WRMSR must not: SDM Vol. 2D, "WRMSR"; Vol. 4, "IA32_EFER". */
static bool write_faults(struct rs_hooks *hooks, uint32_t index, uint64_t value)
{
    const struct kvm_sregs *sregs = rs_vcpu_sregs(hooks->vcpu);

    if (is_canonical_register(index))
        return !rs_is_canonical(value, sregs->cr4 & CR4_LA57);
    if (index == MSR_EFER)
        return (sregs->cr0 & CR0_PG) && ((value ^ sregs->efer) & EFER_LME);
    return false;
}

static void remember(struct rs_hooks *hooks, uint32_t index, uint64_t value)
{
    hooks->marks.msrs_changed = true;
    switch (index) {
    case MSR_STAR:
        hooks->star = value;
        break;
    case MSR_LSTAR:
        hooks->lstar = value;
        break;
    case MSR_CSTAR:
        hooks->cstar = value;
        break;
    case MSR_FMASK:
        hooks->fmask = value;
        break;
    default:
        break;
    }
}

static void found(struct rs_hooks *hooks, struct rs_event *event, uint64_t expected,
                  uint64_t actual)
{
    event->deviations |= RS_DEVIATION_MSR_VALUE;
    rs_marks_found(&hooks->marks, RS_DEVIATION_BIT_MSR_VALUE, expected, actual);
}

static int write_msr(struct rs_hooks *hooks, uint32_t index, uint64_t value, struct rs_event *event)
{
    uint64_t seen = 0;
    int result;

    if (write_faults(hooks, index, value))
        return 1;
    if (index == MSR_LSTAR && hooks->set->lstar_wanted &&
        !rs_breakpoints_have_syscall(hooks->set)) {
        remember(hooks, index, value);
        result = rs_gates_arm_lstar(hooks);
        if (result <= 0)
            return result;
        hooks->lstar_armed = false; /* nothing can be hooked now: it gets what it wrote */
    }
    result = rs_vcpu_set_msr(hooks->vcpu, index, value);
    if (result != 0)
        return result;
    remember(hooks, index, value);
    if (index == MSR_LSTAR && rs_breakpoints_have_syscall(hooks->set)) {
        result = rs_breakpoints_put(hooks);
        if (result != 0)
            return result;
    }
    if (index == MSR_TSC)
        return 0;
    result = rs_vcpu_get_msr(hooks->vcpu, index, &seen);
    if (result == 0 && seen != value && index != MSR_EFER) /* LMA is the processor's */
        found(hooks, event, value, seen);
    return result < 0 ? result : 0;
}

static int read_msr(struct rs_hooks *hooks, uint32_t index, uint64_t *value)
{
    if (index == MSR_LSTAR && hooks->lstar_armed) {
        *value = hooks->lstar;
        return 0;
    }
    return rs_vcpu_get_msr(hooks->vcpu, index, value);
}

int rs_hooks_msr(struct rs_hooks *hooks, uint32_t index, bool write, uint64_t *value)
{
    const struct kvm_regs *regs = rs_vcpu_regs(hooks->vcpu);
    struct rs_event *event = rs_hooks_event(hooks, write ? RS_EVENT_WRMSR : RS_EVENT_RDMSR);
    int result;

    result = write ? write_msr(hooks, index, *value, event) : read_msr(hooks, index, value);
    event->code = index;
    event->value = *value;
    event->from_rip = regs->rip;
    event->from_rsp = regs->rsp;
    event->from_rflags = regs->rflags;
    event->from_cs = rs_vcpu_sregs(hooks->vcpu)->cs.selector;
    if (result == 0)
        rs_hooks_report(hooks, event);
    return result;
}

int rs_hooks_guest_debug(struct rs_hooks *hooks)
{
    const struct rs_hook_set *set = hooks->set;
    bool hooked = set->active && (!set->muted || set->config.needs);

    if (rs_hook_kinds_have(&set->config.kinds, RS_HOOK_BREAKPOINT))
        return rs_breakpoints_put(hooks);
    if (!rs_hook_kinds_have(&set->config.kinds, RS_HOOK_INT3))
        return 0;
    return rs_vcpu_set_guest_debug(hooks->vcpu,
                                   hooked ? KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP : 0);
}

static enum rs_fetch enter_page(struct rs_hooks *hooks, enum rs_window_page page, unsigned slot)
{
    if (page == RS_WINDOW_IDT)
        return rs_gates_idt_fetch(hooks, (uint8_t)slot);
    if (page == RS_WINDOW_SYSCALL)
        return rs_gates_syscall_fetch(hooks);
    return RS_FETCH_FAILED;
}

enum rs_fetch rs_hooks_fetch(struct rs_hooks *hooks)
{
    enum rs_window_page page;
    unsigned slot;

    return rs_window_contains(hooks, rs_vcpu_regs(hooks->vcpu)->rip, &page, &slot)
               ? enter_page(hooks, page, slot)
               : rs_gates_refused_instruction(hooks);
}

/* RS_FETCH_OTHER: there is no hook of the window at this address. */
static enum rs_fetch enter(struct rs_hooks *hooks, uint64_t rip)
{
    enum rs_window_page page;
    unsigned slot;

    return rs_window_contains(hooks, rip, &page, &slot) ? enter_page(hooks, page, slot)
                                                        : RS_FETCH_OTHER;
}

/* Some hosts report the OUT with RIP at it, others with RIP behind it. */
enum rs_fetch rs_hooks_out(struct rs_hooks *hooks)
{
    uint64_t rip = rs_vcpu_regs(hooks->vcpu)->rip;
    enum rs_fetch entry;

    if (hooks->set->out_in_window) {
        entry = enter(hooks, rip);
        if (entry == RS_FETCH_OTHER)
            entry = enter(hooks, rip - RS_OUT_SIZE);
        if (entry != RS_FETCH_OTHER)
            return entry;
    }
    return rs_sites_return(hooks, rip) ? RS_FETCH_HANDLED : RS_FETCH_OTHER;
}

/* KVM_GUESTDBG_USE_SW_BP takes every INT3. KVM delivers the guest's own as the instruction is: by
 * way of its gate's DPL, with RIP behind it. KVM API, "KVM_SET_GUEST_DEBUG". */
static enum rs_fetch give_back(struct rs_hooks *hooks)
{
    const uint32_t control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP | KVM_GUESTDBG_INJECT_BP;

    return rs_vcpu_set_guest_debug(hooks->vcpu, control) == 0 ? RS_FETCH_HANDLED : RS_FETCH_OTHER;
}

enum rs_fetch rs_hooks_breakpoint(struct rs_hooks *hooks)
{
    uint64_t rip = rs_vcpu_regs(hooks->vcpu)->rip;
    enum rs_fetch entry;

    if (rs_hook_kinds_have(&hooks->set->config.kinds, RS_HOOK_BREAKPOINT) &&
        hooks->vcpu->run->debug.arch.exception == RS_VECTOR_DB)
        return rs_breakpoints_exit(hooks);
    if (!rs_hook_kinds_have(&hooks->set->config.kinds, RS_HOOK_INT3) ||
        hooks->vcpu->run->debug.arch.exception != RS_VECTOR_BP)
        return RS_FETCH_OTHER;
    entry = enter(hooks, rip);
    if (entry != RS_FETCH_OTHER)
        return entry;
    return rs_sites_return(hooks, rip) ? RS_FETCH_HANDLED : give_back(hooks);
}
