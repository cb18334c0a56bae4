/* SPDX-License-Identifier: MIT
 * The ports that stop the machine. */
#include "exit_ports.h"

#include "machine/machine.h"

static void stop_port(void *device, struct rs_port_io *io, enum rs_stop_kind kind)
{
    struct rs_machine *machine = device;

    if (!io->out) {
        io->value = 0;
        return;
    }
    rs_machine_flush_console(machine);
    rs_marks_put(&machine->hooks, RS_EVENT_EXIT, io->port, io->value);
    rs_machine_set_stop(machine, kind, io->value, "%s", "");
}

void rs_debug_exit_io(void *machine, struct rs_port_io *io)
{
    stop_port(machine, io, RS_STOP_DEBUG_EXIT);
}

void rs_program_exit_io(void *machine, struct rs_port_io *io)
{
    stop_port(machine, io, RS_STOP_PROGRAM);
}

void rs_bug_check_io(void *machine, struct rs_port_io *io)
{
    stop_port(machine, io, RS_STOP_BUG_CHECK);
}
