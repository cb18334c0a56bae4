/* SPDX-License-Identifier: MIT
 * The machine: putting it together and taking it apart. */
#include "machine.h"

#include "boot.h"
#include "devices/exit_ports.h"
#include "devices/machine_check.h"
#include "direct_boot.h"
#include "kvm/hyperv.h"
#include "kvm/kvm_host.h"
#include "pc.h"

#include <ringscope/abi.h>
#include <stdlib.h>
#include <string.h>

#define STREAM_SLOTS 8192

static void console_interrupt(void *context, bool level)
{
    struct rs_machine *machine = context;

    (void)rs_vm_set_irq(&machine->vm, RS_GSI_COM1, level);
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

    machine->pagefile_disk.fd = -1;
    if (pagefile->size == 0)
        return;
    device = rs_blk_init(&machine->pagefile_disk, pagefile->fd, pagefile->size, pagefile->grows);
    rs_virtio_init(&machine->pagefile, &device, &machine->vm.memory, pagefile_interrupt, machine);
    rs_mmio_add(&machine->mmio, RS_GPA_PAGEFILE_DEVICE, RS_VIRTIO_MMIO_SIZE, rs_virtio_io,
                &machine->pagefile);
}

static void add_devices(struct rs_machine *machine, const struct rs_machine_config *config)
{
    rs_uart_init(&machine->uart, RS_PORT_COM1, rs_machine_console_byte, console_interrupt, machine);
    rs_ports_add(&machine->ports, RS_PORT_COM1, RS_PORT_COM1 + RS_UART_PORTS - 1, rs_uart_io,
                 &machine->uart);
    rs_ports_add(&machine->ports, RS_PORT_DEBUG_EXIT, RS_PORT_DEBUG_EXIT + 1, rs_debug_exit_io,
                 NULL);
    add_keyboard(machine);
    if (machine->pc) {
        rs_pc_connect(machine->pc);
        return;
    }
    rs_ports_add(&machine->ports, RS_PORT_PROGRAM_EXIT, RS_PORT_PROGRAM_EXIT, rs_program_exit_io,
                 NULL);
    rs_ports_add(&machine->ports, RS_PORT_BUG_CHECK, RS_PORT_BUG_CHECK, rs_bug_check_io, NULL);
    machine->machine_checks = rs_kvm_capability(machine->vm.kvm_fd, KVM_CAP_MCE) > 0;
    rs_ports_add(&machine->ports, RS_PORT_MACHINE_CHECK, RS_PORT_MACHINE_CHECK, rs_machine_check_io,
                 &machine->machine_checks);
    if (config->ready) {
        machine->ready_at = config->program.bytes ? RS_READY_IMAGE : RS_READY_KERNEL;
        rs_ports_add(&machine->ports, RS_PORT_READY, RS_PORT_READY, rs_ready_io, machine);
    }
    add_pagefile(machine, &config->pagefile);
}

static int create_cpu(struct rs_machine *machine, unsigned index, struct rs_error *error)
{
    struct rs_cpu *cpu = &machine->cpus[index];
    int result = rs_stream_open(&cpu->stream, STREAM_SLOTS);

    cpu->machine = machine;
    if (result != 0)
        return rs_error_errno(error, RS_EXIT_HOST, -result, "event ring");
    return rs_vcpu_create(&cpu->vcpu, &machine->vm, index, error);
}

/* The kernel is entered by the first vCPU. The others wait for its INIT and SIPI, as KVM has made
 * them: KVM API, "KVM_GET_MP_STATE". */
static int create_cpus(struct rs_machine *machine, struct rs_error *error)
{
    machine->cpus = calloc(machine->cpu_count, sizeof(*machine->cpus));
    if (!machine->cpus)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    machine->vm.cpu_count = machine->cpu_count;
    for (unsigned i = 0; i < machine->cpu_count; i++)
        machine->cpus[i].vcpu.fd = -1;
    for (unsigned i = 0; i < machine->cpu_count; i++)
        if (create_cpu(machine, i, error) != 0)
            return -1;
    machine->tsc_hz = rs_vcpu_tsc_hz(&machine->cpus[0].vcpu);
    return 0;
}

static int boot(struct rs_machine *machine, const struct rs_machine_config *config,
                struct rs_error *error)
{
    struct rs_boot_plan plan;

    if (machine->pc)
        return rs_direct_boot(machine, config, error);
    if (rs_boot_load(machine, config, &plan, error) != 0)
        return -1;
    return rs_vcpu_set_long_mode(&machine->cpus[0].vcpu, plan.entry, RS_GPA_BOOT_INFO, plan.cr3,
                                 error);
}

static int build(struct rs_machine *machine, const struct rs_machine_config *config,
                 struct rs_error *error)
{
    int result;

    machine->vm.cpu = config->cpu;
    machine->vm.hyperv =
        config->cpu && config->cpu->hyperv && rs_hyperv_offered(machine->vm.kvm_fd);
    if (rs_vm_add_memory(&machine->vm, 0, config->memory_size, error) != 0 ||
        rs_vm_add_memory(&machine->vm, RS_GPA_HOOK_RAM, RS_HOOK_RAM_SIZE, error) != 0 ||
        rs_hooks_filter_msrs(&config->hooks, &machine->vm, error) != 0 ||
        rs_vm_create_irqchip(&machine->vm, error) != 0 ||
        (config->protocol != RS_PROTOCOL_RINGSCOPE && rs_pc_create(machine, config, error) != 0) ||
        create_cpus(machine, error) != 0 || boot(machine, config, error) != 0 ||
        rs_hook_set_init(&machine->hooks, &config->hooks, &machine->vm, machine->cpu_count,
                         machine->pc ? NULL : &config->kernel, error) != 0)
        return -1;
    add_devices(machine, config);
    for (unsigned i = 0; i < machine->cpu_count; i++) {
        machine->cpus[i].unwatched = !machine->hooks.active && machine->cpu_count == 1;
        rs_vcpu_want_registers(&machine->cpus[i].vcpu, machine->hooks.active);
        rs_hooks_init(&machine->cpus[i].hooks, &machine->hooks, &machine->cpus[i].vcpu,
                      &machine->cpus[i].stream);
        result = rs_hooks_guest_debug(&machine->cpus[i].hooks);
        if (result != 0)
            return rs_error_errno(error, RS_EXIT_HOST, -result, "KVM_SET_GUEST_DEBUG");
    }
    return 0;
}

/* The main thread must get it when a thread is abandoned that has it. */
static void init_robust(pthread_mutex_t *lock)
{
    pthread_mutexattr_t attributes;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(lock, &attributes);
    pthread_mutexattr_destroy(&attributes);
}

int rs_machine_create(struct rs_machine *machine, int kvm_fd,
                      const struct rs_machine_config *config, struct rs_error *error)
{
    memset(machine, 0, sizeof(*machine));
    machine->vm.fd = -1;
    machine->cpu_count = config->cpu_count ? config->cpu_count : 1;
    pthread_mutex_init(&machine->device_lock, NULL);
    init_robust(&machine->run_lock);
    pthread_cond_init(&machine->paused, NULL);
    if (rs_vm_create(&machine->vm, kvm_fd, error) != 0 || build(machine, config, error) != 0) {
        rs_machine_destroy(machine);
        return -1;
    }
    return 0;
}

void rs_machine_destroy(struct rs_machine *machine)
{
    if (machine->stuck)
        return;
    rs_hook_set_free(&machine->hooks);
    for (unsigned i = 0; machine->cpus && i < machine->cpu_count; i++) {
        rs_vcpu_destroy(&machine->cpus[i].vcpu);
        rs_stream_free(&machine->cpus[i].stream);
    }
    free(machine->cpus);
    machine->cpus = NULL;
    rs_vm_destroy(&machine->vm);
    rs_pc_free(machine->pc);
    machine->pc = NULL;
}

struct rs_hooks_counts rs_machine_counts(const struct rs_machine *machine)
{
    struct rs_hooks_counts sum = {0};

    for (unsigned i = 0; i < machine->cpu_count; i++) {
        const struct rs_hooks_counts *counts = &machine->cpus[i].hooks.counts;

        sum.events += counts->events;
        sum.known += counts->known;
        sum.repaired += counts->repaired;
        for (unsigned bit = 0; bit < RS_DEVIATION_COUNT; bit++)
            sum.deviations[bit] += counts->deviations[bit];
    }
    return sum;
}

uint64_t rs_machine_dropped(const struct rs_machine *machine)
{
    uint64_t dropped = 0;

    for (unsigned i = 0; i < machine->cpu_count; i++)
        dropped += machine->cpus[i].stream.dropped;
    return dropped;
}
