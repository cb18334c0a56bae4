/* SPDX-License-Identifier: MIT
 * KVM_EXIT_MMIO: no device lives in memory yet; an empty bus reads all ones. */
#include "exits.h"

#include <string.h>

enum rs_exit_action rs_exit_mmio(struct rs_machine *machine)
{
    struct kvm_run *run = machine->vcpu.run;

    if (!run->mmio.is_write)
        memset(run->mmio.data, 0xff, sizeof(run->mmio.data));
    return RS_EXIT_RESUME;
}
