/* SPDX-License-Identifier: MIT
 * Port I/O: which device answers which port. */
#include "ports.h"

#include <stdlib.h>

void rs_ports_add(struct rs_ports *ports, uint16_t first, uint16_t last, rs_port_fn function,
                  void *device)
{
    if (ports->count == RS_PORT_DEVICES_MAX)
        abort(); /* the callers' own tables are longer than RS_PORT_DEVICES_MAX */
    ports->devices[ports->count].first = first;
    ports->devices[ports->count].last = last;
    ports->devices[ports->count].function = function;
    ports->devices[ports->count].device = device;
    ports->count++;
    for (unsigned port = first; port <= last; port++)
        ports->at[port] = (uint8_t)ports->count;
}

void rs_ports_access(const struct rs_ports *ports, struct rs_port_io *io)
{
    unsigned device = ports->at[io->port];

    if (device > 0)
        ports->devices[device - 1].function(ports->devices[device - 1].device, io);
    else if (!io->out)
        io->value = UINT32_MAX;
}
