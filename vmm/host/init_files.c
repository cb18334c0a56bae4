/* SPDX-License-Identifier: MIT
 * The init process of the emulated host: files from the outside. */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What cannot be made shows when the file is opened. */
void rs_inner_make_directories(const char *path)
{
    char *copy = strdup(path);

    for (char *end = copy ? strchr(copy + 1, '/') : NULL; end; end = strchr(end + 1, '/')) {
        *end = '\0';
        mkdir(copy, 0755);
        *end = '/';
    }
    free(copy);
}

static void file_failed(struct rs_inner *inner)
{
    rs_inner_fail(inner, "file %s: %s", inner->file_path ? inner->file_path : "without a path",
                  strerror(errno));
}

static void file_close(struct rs_inner *inner)
{
    if (inner->file >= 0)
        close(inner->file);
    inner->file = -1;
    free(inner->file_path);
    inner->file_path = NULL;
}

static void file_open(struct rs_inner *inner, const struct rs_frame *frame)
{
    uint32_t mode = 0;

    file_close(inner);
    errno = EPROTO;
    if (frame->size > sizeof(mode)) {
        memcpy(&mode, frame->payload, sizeof(mode));
        inner->file_path =
            rs_inner_string(frame->payload + sizeof(mode), frame->size - sizeof(mode));
    }
    if (inner->file_path) {
        rs_inner_make_directories(inner->file_path);
        inner->file = open(inner->file_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    }
    if (inner->file < 0 || fchmod(inner->file, mode & 07777) != 0)
        file_failed(inner);
}

static void file_write(struct rs_inner *inner, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(inner->file, bytes, size);

        if (written <= 0) {
            file_failed(inner);
            return;
        }
        bytes += written;
        size -= (size_t)written;
    }
}

void rs_inner_file(struct rs_inner *inner, const struct rs_frame *frame)
{
    if (frame->type == RS_FRAME_FILE_OPEN)
        file_open(inner, frame);
    else if (frame->type == RS_FRAME_FILE_DATA)
        file_write(inner, frame->payload, frame->size);
    else
        file_close(inner);
}
