/* SPDX-License-Identifier: MIT
 * The machine-check banks of a vCPU. */
#include "kvm_host.h"
#include "vcpu.h"

#include <errno.h>
#include <sys/ioctl.h>

/* IA32_MCG_CAP: SDM Vol. 3B, "IA32_MCG_CAP MSR". */
#define MCG_CTL_P (UINT64_C(1) << 8)
#define MCG_SER_P (UINT64_C(1) << 24)

int rs_vcpu_set_mce_banks(struct rs_vcpu *vcpu, const struct rs_vm *vm, unsigned banks,
                          struct rs_error *error)
{
    uint64_t supported, wanted;
    int most;

    if (ioctl(vm->kvm_fd, KVM_X86_GET_MCE_CAP_SUPPORTED, &supported) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_X86_GET_MCE_CAP_SUPPORTED");
    /* KVM API, "KVM_X86_GET_MCE_CAP_SUPPORTED": the number of banks is KVM_CAP_MCE's answer. */
    most = rs_kvm_capability(vm->kvm_fd, KVM_CAP_MCE);
    if (most <= 0)
        return 0;
    if (banks > (unsigned)most)
        banks = (unsigned)most;
    wanted = (supported & (MCG_CTL_P | MCG_SER_P)) | banks;
    if (ioctl(vcpu->fd, KVM_X86_SETUP_MCE, &wanted) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_X86_SETUP_MCE");
    return 0;
}
