/* SPDX-License-Identifier: MIT
 * The PC: what is in a machine that boots another kernel's image. */
#ifndef RINGSCOPE_PC_H
#define RINGSCOPE_PC_H

#include "devices/acpi_pm.h"
#include "devices/fw_cfg.h"
#include "devices/hyperv_testdev.h"
#include "devices/pci_config.h"
#include "devices/reset_ports.h"
#include "devices/rtc.h"
#include "devices/testdev.h"
#include "machine.h"

/*
 * Beside UART, keyboard controller and debug-exit port, which every machine has, and the 8254, the
 * 8259s, IOAPIC and local APICs, which KVM has: clock, fw_cfg, test devices, PCI bus, ACPI. There
 * is no firmware: nothing runs before the kernel's first instruction.
 */
struct rs_pc {
    struct rs_machine *machine;
    struct rs_fw_cfg fw_cfg;
    struct rs_testdev testdev;
    struct rs_hyperv_testdev hyperv_testdev;
    struct rs_pci_config pci;
    struct rs_acpi_pm pm;
    struct rs_rtc rtc;
    struct rs_reset_ports resets;
};

/* Fills machine->pc; the VM has its interrupt controllers and no vCPU yet. */
int rs_pc_create(struct rs_machine *machine, const struct rs_machine_config *config,
                 struct rs_error *error);
void rs_pc_free(struct rs_pc *pc); /* NULL is allowed */

/* Puts the devices on the buses of the machine. */
void rs_pc_connect(struct rs_pc *pc);

/* pc_sleep.c: by this access the guest asked for a sleeping state, RS_ACPI_SLEEP_*. The vCPU thread
 * stays in it as long as the machine sleeps. */
void rs_pc_sleep(struct rs_pc *pc, struct rs_port_io *io, unsigned type);

#endif
