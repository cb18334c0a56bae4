/* SPDX-License-Identifier: MIT
 * The ports that stop the machine. */
#include "exit_ports.h"

#include "machine/machine.h"

static void stop_port(struct rs_port_io *io, enum rs_stop_kind kind)
{
    if (!io->out) {
        io->value = 0;
        return;
    }
    rs_cpu_set_stop(io->cpu, kind, io->value, "%s", "");
    io->ends = true;
}

void rs_debug_exit_io(void *device, struct rs_port_io *io)
{
    (void)device;
    stop_port(io, RS_STOP_DEBUG_EXIT);
}

void rs_program_exit_io(void *device, struct rs_port_io *io)
{
    (void)device;
    stop_port(io, RS_STOP_PROGRAM);
}

void rs_bug_check_io(void *device, struct rs_port_io *io)
{
    (void)device;
    stop_port(io, RS_STOP_BUG_CHECK);
}

/* The kernel passes both marks; one of them is waited for. */
void rs_ready_io(void *machine, struct rs_port_io *io)
{
    const struct rs_machine *waiting = machine;

    if (io->out && io->value == waiting->ready_at)
        stop_port(io, RS_STOP_READY);
}
