/* SPDX-License-Identifier: MIT
 * Port I/O: which device answers which port. */
#ifndef RINGSCOPE_PORTS_H
#define RINGSCOPE_PORTS_H

#include <stdbool.h>
#include <stdint.h>

struct rs_cpu;

/* One access: `value` goes to the device, or comes from it. */
struct rs_port_io {
    uint16_t port;
    uint8_t size; /* 1, 2 or 4 bytes */
    bool out;
    bool ends;          /* set by the device: the machine stops, once this access is done */
    struct rs_cpu *cpu; /* whose access it is, for devices of the machine's own; may be NULL */
    uint32_t value;
};

typedef void (*rs_port_fn)(void *device, struct rs_port_io *io);

#define RS_PORT_DEVICES_MAX 24

struct rs_ports {
    struct {
        uint16_t first, last; /* both included */
        rs_port_fn function;
        void *device;
    } devices[RS_PORT_DEVICES_MAX];
    unsigned count;
    uint8_t at[UINT16_MAX + 1]; /* by port: 1 + index in devices[]; 0: nothing is there */
};

/* Ports of different devices do not overlap. */
void rs_ports_add(struct rs_ports *ports, uint16_t first, uint16_t last, rs_port_fn function,
                  void *device);

/* An access that no device takes reads all ones and ignores writes, as an empty bus does. */
void rs_ports_access(const struct rs_ports *ports, struct rs_port_io *io);

#endif
