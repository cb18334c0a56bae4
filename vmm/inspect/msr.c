/* SPDX-License-Identifier: MIT
 * View: model-specific registers. */
#include "inspect.h"

#include "decode/decode.h"

#include <ringscope/x86/msr.h>

static const char *meaning(const struct rs_inspection *inspection, uint32_t index, uint64_t value,
                           char text[static RS_SYMBOL_TEXT_MAX], struct rs_decoded *decoded)
{
    struct rs_decode_input input = {.words = {value}, .count = 1};

    switch (index) {
    case MSR_EFER:
        rs_decode_efer(&input, decoded);
        return decoded->summary;
    case MSR_STAR:
        rs_decode_star(&input, decoded);
        return decoded->summary;
    case MSR_FMASK:
        rs_decode_fmask(&input, decoded);
        return decoded->summary;
    default:
        return rs_inspect_function(inspection, value, text);
    }
}

int rs_inspect_msr(const struct rs_inspection *inspection, struct rs_view *view,
                   struct rs_error *error)
{
    static const char *const columns[] = {"index", "name", "value", "meaning",
                                          "title", "hook", NULL};
    static const struct {
        uint32_t index;
        const char *name, *title;
    } rows[] = {
#define X(name, index, hooked, title) {index, #name, title},
        RS_MSRS(X)
#undef X
    };

    (void)error;
    rs_view_caption(view, "as the guest wrote them");
    rs_view_columns(view, columns);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rs_decoded decoded = {.count = 0};
        char text[RS_SYMBOL_TEXT_MAX];
        uint64_t value;

        rs_view_cell(view, "%08x", rows[i].index);
        rs_view_cell(view, "%s", rows[i].name);
        if (rs_vcpu_get_msr(inspection->vcpu, rows[i].index, &value) == 0) {
            rs_view_quadword(view, value);
            rs_view_cell(view, "%s", meaning(inspection, rows[i].index, value, text, &decoded));
        } else {
            rs_view_cell(view, "%s", "not readable");
            rs_view_cell(view, "%s", "");
        }
        rs_view_cell(view, "%s", rows[i].title);
        rs_view_cell(view, "%s",
                     rows[i].index == MSR_LSTAR && inspection->lstar_hooked ? "hooked" : "");
    }
    return 0;
}
