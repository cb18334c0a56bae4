/* SPDX-License-Identifier: MIT
 * QEMU's "pc-testdev": what tests of hypervisors poke at. */
#ifndef RINGSCOPE_TESTDEV_H
#define RINGSCOPE_TESTDEV_H

#include "mmio.h"
#include "ports.h"

/*
 * Source: QEMU's "pc-testdev" device as its users see it.
 *   0xe0-0xe3      a latch of 32 bits, accessible at any width
 *   0xe4           OUT 32 bits: takes the page at this physical address away and gives it back, so
 *                  that what the host has mapped of it is mapped anew at the next access
 *   0xe8-0xeb      the same latch as 0xe0
 *   0x2000-0x2017  a byte each: level of an interrupt line
 *   RS_GPA_TESTDEV memory of 64 KiB of which each access leaves the guest
 */
#define RS_PORT_TESTDEV_LATCH 0xe0
#define RS_PORT_TESTDEV_FLUSH 0xe4
#define RS_PORT_TESTDEV_LATCH_BYTES 0xe8
#define RS_PORT_TESTDEV_IRQ 0x2000
#define RS_TESTDEV_IRQS 24
#define RS_GPA_TESTDEV UINT64_C(0xff000000)
#define RS_TESTDEV_MEMORY_SIZE 0x10000

struct rs_testdev {
    void (*set_line)(void *context, uint32_t gsi, bool level);
    void (*flush_page)(void *context, uint64_t gpa);
    void *context;
    uint32_t latch;
    uint8_t memory[RS_TESTDEV_MEMORY_SIZE];
};

void rs_testdev_init(struct rs_testdev *device,
                     void (*set_line)(void *context, uint32_t gsi, bool level),
                     void (*flush_page)(void *context, uint64_t gpa), void *context);
/* rs_port_fn of the three ranges, and the rs_mmio_fn of the memory. */
void rs_testdev_latch_io(void *device, struct rs_port_io *io);
void rs_testdev_flush_io(void *device, struct rs_port_io *io);
void rs_testdev_irq_io(void *device, struct rs_port_io *io);
void rs_testdev_memory_io(void *device, struct rs_mmio_io *io);

#endif
