/* SPDX-License-Identifier: MIT
 * What the files of symbols/ share: the images. */
#ifndef RINGSCOPE_SYMBOLS_INTERNAL_H
#define RINGSCOPE_SYMBOLS_INTERNAL_H

#include "symbols.h"

#include <elfutils/libdw.h>
#include <gelf.h>

struct function {
    const char *name;
    uint64_t start, end;
};

struct image {
    const char *name;
    Elf *elf;
    Dwarf *dwarf;               /* NULL: no debug information */
    struct function *functions; /* sorted by start */
    size_t count;
};

struct rs_symbols {
    struct image images[RS_SYMBOL_IMAGES_MAX];
    unsigned count;
};

/* The section of its symbol table, with its header; NULL: stripped. */
Elf_Scn *rs_image_symbol_table(Elf *elf, GElf_Shdr *header);

/* Bytes of a name that a terminal should not see become '?'. */
void rs_symbol_make_printable(char *text);

#endif
