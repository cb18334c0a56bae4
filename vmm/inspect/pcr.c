/* SPDX-License-Identifier: MIT
 * View: the processor control region, as the kernel's debug information has it. */
#include "inspect.h"

#include <inttypes.h>
#include <string.h>

struct reader {
    const struct rs_inspection *inspection;
    struct rs_view *view;
    uint64_t base;
};

/* A pointer to the end of an object is a stack's. */
static void add_meaning(struct reader *reader, const char *name, uint64_t value)
{
    char text[RS_SYMBOL_TEXT_MAX];

    rs_view_cell(reader->view, "%s",
                 strncmp(name, "Rsp", 3) == 0 ? rs_inspect_stack(reader->inspection, value, text)
                                              : rs_inspect_data(reader->inspection, value, text));
}

/* What is longer than a quadword has members of its own; only its size is shown. */
static void see_member(void *context, const char *name, uint64_t offset, uint64_t size)
{
    struct reader *reader = context;
    uint64_t value = 0;

    if (strncmp(name, "Fill", 4) == 0)
        return;
    rs_view_cell(reader->view, "+0x%04" PRIx64, offset);
    rs_view_cell(reader->view, "%s", name);
    if (size == 0 || size > sizeof(value)) {
        rs_view_cell(reader->view, "(%" PRIu64 " bytes)", size);
        rs_view_cell(reader->view, "%s", "");
    } else if (rs_inspect_read(reader->inspection, reader->base + offset, &value, size) != 0) {
        rs_view_cell(reader->view, "no memory");
        rs_view_cell(reader->view, "%s", "");
    } else {
        rs_view_quadword(reader->view, value);
        add_meaning(reader, name, value);
    }
}

int rs_inspect_pcr(const struct rs_inspection *inspection, struct rs_view *view,
                   struct rs_error *error)
{
    static const char *const columns[] = {"offset", "member", "value", "meaning", NULL};
    struct reader reader = {inspection, view, 0};
    const char *where;

    if (rs_inspect_pcr_base(inspection, &reader.base, &where) != 0)
        return rs_error_set(error, RS_EXIT_IMAGE,
                            "pcr: neither GS_BASE nor KERNEL_GS_BASE is a kernel address yet");
    rs_view_caption(view, "struct " RS_INSPECT_PCR_TYPE " at %016" PRIx64 ", from %s", reader.base,
                    where);
    rs_view_columns(view, columns);
    if (rs_symbols_members(inspection->symbols, RS_INSPECT_PCR_TYPE, see_member, &reader) == 0)
        return rs_error_set(
            error, RS_EXIT_IMAGE,
            "pcr: the kernel's debug information has no struct " RS_INSPECT_PCR_TYPE);
    return 0;
}
