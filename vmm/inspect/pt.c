/* SPDX-License-Identifier: MIT
 * View: page-table walks. */
#include "inspect.h"

#include "decode/decode.h"

#include <inttypes.h>
#include <ringscope/layout.h>

#define LEVEL_BITS 9
#define LEVEL_ENTRIES 512

static void add_entry(struct rs_view *view, uint64_t gva, enum rs_pte_level level,
                      uint64_t entry_gpa, uint64_t entry, const char *absent)
{
    char flags[96];

    rs_view_quadword(view, gva);
    rs_view_cell(view, "%s", rs_pte_level_names[level]);
    rs_view_cell(view, "%09" PRIx64, entry_gpa);
    rs_view_quadword(view, entry);
    if (!(entry & PTE_P)) {
        rs_view_cell(view, "%s", "");
        rs_view_cell(view, "%s", absent);
        rs_view_cell(view, "%s", "");
        return;
    }
    rs_view_cell(view, "%09" PRIx64, rs_pte_address(entry, level));
    rs_decode_pte_flags(entry, level, flags, sizeof(flags));
    rs_view_cell(view, "%s", flags);
    if (rs_pte_is_page(entry, level))
        rs_view_cell(view, "%09" PRIx64 " in a page of %" PRIu64 " KiB",
                     rs_pte_address(entry, level) | (gva & (rs_pte_page_size(level) - 1)),
                     rs_pte_page_size(level) >> 10);
    else
        rs_view_cell(view, "%s", "");
}

static void walk(const struct rs_inspection *inspection, struct rs_view *view, uint64_t root,
                 uint64_t gva)
{
    uint64_t table = root & PTE_ADDRESS_MASK, entry = PTE_P;

    if (!rs_is_canonical(gva, false)) {
        add_entry(view, gva, RS_PTE_LEVEL_PML4E, table, 0, "not canonical: there is no walk");
        return;
    }
    for (int level = RS_PTE_LEVEL_PML4E; level >= RS_PTE_LEVEL_PTE && (entry & PTE_P); level--) {
        unsigned shift = PAGE_SHIFT + LEVEL_BITS * (unsigned)level;
        uint64_t gpa = table + ((gva >> shift) & (LEVEL_ENTRIES - 1)) * sizeof(entry);

        const char *absent = "not present";

        if (rs_memory_read(&inspection->machine->vm.memory, gpa, &entry, sizeof(entry)) != 0) {
            absent = "no memory there";
            entry = 0;
        }
        add_entry(view, gva, (enum rs_pte_level)level, gpa, entry, absent);
        if (rs_pte_is_page(entry, (enum rs_pte_level)level))
            return;
        table = rs_pte_address(entry, (enum rs_pte_level)level);
    }
}

/* With two roots: the one that CR3 does not have. 0: there is one. */
static uint64_t other_root(const struct rs_inspection *inspection)
{
    uint64_t current = inspection->state.cr3 & PTE_ADDRESS_MASK;

    return (inspection->kernel_root & PTE_ADDRESS_MASK) == current ? inspection->user_root
                                                                   : inspection->kernel_root;
}

int rs_inspect_pt(const struct rs_inspection *inspection, struct rs_view *view,
                  struct rs_error *error)
{
    static const char *const columns[] = {"address",   "level", "entry at",      "raw",
                                          "points at", "flags", "address is at", NULL};
    const uint64_t usual[] = {inspection->state.rip,   inspection->state.gpr[RS_RSP],
                              inspection->state.lstar, inspection->state.idt.base,
                              RS_GVA_USER_SHARED_DATA, RS_GVA_KERNEL_SHARED_DATA,
                              RS_GVA_PROGRAM};
    const uint64_t *addresses = inspection->address_count ? inspection->addresses : usual;
    size_t count =
        inspection->address_count ? inspection->address_count : sizeof(usual) / sizeof(usual[0]);

    uint64_t root = inspection->has_root ? inspection->root : inspection->state.cr3;
    uint64_t other = inspection->has_root ? 0 : other_root(inspection);
    char and[64] = "";

    (void)error;
    if (other)
        snprintf(and, sizeof(and), " (ring %d's), and %016" PRIx64 " (ring %d's)",
                 other == inspection->kernel_root ? 3 : 0, other,
                 other == inspection->kernel_root ? 0 : 3);
    rs_view_caption(view, "CR3 %016" PRIx64 "%s%s", root, and,
                    inspection->address_count
                        ? ""
                        : ": RIP, RSP, LSTAR, IDT, KUSER_SHARED_DATA twice, the program");
    rs_view_columns(view, columns);
    for (size_t i = 0; i < count; i++) {
        walk(inspection, view, root, addresses[i]);
        if (other)
            walk(inspection, view, other, addresses[i]);
    }
    return 0;
}
