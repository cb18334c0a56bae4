/* SPDX-License-Identifier: MIT
 * Format of the kernel's own symbol table; written by mktables, read by the bug check. */
#ifndef KERNEL_SYMBOLS_H
#define KERNEL_SYMBOLS_H

#include <stdint.h>

#define KERNEL_SYMBOLS_MAX 1024
#define KERNEL_SYMBOL_NAMES_MAX 24576

/* Sorted by offset. The sizes are fixed so that filling the table moves nothing. */
struct kernel_symbols {
    uint32_t count;
    struct {
        uint32_t offset; /* from RS_GVA_KERNEL */
        uint32_t size;
        uint32_t name; /* in names */
    } entries[KERNEL_SYMBOLS_MAX];
    char names[KERNEL_SYMBOL_NAMES_MAX];
};

extern const struct kernel_symbols KiSymbols;

#endif
