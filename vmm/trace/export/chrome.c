/* SPDX-License-Identifier: MIT
 * Objects of Chrome trace-event JSON. */
#include "chrome.h"

#include <inttypes.h>

/* Tracks of a vCPU stand together, ring 3 above ring 0; no number is 0 or RS_CHROME_PID. */
static unsigned rs_chrome_track(uint8_t vcpu, unsigned ring)
{
    return 100 * (vcpu + 1u) + 3 - ring;
}

/* Begins an object: everything but its last members. */
void rs_chrome_open(struct rs_export *export, const char *phase, unsigned tid)
{
    fprintf(export->file, "%s\n{\"ph\":\"%s\",\"pid\":%d,\"tid\":%u", export->lines++ ? "," : "",
            phase, RS_CHROME_PID, tid);
}

static void put_time(struct rs_export *export, uint64_t ns)
{
    fprintf(export->file, ",\"ts\":%" PRIu64 ".%03" PRIu64, ns / RS_NS_PER_US, ns % RS_NS_PER_US);
}

static void put_name(struct rs_export *export, const char *name)
{
    fputs(",\"name\":", export->file);
    rs_json_string(export->file, name);
}

static void put_args(struct rs_export *export, const struct rs_event *event)
{
    fputs(",\"args\":{\"sequence\":", export->file);
    rs_json_integer(export->file, event->sequence);
    rs_export_json_fields(export->file, event);
    fputc('}', export->file);
}

void rs_chrome_name_track(struct rs_export *export, uint8_t vcpu, unsigned ring)
{
    char name[RS_EXPORT_NAME_MAX];

    snprintf(name, sizeof(name), "vCPU %u ring %u", vcpu, ring);
    rs_chrome_open(export, "M", rs_chrome_track(vcpu, ring));
    fputs(",\"name\":\"thread_name\",\"args\":{\"name\":", export->file);
    rs_json_string(export->file, name);
    fputs("}}", export->file);
    rs_chrome_open(export, "M", rs_chrome_track(vcpu, ring));
    fprintf(export->file, ",\"name\":\"thread_sort_index\",\"args\":{\"sort_index\":%u}}",
            rs_chrome_track(vcpu, ring));
}

void rs_chrome_flow(struct rs_export *export, const char *phase, const struct rs_nest_step *step,
                    unsigned ring, uint64_t id)
{
    rs_chrome_open(export, phase, rs_chrome_track(step->vcpu, ring));
    put_time(export, step->ns);
    fprintf(export->file,
            ",\"cat\":\"transition\",\"name\":\"transition\",\"bp\":\"e\",\"id\":%" PRIu64 "}", id);
}

void rs_chrome_begin(struct rs_export *export, const struct rs_nest_step *step, unsigned ring,
                     const char *name)
{
    rs_chrome_open(export, "B", rs_chrome_track(step->vcpu, ring));
    put_time(export, step->ns);
    fputs(",\"cat\":\"ringscope\"", export->file);
    put_name(export, name);
    if (step->kind == RS_NEST_ENTER)
        put_args(export, step->event);
    fputc('}', export->file);
}

void rs_chrome_end(struct rs_export *export, const struct rs_nest_step *step, unsigned ring)
{
    rs_chrome_open(export, "E", rs_chrome_track(step->vcpu, ring));
    put_time(export, step->ns);
    if (step->kind == RS_NEST_CUT)
        fputs(",\"args\":{\"unfinished\":true}", export->file);
    else if (step->kind == RS_NEST_RETURN)
        put_args(export, step->event);
    fputc('}', export->file);
}

void rs_chrome_instant(struct rs_export *export, uint8_t vcpu, unsigned ring, uint64_t ns,
                       const char *name, const struct rs_event *event)
{
    rs_chrome_open(export, "i", rs_chrome_track(vcpu, ring));
    put_time(export, ns);
    fputs(",\"s\":\"t\",\"cat\":\"ringscope\"", export->file);
    put_name(export, name);
    if (event)
        put_args(export, event);
    fputc('}', export->file);
}

void rs_chrome_counter(struct rs_export *export, const char *name, const char *series,
                       uint64_t value)
{
    rs_chrome_open(export, "C", RS_CHROME_PID);
    put_time(export, export->last_ns);
    put_name(export, name);
    fprintf(export->file, ",\"args\":{\"%s\":", series);
    rs_json_integer(export->file, value < RS_JSON_INTEGER_MAX ? value : RS_JSON_INTEGER_MAX);
    fputs("}}", export->file);
}
