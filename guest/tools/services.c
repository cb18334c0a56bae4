/* SPDX-License-Identifier: MIT
 * The packed service tables, what belongs to them, and the symbol table of the bug check. */

#include "mktables.h"

#include "symbols.h"

#include <ringscope/layout.h>
#include <ringscope/nt/services.h>
#include <string.h>

struct service {
    const char *name; /* NULL: not implemented */
    unsigned args;
    enum rs_service_class class;
};

static const struct service services[RS_SERVICE_SLOTS] = {
#define X(number, name, args, class, arguments)                                                    \
    [RS_SERVICE_SLOT(number)] = {#name, args, RS_SERVICE_CLASS_##class},
    RS_SERVICES(X)
#undef X
#define X(number, name, args) [number] = {NULL, args, (enum rs_service_class)0},
        RS_SERVICES_WITHOUT_BODY(X)
#undef X
};

struct table {
    const char *symbol, *arguments;
    uint32_t first, limit;
};

static unsigned stack_arguments(const struct service *service)
{
    return service->args > RS_SERVICE_REGISTER_ARGS ? service->args - RS_SERVICE_REGISTER_ARGS : 0;
}

/* entry = (function - table) << 4 | stack arguments */
static void write_entries(FILE *out, struct image *image, const struct table *table)
{
    uint64_t base = image_address(image, table->symbol);

    fprintf(out,
            "    .section .tables.rodata, \"a\", @progbits\n    .balign 16\n"
            "    .globl %s\n%s:\n",
            table->symbol, table->symbol);
    for (unsigned i = 0; i < table->limit; i++) {
        const struct service *service = &services[RS_SERVICE_SLOT(table->first + i)];
        const char *name = service->name ? service->name : "KiServiceNotImplemented";
        uint64_t offset = image_address(image, name) - base;

        fprintf(out, "    .long 0x%08x /* %03x %s */\n",
                (uint32_t)(offset << 4) | stack_arguments(service), table->first + i, name);
    }
}

/* Of a service that cannot make its caller a GUI thread. */
static int conversion_result(const struct service *service)
{
    static const struct {
        const char *name;
        int value;
    } results[] = {
#define X(name, value) {#name, value},
        RS_CONVERSION_RESULTS(X)
#undef X
    };

    for (size_t i = 0; service->name && i < sizeof(results) / sizeof(results[0]); i++)
        if (strcmp(results[i].name, service->name) == 0)
            return results[i].value;
    return service->name && service->class == RS_SERVICE_CLASS_WINDOW ? 0 : 1;
}

static void write_table(FILE *out, struct image *image, const struct table *table)
{
    write_entries(out, image, table);
    for (unsigned i = 0; table->first && i < table->limit; i++)
        fprintf(out, "    .byte %d\n",
                conversion_result(&services[RS_SERVICE_SLOT(table->first + i)]));
    fprintf(out, "    .globl %s\n%s:\n", table->arguments, table->arguments);
    for (unsigned i = 0; i < table->limit; i++)
        fprintf(out, "    .byte %u\n",
                4 * stack_arguments(&services[RS_SERVICE_SLOT(table->first + i)]));
}

void write_service_tables(FILE *out, struct image *image)
{
    static const struct table tables[] = {
        {"KiServiceTable", "KiArgumentTable", 0, RS_SERVICE_LIMIT},
        {"W32pServiceTable", "W32pArgumentTable", RS_SERVICE_WIN32, RS_WIN32_SERVICE_LIMIT},
    };

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        write_table(out, image, &tables[i]);
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
