/* SPDX-License-Identifier: MIT
 * What Multiboot, PVH and Linux boot loaders say, read as their specifications lay it out. */
#include "selftest.h"

#define MULTIBOOT_LOADED 0x2badb002
#define PVH_MAGIC 0x336ec578

static uint32_t field(const void *base, unsigned offset)
{
    return *(const uint32_t *)((const char *)base + offset);
}

static const void *pointer(uint32_t address)
{
    return (const void *)(unsigned long)address;
}

static void add_range(struct boot *boot, uint32_t start, uint32_t size, uint32_t type)
{
    if (type != 1)
        return;
    if (start == 0)
        boot->low_kib = size >> 10;
    else if (start == 0x100000)
        boot->memory_kib = size >> 10;
}

static void read_multiboot(const char *info, struct boot *boot)
{
    uint32_t flags = field(info, 0), offset = 0;
    const char *map = pointer(field(info, 48));

    boot->protocol = "multiboot";
    boot->command_line = flags & 0x4 ? pointer(field(info, 16)) : "";
    for (; (flags & 0x40) && offset < field(info, 44); offset += field(map, offset) + 4)
        add_range(boot, field(map, offset + 4), field(map, offset + 12), field(map, offset + 20));
    check(boot->memory_kib == field(info, 8) && boot->low_kib == field(info, 4),
          "mem_lower and mem_upper say what the memory map says");
    if ((flags & 0x8) && field(info, 20) == 1) {
        const char *module = pointer(field(info, 24));

        boot->module = pointer(field(module, 0));
        boot->module_size = field(module, 4) - field(module, 0);
    }
}

static void read_pvh(const char *info, struct boot *boot)
{
    const char *map = pointer(field(info, 40));

    boot->protocol = "pvh";
    boot->command_line = pointer(field(info, 24));
    for (uint32_t i = 0; i < field(info, 48); i++, map += 24)
        add_range(boot, field(map, 0), field(map, 8), field(map, 16));
    check(*(const char *)pointer(field(info, 32)) == 'R', "rsdp_paddr points at the RSDP");
    if (field(info, 12) == 1) {
        const char *module = pointer(field(info, 16));

        boot->module = pointer(field(module, 0));
        boot->module_size = field(module, 8);
    }
}

static void read_linux(const char *zero_page, struct boot *boot)
{
    const char *map = zero_page + 0x2d0;

    boot->protocol = "linux";
    boot->command_line = pointer(field(zero_page, 0x228));
    for (int i = 0; i < zero_page[0x1e8]; i++, map += 20)
        add_range(boot, field(map, 0), field(map, 8), field(map, 16));
    check(field(zero_page, 0x202) == 0x53726448, "the setup header is in the boot parameters");
    check((uint8_t)zero_page[0x210] == 0xff, "type_of_loader is filled");
    boot->module = pointer(field(zero_page, 0x218));
    boot->module_size = field(zero_page, 0x21c);
}

void boot_read(unsigned long magic, unsigned long info, struct boot *boot)
{
    const char *bytes = (const char *)info;

    if (magic == MULTIBOOT_LOADED)
        read_multiboot(bytes, boot);
    else if (field(bytes, 0) == PVH_MAGIC)
        read_pvh(bytes, boot);
    else
        read_linux(bytes, boot);
}
