/* SPDX-License-Identifier: MIT
 * JSON lines: a header, then each event with all of its fields. docs/export-jsonl.schema.json is
 * the schema of a line. */
#include "internal.h"

#define SCHEMA 1

static void begin(struct rs_export *export)
{
    const struct rs_export_trace *trace = export->trace;

    fprintf(export->file, "{\"kind\":\"HEADER\",\"schema\":%d,\"emulated\":%s,\"tsc_hz\":", SCHEMA,
            trace->emulated ? "true" : "false");
    rs_json_integer(export->file, trace->clock.tsc_hz);
    fputs(",\"environment\":", export->file);
    rs_export_json_environment(export->file, trace->environment);
    fputs("}\n", export->file);
}

static void put_wall(const struct rs_export *export, uint64_t tsc)
{
    struct timespec wall = rs_clock_wall(&export->trace->clock, tsc);
    char text[40] = "";
    struct tm utc;

    if (gmtime_r(&wall.tv_sec, &utc))
        strftime(text, sizeof(text), "%FT%T", &utc);
    fprintf(export->file, "\"%s.%09ldZ\"", text, wall.tv_nsec);
}

static void put_event(struct rs_export *export, const struct rs_event *event)
{
    char name[RS_EXPORT_NAME_MAX];
    FILE *file = export->file;

    fprintf(file, "{\"kind\":\"%s\",\"ts\":", rs_export_kind(event));
    rs_json_integer(file, rs_export_ns(export, event->tsc_exit));
    fputs(",\"time\":", file);
    put_wall(export, event->tsc_exit);
    fprintf(file, ",\"vcpu\":%u,\"sequence\":", event->vcpu);
    rs_json_integer(file, event->sequence);
    rs_export_name(event, name, sizeof(name));
    fputs(",\"name\":", file);
    rs_json_string(file, name);
    rs_export_json_fields(file, event);
    if (rs_event_direction(event->kind) == RS_DIRECTION_RETURN) {
        fputs(",\"duration_ns\":", file);
        rs_json_integer(file, rs_clock_ns(&export->trace->clock,
                                          rs_event_span(event, export->trace->empty_span)));
    }
    fputs("}\n", file);
}

static void end(struct rs_export *export)
{
    (void)export;
}

const struct rs_export_format rs_export_jsonl = {"jsonl", begin, put_event, end, NULL};
