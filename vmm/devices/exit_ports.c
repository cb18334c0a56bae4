/* SPDX-License-Identifier: MIT
 * The ports that stop the machine. */
#include "exit_ports.h"

#include "machine/machine.h"

static void stop_port(void *device, struct rs_port_io *io, enum rs_stop_kind kind)
{
    if (io->out)
        rs_machine_set_stop(device, kind, io->value, "%s", "");
    else
        io->value = 0;
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
