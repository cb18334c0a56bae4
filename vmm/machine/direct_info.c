/* SPDX-License-Identifier: MIT
 * What Multiboot, PVH and Linux tell a kernel at its entry. */
#include "direct_boot.h"

#include "kvm/entry.h"

#include <ringscope/layout.h>
#include <string.h>

/* Offsets in RS_GPA_DIRECT_BOOT..END; the information is at its start. */
enum {
    LISTS = 0x1000, /* memory map, module */
    GDT = 0x3000,
    TABLES = 0x4000 /* PML4, PDPT, four page directories: 4 GiB */
};
#define PAGE_DIRECTORIES 4

/* "Types" of the memory map, the same in all three protocols. */
#define MEMORY_USABLE 1
#define MEMORY_RESERVED 2

struct range {
    uint64_t start, size;
    uint32_t type;
};
#define RANGES 3

static void memory_map(uint64_t memory_size, struct range ranges[RANGES])
{
    ranges[0] = (struct range){0, RS_GPA_LOW_MEMORY_END, MEMORY_USABLE};
    ranges[1] = (struct range){RS_GPA_LOW_MEMORY_END, RS_GPA_HIGH_MEMORY - RS_GPA_LOW_MEMORY_END,
                               MEMORY_RESERVED};
    ranges[2] = (struct range){RS_GPA_HIGH_MEMORY, memory_size - RS_GPA_HIGH_MEMORY, MEMORY_USABLE};
}

/* "Multiboot Specification version 0.6.96", "Boot information format". */
struct multiboot_info {
    uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4],
        mmap_length, mmap_addr, drives[2], config_table, boot_loader_name;
};
#define MULTIBOOT_MEMORY 0x001
#define MULTIBOOT_CMDLINE 0x004
#define MULTIBOOT_MODS 0x008
#define MULTIBOOT_MMAP 0x040
#define MULTIBOOT_LOADER_NAME 0x200

struct multiboot_mmap {
    uint32_t size; /* of what follows */
    uint64_t start, length;
    uint32_t type;
} __attribute__((packed));

struct multiboot_lists {
    struct multiboot_mmap mmap[RANGES];
    struct {
        uint32_t start, end, string, reserved;
    } module;
    char loader[16];
};

int rs_direct_info_multiboot(const struct rs_memory *memory, const struct rs_direct_places *places)
{
    const uint32_t lists_gpa = (uint32_t)places->info + LISTS;
    struct multiboot_lists lists = {.loader = "ringscope"};
    struct range ranges[RANGES];
    struct multiboot_info info = {
        .flags = MULTIBOOT_MEMORY | MULTIBOOT_CMDLINE | MULTIBOOT_MMAP | MULTIBOOT_LOADER_NAME,
        .mem_lower = (uint32_t)(RS_GPA_LOW_MEMORY_END >> 10),
        .mem_upper = (uint32_t)((places->memory_size - RS_GPA_HIGH_MEMORY) >> 10),
        .cmdline = (uint32_t)places->command_line,
        .mmap_length = sizeof(lists.mmap),
        .mmap_addr = lists_gpa,
        .boot_loader_name = lists_gpa + (uint32_t)offsetof(struct multiboot_lists, loader),
    };

    memory_map(places->memory_size, ranges);
    for (unsigned i = 0; i < RANGES; i++)
        lists.mmap[i] = (struct multiboot_mmap){sizeof(lists.mmap[i]) - sizeof(lists.mmap[i].size),
                                                ranges[i].start, ranges[i].size, ranges[i].type};
    if (places->initrd_size > 0) {
        info.flags |= MULTIBOOT_MODS;
        info.mods_count = 1;
        info.mods_addr = lists_gpa + (uint32_t)offsetof(struct multiboot_lists, module);
        lists.module.start = (uint32_t)places->initrd;
        lists.module.end = (uint32_t)(places->initrd + places->initrd_size);
        lists.module.string = info.boot_loader_name + sizeof("ringscope") - 1; /* an empty one */
    }
    return rs_memory_write(memory, places->info, &info, sizeof(info)) ||
           rs_memory_write(memory, lists_gpa, &lists, sizeof(lists));
}

/* Xen's public header "arch-x86/hvm/start_info.h". */
#define PVH_MAGIC 0x336ec578
#define PVH_VERSION 1

struct hvm_start_info {
    uint32_t magic, version, flags, nr_modules;
    uint64_t modlist, cmdline, rsdp, memmap;
    uint32_t memmap_entries, reserved;
};

struct pvh_lists {
    struct {
        uint64_t addr, size;
        uint32_t type, reserved;
    } memmap[RANGES];
    struct {
        uint64_t start, size, cmdline, reserved;
    } module;
};

int rs_direct_info_pvh(const struct rs_memory *memory, const struct rs_direct_places *places)
{
    const uint64_t lists_gpa = places->info + LISTS;
    struct pvh_lists lists = {0};
    struct range ranges[RANGES];
    struct hvm_start_info info = {
        .magic = PVH_MAGIC,
        .version = PVH_VERSION,
        .cmdline = places->command_line,
        .rsdp = RS_GPA_ACPI_TABLES,
        .memmap = lists_gpa,
        .memmap_entries = RANGES,
    };

    memory_map(places->memory_size, ranges);
    for (unsigned i = 0; i < RANGES; i++) {
        lists.memmap[i].addr = ranges[i].start;
        lists.memmap[i].size = ranges[i].size;
        lists.memmap[i].type = ranges[i].type;
    }
    if (places->initrd_size > 0) {
        info.nr_modules = 1;
        info.modlist = lists_gpa + offsetof(struct pvh_lists, module);
        lists.module.start = places->initrd;
        lists.module.size = places->initrd_size;
    }
    return rs_memory_write(memory, places->info, &info, sizeof(info)) ||
           rs_memory_write(memory, lists_gpa, &lists, sizeof(lists));
}

/* "The Linux/x86 Boot Protocol", "Zero Page": offsets in struct boot_params. */
enum {
    ZERO_ACPI_RSDP = 0x070,
    ZERO_E820_ENTRIES = 0x1e8,
    ZERO_TYPE_OF_LOADER = 0x210,
    ZERO_RAMDISK = 0x218, /* image, size */
    ZERO_CMD_LINE = 0x228,
    ZERO_E820_TABLE = 0x2d0
};
#define LOADER_UNREGISTERED 0xff

struct e820_entry {
    uint64_t start, size;
    uint32_t type;
} __attribute__((packed));

int rs_direct_info_linux(const struct rs_memory *memory, const struct rs_direct_places *places,
                         const struct rs_direct_image *image)
{
    uint8_t page[PAGE_SIZE] = {0};
    const uint64_t rsdp = RS_GPA_ACPI_TABLES;
    const uint32_t ramdisk[2] = {(uint32_t)places->initrd, (uint32_t)places->initrd_size};
    const uint32_t command_line = (uint32_t)places->command_line;
    struct range ranges[RANGES];

    /* The header is at most 0x1ff + 0x11 bytes long: its length is told in one byte. */
    memcpy(page + RS_LINUX_HEADER, image->bytes + RS_LINUX_HEADER, image->header_size);
    memcpy(page + ZERO_ACPI_RSDP, &rsdp, sizeof(rsdp));
    page[ZERO_TYPE_OF_LOADER] = LOADER_UNREGISTERED;
    memcpy(page + ZERO_RAMDISK, ramdisk, sizeof(ramdisk));
    memcpy(page + ZERO_CMD_LINE, &command_line, sizeof(command_line));
    memory_map(places->memory_size, ranges);
    page[ZERO_E820_ENTRIES] = RANGES;
    for (unsigned i = 0; i < RANGES; i++) {
        const struct e820_entry entry = {ranges[i].start, ranges[i].size, ranges[i].type};

        memcpy(page + ZERO_E820_TABLE + i * sizeof(entry), &entry, sizeof(entry));
    }
    return rs_memory_write(memory, places->info, page, sizeof(page));
}

int rs_direct_info_long_mode(const struct rs_memory *memory, uint64_t *cr3, uint64_t *gdt)
{
    const uint64_t pml4 = RS_GPA_DIRECT_BOOT + TABLES, pdpt = pml4 + PAGE_SIZE,
                   directories = pdpt + PAGE_SIZE;
    uint64_t entry = pdpt | PTE_P | PTE_W;

    *cr3 = pml4;
    *gdt = RS_GPA_DIRECT_BOOT + GDT;
    if (rs_memory_write(memory, *gdt, rs_linux_gdt, sizeof(rs_linux_gdt)) != 0 ||
        rs_memory_write(memory, pml4, &entry, sizeof(entry)) != 0)
        return -1;
    for (unsigned i = 0; i < PAGE_DIRECTORIES; i++) {
        entry = (directories + i * PAGE_SIZE) | PTE_P | PTE_W;
        if (rs_memory_write(memory, pdpt + i * sizeof(entry), &entry, sizeof(entry)) != 0)
            return -1;
    }
    for (uint64_t i = 0; i < PAGE_DIRECTORIES * PAGE_SIZE / sizeof(entry); i++) {
        entry = i << LARGE_PAGE_SHIFT | PTE_P | PTE_W | PTE_PS;
        if (rs_memory_write(memory, directories + i * sizeof(entry), &entry, sizeof(entry)) != 0)
            return -1;
    }
    return 0;
}
