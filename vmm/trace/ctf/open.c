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
    return 0;
}

static int open_streams(struct rs_ctf_writer *writer, int directory, unsigned cpus,
                        struct rs_error *error)
{
    char name[32];

    while (writer->stream_count < cpus) {
        struct rs_ctf_stream *stream = &writer->streams[writer->stream_count];

        snprintf(name, sizeof(name), "stream_%u", writer->stream_count);
        stream->cpu = writer->stream_count;
        stream->fd = rs_ctf_create(directory, writer->path, name, error);
        if (stream->fd < 0)
            return -1;
        writer->stream_count++;
    }
    return 0;
}

static void release(struct rs_ctf_writer *writer)
{
    for (unsigned i = 0; i < writer->stream_count; i++)
        if (close(writer->streams[i].fd) != 0 && !writer->error)
            writer->error = errno;
    free(writer->streams);
    writer->streams = NULL;
    writer->stream_count = 0;
}

/* Half a trace is none. A FIFO was there before. */
static void take_back(struct rs_ctf_writer *writer, int directory)
{
    char name[32];

    for (unsigned i = 0; i < writer->stream_count && !writer->fifo; i++) {
        snprintf(name, sizeof(name), "stream_%u", i);
        unlinkat(directory, name, 0);
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
        result = open_streams(writer, directory, cpus, error);
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
