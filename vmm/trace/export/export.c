/* SPDX-License-Identifier: MIT
 * What the formats have in common: finding one, time, the life of an export. */
#include "internal.h"
#include "trace/ctf/environment.h"

#include <stdlib.h>
#include <string.h>

const struct rs_export_format *rs_export_find(const char *name)
{
    static const struct rs_export_format *const formats[] = {
#define X(name, title) &rs_export_##name,
        RS_EXPORT_FORMATS(X)
#undef X
    };

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}

uint64_t rs_export_ns(const struct rs_export *export, uint64_t tsc)
{
    return tsc > export->first_tsc ? rs_clock_ns(&export->trace->clock, tsc - export->first_tsc)
                                   : 0;
}

void rs_export_json_environment(FILE *file, const char *environment)
{
    struct rs_ctf_variable variable;
    const char *separator = "";

    fputc('{', file);
    while (rs_ctf_environment_next(&environment, &variable)) {
        fputs(separator, file);
        rs_json_string(file, variable.name);
        fputc(':', file);
        rs_json_bytes(file, variable.value, variable.size);
        separator = ",";
    }
    fputc('}', file);
}

struct rs_export *rs_export_begin(const struct rs_export_format *format,
                                  const struct rs_export_trace *trace, FILE *file)
{
    struct rs_export *export = calloc(1, sizeof(*export));

    if (!export)
        return NULL;
    export->format = format;
    export->trace = trace;
    export->file = file;
    format->begin(export);
    return export;
}

void rs_export_event(struct rs_export *export, const struct rs_event *event, uint64_t discarded)
{
    uint64_t ns;

    if (export->events++ == 0)
        export->first_tsc = event->tsc_exit;
    if (discarded > export->discarded) /* the heads of packets are not trusted */
        export->discarded = discarded;
    ns = rs_export_ns(export, event->tsc_exit);
    if (ns > export->last_ns)
        export->last_ns = ns;
    export->format->event(export, event);
}

void rs_export_pass(struct rs_export *export, const struct rs_event *event)
{
    if (export->format->pass)
        export->format->pass(export, event);
}

void rs_export_end(struct rs_export *export)
{
    export->format->end(export);
    free(export);
}
