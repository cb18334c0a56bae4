/* SPDX-License-Identifier: MIT
 * A case in the doctor's little machine: all of it is set each time, so that a case does not depend
 * on those before it. */
#include "internal.h"
#include "kvm/events.h"

#include <ringscope/x86/msr.h>
#include <string.h>

static const struct {
    uint64_t gva, size;
} areas[] = {
    {PROBE_GDT, PROBE_DONE - PROBE_GDT}, /* to the end of the code */
    {PROBE_DONE + PAGE_SIZE, PROBE_NOT_PRESENT - PROBE_DONE - PAGE_SIZE},
    {FUZZ_EDGE_BEHIND, PAGE_SIZE},
    {FUZZ_LDT, PAGE_SIZE},
};

static int put_memory(struct rs_probe *probe, const struct rs_fuzz_case *one)
{
    for (unsigned i = 0; i < sizeof(areas) / sizeof(areas[0]); i++)
        if (rs_memory_write(&probe->vm.memory, areas[i].gva, one->memory + areas[i].gva,
                            areas[i].size) != 0)
            return -1;
    return 0;
}

static struct kvm_segment kvm_segment(const struct rs_segment *from)
{
    return (struct kvm_segment){
        .base = from->base,
        .limit = from->limit,
        .selector = from->selector,
        .type = from->type,
        .present = from->p,
        .dpl = from->dpl,
        .db = from->db,
        .s = from->s,
        .l = from->l,
        .g = from->g,
        .unusable = from->unusable,
    };
}

static void put_system(struct rs_probe *probe, const struct rs_fuzz_case *one)
{
    const struct rs_cpu_state *state = &one->before;
    struct kvm_sregs *sregs = rs_vcpu_sregs(&probe->vcpu);

    *sregs = probe->sregs;
    rs_tables_segment(probe, KGDT64_R3_DATA | RPL_MASK, &sregs->ds);
    sregs->es = sregs->fs = sregs->gs = sregs->ds;
    sregs->tr = kvm_segment(&state->tr);
    sregs->ldt = (struct kvm_segment){.unusable = 1};
    if (state->ldt_base)
        sregs->ldt = (struct kvm_segment){.base = state->ldt_base,
                                          .limit = state->ldt_limit,
                                          .selector = KGDT64_R3_CMTEB,
                                          .type = DESC_TYPE_LDT,
                                          .present = 1};
    sregs->gdt = (struct kvm_dtable){.base = state->gdt.base, .limit = state->gdt.limit};
    sregs->idt = (struct kvm_dtable){.base = state->idt.base, .limit = state->idt.limit};
    sregs->cr0 = state->cr0;
    sregs->cr2 = state->cr2;
    sregs->cr4 = state->cr4;
    sregs->efer = state->efer;
    memset(sregs->interrupt_bitmap, 0, sizeof(sregs->interrupt_bitmap));
    if (one->event == RS_FUZZ_INTERRUPT)
        sregs->interrupt_bitmap[one->vector / 64] |= UINT64_C(1) << one->vector % 64;
    rs_vcpu_sregs_dirty(&probe->vcpu);
}

static bool put_msrs(struct rs_probe *probe, const struct rs_cpu_state *state)
{
    const struct {
        uint32_t index;
        uint64_t value;
    } msrs[] = {
        {MSR_STAR, state->star},
        {MSR_LSTAR, state->lstar},
        {MSR_CSTAR, state->cstar},
        {MSR_FMASK, state->fmask},
    };

    for (unsigned i = 0; i < sizeof(msrs) / sizeof(msrs[0]); i++)
        if (rs_vcpu_set_msr(&probe->vcpu, msrs[i].index, msrs[i].value) != 0)
            return false;
    return true;
}

/* The registers must be in the vCPU before an exception is: putting them there drops it. */
static bool put_event(struct rs_probe *probe, const struct rs_fuzz_case *one)
{
    switch (one->event) {
    case RS_FUZZ_NMI:
        return rs_vcpu_nmi(&probe->vcpu) == 0;
    case RS_FUZZ_INJECTED:
        rs_probe_settle(probe);
        return rs_vcpu_inject_exception(&probe->vcpu, one->vector, one->has_error_code,
                                        one->error_code) == 0;
    default:
        return true;
    }
}

bool rs_fuzz_run_case(struct rs_probe *probe, const struct rs_fuzz_case *one,
                      struct rs_observation *seen)
{
    if (put_memory(probe, one) != 0)
        return false;
    put_system(probe, one);
    rs_vcpu_put_state(&probe->vcpu, &one->before, true);
    probe->before = one->before;
    if (rs_vcpu_clear_events(&probe->vcpu) != 0 || !put_msrs(probe, &one->before) ||
        !put_event(probe, one))
        return false;
    rs_probe_run(probe, seen);
    if (seen->end == RS_END_IO || seen->end == RS_END_MMIO)
        rs_probe_settle(probe);
    return true;
}
