/* SPDX-License-Identifier: MIT
 * The I/O APIC: which vector a device's interrupt line raises. */

#include "apic.h"
#include "cpu.h"
#include "io.h"
#include "mm.h"
#include "processor.h"

/* 82093AA data sheet, "I/O APIC Register Address Map". */
#define IOREGSEL 0x00
#define IOWIN 0x10
#define REDIRECTION_TABLE 0x10
#define DESTINATION_SHIFT 24

/* 8259A, operation command word 1: the mask of each. */
#define PIC_MASTER_MASK 0x21
#define PIC_SLAVE_MASK 0xa1

static volatile uint32_t *window(unsigned offset)
{
    return (volatile uint32_t *)((uint8_t *)MmPhysical(RS_GPA_IOAPIC) + offset);
}

static void write_register(uint32_t index, uint32_t value)
{
    *window(IOREGSEL) = index;
    *window(IOWIN) = value;
}

static void mask_pics(void)
{
    KiOut8(PIC_MASTER_MASK, UINT8_MAX);
    KiOut8(PIC_SLAVE_MASK, UINT8_MAX);
}

/* Edge, active high, fixed delivery to the first processor. */
void IoConnectInterrupt(uint32_t gsi, uint8_t vector)
{
    KiEnableApic();
    mask_pics();
    write_register(REDIRECTION_TABLE + 2 * gsi + 1, (uint32_t)KiApicIds[0] << DESTINATION_SHIFT);
    write_register(REDIRECTION_TABLE + 2 * gsi, vector);
}
