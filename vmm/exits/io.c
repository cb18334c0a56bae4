/* SPDX-License-Identifier: MIT
 * KVM_EXIT_IO: site hooks, then devices. */
#include "data.h"
#include "exits.h"

#include <ringscope/abi.h>

/* A line that is complete goes out at once, and so does what comes before the end. */
static void access_device(struct rs_cpu *cpu, struct rs_port_io *io, uint8_t *data)
{
    struct rs_machine *machine = cpu->machine;
    unsigned used;
    bool due;

    if (io->out)
        io->value = (uint32_t)rs_exit_load(data, io->size);
    rs_machine_lock_devices(machine);
    used = atomic_load_explicit(&machine->console_used, memory_order_relaxed);
    rs_ports_access(&machine->ports, io);
    if (atomic_load_explicit(&machine->console_used, memory_order_relaxed) != used)
        rs_cpu_wrote_console(cpu);
    due = machine->console_due;
    rs_machine_unlock_devices(machine);
    if (!io->out)
        rs_exit_store(data, io->value, io->size);
    if (due || io->ends)
        rs_cpu_flush_console(cpu);
    if (io->ends)
        rs_marks_put(&cpu->hooks, RS_EVENT_EXIT, io->port, io->value);
}

/* The data lies behind the structure, which an input must not change while it is read. */
enum rs_exit_action rs_exit_io(struct rs_cpu *cpu)
{
    struct kvm_run *run = cpu->vcpu.run;
    bool out = run->io.direction == KVM_EXIT_IO_OUT;
    uint64_t offset = run->io.data_offset;
    uint64_t bytes = (uint64_t)run->io.size * run->io.count;

    if ((run->io.size != 1 && run->io.size != 2 && run->io.size != 4) || offset < sizeof(*run) ||
        offset > cpu->vcpu.run_size || bytes > cpu->vcpu.run_size - offset)
        return rs_exit_crash(cpu, "KVM_EXIT_IO of %u x %u bytes at offset %#llx is not sound",
                             run->io.count, run->io.size, (unsigned long long)offset);
    if (out && rs_hooks_is_out(&cpu->hooks, run->io.port)) {
        rs_cpu_flush_console_before_event(cpu);
        switch (rs_hooks_out(&cpu->hooks)) {
        case RS_FETCH_HANDLED:
            return RS_EXIT_RESUME;
        case RS_FETCH_FAILED:
            return rs_exit_unexplained(cpu);
        default:
            break;
        }
    }
    for (uint32_t i = 0; i < run->io.count; i++) {
        struct rs_port_io io = {.port = run->io.port, .size = run->io.size, .out = out, .cpu = cpu};

        access_device(cpu, &io, (uint8_t *)run + offset + (uint64_t)i * run->io.size);
    }
    if ((!out || run->io.port == RS_PORT_COM1_IER) &&
        atomic_load_explicit(&cpu->machine->uart.wants_input, memory_order_relaxed))
        rs_cpu_flush_console(cpu); /* a prompt is seen before its answer is awaited */
    return rs_machine_stopping(cpu->machine) ? RS_EXIT_STOP : RS_EXIT_RESUME;
}
