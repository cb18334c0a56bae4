/* SPDX-License-Identifier: MIT
 * QEMU's firmware configuration device: numbers that a kernel reads about its machine. */
#ifndef RINGSCOPE_FW_CFG_H
#define RINGSCOPE_FW_CFG_H

#include "ports.h"

#include <stddef.h>

/*
 * Source: QEMU documentation, "QEMU Firmware Configuration (fw_cfg) Device". A 16-bit OUT to the
 * first port selects a key and its first byte; each 8-bit IN from the second gives the next one.
 * Behind the end of an item, and for keys that are not there, it gives zeros. No DMA, no files, no
 * writes.
 */
#define RS_PORT_FW_CFG 0x510
#define RS_FW_CFG_PORTS 2
#define RS_FW_CFG_ITEMS 8

struct rs_fw_cfg {
    uint16_t key;
    uint32_t offset; /* of the next byte */
    unsigned count;
    struct {
        uint16_t key;
        uint8_t size; /* bytes of value, little-endian */
        uint64_t value;
    } items[RS_FW_CFG_ITEMS];
};

void rs_fw_cfg_init(struct rs_fw_cfg *device, uint64_t memory_size, unsigned cpus);
void rs_fw_cfg_io(void *device, struct rs_port_io *io); /* an rs_port_fn */

#endif
