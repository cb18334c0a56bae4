/* SPDX-License-Identifier: MIT
 * Inside the symbols: images and their functions. */
#ifndef RINGSCOPE_SYMBOLS_INTERNAL_H
#define RINGSCOPE_SYMBOLS_INTERNAL_H

#include "symbols.h"

#include <elfutils/libdw.h>
#include <libelf.h>
#include <stddef.h>

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

#endif
