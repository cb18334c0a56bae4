/* SPDX-License-Identifier: MIT
 * A trace on disk from its directory to its end. */
#include "directory.h"
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* RFC 4122, "Algorithms for Creating a UUID from Truly Random or Pseudo-Random Numbers". */
static void make_uuid(uint8_t uuid[RS_CTF_UUID_SIZE])
{
    if (getrandom(uuid, RS_CTF_UUID_SIZE, 0) != RS_CTF_UUID_SIZE)
        memset(uuid, 0, RS_CTF_UUID_SIZE);
    uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
    uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

static int put_metadata(struct rs_ctf_writer *writer, int directory, const struct rs_clock *clock,
                        const struct rs_ctf_environment *environment, struct rs_error *error)
{
    int fd = rs_ctf_create(directory, writer->path, "metadata", error);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    struct stat status;
    bool failed;
    long size;

    if (fd < 0)
        return -1;
    if (!file) {
        close(fd);
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    }
    writer->fifo = fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
    rs_ctf_metadata_head(file, writer->uuid, clock, environment);
    rs_ctf_metadata_layout(file);
    size = ftell(file);
    failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed)
        return rs_error_errno(error, RS_EXIT_OUTPUT, errno, "output '%s/metadata'", writer->path);
    writer->bytes = size > 0 ? (uint64_t)size : 0;
    if (environment->ring_size && writer->bytes > RS_CTF_RING_METADATA)
        return rs_error_set(error, RS_EXIT_OUTPUT,
                            "output '%s': a trace in rotation has 64K for its metadata, of which "
                            "this command line takes too much",
                            writer->path);
    return 0;
}

/* A FIFO is the way to all files of its stream. */
static int open_stream(struct rs_ctf_writer *writer, struct rs_ctf_stream *stream, int directory,
                       struct rs_error *error)
{
    bool in_rotation = stream->ring.limit != UINT64_MAX;
    unsigned count = in_rotation ? RS_CTF_RING_FILES : 1;
    char name[RS_CTF_STREAM_NAME_SIZE];

    stream->ring.elsewhere = writer->fifo;
    while (stream->ring.count < (writer->fifo ? 1 : count)) {
        int *fd = &stream->ring.fds[stream->ring.count];

        rs_ctf_stream_name(name, stream->cpu, in_rotation && !writer->fifo, stream->ring.count);
        *fd = rs_ctf_create(directory, writer->path, name, error);
        if (*fd < 0)
            return -1;
        stream->ring.count++;
    }
    stream->ring.count = count;
    return 0;
}

static int open_streams(struct rs_ctf_writer *writer, int directory, unsigned cpus, uint64_t limit,
                        struct rs_error *error)
{
    while (writer->stream_count < cpus) {
        struct rs_ctf_stream *stream = &writer->streams[writer->stream_count];

        stream->cpu = writer->stream_count;
        stream->ring.limit = limit;
        writer->stream_count++; /* what of it is open is to be closed */
        if (open_stream(writer, stream, directory, error) != 0)
            return -1;
    }
    return 0;
}

static void release(struct rs_ctf_writer *writer)
{
    for (unsigned i = 0; i < writer->stream_count; i++) {
        const struct rs_ctf_ring *ring = &writer->streams[i].ring;

        for (unsigned n = 0; n < (writer->fifo && ring->count ? 1 : ring->count); n++)
            if (close(ring->fds[n]) != 0 && !writer->error)
                writer->error = errno;
    }
    free(writer->streams);
    writer->streams = NULL;
    writer->stream_count = 0;
}

/* Half a trace is none. A FIFO was there before. */
static void take_back(struct rs_ctf_writer *writer, int directory)
{
    char name[RS_CTF_STREAM_NAME_SIZE];

    for (unsigned i = 0; i < writer->stream_count && !writer->fifo; i++) {
        const struct rs_ctf_ring *ring = &writer->streams[i].ring;

        for (unsigned n = 0; n < ring->count; n++) {
            rs_ctf_stream_name(name, i, ring->limit != UINT64_MAX, n);
            unlinkat(directory, name, 0);
        }
    }
    if (!writer->fifo)
        unlinkat(directory, "metadata", 0);
    release(writer);
}

int rs_ctf_open(struct rs_ctf_writer *writer, const char *path, unsigned cpus,
                const struct rs_clock *clock, const struct rs_ctf_environment *environment,
                struct rs_error *error)
{
    int directory = rs_ctf_directory(path, error);
    int result;

    if (directory < 0)
        return -1;
    *writer = (struct rs_ctf_writer){
        .path = path,
        .streams = calloc(cpus, sizeof(*writer->streams)),
    };
    if (!writer->streams) {
        close(directory);
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    }
    make_uuid(writer->uuid);
    result = put_metadata(writer, directory, clock, environment, error);
    if (result == 0)
        result = open_streams(writer, directory, cpus,
                              rs_ctf_ring_limit(environment->ring_size, cpus), error);
    if (result != 0)
        take_back(writer, directory);
    close(directory);
    return result;
}

int rs_ctf_close(struct rs_ctf_writer *writer, struct rs_error *error)
{
    rs_ctf_finish(writer);
    release(writer);
    if (writer->error)
        return rs_error_errno(error, RS_EXIT_OUTPUT, writer->error, "output '%s'", writer->path);
    return 0;
}
