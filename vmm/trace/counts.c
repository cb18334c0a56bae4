/* SPDX-License-Identifier: MIT
 * Counts and times per kind of transition: `trace -c`. */
#include "counts.h"

#include "nt/services.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static uint32_t key_of(uint16_t kind, uint32_t code, uint8_t vector)
{
    switch (kind) {
    case RS_EVENT_SYSCALL: /* the bits that select nothing are not part of the service */
        return code & (RS_SERVICE_INDEX_MASK | 1u << RS_SERVICE_TABLE_SHIFT);
    case RS_EVENT_WRMSR:
    case RS_EVENT_RDMSR:
        return code;
    default:
        return vector;
    }
}

uint32_t rs_counts_key(const struct rs_event *event)
{
    return key_of(rs_counts_kind(event),
                  rs_counts_is_return(event) ? event->entry_code : event->code, event->vector);
}

static struct rs_count *row(struct rs_counts *counts, uint16_t kind, uint32_t key)
{
    for (size_t i = 0; i < counts->used; i++)
        if (counts->rows[i].kind == kind && counts->rows[i].key == key)
            return &counts->rows[i];
    if (counts->used == RS_COUNTS_MAX)
        return NULL;
    counts->rows[counts->used] = (struct rs_count){.kind = kind, .key = key};
    return &counts->rows[counts->used++];
}

void rs_counts_add(struct rs_counts *counts, const struct rs_event *event)
{
    struct rs_count *count;

    if (rs_event_group(event->kind) == RS_GROUP_MARK)
        return;
    count = row(counts, rs_counts_kind(event), rs_counts_key(event));
    if (!count) {
        counts->other++;
    } else if (rs_counts_is_return(event)) {
        count->returns++;
        count->ticks += rs_event_span(event, counts->empty_span);
        if (event->kind == RS_EVENT_SYSRET && (int32_t)event->code < 0)
            count->errors++;
    } else {
        count->calls++;
    }
}

static int by_time(const void *left, const void *right)
{
    const struct rs_count *a = left, *b = right;

    if (a->ticks != b->ticks)
        return a->ticks < b->ticks ? 1 : -1;
    if (a->calls != b->calls)
        return a->calls < b->calls ? 1 : -1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return a->key < b->key ? -1 : a->key > b->key;
}

void rs_counts_name(uint16_t kind, uint32_t key, char *buffer, size_t size)
{
    const char *name;

    switch (kind) {
    case RS_EVENT_SYSCALL:
        rs_text_service(key, buffer, size);
        return;
    case RS_EVENT_WRMSR:
    case RS_EVENT_RDMSR:
        name = rs_msr_name(key);
        snprintf(buffer, size, "%s ", kind == RS_EVENT_WRMSR ? "WRMSR" : "RDMSR");
        break;
    case RS_EVENT_INT_N:
        name = NULL;
        snprintf(buffer, size, "INT ");
        break;
    default:
        name = rs_vector_name((uint8_t)key);
        buffer[0] = '\0';
    }
    if (name)
        snprintf(buffer + strlen(buffer), size - strlen(buffer), "%s", name);
    else
        snprintf(buffer + strlen(buffer), size - strlen(buffer), "%#" PRIx32, key);
}

void rs_counts_print(struct rs_counts *counts, const struct rs_clock *clock, bool emulated,
                     FILE *file)
{
    uint64_t ticks = 0, calls = 0, errors = 0;

    qsort(counts->rows, counts->used, sizeof(counts->rows[0]), by_time);
    for (size_t i = 0; i < counts->used; i++)
        ticks += counts->rows[i].ticks;
    if (emulated)
        fprintf(file, "emulated host: these times mean nothing on real hardware\n");
    fprintf(file, "%% time     seconds  usecs/call     calls    errors transition\n"
                  "------ ----------- ----------- --------- --------- ----------------\n");
    for (size_t i = 0; i < counts->used; i++) {
        const struct rs_count *count = &counts->rows[i];
        uint64_t ns = rs_clock_ns(clock, count->ticks);
        char name[64], error_text[24] = "";

        rs_counts_name(count->kind, count->key, name, sizeof(name));
        if (count->errors)
            snprintf(error_text, sizeof(error_text), "%" PRIu64, count->errors);
        fprintf(file, "%6.2f %11.6f %11" PRIu64 " %9" PRIu64 " %9s %s\n",
                ticks ? 100.0 * (double)count->ticks / (double)ticks : 0.0, (double)ns / 1e9,
                count->returns ? ns / 1000 / count->returns : 0, count->calls, error_text, name);
        calls += count->calls;
        errors += count->errors;
    }
    fprintf(file,
            "------ ----------- ----------- --------- --------- ----------------\n"
            "100.00 %11.6f %11s %9" PRIu64 " %9" PRIu64 " total\n",
            (double)rs_clock_ns(clock, ticks) / 1e9, "", calls, errors);
    if (counts->other)
        fprintf(file, "%" PRIu64 " events beyond %d different transitions are not in the table\n",
                counts->other, RS_COUNTS_MAX);
}
