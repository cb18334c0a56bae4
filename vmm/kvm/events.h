/* SPDX-License-Identifier: MIT
 * What a vCPU has pending, and its debug and extended-state registers. */
#ifndef RINGSCOPE_KVM_EVENTS_H
#define RINGSCOPE_KVM_EVENTS_H

#include "vcpu.h"

/* All return 0, or -errno. */

/* KVM_SET_VCPU_EVENTS: nothing pending, nothing blocked. */
int rs_vcpu_clear_events(struct rs_vcpu *vcpu);

/* KVM_SET_VCPU_EVENTS: delivers this exception before the next instruction. */
int rs_vcpu_inject_exception(struct rs_vcpu *vcpu, uint8_t vector, bool has_error_code,
                             uint32_t error_code);

/* KVM_SET_VCPU_EVENTS: the vCPU is between STI and the next instruction. */
int rs_vcpu_hold_interrupts(struct rs_vcpu *vcpu);

/* KVM_X86_SETUP_MCE, KVM_X86_SET_MCE: the vCPU gets a machine-check exception; its one bank and
 * MCG_STATUS say what it was. With CR4.MCE = 0, or while one is being handled, it shuts down.
 * SDM Vol. 3B, "Machine-Check Architecture". */
int rs_vcpu_machine_check(struct rs_vcpu *vcpu);

/* KVM_SET_DEBUGREGS: the guest's own debug registers as after a reset. */
int rs_vcpu_reset_debug_registers(struct rs_vcpu *vcpu);
int rs_vcpu_get_dr6(struct rs_vcpu *vcpu, uint64_t *dr6);

/* KVM_SET_GUEST_DEBUG: the VMM's own execution breakpoints at these addresses, in place of the
 * guest's debug registers. `guard`: a MOV DR leaves the guest, too. None: none. */
#define RS_BREAKPOINTS_MAX 4
int rs_vcpu_set_hw_breakpoints(struct rs_vcpu *vcpu, const uint64_t *gvas, unsigned count,
                               bool guard);
/* KVM_SET_DEBUGREGS, KVM_GUESTDBG_INJECT_DB: the trap that KVM_EXIT_DEBUG has kept from the guest,
 * with these bits in its DR6; ends KVM_SET_GUEST_DEBUG. */
int rs_vcpu_debug_trap(struct rs_vcpu *vcpu, uint64_t dr6);

/* KVM_SET_XCRS. */
int rs_vcpu_set_xcr0(struct rs_vcpu *vcpu, uint64_t value);

#endif
