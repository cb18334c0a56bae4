/* SPDX-License-Identifier: MIT
 * Small sound images of other kernels. */
#include "fake_direct.h"

#include <string.h>

#define MULTIBOOT_MAGIC 0x1badb002u
#define ADDRESSES_FLAG 0x00010000u

const char *const fake_direct_names[FAKE_DIRECT_KINDS] = {"multiboot ELF", "multiboot addresses",
                                                          "linux", "PVH", "ringscope"};

static void put(struct fake_direct *fake, size_t offset, uint64_t value, size_t width)
{
    memcpy(fake->bytes + offset, &value, width);
}

static void put_multiboot(struct fake_direct *fake, size_t offset, uint32_t flags)
{
    fake->multiboot = (uint32_t *)(void *)(fake->bytes + offset);
    fake->multiboot[0] = MULTIBOOT_MAGIC;
    fake->multiboot[1] = flags;
    fake->multiboot[2] = -(MULTIBOOT_MAGIC + flags);
}

static void init_elf32(struct fake_direct *fake)
{
    Elf32_Ehdr *header = &fake->elf32.header;

    memcpy(header->e_ident, ELFMAG, SELFMAG);
    header->e_ident[EI_CLASS] = ELFCLASS32;
    header->e_ident[EI_DATA] = ELFDATA2LSB;
    header->e_ident[EI_VERSION] = EV_CURRENT;
    header->e_type = ET_EXEC;
    header->e_machine = EM_386;
    header->e_version = EV_CURRENT;
    header->e_entry = FAKE_DIRECT_LOAD + 0x10;
    header->e_phoff = sizeof(*header);
    header->e_phnum = 1;
    header->e_phentsize = sizeof(fake->elf32.program);
    fake->elf32.program = (Elf32_Phdr){
        .p_type = PT_LOAD,
        .p_offset = FAKE_DIRECT_OFFSET,
        .p_vaddr = FAKE_DIRECT_LOAD,
        .p_paddr = FAKE_DIRECT_LOAD,
        .p_filesz = 0x100,
        .p_memsz = 0x1000,
    };
    put_multiboot(fake, FAKE_DIRECT_HEADER, 3);
    fake->size = FAKE_DIRECT_OFFSET + 0x100;
}

static void init_addresses(struct fake_direct *fake)
{
    const uint32_t addresses[] = {FAKE_DIRECT_LOAD + 0x10, FAKE_DIRECT_LOAD,
                                  FAKE_DIRECT_LOAD + 0x80, FAKE_DIRECT_LOAD + 0x200,
                                  FAKE_DIRECT_LOAD + 0x40};

    put_multiboot(fake, 0x20, ADDRESSES_FLAG);
    memcpy(fake->multiboot + 3, addresses, sizeof(addresses));
    fake->size = 0x1000;
}

static void init_linux(struct fake_direct *fake)
{
    fake->size = 0x2000;
    put(fake, 0x1f1, 1, 1);
    put(fake, 0x1fe, 0xaa55, 2);
    put(fake, 0x200, 0x66eb, 2);
    put(fake, 0x202, 0x53726448, 4);
    put(fake, 0x206, 0x020f, 2);
    put(fake, 0x211, 1, 1);
    put(fake, 0x22c, 0x7fffffff, 4);
    put(fake, 0x236, 1, 2);
    put(fake, 0x238, 255, 4);
    put(fake, 0x258, 0x1000000, 8);
    put(fake, 0x260, 0x8000, 4);
}

/* The notes take the place of the build identifier's, at most 32 bytes and what follows them. */
static void init_notes(struct fake_direct *fake, int ringscope)
{
    const uint32_t pvh[] = {4, 4, 18, 0x006e6558 /* "Xen" */, 0x201010};
    const uint32_t own[] = {10, 4, 1};
    size_t offset = offsetof(struct fake_elf, rest);

    fake_elf_init(&fake->elf64);
    fake->size = FAKE_ELF_SIZE;
    memcpy(fake->bytes + offset, pvh, sizeof(pvh));
    memcpy(fake->bytes + offset + sizeof(pvh), own, sizeof(own));
    memcpy(fake->bytes + offset + sizeof(pvh) + sizeof(own), "ringscope", 10);
    fake->elf64.segments[2].p_offset = offset;
    fake->elf64.segments[2].p_filesz = ringscope ? sizeof(pvh) + sizeof(own) + 16 : sizeof(pvh);
}

void fake_direct_init(struct fake_direct *fake, enum fake_direct_kind kind)
{
    memset(fake, 0, sizeof(*fake));
    switch (kind) {
    case FAKE_MULTIBOOT_ELF:
        init_elf32(fake);
        break;
    case FAKE_MULTIBOOT_ADDRESSES:
        init_addresses(fake);
        break;
    case FAKE_LINUX:
        init_linux(fake);
        break;
    default:
        init_notes(fake, kind == FAKE_RINGSCOPE);
        break;
    }
}
