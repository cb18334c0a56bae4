/* SPDX-License-Identifier: MIT
 * The files of one stream, and which of them is written. */
#include "ring.h"

#include "format.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

uint64_t rs_ctf_ring_limit(uint64_t size, unsigned cpus)
{
    uint64_t file;

    if (size == 0)
        return UINT64_MAX;
    file = (size - RS_CTF_RING_METADATA) / ((uint64_t)cpus * RS_CTF_RING_FILES);
    return file - file % RS_CTF_PACKET_SIZE;
}

void rs_ctf_stream_name(char name[RS_CTF_STREAM_NAME_SIZE], unsigned stream, bool ring,
                        unsigned number)
{
    if (ring)
        snprintf(name, RS_CTF_STREAM_NAME_SIZE, "stream_%u_%u", stream, number);
    else
        snprintf(name, RS_CTF_STREAM_NAME_SIZE, "stream_%u", stream);
}

/* What is behind a file's end when it is emptied would come back as zeroes: first to its start. */
static int make_empty(int fd)
{
    if (lseek(fd, 0, SEEK_SET) < 0)
        return -errno;
    while (ftruncate(fd, 0) != 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}

/* A reader finds whole packets in the order of time in each file, at every moment: the oldest file
 * is emptied at once, and only then written. */
static int turn(struct rs_ctf_ring *ring, struct rs_ctf_ring_given *given)
{
    unsigned next = (ring->at + 1) % ring->count;
    int result = ring->bytes[next] > 0 && !ring->elsewhere ? make_empty(ring->fds[next]) : 0;

    if (result < 0)
        return result;
    *given = (struct rs_ctf_ring_given){ring->bytes[next], ring->events[next]};
    ring->bytes[next] = ring->events[next] = 0;
    ring->at = next;
    return 0;
}

int rs_ctf_ring_room(struct rs_ctf_ring *ring, uint64_t *room, struct rs_ctf_ring_given *given)
{
    int result = 0;

    *given = (struct rs_ctf_ring_given){0};
    if (ring->bytes[ring->at] >= ring->limit)
        result = turn(ring, given);
    *room = ring->limit - ring->bytes[ring->at];
    if (result < 0)
        return result;
    return ring->fds[ring->elsewhere ? 0 : ring->at];
}

void rs_ctf_ring_wrote(struct rs_ctf_ring *ring, uint64_t bytes, uint64_t events)
{
    ring->bytes[ring->at] += bytes;
    ring->events[ring->at] += events;
}
