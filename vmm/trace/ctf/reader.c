/* SPDX-License-Identifier: MIT
 * Reads a trace: its streams merged by time, each one packet by packet. */
#include "reader.h"

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int open_streams(struct rs_ctf_reader *reader, struct rs_error *error)
{
    reader->sources = calloc(RS_CTF_STREAMS_MAX, sizeof(*reader->sources));
    if (!reader->sources)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    while (reader->stream_count < RS_CTF_STREAMS_MAX) {
        struct rs_ctf_source *source = &reader->sources[reader->stream_count];
        int result =
            rs_ctf_files_open(&source->files, reader->directory, reader->path, reader->stream_count,
                              reader->ring_size > 0, reader->uuid, error);

        if (result == 0 && reader->stream_count > 0)
            return 0;
        if (result == 0)
            return rs_error_set(error, RS_EXIT_IMAGE, "trace '%s' has no stream", reader->path);
        if (result < 0)
            return -1;
        reader->stream_count++;
        if (reader->ring_size)
            reader->overwritten += rs_ctf_files_overwritten(&source->files);
        if (rs_ctf_window_open(&source->window, &source->files, reader->stream_count - 1) != 0)
            return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    }
    return 0;
}

int rs_ctf_reader_open(struct rs_ctf_reader *reader, const char *path, struct rs_error *error)
{
    *reader = (struct rs_ctf_reader){.path = path};
    reader->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (reader->directory < 0)
        return rs_error_errno(error, errno == ENOENT ? RS_EXIT_NOT_FOUND : RS_EXIT_IMAGE, errno,
                              "trace '%s'", path);
    if (rs_ctf_read_metadata(reader, error) == 0 && open_streams(reader, error) == 0)
        return 0;
    rs_ctf_reader_close(reader);
    return -1;
}

void rs_ctf_source_next(struct rs_ctf_reader *reader, struct rs_ctf_source *source)
{
    struct rs_ctf_window *window = &source->window;
    const char *wrong = "its content is not sound";
    int result;

    for (;;) {
        result = rs_ctf_packet_next(&source->packet, &source->event);
        source->ready = result > 0;
        if (result > 0)
            return;
        if (result == 0)
            result = rs_ctf_window_next(window, reader->uuid, &source->packet, &wrong);
        if (result == 0)
            return;
        if (result < 0) {
            rs_ctf_faults_add(&reader->faults, window->stream, window->next - 1, wrong);
            wrong = "its content is not sound";
            source->packet.at = source->packet.end; /* and on with the packet behind it */
            continue;
        }
        reader->discarded += source->packet.head.events_discarded - source->discarded;
        source->discarded = source->packet.head.events_discarded;
    }
}

/* The stream whose next event is the oldest, or NULL at the end of all. */
static struct rs_ctf_source *oldest(struct rs_ctf_reader *reader)
{
    struct rs_ctf_source *best = NULL;

    for (unsigned i = 0; i < reader->stream_count; i++) {
        struct rs_ctf_source *source = &reader->sources[i];

        if (!source->ready)
            rs_ctf_source_next(reader, source);
        if (source->ready && (!best || source->event.tsc_exit < best->event.tsc_exit))
            best = source;
    }
    return best;
}

int rs_ctf_reader_next(struct rs_ctf_reader *reader, struct rs_event *event, struct rs_error *error)
{
    struct rs_ctf_source *source = oldest(reader);

    if (!source)
        return rs_ctf_faults_error(&reader->faults, reader->path, error);
    *event = source->event;
    source->ready = false;
    reader->events++;
    return 1;
}

void rs_ctf_reader_close(struct rs_ctf_reader *reader)
{
    for (unsigned i = 0; i < reader->stream_count; i++) {
        rs_ctf_window_close(&reader->sources[i].window);
        rs_ctf_files_close(&reader->sources[i].files);
    }
    free(reader->sources);
    reader->sources = NULL;
    reader->stream_count = 0;
    free(reader->environment);
    reader->environment = NULL;
    if (reader->directory >= 0)
        close(reader->directory);
    reader->directory = -1;
}
