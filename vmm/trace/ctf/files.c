/* SPDX-License-Identifier: MIT
 * The files of one stream as one row of pages, the oldest first. */
#include "files.h"

#include "packet.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 1, 0 when there is no such file, or -1. A FIFO would make open() wait. */
static int open_file(struct rs_ctf_files *files, int directory, const char *path, const char *name,
                     struct rs_error *error)
{
    struct stat status;
    int fd = openat(directory, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0)
        return rs_error_errno(error, RS_EXIT_IMAGE, errno, "trace '%s/%s'", path, name);
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        close(fd);
        return rs_error_set(error, RS_EXIT_IMAGE, "trace '%s/%s' is not a regular file", path,
                            name);
    }
    files->file[files->count].fd = fd;
    files->file[files->count].bytes = (uint64_t)status.st_size;
    files->count++;
    return 1;
}

/* Where the first packet says that it begins. */
static void look(struct rs_ctf_files *files, unsigned i, const uint8_t uuid[RS_CTF_UUID_SIZE])
{
    struct rs_ctf_packet_head head;

    files->file[i].first = UINT64_MAX;
    if (pread(files->file[i].fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
        rs_ctf_check_head(&head, uuid) || head.events_discarded > head.first_sequence)
        return;
    files->file[i].first = head.first_sequence;
    files->file[i].given_way = head.first_sequence - head.events_discarded;
}

static uint64_t pages(uint64_t bytes)
{
    return (bytes + RS_CTF_PACKET_SIZE - 1) / RS_CTF_PACKET_SIZE * RS_CTF_PACKET_SIZE;
}

/* The oldest first; a file whose first packet is not sound last, to be told of. */
static void sort(struct rs_ctf_files *files)
{
    uint64_t begin = 0;

    for (unsigned i = 1; i < files->count; i++) {
        for (unsigned n = i; n > 0 && files->file[n - 1].first > files->file[n].first; n--) {
            __typeof__(files->file[0]) other = files->file[n - 1];

            files->file[n - 1] = files->file[n];
            files->file[n] = other;
        }
    }
    for (unsigned i = 0; i < files->count; i++) {
        files->file[i].begin = begin;
        begin += pages(files->file[i].bytes);
    }
}

/* An empty one is of no age: it would stand behind the newest one, whose last packet may be short.
 */
static void leave_out_empty(struct rs_ctf_files *files)
{
    unsigned count = 0;

    for (unsigned i = 0; i < files->count; i++) {
        if (files->file[i].bytes == 0)
            close(files->file[i].fd);
        else
            files->file[count++] = files->file[i];
    }
    files->count = count;
}

int rs_ctf_files_open(struct rs_ctf_files *files, int directory, const char *path, unsigned number,
                      bool ring, const uint8_t uuid[RS_CTF_UUID_SIZE], struct rs_error *error)
{
    char name[RS_CTF_STREAM_NAME_SIZE];
    int result = 1;

    *files = (struct rs_ctf_files){0};
    while (result > 0 && files->count < (ring ? RS_CTF_RING_FILES : 1)) {
        rs_ctf_stream_name(name, number, ring, files->count);
        result = open_file(files, directory, path, name, error);
    }
    if (result < 0) {
        rs_ctf_files_close(files);
        return -1;
    }
    result = files->count > 0;
    leave_out_empty(files);
    for (unsigned i = 0; i < files->count; i++)
        look(files, i, uuid);
    sort(files);
    return result;
}

void rs_ctf_files_close(struct rs_ctf_files *files)
{
    while (files->count > 0)
        close(files->file[--files->count].fd);
}

uint64_t rs_ctf_files_bytes(const struct rs_ctf_files *files)
{
    unsigned last = files->count - 1;

    return files->count ? files->file[last].begin + files->file[last].bytes : 0;
}

uint64_t rs_ctf_files_overwritten(const struct rs_ctf_files *files)
{
    return files->count && files->file[0].first != UINT64_MAX ? files->file[0].given_way : 0;
}

/* A file that is not the last one ends with a page, or its last packet is no packet: what is
 * missing of it, or has been emptied meanwhile, reads as zeroes. */
ssize_t rs_ctf_files_read(const struct rs_ctf_files *files, void *bytes, size_t size,
                          uint64_t offset)
{
    unsigned i = 0;
    uint64_t left;
    ssize_t count;

    while (i + 1 < files->count && offset >= files->file[i + 1].begin)
        i++;
    if (files->count == 0 || offset >= rs_ctf_files_bytes(files))
        return 0;
    left = (i + 1 < files->count ? files->file[i + 1].begin : rs_ctf_files_bytes(files)) - offset;
    if (size > left)
        size = (size_t)left;
    count = pread(files->file[i].fd, bytes, size, (off_t)(offset - files->file[i].begin));
    if (count != 0 || i + 1 == files->count)
        return count;
    memset(bytes, 0, size);
    return (ssize_t)size;
}
