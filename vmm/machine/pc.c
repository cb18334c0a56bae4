/* SPDX-License-Identifier: MIT
 * The PC: its devices on their ports. */
#include "pc.h"

#include "kvm/hyperv.h"

#include <ringscope/abi.h>
#include <ringscope/x86/keyboard.h>
#include <stdlib.h>

/* The keyboard controller's command that pulses the line to the processor's RESET. */
#define I8042_PULSE_RESET 0xfe

static void set_line(void *context, uint32_t gsi, bool level)
{
    struct rs_pc *pc = context;

    (void)rs_vm_set_irq(&pc->machine->vm, gsi, level);
}

/* Without Hyper-V's interface nothing is routed there. */
static void raise_sint(void *context, unsigned cpu, unsigned sint)
{
    struct rs_pc *pc = context;

    if (pc->machine->vm.hyperv)
        (void)rs_hyperv_raise(&pc->machine->vm, cpu, sint);
}

/* The page is away for a moment: not while another vCPU's thread might touch it. */
static void flush_page(void *context, uint64_t gpa)
{
    struct rs_pc *pc = context;

    if (pc->machine->cpu_count == 1)
        rs_memory_remap(&pc->machine->vm.memory, gpa);
}

static uint64_t now_ns(void *context)
{
    struct timespec now;

    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void time_of_day(void *context, struct timespec *now)
{
    (void)context;
    clock_gettime(CLOCK_REALTIME, now);
}

static void sleep_state(void *context, struct rs_port_io *io, unsigned type)
{
    rs_pc_sleep(context, io, type);
}

static void reset(void *context, struct rs_port_io *io)
{
    (void)context;
    rs_cpu_set_stop(io->cpu, RS_STOP_RESET, 0, "%s", "");
    io->ends = true;
}

int rs_pc_create(struct rs_machine *machine, const struct rs_machine_config *config,
                 struct rs_error *error)
{
    struct rs_pc *pc = calloc(1, sizeof(*pc));

    if (!pc)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    machine->pc = pc;
    pc->machine = machine;
    rs_fw_cfg_init(&pc->fw_cfg, config->memory_size, machine->cpu_count);
    rs_testdev_init(&pc->testdev, set_line, flush_page, pc);
    rs_hyperv_testdev_init(&pc->hyperv_testdev, machine->cpu_count, raise_sint, pc);
    rs_pci_config_init(&pc->pci);
    rs_acpi_pm_init(&pc->pm, now_ns, sleep_state, pc);
    rs_rtc_init(&pc->rtc, config->memory_size, time_of_day, pc);
    pc->resets = (struct rs_reset_ports){.reset = reset, .context = pc};
    if (rs_vm_create_pit(&machine->vm, error) != 0 ||
        (machine->vm.hyperv && rs_hyperv_route(&machine->vm, machine->cpu_count, error) != 0))
        return -1;
    /* Nothing is hooked, so no fetch has to be told from an instruction that KVM does not know. */
    if (!config->hooks.filter && !config->hooks.needs)
        return rs_vm_exit_on_emulation_failure(&machine->vm, false, error);
    return 0;
}

void rs_pc_free(struct rs_pc *pc)
{
    free(pc);
}

static void keyboard_command_io(void *context, struct rs_port_io *io)
{
    struct rs_pc *pc = context;

    if (io->out && (uint8_t)io->value == I8042_PULSE_RESET)
        reset(pc, io);
    else
        rs_i8042_io(&pc->machine->keyboard, io);
}

void rs_pc_connect(struct rs_pc *pc)
{
    const struct {
        uint16_t first, count;
        rs_port_fn function;
        void *device;
    } ports[] = {
        {RS_PORT_I8042_DATA, 1, rs_i8042_io, &pc->machine->keyboard},
        {RS_PORT_I8042_COMMAND, 1, keyboard_command_io, pc},
        {RS_PORT_RTC, RS_RTC_PORTS, rs_rtc_io, &pc->rtc},
        {RS_PORT_SYSTEM_CONTROL, 1, rs_system_control_io, &pc->resets},
        {RS_PORT_TESTDEV_LATCH, 4, rs_testdev_latch_io, &pc->testdev},
        {RS_PORT_TESTDEV_FLUSH, 4, rs_testdev_flush_io, &pc->testdev},
        {RS_PORT_TESTDEV_LATCH_BYTES, 4, rs_testdev_latch_io, &pc->testdev},
        {RS_PORT_FW_CFG, RS_FW_CFG_PORTS, rs_fw_cfg_io, &pc->fw_cfg},
        {RS_PORT_ACPI_PM, RS_ACPI_PM_PORTS, rs_acpi_pm_io, &pc->pm},
        {RS_PORT_PCI_ADDRESS, 1, rs_pci_address_io, &pc->pci},
        {RS_PORT_RESET_CONTROL, 1, rs_reset_control_io, &pc->resets},
        {RS_PORT_PCI_DATA, RS_PCI_PORTS, rs_pci_data_io, &pc->pci},
        {RS_PORT_TESTDEV_IRQ, RS_TESTDEV_IRQS, rs_testdev_irq_io, &pc->testdev},
        {RS_PORT_HYPERV_TESTDEV, RS_HYPERV_TESTDEV_PORTS, rs_hyperv_testdev_io,
         &pc->hyperv_testdev},
    };

    for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
        rs_ports_add(&pc->machine->ports, ports[i].first,
                     (uint16_t)(ports[i].first + ports[i].count - 1), ports[i].function,
                     ports[i].device);
    rs_mmio_add(&pc->machine->mmio, RS_GPA_TESTDEV, RS_TESTDEV_MEMORY_SIZE, rs_testdev_memory_io,
                &pc->testdev);
}
