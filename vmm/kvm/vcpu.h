/* SPDX-License-Identifier: MIT
 * A virtual CPU: KVM_RUN, registers in the shared page, MSRs, a stop that cannot be missed. */
#ifndef RINGSCOPE_VCPU_H
#define RINGSCOPE_VCPU_H

#include "model/model.h"
#include "vm.h"

#include <linux/kvm.h>
#include <signal.h>

/*
 * Registers travel in kvm_run (KVM_CAP_SYNC_REGS): after every exit the general and special
 * registers are in run->s.regs; what is changed there counts once it is marked dirty. A vCPU whose
 * exits nobody looks at does without, which makes each of them cheaper: then rs_vcpu_fetch() gets
 * them where they are needed after all.
 */
struct rs_vcpu {
    int fd; /* owned */
    unsigned index;
    enum rs_vendor vendor; /* whose rules its CPUID promises */
    struct kvm_run *run;   /* owned; NULL fd with a fabricated page in unit tests */
    size_t run_size;
};

int rs_vcpu_create(struct rs_vcpu *vcpu, struct rs_vm *vm, unsigned index, struct rs_error *error);
void rs_vcpu_destroy(struct rs_vcpu *vcpu);

/* The entry state of <ringscope/abi.h>, with this RIP, RDI and CR3. */
int rs_vcpu_set_long_mode(struct rs_vcpu *vcpu, uint64_t rip, uint64_t rdi, uint64_t cr3,
                          struct rs_error *error);

/* One KVM_RUN. Returns 0 after an exit, or -errno (EINTR and EAGAIN: call again or stop). */
int rs_vcpu_run(struct rs_vcpu *vcpu);

/* Whether registers come with every exit: from the next one on. They do at first. */
static inline void rs_vcpu_want_registers(struct rs_vcpu *vcpu, bool wanted)
{
    vcpu->run->kvm_valid_regs = wanted ? KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS : 0;
}

/* Between two exits: makes rs_vcpu_regs() and rs_vcpu_sregs() valid when they have not come by
 * themselves. */
void rs_vcpu_fetch(struct rs_vcpu *vcpu);

static inline struct kvm_regs *rs_vcpu_regs(struct rs_vcpu *vcpu)
{
    return &vcpu->run->s.regs.regs;
}

static inline struct kvm_sregs *rs_vcpu_sregs(struct rs_vcpu *vcpu)
{
    return &vcpu->run->s.regs.sregs;
}

static inline void rs_vcpu_regs_dirty(struct rs_vcpu *vcpu)
{
    vcpu->run->kvm_dirty_regs |= KVM_SYNC_X86_REGS;
}

static inline void rs_vcpu_sregs_dirty(struct rs_vcpu *vcpu)
{
    vcpu->run->kvm_dirty_regs |= KVM_SYNC_X86_SREGS;
}

/* KVM_GET_MSRS, KVM_SET_MSRS of one register. Return 0; 1 when KVM refuses it, as a
 * processor does that has none; -errno when the call itself fails, of which a guest must not hear.
 */
int rs_vcpu_get_msr(struct rs_vcpu *vcpu, uint32_t index, uint64_t *value);
int rs_vcpu_set_msr(struct rs_vcpu *vcpu, uint32_t index, uint64_t value);

/* Guest TSC frequency in Hz, 0 when KVM does not tell. */
uint64_t rs_vcpu_tsc_hz(struct rs_vcpu *vcpu);

/* KVM_SET_GUEST_DEBUG with this control word (KVM_GUESTDBG_*). Returns 0 or -errno. */
int rs_vcpu_set_guest_debug(struct rs_vcpu *vcpu, uint32_t control);

/* KVM API, "KVM_X86_SETUP_MCE": so many banks, or as many as KVM has, with what else it offers.
 * Before the first KVM_RUN. Returns 0 or -1. */
int rs_vcpu_set_mce_banks(struct rs_vcpu *vcpu, const struct rs_vm *vm, unsigned banks,
                          struct rs_error *error);

/* KVM_NMI. Returns 0 or -errno. */
int rs_vcpu_nmi(struct rs_vcpu *vcpu);

/* Between the registers of the last exit and the model. Segments other than CS, SS and TR and the
 * MSRs of SYSCALL are not in them: star, lstar, cstar and fmask are left as they are. */
void rs_vcpu_get_state(struct rs_vcpu *vcpu, struct rs_cpu_state *state);
/* Puts RIP, RFLAGS, general registers, and, when `segments`, CS and SS into the vCPU. */
void rs_vcpu_put_state(struct rs_vcpu *vcpu, const struct rs_cpu_state *state, bool segments);

#endif
