/* SPDX-License-Identifier: MIT
 * Small sound images of other kernels, made to be spoilt. */
#ifndef RINGSCOPE_TESTS_FAKE_DIRECT_H
#define RINGSCOPE_TESTS_FAKE_DIRECT_H

#include "fake_elf.h"

/*
 * Multiboot ELF: one segment, file 1000h+100h, at 100000h, 1000h in memory, entry 100010h; header
 * at 100h. Addresses: header at 20h for 100010h, loads 80h from 10h on to 100000h, 200h in memory,
 * entry 100040h. Linux: setup of one sector, kernel at 1000000h. PVH: fake_elf with the note
 * XEN_ELFNOTE_PHYS32_ENTRY, 201010h; ringscope's: the same with its note behind it.
 */
#define FAKE_DIRECT_LOAD 0x100000u
#define FAKE_DIRECT_OFFSET 0x1000u
#define FAKE_DIRECT_HEADER 0x100u

enum fake_direct_kind {
    FAKE_MULTIBOOT_ELF,
    FAKE_MULTIBOOT_ADDRESSES,
    FAKE_LINUX,
    FAKE_PVH,
    FAKE_RINGSCOPE,
    FAKE_DIRECT_KINDS
};
extern const char *const fake_direct_names[FAKE_DIRECT_KINDS];

struct fake_direct {
    union {
        uint8_t bytes[sizeof(struct fake_elf)];
        struct {
            Elf32_Ehdr header;
            Elf32_Phdr program;
        } elf32;
        struct fake_elf elf64;
    };
    uint32_t *multiboot; /* the header; NULL: none */
    size_t size;
};

void fake_direct_init(struct fake_direct *fake, enum fake_direct_kind kind);

#endif
