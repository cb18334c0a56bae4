/* SPDX-License-Identifier: MIT
 * PCI configuration space, mechanism 1. */
#include "pci_config.h"

#define ADDRESS_ENABLE 0x80000000u
#define ADDRESS_FUNCTION 0x00ffff00u /* bus, device, function */
#define ADDRESS_REGISTER 0x000000fcu

/* "Configuration Space Header" of the bridge: type 0, class "host bridge". */
static const struct {
    uint8_t offset;
    uint32_t value;
} bridge[] = {
    {0x00, 0x12378086}, /* device 82441FX of Intel */
    {0x08, 0x06000002}, /* class, revision */
};

void rs_pci_config_init(struct rs_pci_config *device)
{
    device->address = 0;
}

/* Narrow accesses to these ports are not configuration accesses: nothing is there (0xcf9, where a
 * reset is asked for, has a device of its own). */
void rs_pci_address_io(void *context, struct rs_port_io *io)
{
    struct rs_pci_config *device = context;

    if (io->port != RS_PORT_PCI_ADDRESS || io->size != 4)
        io->value = io->out ? io->value : UINT32_MAX;
    else if (io->out)
        device->address = io->value;
    else
        io->value = device->address;
}

static uint32_t read_register(uint32_t address)
{
    if (!(address & ADDRESS_ENABLE) || (address & ADDRESS_FUNCTION) != 0)
        return UINT32_MAX;
    for (unsigned i = 0; i < sizeof(bridge) / sizeof(bridge[0]); i++)
        if (bridge[i].offset == (address & ADDRESS_REGISTER))
            return bridge[i].value;
    return 0;
}

void rs_pci_data_io(void *context, struct rs_port_io *io)
{
    const struct rs_pci_config *device = context;
    unsigned shift = (io->port - RS_PORT_PCI_DATA) * 8u;

    if (!io->out)
        io->value = read_register(device->address) >> shift;
}
