/* SPDX-License-Identifier: MIT
 * View: the stacks that the processor may switch to. */
#include "inspect.h"

#include <inttypes.h>
#include <ringscope/x86/cpu.h>
#include <string.h>

#define PAGES_MAX 256 /* looked at below a top: no stack is larger than 1 MiB */

/* Down to the first page that is not mapped: the guard page. */
static uint64_t bottom_of(const struct rs_inspection *inspection, uint64_t top)
{
    uint64_t page = (top - 1) & ~(PAGE_SIZE - 1), gpa, rights;
    unsigned count = 0;

    while (count < PAGES_MAX && rs_memory_walk(&inspection->machine->vm.memory,
                                               inspection->state.cr3, page, &gpa, &rights) == 0) {
        page -= PAGE_SIZE;
        count++;
    }
    return count ? page + PAGE_SIZE : top;
}

static void add_stack(const struct rs_inspection *inspection, struct rs_view *view,
                      const char *name, uint64_t top)
{
    uint64_t bottom = bottom_of(inspection, top);
    char text[RS_SYMBOL_TEXT_MAX];

    if (top == 0)
        return;
    rs_view_cell(view, "%s", name);
    rs_view_quadword(view, top);
    rs_view_cell(view, "%s", rs_inspect_stack(inspection, top, text));
    rs_view_quadword(view, bottom);
    rs_view_cell(view, "%" PRIu64 " KiB", (top - bottom) >> 10);
}

int rs_inspect_stacks(const struct rs_inspection *inspection, struct rs_view *view,
                      struct rs_error *error)
{
    static const char *const columns[] = {"stack", "top", "object", "mapped from", "size", NULL};
    static const char *const names[] = {"IST1", "IST2", "IST3", "IST4", "IST5", "IST6", "IST7"};
    uint8_t tss[TSS64_SIZE];
    uint64_t top;

    rs_view_caption(view, "that are not 0; RSP is the current one, in ring %u",
                    inspection->state.cpl);
    rs_view_columns(view, columns);
    if (rs_inspect_read_tss(inspection, tss) != 0)
        return rs_error_set(error, RS_EXIT_IMAGE, "stacks: no TSS in memory at %#" PRIx64,
                            inspection->state.tr.base);
    memcpy(&top, tss + TSS64_RSP0, sizeof(top));
    add_stack(inspection, view, "RSP0", top);
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        memcpy(&top, tss + TSS64_IST1 + i * sizeof(top), sizeof(top));
        add_stack(inspection, view, names[i], top);
    }
    add_stack(inspection, view, "RSP", inspection->state.gpr[RS_RSP]);
    return 0;
}
