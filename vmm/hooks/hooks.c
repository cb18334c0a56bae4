/* SPDX-License-Identifier: MIT
 * Hooks: what is armed when. */
#include "hooks.h"

#include "internal.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/msr.h>
#include <string.h>

static void want(struct rs_hooks *hooks)
{
    const struct rs_filter *filter = hooks->muted ? NULL : hooks->config.filter;
    uint32_t needs = hooks->config.needs;

    for (unsigned vector = 0; vector < RS_VECTOR_COUNT; vector++)
        hooks->vector_wanted[vector] = filter && (rs_filter_vector(filter, (uint8_t)vector) ||
                                                  rs_filter_interrupt(filter, (uint8_t)vector));
    if (needs & RS_NEED_INT_N_UD)
        hooks->vector_wanted[RS_VECTOR_UD] = true;
    if (needs & RS_NEED_INT_N_GP)
        hooks->vector_wanted[RS_VECTOR_GP] = true;
    hooks->lstar_wanted =
        (filter && rs_filter_any_service(filter)) || (needs & RS_NEED_SYSCALL) != 0;
}

/* What the filter names, and the registers that steer SYSCALL: they tell where the handler is, and
 * that descriptor tables are in place. */
int rs_hooks_filter_msrs(const struct rs_hooks_config *config, struct rs_vm *vm,
                         struct rs_error *error)
{
    struct rs_msr_range ranges[RS_FILTER_MSR_RANGES_MAX + 1] = {{MSR_EFER, MSR_FMASK, true, true}};
    const struct rs_filter *filter = config->filter;
    unsigned count = 1;

    if (!filter && !config->needs)
        return 0;
    for (unsigned i = 0; filter && i < filter->hooked.msr_range_count; i++)
        ranges[count++] = (struct rs_msr_range){filter->hooked.msr_ranges[i].first,
                                                filter->hooked.msr_ranges[i].last, true, true};
    return rs_vm_set_msr_filter(vm, ranges, count, error);
}

int rs_hooks_init(struct rs_hooks *hooks, const struct rs_hooks_config *config, struct rs_vm *vm,
                  struct rs_vcpu *vcpu, struct rs_stream *stream, const struct rs_blob *kernel,
                  struct rs_error *error)
{
    memset(hooks, 0, sizeof(*hooks));
    hooks->vm = vm;
    hooks->vcpu = vcpu;
    hooks->stream = stream;
    hooks->config = *config;
    hooks->vendor = vcpu->vendor;
    hooks->site_lifted = -1;
    hooks->exit_number = 1;
    hooks->active = config->filter || config->needs;
    hooks->spans.copies = config->two_roots;
    hooks->marks.wanted = config->marks && config->filter;
    if (!hooks->active)
        return 0;
    want(hooks);
    rs_arguments_init();
    return (config->filter || config->two_roots) && kernel->bytes
               ? rs_sites_find(hooks, kernel, error)
               : 0;
}

void rs_hooks_arm(struct rs_hooks *hooks, bool armed)
{
    if (!hooks->active || hooks->muted == !armed)
        return;
    rs_marks_put(hooks, armed ? RS_EVENT_ARM : RS_EVENT_DISARM, 0, 0);
    hooks->muted = !armed;
    hooks->exit_number++;
    hooks->spans.count = 0;
    hooks->has_returned = false;
    rs_sites_arm(hooks, false);
    want(hooks);
    rs_gates_rearm(hooks);
}

void rs_hooks_free(struct rs_hooks *hooks)
{
    hooks->active = false; /* everything lives in the structure and in the VM */
}

/* Gates must be reachable when ring 3 is left for the first time. Where it runs with a root of its
 * own nothing has exited with that root so far, unless the return that leads there does. The roots
 * that the kernel makes later are copies. */
static void reach_ring3_root(struct rs_hooks *hooks)
{
    if (hooks->config.two_roots && !hooks->ring3_entered && hooks->window_gva != 0)
        rs_sites_arm(hooks, true);
}

void rs_hooks_sync(struct rs_hooks *hooks)
{
    hooks->exit_number++;
    if (!hooks->active)
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

    if (write_faults(hooks, index, value))
        return -1;
    if (index == MSR_LSTAR && hooks->lstar_wanted) {
        remember(hooks, index, value);
        return rs_gates_arm_lstar(hooks);
    }
    if (rs_vcpu_set_msr(hooks->vcpu, index, value) != 0)
        return -1;
    remember(hooks, index, value);
    if (index != MSR_TSC && rs_vcpu_get_msr(hooks->vcpu, index, &seen) == 0 && seen != value &&
        index != MSR_EFER) /* LMA is the processor's, whatever is written */
        found(hooks, event, value, seen);
    return 0;
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

enum rs_fetch rs_hooks_fetch(struct rs_hooks *hooks)
{
    enum rs_window_page page;
    unsigned slot;

    if (!rs_window_contains(hooks, rs_vcpu_regs(hooks->vcpu)->rip, &page, &slot))
        return rs_gates_refused_instruction(hooks);
    if (page == RS_WINDOW_IDT)
        return rs_gates_idt_fetch(hooks, (uint8_t)slot);
    if (page == RS_WINDOW_SYSCALL)
        return rs_gates_syscall_fetch(hooks);
    return RS_FETCH_FAILED;
}
