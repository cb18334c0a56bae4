/* SPDX-License-Identifier: MIT
 * KVM_EXIT_HYPERV: a guest uses Hyper-V's interface. */
#include "exits.h"

#include "kvm/hyperv.h"

#include <inttypes.h>

/* KVM API, "The kvm_run structure". The pages of the synthetic interrupt controller are where the
 * guest has put them: nothing is to be done. KVM asks for hypercalls that send messages and events,
 * which go nowhere here: there are no such calls. */
enum rs_exit_action rs_exit_hyperv(struct rs_cpu *cpu)
{
    struct kvm_hyperv_exit *hyperv = &cpu->vcpu.run->hyperv;

    switch (hyperv->type) {
    case KVM_EXIT_HYPERV_SYNIC:
        return RS_EXIT_RESUME;
    case KVM_EXIT_HYPERV_HCALL:
        hyperv->u.hcall.result = RS_HYPERV_NO_SUCH_CALL;
        return RS_EXIT_RESUME;
    default:
        return rs_exit_crash(cpu, "exit of Hyper-V's, type %" PRIu32 ": ringscope asked for none",
                             hyperv->type);
    }
}
