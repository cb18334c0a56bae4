/* SPDX-License-Identifier: MIT
 * View: the packed service table. */
#include "inspect.h"

#include "decode/decode.h"
#include "nt/services.h"

#include <inttypes.h>
#include <string.h>

#define TABLE_SYMBOL "KeServiceDescriptorTable"
#define TABLE_TYPE "kservice_descriptor"
#define LIMIT_MAX (RS_SERVICE_INDEX_MASK + 1)

/* A service table descriptor of NT, by the kernel's own debug information. */
struct descriptor {
    uint64_t base_offset, limit_offset;
    unsigned found;
};

static void see_member(void *context, const char *name, uint64_t offset, uint64_t size)
{
    struct descriptor *descriptor = context;

    if (strcmp(name, "Base") == 0 && size == sizeof(uint64_t)) {
        descriptor->base_offset = offset;
        descriptor->found |= 1;
    } else if (strcmp(name, "Limit") == 0 && size == sizeof(uint32_t)) {
        descriptor->limit_offset = offset;
        descriptor->found |= 2;
    }
}

static int find_table(const struct rs_inspection *inspection, uint64_t *base, uint32_t *limit,
                      struct rs_error *error)
{
    struct descriptor descriptor = {0};
    struct rs_symbol table;

    if (!rs_symbols_find(inspection->symbols, TABLE_SYMBOL, &table))
        return rs_error_set(error, RS_EXIT_IMAGE, "ssdt: the kernel has no symbol " TABLE_SYMBOL);
    rs_symbols_members(inspection->symbols, TABLE_TYPE, see_member, &descriptor);
    if (descriptor.found != 3)
        return rs_error_set(error, RS_EXIT_IMAGE,
                            "ssdt: the kernel's debug information does not tell Base and Limit of "
                            "struct " TABLE_TYPE);
    if (rs_inspect_read(inspection, table.address + descriptor.base_offset, base, sizeof(*base)) ||
        rs_inspect_read(inspection, table.address + descriptor.limit_offset, limit, sizeof(*limit)))
        return rs_error_set(error, RS_EXIT_IMAGE, "ssdt: no memory at %#" PRIx64, table.address);
    if (*limit > LIMIT_MAX)
        return rs_error_set(error, RS_EXIT_IMAGE, "ssdt: a limit of %#" PRIx32 " is above %#x",
                            *limit, LIMIT_MAX);
    return 0;
}

static void add_entry(const struct rs_inspection *inspection, struct rs_view *view, uint32_t index,
                      uint32_t entry, uint64_t base)
{
    uint64_t target = rs_service_entry_target(base, entry);
    const char *name = rs_service_name(index);
    char text[RS_SYMBOL_TEXT_MAX];

    rs_view_cell(view, "%03x", index);
    rs_view_cell(view, "%s", name ? name : "");
    rs_view_cell(view, "%08x", entry);
    rs_view_cell(view, "%u", rs_service_entry_arguments(entry));
    rs_view_quadword(view, target);
    rs_view_cell(view, "%s", rs_inspect_function(inspection, target, text));
}

int rs_inspect_ssdt(const struct rs_inspection *inspection, struct rs_view *view,
                    struct rs_error *error)
{
    static const char *const columns[] = {"index",  "service",  "raw", "stack arguments",
                                          "target", "function", NULL};
    uint32_t limit = 0, left_out = 0;
    uint64_t base = 0;

    if (find_table(inspection, &base, &limit, error) != 0)
        return -1;
    rs_view_columns(view, columns);
    for (uint32_t index = 0; index < limit; index++) {
        uint32_t entry;

        if (!inspection->all && !rs_service_name(index)) {
            left_out++;
            continue;
        }
        if (rs_inspect_read(inspection, base + index * sizeof(entry), &entry, sizeof(entry)) != 0)
            return rs_error_set(error, RS_EXIT_IMAGE, "ssdt: no memory at %#" PRIx64,
                                base + index * sizeof(entry));
        add_entry(inspection, view, index, entry, base);
    }
    rs_view_caption(view, "base %016" PRIx64 " limit %#" PRIx32 "%s", base, limit,
                    left_out ? "; entries without a name are left out (--all shows them)" : "");
    return 0;
}
