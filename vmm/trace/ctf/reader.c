/* SPDX-License-Identifier: MIT
 * Reads a trace: stream by stream, packet by packet. */
#include "reader.h"

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int rs_ctf_reader_open(struct rs_ctf_reader *reader, const char *path, struct rs_error *error)
{
    *reader = (struct rs_ctf_reader){.path = path};
    reader->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (reader->directory < 0)
        return rs_error_errno(error, errno == ENOENT ? RS_EXIT_NOT_FOUND : RS_EXIT_IMAGE, errno,
                              "trace '%s'", path);
    if (rs_ctf_read_metadata(reader, error) == 0)
        return 0;
    rs_ctf_reader_close(reader);
    return -1;
}

/* 1: opened; 0: there is no such stream; -1: error. A FIFO would make open() wait. */
static int open_stream(struct rs_ctf_reader *reader, struct rs_error *error)
{
    char name[32];
    int fd;

    snprintf(name, sizeof(name), "stream_%u", reader->stream);
    fd = openat(reader->directory, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && reader->stream > 0)
        return 0;
    reader->file = fd >= 0 ? fdopen(fd, "r") : NULL;
    if (reader->file) {
        reader->packets = 0;
        reader->packet = (struct rs_ctf_packet){0};
        return 1;
    }
    rs_error_errno(error, RS_EXIT_IMAGE, errno, "trace '%s/%s'", reader->path, name);
    if (fd >= 0)
        close(fd);
    return -1;
}

static int unsound(struct rs_ctf_reader *reader, const char *what, struct rs_error *error)
{
    return rs_error_set(error, RS_EXIT_IMAGE, "trace '%s/stream_%u', packet %" PRIu64 ": %s",
                        reader->path, reader->stream, reader->packets, what);
}

/* 1: the next packet; 0: the stream has ended; -1: error. */
static int next_packet(struct rs_ctf_reader *reader, struct rs_error *error)
{
    struct rs_ctf_packet_head head;
    const char *wrong;
    size_t size;

    errno = 0;
    size = fread(reader->bytes, 1, sizeof(head), reader->file);
    if (size == 0 && feof(reader->file))
        return 0;
    if (ferror(reader->file))
        return unsound(reader, strerror(errno), error);
    if (size < sizeof(head))
        return unsound(reader, "it is cut short", error);
    memcpy(&head, reader->bytes, sizeof(head));
    wrong = rs_ctf_check_head(&head, reader->uuid);
    if (wrong)
        return unsound(reader, wrong, error);
    size = head.packet_size / RS_CTF_BYTE_BITS - sizeof(head);
    if (fread(reader->bytes + sizeof(head), 1, size, reader->file) != size)
        return unsound(reader, "it is cut short", error);
    reader->discarded += head.events_discarded - reader->packet.head.events_discarded;
    rs_ctf_packet_begin(&reader->packet, reader->bytes);
    reader->packets++;
    return 1;
}

static void close_stream(struct rs_ctf_reader *reader)
{
    if (reader->file)
        fclose(reader->file);
    reader->file = NULL;
}

int rs_ctf_reader_next(struct rs_ctf_reader *reader, struct rs_event *event, struct rs_error *error)
{
    for (;;) {
        int result = rs_ctf_packet_next(&reader->packet, event);

        if (result < 0) {
            reader->packets--;
            return unsound(reader, "its content is not sound", error);
        }
        if (result > 0) {
            reader->events++;
            return 1;
        }
        result = reader->file ? next_packet(reader, error) : open_stream(reader, error);
        if (result < 0)
            return -1;
        if (result == 0 && !reader->file)
            return 0;
        if (result == 0) {
            close_stream(reader);
            reader->stream++;
        }
    }
}

void rs_ctf_reader_close(struct rs_ctf_reader *reader)
{
    close_stream(reader);
    free(reader->environment);
    reader->environment = NULL;
    if (reader->directory >= 0)
        close(reader->directory);
    reader->directory = -1;
}
