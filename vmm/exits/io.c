/* SPDX-License-Identifier: MIT
 * KVM_EXIT_IO: site hooks, then devices. */
#include "exits.h"

#include <string.h>

static void access_device(struct rs_machine *machine, struct rs_port_io *io, uint8_t *data)
{
    if (io->out)
        memcpy(&io->value, data, io->size);
    rs_ports_access(&machine->ports, io);
    if (!io->out)
        memcpy(data, &io->value, io->size);
}

enum rs_exit_action rs_exit_io(struct rs_machine *machine)
{
    struct kvm_run *run = machine->vcpu.run;
    bool out = run->io.direction == KVM_EXIT_IO_OUT;
    uint64_t offset = run->io.data_offset;
    uint64_t bytes = (uint64_t)run->io.size * run->io.count;

    if ((run->io.size != 1 && run->io.size != 2 && run->io.size != 4) ||
        offset > machine->vcpu.run_size || bytes > machine->vcpu.run_size - offset)
        return rs_exit_crash(machine, "KVM_EXIT_IO of %u x %u bytes at offset %#llx is not sound",
                             run->io.count, run->io.size, (unsigned long long)offset);
    if (out && rs_hooks_is_site(&machine->hooks, run->io.port)) {
        rs_machine_flush_console(machine);
        if (rs_hooks_site(&machine->hooks))
            return RS_EXIT_RESUME;
    }
    for (uint32_t i = 0; i < run->io.count; i++) {
        struct rs_port_io io = {.port = run->io.port, .size = run->io.size, .out = out};

        access_device(machine, &io, (uint8_t *)run + offset + (uint64_t)i * run->io.size);
    }
    if (!out && atomic_load_explicit(&machine->uart.wants_input, memory_order_relaxed))
        rs_machine_flush_console(machine); /* a prompt is seen before its answer is awaited */
    return machine->stop.kind == RS_STOP_NONE ? RS_EXIT_RESUME : RS_EXIT_STOP;
}
