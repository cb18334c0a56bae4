/* SPDX-License-Identifier: MIT
 * PCI configuration space, mechanism 1, of a bus with nothing but its host bridge. */
#ifndef RINGSCOPE_PCI_CONFIG_H
#define RINGSCOPE_PCI_CONFIG_H

#include "ports.h"

/*
 * Source: "PCI Local Bus Specification", "Configuration Mechanism #1". The address port keeps what
 * is written with 32 bits; every function but 00:00.0 is absent: it reads all ones. The bridge is
 * an Intel 440FX, which kernels know, without registers that do anything.
 */
#define RS_PORT_PCI_ADDRESS 0xcf8
#define RS_PORT_PCI_DATA 0xcfc
#define RS_PCI_PORTS 4 /* of each */

struct rs_pci_config {
    uint32_t address;
};

void rs_pci_config_init(struct rs_pci_config *device);
/* rs_port_fn of both. */
void rs_pci_address_io(void *device, struct rs_port_io *io);
void rs_pci_data_io(void *device, struct rs_port_io *io);

#endif
