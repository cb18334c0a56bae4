/* SPDX-License-Identifier: MIT
 * A trace on disk read in full: each thread sums up packets of its own, the sums are merged. */
#include "digest.h"

#include "ctf/scan.h"

#include <stdlib.h>

/* What one thread sums up. */
struct part {
    struct rs_summary *summary;
    struct rs_slowest slowest;
    const struct rs_filter *filter;  /* NULL: all events */
    struct rs_filter_memory *memory; /* with a filter: of each vCPU */
};

/* All threads, and the sums of a trace that this one is compared with; besides that, each stream
 * and each thread has a window. */
_Static_assert((RS_CTF_SCAN_THREADS_MAX + 1) * (sizeof(struct rs_summary) +
                                                RS_SLOWEST_MAX * sizeof(struct rs_slow_span)) +
                       (RS_CTF_STREAMS_MAX + RS_CTF_SCAN_THREADS_MAX) * RS_CTF_WINDOW_SIZE <=
                   60 << 20,
               "ringscope report needs no more than 64 MiB");

static void add(struct part *part, unsigned stream, const struct rs_event *event)
{
    if (part->filter &&
        (rs_event_group(event->kind) == RS_GROUP_MARK ||
         !rs_filter_event(part->filter, &part->memory[rs_filter_vcpu(event)], event)))
        return;
    rs_summary_add(part->summary, event);
    rs_slowest_add(&part->slowest, stream, event);
}

static bool visit(void *context, unsigned stream, struct rs_ctf_packet *packet)
{
    struct part *part = context;
    struct rs_event event;
    int result;

    while ((result = rs_ctf_packet_next(packet, &event)) > 0)
        add(part, stream, &event);
    return result == 0;
}

static void free_part(struct part *part)
{
    free(part->summary);
    rs_slowest_close(&part->slowest);
}

/* Pages of a summary that no row needs are never touched. */
static int make_part(struct part *part, size_t slowest)
{
    part->summary = calloc(1, sizeof(*part->summary));
    if (!part->summary)
        return -1;
    return rs_slowest_open(&part->slowest, slowest);
}

/* A filter chooses among transitions: marks have nothing that it asks for.
 * Returns are judged with their entries, so that a filter needs the packets in their order, and
 * those of all streams in the order of their time: one thread takes them so. */
static int set_filter(struct part *part, const struct rs_ctf_reader *reader,
                      struct rs_filter *filter, struct rs_error *error)
{
    rs_filter_set_clock(filter, reader->clock.tsc_hz, reader->empty_span);
    part->filter = filter;
    part->memory = calloc(RS_CTF_STREAMS_MAX, sizeof(*part->memory));
    return part->memory ? 0 : rs_error_set(error, RS_EXIT_HOST, "out of memory");
}

/* What rs_ctf_scan() does, event by event. The faults that it meets are kept by the reader. */
static void read_in_order(struct rs_ctf_reader *reader, struct rs_ctf_scan *scan, struct part *part)
{
    struct rs_error faults;
    struct rs_event event;

    scan->start = UINT64_MAX;
    while (rs_ctf_reader_next(reader, &event, &faults) > 0) {
        if (event.tsc_exit < scan->start)
            scan->start = event.tsc_exit;
        if (event.tsc_exit > scan->end)
            scan->end = event.tsc_exit;
        add(part, event.vcpu, &event);
    }
    if (scan->start > scan->end)
        scan->start = scan->end;
}

static int read_parts(struct rs_ctf_reader *reader, struct rs_ctf_scan *scan, struct part *parts,
                      size_t slowest, struct rs_filter *filter, struct rs_error *error)
{
    bool all = !filter || filter->program.test_count == 0;

    if (!all && set_filter(&parts[0], reader, filter, error) != 0)
        return -1;
    scan->visit = visit;
    scan->threads = all ? rs_ctf_scan_threads(reader) : 1;
    for (unsigned i = 0; i < scan->threads; i++) {
        scan->contexts[i] = &parts[i];
        if (make_part(&parts[i], slowest) != 0)
            return rs_error_set(error, RS_EXIT_HOST, "out of memory");
        parts[i].summary->empty_span = parts[i].slowest.empty_span = reader->empty_span;
    }
    if (!all && reader->stream_count > 1)
        read_in_order(reader, scan, &parts[0]);
    else if (rs_ctf_scan(reader, scan, error) != 0)
        return -1;
    for (unsigned i = 1; i < scan->threads; i++) {
        rs_summary_merge(parts[0].summary, parts[i].summary);
        rs_slowest_merge(&parts[0].slowest, &parts[i].slowest);
    }
    rs_slowest_sort(&parts[0].slowest);
    return 0;
}

int rs_digest_read(struct rs_digest *digest, const char *path, size_t slowest,
                   struct rs_filter *filter, void (*progress)(unsigned percent),
                   struct rs_error *error)
{
    struct part parts[RS_CTF_SCAN_THREADS_MAX] = {0};
    struct rs_ctf_scan scan = {.progress = progress};
    struct rs_ctf_reader reader;
    int result;

    if (rs_ctf_reader_open(&reader, path, error) != 0)
        return -1;
    result = read_parts(&reader, &scan, parts, slowest, filter, error);
    *digest = (struct rs_digest){
        .path = path,
        .clock = reader.clock,
        .emulated = reader.emulated,
        .empty_span = reader.empty_span,
        .discarded = reader.discarded,
        .ring_size = reader.ring_size,
        .overwritten = reader.overwritten,
        .start = scan.start,
        .end = scan.end,
        .faults = reader.faults,
        .summary = parts[0].summary,
        .slowest = parts[0].slowest,
    };
    rs_ctf_reader_close(&reader);
    free(parts[0].memory);
    for (unsigned i = result == 0 ? 1 : 0; i < RS_CTF_SCAN_THREADS_MAX; i++)
        free_part(&parts[i]);
    return result;
}

void rs_digest_free(struct rs_digest *digest)
{
    struct part part = {.summary = digest->summary, .slowest = digest->slowest};

    free_part(&part);
    digest->summary = NULL;
    digest->slowest = (struct rs_slowest){0};
}
