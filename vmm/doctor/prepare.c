/* SPDX-License-Identifier: MIT
 * The known state that every instruction of the doctor starts from. */
#include "probe.h"

#include "kvm/events.h"

#include <errno.h>
#include <ringscope/x86/cpu.h>
#include <ringscope/x86/msr.h>
#include <string.h>

/* Bytes in the general registers that no address and no count has, so that a wrong one shows. RBX
 * and RDI point at memory that may be written, R15 is 0. */
static void usual_registers(struct kvm_regs *regs)
{
    *regs = (struct kvm_regs){
        .rax = 0xa0a0a0a0,
        .rbx = PROBE_DATA,
        .rcx = 0xc1c1c1c1,
        .rdx = 0xd2d2d2d2,
        .rsi = 0x51515151,
        .rdi = PROBE_DATA + PAGE_SIZE / 2,
        .rbp = 0xb9b9b9b9,
        .r8 = 0x0808080808,
        .r9 = 0x0909090909,
        .r10 = 0x1010101010,
        .r11 = 0x1111111111,
        .r12 = 0x1212121212,
        .r13 = 0x1313131313,
        .r14 = 0x1414141414,
    };
}

static void set_gpr(struct kvm_regs *regs, const struct rs_preset *preset)
{
    __u64 *const fields[RS_REGISTER_COUNT] = {
        &regs->rax, &regs->rcx, &regs->rdx, &regs->rbx, &regs->rsp, &regs->rbp,
        &regs->rsi, &regs->rdi, &regs->r8,  &regs->r9,  &regs->r10, &regs->r11,
        &regs->r12, &regs->r13, &regs->r14, &regs->r15,
    };

    if (preset->set)
        *fields[preset->gpr] = preset->value;
}

static void prepare_registers(struct rs_probe *probe, const struct rs_setup *setup, uint64_t rip)
{
    struct kvm_regs *regs = rs_vcpu_regs(&probe->vcpu);

    usual_registers(regs);
    regs->rip = rip;
    /* Not multiples of 16: delivery has to align. */
    regs->rsp = setup->from == RS_FROM_RING3 || setup->from == RS_FROM_COMPAT ? PROBE_STACK3 - 0x38
                                                                              : PROBE_STACK0 - 0x48;
    regs->rflags = RFLAGS_FIXED | RFLAGS_IF | RFLAGS_ZF | RFLAGS_CF | setup->rflags;
    regs->rflags &= ~setup->rflags_clear;
    for (unsigned i = 0; i < sizeof(setup->gprs) / sizeof(setup->gprs[0]); i++)
        set_gpr(regs, &setup->gprs[i]);
    rs_vcpu_regs_dirty(&probe->vcpu);
}

static void prepare_segments(struct rs_probe *probe, const struct rs_setup *setup)
{
    static const struct {
        uint16_t cs, ss;
    } selectors[] = {
        [RS_FROM_RING3] = {KGDT64_R3_CODE | RPL_MASK, KGDT64_R3_DATA | RPL_MASK},
        [RS_FROM_RING0] = {KGDT64_R0_CODE, KGDT64_R0_DATA},
        [RS_FROM_COMPAT] = {KGDT64_R3_CMCODE | RPL_MASK, KGDT64_R3_DATA | RPL_MASK},
        [RS_FROM_RING1] = {PROBE_SEL_R1_CODE | 1, PROBE_SEL_R1_DATA | 1},
        [RS_FROM_RING2] = {PROBE_SEL_R2_CODE | 2, PROBE_SEL_R2_DATA | 2},
    };
    struct kvm_sregs *sregs = rs_vcpu_sregs(&probe->vcpu);

    rs_tables_segment(probe, selectors[setup->from].cs, &sregs->cs);
    rs_tables_segment(probe, selectors[setup->from].ss, &sregs->ss);
    rs_tables_segment(probe, KGDT64_R3_DATA | RPL_MASK, &sregs->ds);
    sregs->es = sregs->fs = sregs->gs = sregs->ds;
    sregs->gs.base = PROBE_GS_BASE;
    rs_tables_segment(probe, KGDT64_SYS_TSS, &sregs->tr);
    if (setup->tr_limit)
        sregs->tr.limit = setup->tr_limit;
    sregs->ldt = (struct kvm_segment){.unusable = 1};
    if (setup->ldt)
        sregs->ldt = (struct kvm_segment){.base = PROBE_GDT,
                                          .limit = PROBE_GDT_SIZE - 1,
                                          .selector = KGDT64_R3_CMTEB,
                                          .type = DESC_TYPE_LDT,
                                          .present = 1};
}

static void prepare_system(struct rs_probe *probe, const struct rs_setup *setup)
{
    struct kvm_sregs *sregs = rs_vcpu_sregs(&probe->vcpu);

    *sregs = probe->sregs;
    prepare_segments(probe, setup);
    sregs->gdt = (struct kvm_dtable){.base = PROBE_GDT, .limit = PROBE_GDT_SIZE - 1};
    if (setup->gdt_limit)
        sregs->gdt.limit = setup->gdt_limit;
    sregs->idt = (struct kvm_dtable){.base = PROBE_IDT, .limit = sizeof(probe->idt) - 1};
    if (setup->idt_limit)
        sregs->idt.limit = setup->idt_limit;
    sregs->cr0 |= setup->cr0;
    sregs->cr2 = 0;
    sregs->cr4 |= setup->cr4;
    sregs->efer |= setup->no_sce ? 0 : EFER_SCE;
    memset(sregs->interrupt_bitmap, 0, sizeof(sregs->interrupt_bitmap));
    rs_vcpu_sregs_dirty(&probe->vcpu);
}

static const struct {
    uint32_t index;
    uint64_t value;
} usual_msrs[] = {
    {MSR_LSTAR, PROBE_LSTAR},
    {MSR_KERNEL_GS_BASE, PROBE_KERNEL_GS_BASE},
    {MSR_SYSENTER_CS, KGDT64_R0_CODE},
    {MSR_SYSENTER_EIP, PROBE_SYSENTER},
    {MSR_SYSENTER_ESP, PROBE_SYSENTER_STACK},
};

static int prepare_msrs(struct rs_probe *probe)
{
    for (unsigned i = 0; i < sizeof(usual_msrs) / sizeof(usual_msrs[0]); i++)
        if (rs_vcpu_set_msr(&probe->vcpu, usual_msrs[i].index, usual_msrs[i].value) != 0)
            return -EINVAL;
    return rs_vcpu_set_msr(&probe->vcpu, MSR_STAR, probe->before.star) == 0 &&
                   rs_vcpu_set_msr(&probe->vcpu, MSR_FMASK, probe->before.fmask) == 0 &&
                   rs_vcpu_set_msr(&probe->vcpu, MSR_CSTAR, probe->before.cstar) == 0
               ? 0
               : -EINVAL;
}

static void fill_before(struct rs_probe *probe, const struct rs_setup *setup)
{
    probe->before = (struct rs_cpu_state){.star = setup->star ? setup->star : PROBE_STAR,
                                          .lstar = PROBE_LSTAR,
                                          .cstar = setup->cstar ? setup->cstar : PROBE_CSTAR,
                                          .fmask = PROBE_FMASK & ~setup->fmask_clear};
    rs_vcpu_get_state(&probe->vcpu, &probe->before);
}

int rs_probe_prepare(struct rs_probe *probe, const struct rs_setup *setup,
                     const struct rs_code *code)
{
    const struct rs_memory *memory = &probe->vm.memory;
    uint64_t rip = PROBE_CODE + PAGE_SIZE - code->size;
    int result;

    prepare_system(probe, setup);
    prepare_registers(probe, setup, rip);
    fill_before(probe, setup);
    if (rs_tables_write(probe, setup) != 0 ||
        rs_memory_write(memory, rip, code->bytes, code->size) != 0 ||
        (setup->stack[0] && rs_memory_write(memory, probe->before.gpr[RS_RSP], setup->stack,
                                            sizeof(setup->stack)) != 0))
        return -EFAULT;
    result = prepare_msrs(probe);
    if (result == 0 && setup->xcr0)
        result = rs_vcpu_set_xcr0(&probe->vcpu, setup->xcr0);
    if (result == 0 && !setup->keeps_debug)
        result = rs_vcpu_reset_debug_registers(&probe->vcpu);
    return result != 0 ? result : rs_vcpu_clear_events(&probe->vcpu);
}
