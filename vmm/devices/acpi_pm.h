/* SPDX-License-Identifier: MIT
 * ACPI's fixed hardware: the PM timer, and the registers that put the machine to sleep. */
#ifndef RINGSCOPE_ACPI_PM_H
#define RINGSCOPE_ACPI_PM_H

#include "ports.h"

/*
 * Source: "Advanced Configuration and Power Interface Specification 6.5", "Fixed Hardware" and
 * "Power Management Timer". PM1a event block, PM1a control block and the timer lie one after the
 * other; the timer has 24 bits. ACPI mode is always on, no event is ever pending but those that
 * woke the machine, and there is no second block.
 */
#define RS_PORT_ACPI_PM 0x600
#define RS_PORT_ACPI_PM1A_EVENT RS_PORT_ACPI_PM
#define RS_PORT_ACPI_PM1A_CONTROL (RS_PORT_ACPI_PM + 4)
#define RS_PORT_ACPI_PM_TIMER (RS_PORT_ACPI_PM + 8)
#define RS_ACPI_PM_PORTS 12
#define RS_ACPI_PM_TIMER_HZ 3579545

/* SLP_TYP as the DSDT of acpi_tables.h tells it. */
#define RS_ACPI_SLEEP_OFF 0
#define RS_ACPI_SLEEP_S3 1

#define RS_ACPI_PM1_RTC 0x0400u  /* PM1 status and enable: the alarm */
#define RS_ACPI_PM1_WAKE 0x8000u /* PM1 status: the machine was woken */

struct rs_acpi_pm {
    uint64_t (*now_ns)(void *context); /* any clock that does not jump */
    void (*sleep)(void *context, struct rs_port_io *io, unsigned type); /* SLP_EN was written */
    void *context;
    uint16_t status, enable, control;
};

void rs_acpi_pm_init(struct rs_acpi_pm *device, uint64_t (*now_ns)(void *context),
                     void (*sleep)(void *context, struct rs_port_io *io, unsigned type),
                     void *context);
void rs_acpi_pm_io(void *device, struct rs_port_io *io); /* an rs_port_fn */

#endif
