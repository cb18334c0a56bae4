/* SPDX-License-Identifier: MIT
 * Cutting a byte stream into frames. Nothing that the other side says is believed. */
#include "frame.h"

#include <string.h>

_Static_assert(sizeof(struct rs_frame_header) == 8, "the header has no padding");
_Static_assert(sizeof(struct rs_hello) == 48, "the greeting has no padding");

uint8_t *rs_frame_space(struct rs_frame_reader *reader, size_t *size)
{
    if (reader->start > 0) {
        memmove(reader->bytes, reader->bytes + reader->start, reader->end - reader->start);
        reader->end -= reader->start;
        reader->start = 0;
    }
    *size = sizeof(reader->bytes) - reader->end;
    return reader->bytes + reader->end;
}

void rs_frame_filled(struct rs_frame_reader *reader, size_t size)
{
    reader->end += size;
}

static bool header_is_sound(const struct rs_frame_header *header)
{
    return header->size <= RS_FRAME_PAYLOAD_MAX && header->type < RS_FRAME_TYPE_COUNT &&
           header->stream < RS_STREAM_COUNT && header->reserved == 0;
}

int rs_frame_next(struct rs_frame_reader *reader, struct rs_frame *frame)
{
    size_t available = reader->end - reader->start;
    struct rs_frame_header header;

    if (available < sizeof(header))
        return 0;
    memcpy(&header, reader->bytes + reader->start, sizeof(header));
    if (!header_is_sound(&header))
        return -1;
    if (available < sizeof(header) + header.size)
        return 0;
    frame->type = header.type;
    frame->stream = header.stream;
    frame->size = header.size;
    frame->payload = reader->bytes + reader->start + sizeof(header);
    reader->start += sizeof(header) + header.size;
    return 1;
}

bool rs_frame_get(const struct rs_frame *frame, void *structure, size_t size)
{
    if (frame->size != size)
        return false;
    memcpy(structure, frame->payload, size);
    return true;
}
