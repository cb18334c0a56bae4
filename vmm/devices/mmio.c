/* SPDX-License-Identifier: MIT
 * Memory-mapped I/O: which device answers which guest-physical address. */
#include "mmio.h"

#include <stdlib.h>

void rs_mmio_add(struct rs_mmio *mmio, uint64_t gpa, uint64_t size, rs_mmio_fn function,
                 void *device)
{
    if (mmio->count == RS_MMIO_DEVICES_MAX)
        abort(); /* the callers' own tables are longer than RS_MMIO_DEVICES_MAX */
    mmio->devices[mmio->count].gpa = gpa;
    mmio->devices[mmio->count].size = size;
    mmio->devices[mmio->count].function = function;
    mmio->devices[mmio->count].device = device;
    mmio->count++;
}

void rs_mmio_access(const struct rs_mmio *mmio, uint64_t gpa, struct rs_mmio_io *io)
{
    for (unsigned i = 0; i < mmio->count; i++) {
        uint64_t offset = gpa - mmio->devices[i].gpa, size = mmio->devices[i].size;

        if (offset < size && io->size <= size - offset) {
            io->offset = offset;
            mmio->devices[i].function(mmio->devices[i].device, io);
            return;
        }
    }
    if (!io->write)
        io->value = UINT64_MAX;
}
