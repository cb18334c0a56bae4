/* SPDX-License-Identifier: MIT
 * QEMU's "hyperv-testdev": raises Hyper-V's synthetic interrupts when told. */
#ifndef RINGSCOPE_HYPERV_TESTDEV_H
#define RINGSCOPE_HYPERV_TESTDEV_H

#include "ports.h"

#include <ringscope/layout.h>

/*
 * Source: the device as kvm-unit-tests uses it (x86/hyperv.c there). OUT of 32 bits at 0x3000:
 *   7:0    synthetic interrupt, 0-15
 *   15:8   vCPU
 *   23:16  command: 1 makes a way to the interrupt, 2 takes it away, 3 raises the interrupt if
 * there is one 31:24  connection, of commands 4-7, which make and take away connections for the
 * hypercalls that send messages and signal events: there are none here, and nothing comes of them
 * Other widths, commands, vCPUs and interrupts: nothing. IN: all ones.
 */
#define RS_PORT_HYPERV_TESTDEV 0x3000
#define RS_HYPERV_TESTDEV_PORTS 4

enum rs_hyperv_testdev_command {
    RS_HYPERV_TESTDEV_CREATE = 1,
    RS_HYPERV_TESTDEV_DESTROY,
    RS_HYPERV_TESTDEV_RAISE
};

struct rs_hyperv_testdev {
    void (*raise)(void *context, unsigned cpu, unsigned sint);
    void *context;
    unsigned cpu_count;
    uint16_t ways[RS_CPUS_MAX]; /* a bit for each interrupt */
};

/* `cpu_count` is at most RS_CPUS_MAX. */
void rs_hyperv_testdev_init(struct rs_hyperv_testdev *device, unsigned cpu_count,
                            void (*raise)(void *context, unsigned cpu, unsigned sint),
                            void *context);
/* The rs_port_fn. */
void rs_hyperv_testdev_io(void *device, struct rs_port_io *io);

#endif
