/* SPDX-License-Identifier: MIT
 * Inside the formats. */
#ifndef RINGSCOPE_EXPORT_INTERNAL_H
#define RINGSCOPE_EXPORT_INTERNAL_H

#include "export.h"
#include "fields.h"
#include "json.h"
#include "nesting.h"

#define RS_EXPORT_NAME_MAX 64
#define RS_NS_PER_US 1000
#define RS_NS_PER_S 1000000000

struct rs_export_format {
    const char *name;
    void (*begin)(struct rs_export *export);
    void (*event)(struct rs_export *export, const struct rs_event *event);
    void (*end)(struct rs_export *export);
    void (*pass)(struct rs_export *export, const struct rs_event *event); /* may be NULL */
};

#define X(name, title) extern const struct rs_export_format rs_export_##name;
RS_EXPORT_FORMATS(X)
#undef X

struct rs_export {
    const struct rs_export_format *format;
    const struct rs_export_trace *trace;
    FILE *file;
    uint64_t events;
    uint64_t discarded;
    uint64_t first_tsc; /* time 0 */
    uint64_t last_ns;   /* of all vCPUs */
    struct rs_nest nest;

    /* perfetto */
    uint64_t lines;
    uint64_t flows;
    uint64_t flow[RS_NEST_VCPUS]; /* an arrow that the next slice takes up; 0: none */
    bool named[RS_NEST_VCPUS];
    uint64_t counted_ns; /* when the counters were written last */
    uint64_t kinds[RS_EVENT_KIND_COUNT];
    uint64_t departures, counted_discarded;

    struct rs_text *text; /* text; NULL: no memory */

    char task[16]; /* ftrace: name of the program, as in /proc/PID/comm */
};

/* Nanoseconds from the first event; 0 for what is before it. */
uint64_t rs_export_ns(const struct rs_export *export, uint64_t tsc);

/* {"name":"value",...} */
void rs_export_json_environment(FILE *file, const char *environment);

#endif
