/* SPDX-License-Identifier: MIT
 * Writes events into packets, and packets into the files of a trace. */
#include "internal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* A part of a packet would make the whole stream unreadable. */
static void cut_off(struct rs_ctf_writer *writer, struct rs_ctf_stream *stream)
{
    const struct rs_ctf_ring *ring = &stream->ring;

    if (!writer->fifo && ftruncate(ring->fds[ring->at], (off_t)ring->bytes[ring->at]) != 0)
        writer->cut_off_failed = true;
}

/* Where a packet goes: files hold whole packets, so that there is room for one or for none. */
static int choose_file(struct rs_ctf_writer *writer, struct rs_ctf_stream *stream)
{
    struct rs_ctf_ring_given given;
    uint64_t room;
    int fd = rs_ctf_ring_room(&stream->ring, &room, &given);

    writer->bytes -= given.bytes;
    writer->overwritten += given.events;
    if (fd < 0)
        writer->error = -fd;
    return fd;
}

static bool put_packet(struct rs_ctf_writer *writer, struct rs_ctf_stream *stream, size_t size)
{
    int fd = choose_file(writer, stream);
    size_t done = 0;

    if (fd < 0)
        return false;
    stream->head.timestamp_end = stream->tsc;
    stream->head.content_size = stream->used * RS_CTF_BYTE_BITS;
    stream->head.packet_size = size * RS_CTF_BYTE_BITS;
    stream->head.packet_seq_num = stream->packets;
    stream->head.events_discarded = stream->discarded;
    memset(stream->packet + stream->used, 0, size - stream->used);
    while (done < size) {
        ssize_t count = write(fd, stream->packet + done, size - done);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            writer->error = count < 0 ? errno : ENOSPC;
            cut_off(writer, stream);
            return false;
        }
        done += (size_t)count;
    }
    stream->packets++;
    rs_ctf_ring_wrote(&stream->ring, size, stream->next_sequence - stream->head.first_sequence);
    stream->used = 0;
    writer->bytes += size;
    return true;
}

static void begin_packet(struct rs_ctf_writer *writer, struct rs_ctf_stream *stream,
                         const struct rs_event *event)
{
    stream->head = (struct rs_ctf_packet_head){
        .magic = RS_CTF_MAGIC,
        .timestamp_begin = stream->tsc,
        .first_sequence = event->sequence,
        .cr3 = event->cr3,
        .cpu_id = stream->cpu,
    };
    memcpy(stream->head.uuid, writer->uuid, sizeof(stream->head.uuid));
    stream->used = sizeof(stream->head);
}

/* Events of a packet have consecutive numbers, and the CR3 that the packet or a CR3 event tells. */
static bool continues(const struct rs_ctf_stream *stream, const struct rs_event *event)
{
    return event->sequence == stream->next_sequence &&
           (event->cr3 == stream->cr3 || event->kind == RS_EVENT_CR3);
}

/* Into the buffer, which has room for one event more than a packet has. */
static size_t encode(struct rs_ctf_stream *stream, const struct rs_event *event)
{
    struct rs_ctf_base base = {.sequence = event->sequence};

    base.tsc = event->tsc_exit > stream->tsc ? event->tsc_exit : stream->tsc;
    return (size_t)(rs_ctf_encode(stream->packet + stream->used, event, &base, stream->tsc) -
                    stream->packet);
}

static void advance(struct rs_ctf_stream *stream, const struct rs_event *event)
{
    if (event->tsc_exit > stream->tsc)
        stream->tsc = event->tsc_exit;
    if (event->sequence > stream->next_sequence)
        stream->discarded += event->sequence - stream->next_sequence;
    stream->next_sequence = event->sequence + 1;
    stream->cr3 = event->cr3;
}

bool rs_ctf_write(struct rs_ctf_writer *writer, const struct rs_event *event)
{
    struct rs_ctf_stream *stream;
    size_t end = 0;

    if (writer->error || event->vcpu >= writer->stream_count)
        return false;
    stream = &writer->streams[event->vcpu];
    if (stream->used > 0 && continues(stream, event))
        end = encode(stream, event);
    if (end == 0 || end > RS_CTF_PACKET_SIZE) {
        if (stream->used > 0 && !put_packet(writer, stream, RS_CTF_PACKET_SIZE))
            return false;
        advance(stream, event);
        begin_packet(writer, stream, event);
        end = encode(stream, event);
    }
    advance(stream, event);
    stream->used = end;
    writer->events++;
    return true;
}

static bool put_all(struct rs_ctf_writer *writer, bool last)
{
    for (unsigned i = 0; i < writer->stream_count; i++) {
        struct rs_ctf_stream *stream = &writer->streams[i];

        if (!writer->error && stream->used > 0)
            put_packet(writer, stream, last ? stream->used : RS_CTF_PACKET_SIZE);
    }
    return writer->error == 0;
}

/* Padded: the next packet must begin on a page, too. */
bool rs_ctf_flush(struct rs_ctf_writer *writer)
{
    return put_all(writer, false);
}

bool rs_ctf_finish(struct rs_ctf_writer *writer)
{
    return put_all(writer, true);
}

uint64_t rs_ctf_discarded(const struct rs_ctf_writer *writer)
{
    uint64_t discarded = 0;

    for (unsigned i = 0; i < writer->stream_count; i++)
        discarded += writer->streams[i].discarded;
    return discarded;
}
