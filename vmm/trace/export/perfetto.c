/* SPDX-License-Identifier: MIT
 * Chrome trace-event JSON ("Trace Event Format"): two tracks for each vCPU, ring 3 and ring 0, with
 * nested slices, arrows from what was left through the entry to where it returns, and counters. */
#include "chrome.h"
#include "trace/counts.h"
#include "trace/ctf/environment.h"

#include <inttypes.h>
#include <string.h>

#define COUNTER_INTERVAL_NS (1000 * RS_NS_PER_US)

/* An arrow begins in the slice that the entry leaves; when there is none, in its own. */
static void enter(struct rs_export *export, const struct rs_nest_step *step)
{
    char name[RS_EXPORT_NAME_MAX];
    uint64_t arrow = export->flow[step->vcpu];

    export->flow[step->vcpu] = 0;
    step->span->flow = arrow ? arrow : ++export->flows;
    if (!arrow && step->depth > 0)
        rs_chrome_flow(export, "s", step, 0, step->span->flow);
    rs_export_name(step->event, name, sizeof(name));
    rs_chrome_begin(export, step, 0, name);
    rs_chrome_flow(export, arrow || step->depth > 0 ? "t" : "s", step, 0, step->span->flow);
}

/* It ends in the slice that goes on: in ring 3, or around this one. When there is none, or the
 * entry never returns, it ends here. */
static void leave(struct rs_export *export, const struct rs_nest_step *step)
{
    bool returns = step->kind == RS_NEST_RETURN;
    bool to_user = returns && rs_export_ring(step->event) == 3;
    bool to_outer = returns && !to_user && step->depth > 0;

    if (!to_user && !to_outer)
        rs_chrome_flow(export, "f", step, 0, step->span->flow);
    rs_chrome_end(export, step, 0);
    if (to_outer)
        rs_chrome_flow(export, "f", step, 0, step->span->flow);
    if (to_user)
        export->flow[step->vcpu] = step->span->flow;
}

static void put_unfinished(struct rs_export *export, const struct rs_nest_step *step)
{
    char name[RS_EXPORT_NAME_MAX], text[RS_EXPORT_NAME_MAX + 16];

    rs_counts_name(step->span->kind, step->span->key, name, sizeof(name));
    snprintf(text, sizeof(text), "%s unfinished", name);
    rs_chrome_instant(export, step->vcpu, 0, step->ns, text, NULL);
}

static void put_stray(struct rs_export *export, const struct rs_nest_step *step)
{
    char name[RS_EXPORT_NAME_MAX], text[RS_EXPORT_NAME_MAX + 32];

    rs_export_name(step->event, name, sizeof(name));
    snprintf(text, sizeof(text), "%s %s", name,
             rs_event_direction(step->event->kind) == RS_DIRECTION_RETURN
                 ? "returns without its entry"
                 : "nested too deeply");
    rs_chrome_instant(export, step->vcpu, 0, step->ns, text, step->event);
}

static void put_step(void *context, const struct rs_nest_step *step)
{
    struct rs_export *export = context;
    uint64_t *arrow = &export->flow[step->vcpu];

    switch (step->kind) {
    case RS_NEST_CUT:
        put_unfinished(export, step);
        leave(export, step);
        break;
    case RS_NEST_RETURN:
        leave(export, step);
        break;
    case RS_NEST_STRAY:
        put_stray(export, step);
        break;
    case RS_NEST_USER_END:
        if (step->event && rs_event_direction(step->event->kind) == RS_DIRECTION_ENTRY) {
            *arrow = ++export->flows;
            rs_chrome_flow(export, "s", step, 3, *arrow);
        }
        rs_chrome_end(export, step, 3);
        break;
    case RS_NEST_ENTER:
        enter(export, step);
        break;
    case RS_NEST_USER_BEGIN:
        rs_chrome_begin(export, step, 3, "user");
        if (*arrow)
            rs_chrome_flow(export, "f", step, 3, *arrow);
        *arrow = 0;
        break;
    }
}

static void put_counters(struct rs_export *export)
{
    static const char *const kinds[] = {
#define X(kind, group, direction, text) text,
        RS_EVENT_KINDS(X)
#undef X
    };
    char name[RS_EXPORT_NAME_MAX];

    for (unsigned kind = 0; kind < RS_EVENT_KIND_COUNT; kind++) {
        if (export->kinds[kind] == 0)
            continue;
        snprintf(name, sizeof(name), "events %s", kinds[kind]);
        rs_chrome_counter(export, name, "events", export->kinds[kind]);
    }
    rs_chrome_counter(export, "deviations", "events", export->departures);
    rs_chrome_counter(export, "discarded", "events", export->discarded);
    export->counted_ns = export->last_ns;
}

static void begin(struct rs_export *export)
{
    struct rs_ctf_variable program;
    FILE *file = export->file;

    export->nest.put = put_step;
    export->nest.context = export;
    fputs("{\"displayTimeUnit\":\"ns\",\"otherData\":", file);
    fprintf(file, "{\"emulated\":%s,\"clock\":\"TSC of the host, 0 at the first event\",",
            export->trace->emulated ? "true" : "false");
    fprintf(file, "\"tsc_hz\":%" PRIu64 ",", export->trace->clock.tsc_hz);
    if (export->trace->emulated)
        fputs("\"warning\":\"emulated host: times mean nothing on real hardware\",", file);
    fputs("\"environment\":", file);
    rs_export_json_environment(file, export->trace->environment);
    fputs("},\n\"traceEvents\":[", file);
    rs_ctf_environment_find(export->trace->environment, "program", &program);
    rs_chrome_open(export, "M", RS_CHROME_PID);
    fputs(",\"name\":\"process_name\",\"args\":{\"name\":\"guest", file);
    fputs(export->trace->emulated ? " (emulated host)\"}}" : "\"}}", file);
    if (program.size == 0)
        return;
    rs_chrome_open(export, "M", RS_CHROME_PID);
    fputs(",\"name\":\"process_labels\",\"args\":{\"labels\":", file);
    rs_json_bytes(file, program.value, program.size);
    fputs("}}", file);
}

static void put_event(struct rs_export *export, const struct rs_event *event)
{
    uint64_t exit_ns = rs_export_ns(export, event->tsc_exit);
    char name[RS_EXPORT_NAME_MAX];

    if (!export->named[event->vcpu]) {
        rs_chrome_name_track(export, event->vcpu, 3);
        rs_chrome_name_track(export, event->vcpu, 0);
        export->named[event->vcpu] = true;
    }
    export->kinds[event->kind]++;
    export->departures += event->deviations != 0;
    if (rs_event_direction(event->kind) == RS_DIRECTION_POINT) {
        rs_export_name(event, name, sizeof(name));
        rs_chrome_instant(export, event->vcpu, rs_export_ring(event),
                          rs_nest_time(&export->nest, event->vcpu, exit_ns), name, event);
    } else {
        rs_nest_event(&export->nest, event, exit_ns, rs_export_ns(export, event->tsc_resume));
    }
    if (export->events == 1 || export->last_ns - export->counted_ns >= COUNTER_INTERVAL_NS ||
        export->discarded != export->counted_discarded)
        put_counters(export);
    export->counted_discarded = export->discarded;
}

static void end(struct rs_export *export)
{
    rs_nest_end(&export->nest, export->last_ns);
    if (export->events > 0)
        put_counters(export);
    fputs("\n]}\n", export->file);
}

const struct rs_export_format rs_export_perfetto = {"perfetto", begin, put_event, end, NULL};
