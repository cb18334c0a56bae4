/* SPDX-License-Identifier: MIT
 * The packed service table, the argument table, and the symbol table of the bug check. */

#include "mktables.h"

#include "symbols.h"

#include <ringscope/layout.h>
#include <ringscope/nt/services.h>
#include <string.h>

struct service {
    const char *name; /* NULL: not implemented */
    unsigned args;
};

static const struct service services[RS_SERVICE_LIMIT] = {
#define X(number, name, args, class, arguments) [number] = {#name, args},
    RS_SERVICES(X)
#undef X
};

static unsigned stack_arguments(const struct service *service)
{
    return service->args > RS_SERVICE_REGISTER_ARGS ? service->args - RS_SERVICE_REGISTER_ARGS : 0;
}

/* entry = (function - table) << 4 | stack arguments */
void write_service_tables(FILE *out, struct image *image)
{
    uint64_t base = image_address(image, "KiServiceTable");

    fprintf(out, "    .section .tables.rodata, \"a\", @progbits\n    .balign 16\n"
                 "    .globl KiServiceTable\nKiServiceTable:\n");
    for (unsigned i = 0; i < RS_SERVICE_LIMIT; i++) {
        const char *name = services[i].name ? services[i].name : "KiServiceNotImplemented";
        uint64_t offset = image_address(image, name) - base;

        fprintf(out, "    .long 0x%08x /* %03x %s */\n",
                (uint32_t)(offset << 4) | stack_arguments(&services[i]), i, name);
    }
    fprintf(out, "    .globl KiArgumentTable\nKiArgumentTable:\n");
    for (unsigned i = 0; i < RS_SERVICE_LIMIT; i++)
        fprintf(out, "    .byte %u\n", 4 * stack_arguments(&services[i]));
}

/* Functions, one name for each address. The reserved size does not depend on their number. */
bool write_symbol_table(FILE *out, const struct image *image)
{
    const struct symbol *functions[KERNEL_SYMBOLS_MAX];
    size_t count = 0, names = 0;

    for (size_t i = 0; i < image->symbol_count; i++) {
        const struct symbol *symbol = &image->symbols[i];

        if (!symbol->function || (count && functions[count - 1]->address == symbol->address))
            continue;
        if (count == KERNEL_SYMBOLS_MAX ||
            names + strlen(symbol->name) + 1 > KERNEL_SYMBOL_NAMES_MAX) {
            fprintf(stderr, "mktables: more symbols than symbols.h has room for\n");
            return false;
        }
        functions[count++] = symbol;
        names += strlen(symbol->name) + 1;
    }
    fprintf(out, "    .balign 16\n    .globl KiSymbols\nKiSymbols:\n    .long %zu\n", count);
    names = 0;
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "    .long 0x%x, 0x%x, %zu\n",
                (uint32_t)(functions[i]->address - RS_GVA_KERNEL), (uint32_t)functions[i]->size,
                names);
        names += strlen(functions[i]->name) + 1;
    }
    fprintf(out, "    .skip %zu\n",
            (KERNEL_SYMBOLS_MAX - count) * sizeof(((struct kernel_symbols *)0)->entries[0]));
    for (size_t i = 0; i < count; i++)
        fprintf(out, "    .asciz \"%s\"\n", functions[i]->name);
    fprintf(out, "    .skip %zu\n", KERNEL_SYMBOL_NAMES_MAX - names);
    return true;
}
