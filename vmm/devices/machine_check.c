/* SPDX-License-Identifier: MIT
 * The port by which a guest gets a machine check. */
#include "machine_check.h"

#include "kvm/events.h"
#include "machine/machine.h"

void rs_machine_check_io(void *device, struct rs_port_io *io)
{
    const bool *able = device;

    if (!io->out)
        io->value = *able;
    else if (*able && io->cpu) /* a host that refuses all the same: nothing comes, and the guest
                                  sees that */
        (void)rs_vcpu_machine_check(&io->cpu->vcpu);
}
