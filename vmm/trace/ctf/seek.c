/* SPDX-License-Identifier: MIT
 * Finds a place in a stream: the sequence numbers of its packets only grow. */
#include "reader.h"

#include <string.h>

/* More heads in a row that are not sound are not looked at: then the search ends before them. */
#define UNSOUND_MAX 64

/* The number that packet `number` or, when its head is not sound, the next one before `end` begins
 * with; UINT64_MAX when there is none. */
static uint64_t first_sequence(const struct rs_ctf_reader *reader,
                               const struct rs_ctf_source *source, uint64_t number, uint64_t end)
{
    struct rs_ctf_packet_head head;

    if (end - number > UNSOUND_MAX)
        end = number + UNSOUND_MAX;
    for (; number < end; number++) {
        ssize_t size =
            rs_ctf_files_read(&source->files, &head, sizeof(head), number * RS_CTF_PACKET_SIZE);

        if (size == (ssize_t)sizeof(head) && !rs_ctf_check_head(&head, reader->uuid))
            return head.first_sequence;
    }
    return UINT64_MAX;
}

/* The last packet that does not begin behind `sequence`. */
static uint64_t find_packet(const struct rs_ctf_reader *reader, const struct rs_ctf_source *source,
                            uint64_t sequence)
{
    uint64_t low = 0, high = rs_ctf_files_bytes(&source->files) / RS_CTF_PACKET_SIZE + 1;

    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;

        if (first_sequence(reader, source, middle, high) <= sequence)
            low = middle;
        else
            high = middle;
    }
    return low;
}

void rs_ctf_source_seek(struct rs_ctf_reader *reader, struct rs_ctf_source *source,
                        uint64_t sequence)
{
    memset(&source->packet, 0, sizeof(source->packet));
    rs_ctf_window_range(&source->window, find_packet(reader, source, sequence), UINT64_MAX);
    do
        rs_ctf_source_next(reader, source);
    while (source->ready && source->event.sequence < sequence);
}
