/* SPDX-License-Identifier: MIT
 * Between KVM's registers and the model's state. */
#include "vcpu.h"

static void get_segment(const struct kvm_segment *from, struct rs_segment *to)
{
    *to = (struct rs_segment){
        .base = from->base,
        .limit = from->limit,
        .selector = from->selector,
        .type = from->type,
        .s = from->s,
        .p = from->present,
        .l = from->l,
        .db = from->db,
        .g = from->g,
        .unusable = from->unusable,
        .dpl = from->dpl,
    };
}

static void put_segment(const struct rs_segment *from, struct kvm_segment *to)
{
    *to = (struct kvm_segment){
        .base = from->base,
        .limit = from->limit,
        .selector = from->selector,
        .type = from->type,
        .s = from->s,
        .present = from->p,
        .l = from->l,
        .db = from->db,
        .g = from->g,
        .unusable = from->unusable,
        .dpl = from->dpl,
    };
}

/* The order of enum rs_register is the encoding order, KVM's is another. */
#define EACH_REGISTER(X)                                                                           \
    X(RS_RAX, rax)                                                                                 \
    X(RS_RCX, rcx)                                                                                 \
    X(RS_RDX, rdx)                                                                                 \
    X(RS_RBX, rbx)                                                                                 \
    X(RS_RSP, rsp)                                                                                 \
    X(RS_RBP, rbp)                                                                                 \
    X(RS_RSI, rsi)                                                                                 \
    X(RS_RDI, rdi)                                                                                 \
    X(RS_R8, r8)                                                                                   \
    X(RS_R9, r9)                                                                                   \
    X(RS_R10, r10)                                                                                 \
    X(RS_R11, r11)                                                                                 \
    X(RS_R12, r12)                                                                                 \
    X(RS_R13, r13)                                                                                 \
    X(RS_R14, r14)                                                                                 \
    X(RS_R15, r15)

void rs_vcpu_get_state(struct rs_vcpu *vcpu, struct rs_cpu_state *state)
{
    const struct kvm_regs *regs = rs_vcpu_regs(vcpu);
    const struct kvm_sregs *sregs = rs_vcpu_sregs(vcpu);

#define X(index, name) state->gpr[index] = regs->name;
    EACH_REGISTER(X)
#undef X
    state->rip = regs->rip;
    state->rflags = regs->rflags;
    get_segment(&sregs->cs, &state->cs);
    get_segment(&sregs->ss, &state->ss);
    get_segment(&sregs->tr, &state->tr);
    state->gdt = (struct rs_table_register){sregs->gdt.base, sregs->gdt.limit};
    state->idt = (struct rs_table_register){sregs->idt.base, sregs->idt.limit};
    state->ldt_base = sregs->ldt.unusable ? 0 : sregs->ldt.base;
    state->ldt_limit = sregs->ldt.unusable ? 0 : sregs->ldt.limit;
    state->cr0 = sregs->cr0;
    state->cr2 = sregs->cr2;
    state->cr3 = sregs->cr3;
    state->cr4 = sregs->cr4;
    state->efer = sregs->efer;
    state->cpl =
        sregs->ss.dpl; /* the processor's own notion: SDM Vol. 3C, "Guest Register State" */
}

void rs_vcpu_put_state(struct rs_vcpu *vcpu, const struct rs_cpu_state *state, bool segments)
{
    struct kvm_regs *regs = rs_vcpu_regs(vcpu);

#define X(index, name) regs->name = state->gpr[index];
    EACH_REGISTER(X)
#undef X
    regs->rip = state->rip;
    regs->rflags = state->rflags;
    rs_vcpu_regs_dirty(vcpu);
    if (segments) {
        put_segment(&state->cs, &rs_vcpu_sregs(vcpu)->cs);
        put_segment(&state->ss, &rs_vcpu_sregs(vcpu)->ss);
        rs_vcpu_sregs_dirty(vcpu);
    }
}
