/* SPDX-License-Identifier: MIT
 * The machine: putting it together and taking it apart. */
#include "machine.h"

#include "boot.h"
#include "devices/exit_ports.h"

#include <ringscope/abi.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define STREAM_SLOTS 8192

static void console_byte(void *context, char byte)
{
    struct rs_machine *machine = context;

    machine->console[machine->console_used++] = byte;
    if (byte == '\n' || machine->console_used == sizeof(machine->console))
        rs_machine_flush_console(machine);
}

void rs_machine_flush_console(struct rs_machine *machine)
{
    struct rs_record *record;

    if (machine->console_used == 0)
        return;
    rs_marks_console(&machine->hooks, machine->console, machine->console_used);
    record = rs_stream_reserve(&machine->stream);
    record->type = RS_RECORD_CONSOLE;
    record->size = machine->console_used;
    memcpy(record->text, machine->console, machine->console_used);
    machine->console_used = 0;
    rs_stream_publish(&machine->stream, record);
}

static void keyboard_interrupt(void *context, bool level)
{
    struct rs_machine *machine = context;

    (void)rs_vm_set_irq(&machine->vm, RS_GSI_KEYBOARD, level);
}

static void add_keyboard(struct rs_machine *machine)
{
    rs_i8042_init(&machine->keyboard, keyboard_interrupt, machine);
    rs_ports_add(&machine->ports, RS_PORT_I8042_DATA, RS_PORT_I8042_DATA, rs_i8042_io,
                 &machine->keyboard);
    rs_ports_add(&machine->ports, RS_PORT_I8042_COMMAND, RS_PORT_I8042_COMMAND, rs_i8042_io,
                 &machine->keyboard);
}

static void pagefile_interrupt(void *context, bool level)
{
    struct rs_machine *machine = context;

    (void)rs_vm_set_irq(&machine->vm, RS_GSI_PAGEFILE_DEVICE, level);
}

static void add_pagefile(struct rs_machine *machine, const struct rs_machine_pagefile *pagefile)
{
    struct rs_virtio_device device;

    if (pagefile->size == 0)
        return;
    device = rs_blk_init(&machine->pagefile_disk, pagefile->fd, pagefile->size, pagefile->grows);
    rs_virtio_init(&machine->pagefile, &device, &machine->vm.memory, pagefile_interrupt, machine);
    rs_mmio_add(&machine->mmio, RS_GPA_PAGEFILE_DEVICE, RS_VIRTIO_MMIO_SIZE, rs_virtio_io,
                &machine->pagefile);
}

static void add_devices(struct rs_machine *machine, const struct rs_machine_config *config)
{
    rs_uart_init(&machine->uart, RS_PORT_COM1, console_byte, machine);
    rs_ports_add(&machine->ports, RS_PORT_COM1, RS_PORT_COM1 + RS_UART_PORTS - 1, rs_uart_io,
                 &machine->uart);
    rs_ports_add(&machine->ports, RS_PORT_DEBUG_EXIT, RS_PORT_DEBUG_EXIT + 1, rs_debug_exit_io,
                 machine);
    rs_ports_add(&machine->ports, RS_PORT_PROGRAM_EXIT, RS_PORT_PROGRAM_EXIT, rs_program_exit_io,
                 machine);
    rs_ports_add(&machine->ports, RS_PORT_BUG_CHECK, RS_PORT_BUG_CHECK, rs_bug_check_io, machine);
    add_keyboard(machine);
    add_pagefile(machine, &config->pagefile);
}

static int build(struct rs_machine *machine, const struct rs_machine_config *config,
                 struct rs_error *error)
{
    struct rs_boot_plan plan;

    if (rs_vm_add_memory(&machine->vm, 0, config->memory_size, error) != 0 ||
        rs_vm_add_memory(&machine->vm, RS_GPA_HOOK_RAM, RS_HOOK_RAM_SIZE, error) != 0 ||
        rs_hooks_filter_msrs(&config->hooks, &machine->vm, error) != 0 ||
        rs_vm_create_irqchip(&machine->vm, error) != 0 ||
        rs_vcpu_create(&machine->vcpu, &machine->vm, 0, error) != 0)
        return -1;
    machine->tsc_hz = rs_vcpu_tsc_hz(&machine->vcpu);
    if (rs_boot_load(machine, config, &plan, error) != 0 ||
        rs_vcpu_set_long_mode(&machine->vcpu, plan.entry, RS_GPA_BOOT_INFO, plan.cr3, error) != 0)
        return -1;
    add_devices(machine, config);
    return rs_hooks_init(&machine->hooks, &config->hooks, &machine->vm, &machine->vcpu,
                         &machine->stream, &config->kernel, error);
}

int rs_machine_create(struct rs_machine *machine, int kvm_fd,
                      const struct rs_machine_config *config, struct rs_error *error)
{
    int result;

    memset(machine, 0, sizeof(*machine));
    machine->vm.fd = machine->vcpu.fd = -1;
    result = rs_stream_open(&machine->stream, STREAM_SLOTS);
    if (result != 0)
        return rs_error_errno(error, RS_EXIT_HOST, -result, "event ring");
    if (rs_vm_create(&machine->vm, kvm_fd, error) != 0 || build(machine, config, error) != 0) {
        rs_machine_destroy(machine);
        return -1;
    }
    return 0;
}

void rs_machine_destroy(struct rs_machine *machine)
{
    rs_hooks_free(&machine->hooks);
    rs_vcpu_destroy(&machine->vcpu);
    rs_vm_destroy(&machine->vm);
    rs_stream_free(&machine->stream);
}

void rs_machine_set_stop(struct rs_machine *machine, enum rs_stop_kind kind, uint32_t value,
                         const char *format, ...)
{
    va_list arguments;

    if (machine->stop.kind != RS_STOP_NONE)
        return;
    machine->stop.kind = kind;
    machine->stop.value = value;
    va_start(arguments, format);
    vsnprintf(machine->stop.message, sizeof(machine->stop.message), format, arguments);
    va_end(arguments);
}
