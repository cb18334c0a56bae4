/* SPDX-License-Identifier: MIT
 * A small sound ELF64 file for the loader's tests, made to be spoilt. */
#ifndef RINGSCOPE_TESTS_FAKE_ELF_H
#define RINGSCOPE_TESTS_FAKE_ELF_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_ELF_SIZE 0x3000
#define FAKE_ELF_SEGMENTS 3 /* text, data, note */
#define FAKE_ELF_SECTIONS 3 /* null, symbols, strings */
#define FAKE_ELF_SYMBOLS 7

/*
 * Text: R X, file 1000h+800h, at 140001000h (physical 201000h). Data: R W, file 2000h+100h, 900h in
 * memory, at 140002000h (202000h). Note: the build identifier 01 02 ... 14h. Entry 140001010h.
 */
struct fake_elf {
    Elf64_Ehdr header;
    Elf64_Phdr segments[FAKE_ELF_SEGMENTS];
    Elf64_Shdr sections[FAKE_ELF_SECTIONS];
    struct {
        Elf64_Nhdr header;
        char name[4];
        uint8_t id[20];
    } note;
    Elf64_Sym symbols[FAKE_ELF_SYMBOLS];
    char strings[64];
    uint8_t rest[0x2d48];
};

void fake_elf_init(struct fake_elf *elf);

#endif
