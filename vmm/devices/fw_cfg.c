/* SPDX-License-Identifier: MIT
 * QEMU's firmware configuration device. */
#include "fw_cfg.h"

#include <stdlib.h>
#include <string.h>

/* QEMU documentation, "Firmware Configuration Items". */
enum {
    KEY_SIGNATURE = 0x00,
    KEY_ID = 0x01,
    KEY_RAM_SIZE = 0x03,
    KEY_NB_CPUS = 0x05,
    KEY_MAX_CPUS = 0x0f,
    KEY_FILE_DIR = 0x19
};
#define SIGNATURE 0x554d4551u  /* "QEMU" */
#define ID_TRADITIONAL 0x0001u /* ports as above, no DMA */
#define KEY_MASK 0x3fffu       /* bit 14 asks for writing, bit 15 for the keys of an architecture */
#define KEY_WRITE 0x4000u

static void add(struct rs_fw_cfg *device, uint16_t key, uint8_t size, uint64_t value)
{
    if (device->count == RS_FW_CFG_ITEMS)
        abort(); /* rs_fw_cfg_init() adds fewer */
    device->items[device->count].key = key;
    device->items[device->count].size = size;
    device->items[device->count].value = value;
    device->count++;
}

void rs_fw_cfg_init(struct rs_fw_cfg *device, uint64_t memory_size, unsigned cpus)
{
    memset(device, 0, sizeof(*device));
    add(device, KEY_SIGNATURE, 4, SIGNATURE);
    add(device, KEY_ID, 4, ID_TRADITIONAL);
    add(device, KEY_RAM_SIZE, 8, memory_size);
    add(device, KEY_NB_CPUS, 2, cpus);
    add(device, KEY_MAX_CPUS, 2, cpus);
    add(device, KEY_FILE_DIR, 4, 0);
}

static uint8_t next_byte(struct rs_fw_cfg *device)
{
    uint32_t offset = device->offset;

    if (offset < UINT32_MAX)
        device->offset++;
    for (unsigned i = 0; i < device->count; i++)
        if (device->items[i].key == device->key)
            return offset < device->items[i].size
                       ? (uint8_t)(device->items[i].value >> (8 * offset))
                       : 0;
    return 0;
}

/* The selector is written whole; a byte to one of its halves does nothing, as in QEMU. Wide reads
 * of the data port are so many bytes. */
void rs_fw_cfg_io(void *context, struct rs_port_io *io)
{
    struct rs_fw_cfg *device = context;

    if (io->out) {
        if (io->port == RS_PORT_FW_CFG && io->size == 2) {
            device->key = (uint16_t)(io->value & (KEY_MASK | 0x8000u) & ~KEY_WRITE);
            device->offset = 0;
        }
        return;
    }
    io->value = 0;
    if (io->port == RS_PORT_FW_CFG) /* write-only */
        return;
    for (unsigned i = 0; i < io->size; i++)
        io->value |= (uint32_t)next_byte(device) << (8 * i);
}
