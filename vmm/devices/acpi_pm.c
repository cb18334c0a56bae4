/* SPDX-License-Identifier: MIT
 * ACPI's fixed hardware. */
#include "acpi_pm.h"

#include <string.h>

#define CONTROL_SCI_EN 0x0001u
#define CONTROL_SLP_TYP_SHIFT 10
#define CONTROL_SLP_TYP 0x7u
#define CONTROL_SLP_EN 0x2000u
#define TIMER_MASK 0x00ffffffu
#define NS_PER_S UINT64_C(1000000000)

void rs_acpi_pm_init(struct rs_acpi_pm *device, uint64_t (*now_ns)(void *context),
                     void (*sleep)(void *context, struct rs_port_io *io, unsigned type),
                     void *context)
{
    memset(device, 0, sizeof(*device));
    device->now_ns = now_ns;
    device->sleep = sleep;
    device->context = context;
    device->control = CONTROL_SCI_EN;
}

static uint32_t timer(const struct rs_acpi_pm *device)
{
    uint64_t ns = device->now_ns(device->context);
    uint64_t ticks =
        ns / NS_PER_S * RS_ACPI_PM_TIMER_HZ + ns % NS_PER_S * RS_ACPI_PM_TIMER_HZ / NS_PER_S;

    return (uint32_t)ticks & TIMER_MASK;
}

/* All registers as the bytes they are, so that every width reads what lies there. */
static void read_all(const struct rs_acpi_pm *device, uint8_t bytes[RS_ACPI_PM_PORTS])
{
    uint32_t ticks = timer(device);

    memset(bytes, 0, RS_ACPI_PM_PORTS);
    memcpy(bytes, &device->status, 2);
    memcpy(bytes + 2, &device->enable, 2);
    memcpy(bytes + 4, &device->control, 2);
    memcpy(bytes + 8, &ticks, 4);
}

static void write_control(struct rs_acpi_pm *device, struct rs_port_io *io)
{
    uint16_t value = (uint16_t)io->value;

    device->control = (uint16_t)((value & ~CONTROL_SLP_EN) | CONTROL_SCI_EN);
    if (value & CONTROL_SLP_EN)
        device->sleep(device->context, io, value >> CONTROL_SLP_TYP_SHIFT & CONTROL_SLP_TYP);
}

/* Registers of 16 bits, written whole; a 32-bit write to the event block writes both. */
static void write(struct rs_acpi_pm *device, unsigned offset, struct rs_port_io *io)
{
    const uint32_t value = io->value;
    const unsigned size = io->size;

    if (offset == 0 && size >= 2)
        device->status &= (uint16_t)~value; /* ones clear */
    if (offset == 0 && size == 4)
        device->enable = (uint16_t)(value >> 16);
    if (offset == 2 && size == 2)
        device->enable = (uint16_t)value;
    if (offset == 4 && size >= 2)
        write_control(device, io);
}

void rs_acpi_pm_io(void *context, struct rs_port_io *io)
{
    struct rs_acpi_pm *device = context;
    unsigned offset = (unsigned)(io->port - RS_PORT_ACPI_PM);
    uint8_t bytes[RS_ACPI_PM_PORTS + 4];

    if (io->out) {
        write(device, offset, io);
        return;
    }
    memset(bytes, 0xff, sizeof(bytes)); /* a read across the end finds an empty bus there */
    read_all(device, bytes);
    io->value = 0;
    memcpy(&io->value, bytes + offset, io->size);
}
