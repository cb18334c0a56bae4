/* SPDX-License-Identifier: MIT
 * What a vCPU has pending, and its debug and extended-state registers. */
#include "events.h"

#include <errno.h>
#include <ringscope/x86/cpu.h>
#include <sys/ioctl.h>

/* SDM Vol. 3B, "Debug Registers": what DR6 and DR7 hold after a reset; DR7.L0 enables DR0. */
#define DR6_RESET 0xffff0ff0
#define DR7_RESET DR7_FIXED

static int set_events(struct rs_vcpu *vcpu, struct kvm_vcpu_events *events)
{
    events->flags |= KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW;
    return ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, events) == 0 ? 0 : -errno;
}

int rs_vcpu_clear_events(struct rs_vcpu *vcpu)
{
    struct kvm_vcpu_events events = {0};

    return set_events(vcpu, &events);
}

int rs_vcpu_inject_exception(struct rs_vcpu *vcpu, uint8_t vector, bool has_error_code,
                             uint32_t error_code)
{
    struct kvm_vcpu_events events = {
        .exception = {.injected = 1,
                      .nr = vector,
                      .has_error_code = has_error_code,
                      .error_code = error_code},
    };

    return set_events(vcpu, &events);
}

int rs_vcpu_hold_interrupts(struct rs_vcpu *vcpu)
{
    struct kvm_vcpu_events events = {.interrupt = {.shadow = KVM_X86_SHADOW_INT_STI}};

    return set_events(vcpu, &events);
}

/* One bank without a control register of all banks: KVM reports what is uncorrected only where
 * that, or the bank's own, is all ones, as KVM_X86_SETUP_MCE makes the bank's. */
int rs_vcpu_machine_check(struct rs_vcpu *vcpu)
{
    uint64_t capabilities = 1;
    struct kvm_x86_mce event = {
        .status = MCI_STATUS_VAL | MCI_STATUS_UC | MCI_STATUS_EN | MCI_INTERNAL_PARITY,
        .mcg_status = MCG_STATUS_RIPV | MCG_STATUS_MCIP,
        .bank = 0,
    };

    if (ioctl(vcpu->fd, KVM_X86_SETUP_MCE, &capabilities) != 0 ||
        ioctl(vcpu->fd, KVM_X86_SET_MCE, &event) != 0)
        return -errno;
    return 0;
}

int rs_vcpu_reset_debug_registers(struct rs_vcpu *vcpu)
{
    struct kvm_debugregs registers = {.dr6 = DR6_RESET, .dr7 = DR7_RESET};

    return ioctl(vcpu->fd, KVM_SET_DEBUGREGS, &registers) == 0 ? 0 : -errno;
}

int rs_vcpu_get_dr6(struct rs_vcpu *vcpu, uint64_t *dr6)
{
    struct kvm_debugregs registers;

    if (ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &registers) != 0)
        return -errno;
    *dr6 = registers.dr6;
    return 0;
}

int rs_vcpu_set_hw_breakpoints(struct rs_vcpu *vcpu, const uint64_t *gvas, unsigned count,
                               bool guard)
{
    struct kvm_guest_debug debug = {
        .control = count ? KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP : 0,
        .arch.debugreg[7] = DR7_RESET | (guard ? DR7_GD : 0),
    };

    for (unsigned i = 0; i < count && i < RS_BREAKPOINTS_MAX; i++) {
        debug.arch.debugreg[i] = gvas[i];
        debug.arch.debugreg[7] |= DR7_L0 << 2 * i;
    }
    return ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &debug) == 0 ? 0 : -errno;
}

int rs_vcpu_debug_trap(struct rs_vcpu *vcpu, uint64_t dr6)
{
    struct kvm_guest_debug debug = {.control = KVM_GUESTDBG_INJECT_DB};
    struct kvm_debugregs registers;

    if (ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &registers) != 0)
        return -errno;
    registers.dr6 |= dr6;
    if (ioctl(vcpu->fd, KVM_SET_DEBUGREGS, &registers) != 0)
        return -errno;
    return ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &debug) == 0 ? 0 : -errno;
}

int rs_vcpu_set_xcr0(struct rs_vcpu *vcpu, uint64_t value)
{
    struct kvm_xcrs xcrs = {.nr_xcrs = 1, .xcrs = {{.xcr = 0, .value = value}}};

    return ioctl(vcpu->fd, KVM_SET_XCRS, &xcrs) == 0 ? 0 : -errno;
}
