/* SPDX-License-Identifier: MIT
 * The packets of one stream, read many at a time. */
#include "window.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int rs_ctf_window_open(struct rs_ctf_window *window, const struct rs_ctf_files *files,
                       unsigned stream)
{
    *window = (struct rs_ctf_window){
        .files = files, .stream = stream, .end = UINT64_MAX, .bytes = malloc(RS_CTF_WINDOW_SIZE)};
    return window->bytes ? 0 : -1;
}

void rs_ctf_window_close(struct rs_ctf_window *window)
{
    free(window->bytes);
    window->bytes = NULL;
}

void rs_ctf_window_range(struct rs_ctf_window *window, uint64_t next, uint64_t end)
{
    window->next = next;
    window->end = end;
}

/* Reads from packet `next` on. Returns 0 or an errno. */
static int fill(struct rs_ctf_window *window)
{
    uint64_t packets = window->end - window->next;
    size_t wanted =
        packets < RS_CTF_WINDOW_PACKETS ? packets * RS_CTF_PACKET_SIZE : (size_t)RS_CTF_WINDOW_SIZE;

    window->first = window->next;
    window->size = 0;
    while (window->size < wanted) {
        ssize_t count =
            rs_ctf_files_read(window->files, window->bytes + window->size, wanted - window->size,
                              window->first * RS_CTF_PACKET_SIZE + window->size);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return errno;
        if (count == 0)
            break;
        window->size += (size_t)count;
    }
    return 0;
}

static bool in_window(const struct rs_ctf_window *window)
{
    return window->next >= window->first &&
           (window->next - window->first) * RS_CTF_PACKET_SIZE < window->size;
}

/* What is wrong with a packet of which `size` bytes are there, or NULL. */
static const char *check(const uint8_t *bytes, size_t size, const uint8_t uuid[RS_CTF_UUID_SIZE])
{
    struct rs_ctf_packet_head head;
    const char *wrong;
    size_t packet_size;

    if (size < sizeof(head))
        return "it is cut short";
    memcpy(&head, bytes, sizeof(head));
    wrong = rs_ctf_check_head(&head, uuid);
    if (wrong)
        return wrong;
    packet_size = head.packet_size / RS_CTF_BYTE_BITS;
    if (packet_size > size)
        return "it is cut short";
    return packet_size < size ? "it is shorter than a page, and not the last one" : NULL;
}

int rs_ctf_window_next(struct rs_ctf_window *window, const uint8_t uuid[RS_CTF_UUID_SIZE],
                       struct rs_ctf_packet *packet, const char **wrong)
{
    const uint8_t *bytes;
    size_t offset, size;
    int errnum = 0;

    if (window->next >= window->end)
        return 0;
    if (!in_window(window))
        errnum = fill(window);
    if (errnum) { /* it will not be better one page further on */
        *wrong = strerror(errnum);
        window->next++;
        window->end = window->next;
        return -1;
    }
    if (!in_window(window))
        return 0;
    offset = (window->next++ - window->first) * RS_CTF_PACKET_SIZE;
    bytes = window->bytes + offset;
    size = window->size - offset < RS_CTF_PACKET_SIZE ? window->size - offset : RS_CTF_PACKET_SIZE;
    *wrong = check(bytes, size, uuid);
    if (*wrong)
        return -1;
    rs_ctf_packet_begin(packet, bytes);
    return 1;
}

void rs_ctf_faults_add(struct rs_ctf_faults *faults, unsigned stream, uint64_t packet,
                       const char *what)
{
    const struct rs_ctf_faults one = {1, stream, packet, what};

    rs_ctf_faults_merge(faults, &one);
}

void rs_ctf_faults_merge(struct rs_ctf_faults *into, const struct rs_ctf_faults *from)
{
    uint64_t count = into->count + from->count;

    if (from->count > 0 && (into->count == 0 || from->stream < into->stream ||
                            (from->stream == into->stream && from->packet < into->packet)))
        *into = *from;
    into->count = count;
}

int rs_ctf_faults_error(const struct rs_ctf_faults *faults, const char *path,
                        struct rs_error *error)
{
    char more[64] = "";

    if (faults->count == 0)
        return 0;
    if (faults->count > 1)
        snprintf(more, sizeof(more), "; %" PRIu64 " more packets are not sound", faults->count - 1);
    return rs_error_set(error, RS_EXIT_IMAGE, "trace '%s/stream_%u', packet %" PRIu64 ": %s%s",
                        path, faults->stream, faults->packet, faults->what, more);
}
