/* SPDX-License-Identifier: MIT
 * The guest's console: bytes of all vCPUs in one place, until a line goes into a stream. */
#include "machine.h"

#include <string.h>

/* The room that is left takes a byte of each vCPU before the line goes out. */
#define CONSOLE_FULL (RS_CONSOLE_RECORD_MAX - RS_CPUS_MAX)

void rs_machine_console_byte(void *context, char byte)
{
    struct rs_machine *machine = context;
    unsigned used = atomic_load_explicit(&machine->console_used, memory_order_relaxed);

    if (used == sizeof(machine->console)) /* cannot be: see CONSOLE_FULL */
        return;
    machine->console[used++] = byte;
    machine->console_due |= byte == '\n' || used >= CONSOLE_FULL;
    atomic_store_explicit(&machine->console_used, used, memory_order_relaxed);
}

void rs_cpu_wrote_console(struct rs_cpu *cpu)
{
    struct rs_machine *machine = cpu->machine;

    if (cpu->hooks.tsc_exit > machine->console_tsc)
        machine->console_tsc = cpu->hooks.tsc_exit;
}

/* What is put into the stream later has a later time, whichever vCPU's stream that is. Nothing else
 * of this exit may have an earlier one: what comes out of one stream is in order by itself. */
static unsigned take_console(struct rs_cpu *cpu, bool event, char text[RS_CONSOLE_RECORD_MAX])
{
    struct rs_machine *machine = cpu->machine;
    unsigned used = 0;

    rs_machine_lock_devices(machine);
    if (!event || cpu->hooks.tsc_exit > machine->console_tsc)
        used = atomic_load_explicit(&machine->console_used, memory_order_relaxed);
    if (used > 0) {
        memcpy(text, machine->console, used);
        atomic_store_explicit(&machine->console_used, 0, memory_order_relaxed);
        machine->console_due = false;
        if (cpu->hooks.tsc_exit <= machine->console_tsc)
            cpu->hooks.tsc_exit = machine->console_tsc + 1;
        machine->console_tsc = cpu->hooks.tsc_exit;
    }
    rs_machine_unlock_devices(machine);
    return used;
}

void rs_cpu_put_console(struct rs_cpu *cpu, bool event)
{
    char text[RS_CONSOLE_RECORD_MAX];
    struct rs_record *record;
    unsigned used;

    used = take_console(cpu, event, text);
    if (used == 0) /* another vCPU was faster, or has written since the event */
        return;
    rs_marks_console(&cpu->hooks, text, used);
    record = rs_stream_reserve(&cpu->stream);
    record->type = RS_RECORD_CONSOLE;
    record->size = used;
    record->tsc = cpu->hooks.tsc_exit;
    memcpy(record->text, text, used);
    rs_stream_publish(&cpu->stream, record);
}
