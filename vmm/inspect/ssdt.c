/* SPDX-License-Identifier: MIT
 * View: the packed service tables. */
#include "inspect.h"

#include "decode/decode.h"
#include "nt/services.h"

#include <inttypes.h>
#include <string.h>

/* The one with both tables, or that of a kernel without a second one. */
static const char *const table_symbols[] = {"KeServiceDescriptorTableShadow",
                                            "KeServiceDescriptorTable"};
#define TABLE_TYPE "kservice_descriptor"
#define TABLES 2
#define LIMIT_MAX (RS_SERVICE_INDEX_MASK + 1)

/* A service table descriptor of NT, by the kernel's own debug information. */
struct layout {
    uint64_t base, count, limit, size;
    unsigned found;
};

struct table {
    uint64_t base, counts; /* counts 0: calls are not counted */
    uint32_t limit;
};

static void see_member(void *context, const char *name, uint64_t offset, uint64_t size)
{
    struct layout *layout = context;

    if (offset + size > layout->size)
        layout->size = offset + size;
    if (strcmp(name, "Base") == 0 && size == sizeof(uint64_t)) {
        layout->base = offset;
        layout->found |= 1;
    } else if (strcmp(name, "Limit") == 0 && size == sizeof(uint32_t)) {
        layout->limit = offset;
        layout->found |= 2;
    } else if (strcmp(name, "Count") == 0 && size == sizeof(uint64_t)) {
        layout->count = offset;
        layout->found |= 4;
    }
}

static int read_descriptor(const struct rs_inspection *inspection, const struct layout *layout,
                           uint64_t address, struct table *table, struct rs_error *error)
{
    if (rs_inspect_read(inspection, address + layout->base, &table->base, sizeof(table->base)) ||
        rs_inspect_read(inspection, address + layout->limit, &table->limit, sizeof(table->limit)) ||
        ((layout->found & 4) && rs_inspect_read(inspection, address + layout->count, &table->counts,
                                                sizeof(table->counts))))
        return rs_error_set(error, RS_EXIT_IMAGE, "ssdt: no memory at %#" PRIx64, address);
    if (table->limit > LIMIT_MAX)
        return rs_error_set(error, RS_EXIT_IMAGE, "ssdt: a limit of %#" PRIx32 " is above %#x",
                            table->limit, LIMIT_MAX);
    return 0;
}

static int find_tables(const struct rs_inspection *inspection, struct table *tables,
                       struct rs_error *error)
{
    struct layout layout = {0};
    struct rs_symbol symbol;
    bool both = rs_symbols_find(inspection->symbols, table_symbols[0], &symbol);

    if (!both && !rs_symbols_find(inspection->symbols, table_symbols[1], &symbol))
        return rs_error_set(error, RS_EXIT_IMAGE, "ssdt: the kernel has no symbol %s",
                            table_symbols[1]);
    rs_symbols_members(inspection->symbols, TABLE_TYPE, see_member, &layout);
    if ((layout.found & 3) != 3)
        return rs_error_set(error, RS_EXIT_IMAGE,
                            "ssdt: the kernel's debug information does not tell Base and Limit of "
                            "struct " TABLE_TYPE);
    layout.size = (layout.size + 7) & ~UINT64_C(7);
    if (both &&
        read_descriptor(inspection, &layout, symbol.address + layout.size, &tables[1], error) != 0)
        return -1;
    return read_descriptor(inspection, &layout, symbol.address, &tables[0], error);
}

static void add_entry(const struct rs_inspection *inspection, struct rs_view *view,
                      const struct table *table, uint32_t number, uint32_t entry)
{
    uint32_t calls, index = number & RS_SERVICE_INDEX_MASK;
    uint64_t target = rs_service_entry_target(table->base, entry);
    const char *name = rs_service_name(number);
    char text[RS_SYMBOL_TEXT_MAX];

    rs_view_cell(view, "%03x", number);
    rs_view_cell(view, "%s", name ? name : "");
    rs_view_cell(view, "%08x", entry);
    rs_view_cell(view, "%u", rs_service_entry_arguments(entry));
    if (table->counts && rs_inspect_read(inspection, table->counts + index * sizeof(calls), &calls,
                                         sizeof(calls)) == 0)
        rs_view_cell(view, "%" PRIu32, calls);
    else
        rs_view_cell(view, "%s", "");
    rs_view_quadword(view, target);
    rs_view_cell(view, "%s", rs_inspect_function(inspection, target, text));
}

static int add_table(const struct rs_inspection *inspection, struct rs_view *view,
                     const struct table *table, uint32_t first, uint32_t *left_out,
                     struct rs_error *error)
{
    for (uint32_t index = 0; index < table->limit; index++) {
        uint64_t address = table->base + index * sizeof(uint32_t);
        uint32_t entry;

        if (!inspection->all && !rs_service_name(first + index)) {
            ++*left_out;
            continue;
        }
        if (rs_inspect_read(inspection, address, &entry, sizeof(entry)) != 0)
            return rs_error_set(error, RS_EXIT_IMAGE, "ssdt: no memory at %#" PRIx64, address);
        add_entry(inspection, view, table, first + index, entry);
    }
    return 0;
}

int rs_inspect_ssdt(const struct rs_inspection *inspection, struct rs_view *view,
                    struct rs_error *error)
{
    static const char *const columns[] = {"number", "service", "raw",      "stack arguments",
                                          "calls",  "target",  "function", NULL};
    struct table tables[TABLES] = {0};
    uint32_t left_out = 0;
    char second[64] = "";

    if (find_tables(inspection, tables, error) != 0)
        return -1;
    rs_view_columns(view, columns);
    for (uint32_t i = 0; i < TABLES; i++)
        if (add_table(inspection, view, &tables[i], i << RS_SERVICE_TABLE_SHIFT, &left_out,
                      error) != 0)
            return -1;
    if (tables[1].limit)
        snprintf(second, sizeof(second), "; second table base %016" PRIx64 " limit %#" PRIx32,
                 tables[1].base, tables[1].limit);
    rs_view_caption(view, "base %016" PRIx64 " limit %#" PRIx32 "%s%s", tables[0].base,
                    tables[0].limit, second,
                    left_out ? "; entries without a name are left out (--all shows them)" : "");
    return 0;
}
