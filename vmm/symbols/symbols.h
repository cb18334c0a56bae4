/* SPDX-License-Identifier: MIT
 * Symbols: guest addresses as image!function+offset and file:line, by elfutils. */
#ifndef RINGSCOPE_SYMBOLS_H
#define RINGSCOPE_SYMBOLS_H

#include "blob.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Images are ELF64 files that the loader has accepted. An image without a symbol table, or with a
 * damaged one, has no names; nothing of it is trusted. Bytes of a name that are not printable are
 * shown as '?'.
 */
#define RS_SYMBOL_IMAGES_MAX 4
#define RS_SYMBOL_TEXT_MAX 160

struct rs_symbols; /* opaque */

/* NULL when memory is short. */
struct rs_symbols *rs_symbols_new(void);
void rs_symbols_free(struct rs_symbols *symbols);

/* Adds an image under the base name of blob->name; its bytes must outlive the symbols. Returns 0,
 * or -1 when there is no room or elfutils cannot read it: addresses in it stay numbers. */
int rs_symbols_add(struct rs_symbols *symbols, const struct rs_blob *blob);

/* "demo!main+0x1c" into `text`; "+0x0" is left out. False, and "0x1400012f4", when no function
 * holds the address. `symbols` may be NULL. */
bool rs_symbols_format(const struct rs_symbols *symbols, uint64_t address, char *text, size_t size);

/* The other way: the first and last address of an image ("demo"), of a function ("demo!main"), or
 * of one instruction ("demo!main+0x1c"). `name` has no end of its own. Returns 0, or -1 with what
 * is wrong in `message`. */
int rs_symbols_resolve(const struct rs_symbols *symbols, const char *name, size_t length,
                       uint64_t *first, uint64_t *last, char *message, size_t size);
/* A symbol of any type: a function, an object, a label. */
struct rs_symbol {
    char text[RS_SYMBOL_TEXT_MAX]; /* "image!name" */
    uint64_t address, size;        /* bytes; 0 unknown */
};

/* The symbol "name", or "image!name". False when no image has it. */
bool rs_symbols_find(const struct rs_symbols *symbols, const char *name, struct rs_symbol *found);
/* The object that holds the address, or a label that is there; not a function. */
bool rs_symbols_object(const struct rs_symbols *symbols, uint64_t address, struct rs_symbol *found);

/* Calls for each member of the first structure type of that name that debug information has:
 * offset and size in bytes. Returns how many there were: 0 without such a type. */
typedef void (*rs_member_fn)(void *context, const char *name, uint64_t offset, uint64_t size);
unsigned rs_symbols_members(const struct rs_symbols *symbols, const char *type,
                            rs_member_fn function, void *context);

/* "demo.c:57" of an address in code with debug information. False and "" otherwise. */
bool rs_symbols_line(const struct rs_symbols *symbols, uint64_t address, char *text, size_t size);

#endif
