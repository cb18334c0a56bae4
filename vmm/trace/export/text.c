/* SPDX-License-Identifier: MIT
 * The lines of `ringscope trace`, with the number of each event before it. */
#include "trace/text.h"
#include "internal.h"

#include <inttypes.h>
#include <stdlib.h>

static void begin(struct rs_export *export)
{
    struct rs_text *text = calloc(1, sizeof(*text));

    export->text = text;
    if (!text)
        return;
    text->file = export->file;
    text->symbols = export->trace->symbols;
    text->marks = text->durations = true;
    text->relative = true;
    text->emulated = export->trace->emulated;
    text->empty_span = export->trace->empty_span;
    text->clock = export->trace->clock;
    text->cpu_count = export->trace->cpu_count;
    text->told = calloc(text->cpu_count ? text->cpu_count : 1, sizeof(*text->told));
}

static void put_event(struct rs_export *export, const struct rs_event *event)
{
    if (!export->text)
        return;
    fprintf(export->file, "#%-6" PRIu64 " ", event->sequence);
    rs_text_event(export->text, event);
}

static void pass(struct rs_export *export, const struct rs_event *event)
{
    if (export->text)
        rs_text_pass(export->text, event);
}

static void end(struct rs_export *export)
{
    if (!export->text)
        return;
    rs_text_end(export->text);
    free(export->text->told);
    free(export->text);
}

const struct rs_export_format rs_export_text = {"text", begin, put_event, end, pass};
