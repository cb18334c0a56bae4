/* SPDX-License-Identifier: MIT
 * The directory of a trace: made, or an old trace put aside, without harm to anything else. */
#include "directory.h"

#include "format.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum content {
    CONTENT_NONE, /* no such directory */
    CONTENT_EMPTY,
    CONTENT_TRACE,
    CONTENT_FIFO,
    CONTENT_OTHER,
    CONTENT_ERROR, /* errno says why */
};

static bool is_trace_file(const char *name)
{
    return strcmp(name, "metadata") == 0 || strncmp(name, "stream_", strlen("stream_")) == 0;
}

static enum content metadata_content(int directory)
{
    char signature[sizeof(RS_CTF_SIGNATURE) - 1];
    int fd = openat(directory, "metadata", O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
    enum content content = CONTENT_OTHER;
    struct stat status;

    if (fd < 0)
        return CONTENT_OTHER;
    if (fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode))
        content = CONTENT_FIFO;
    else if (read(fd, signature, sizeof(signature)) == (ssize_t)sizeof(signature) &&
             memcmp(signature, RS_CTF_SIGNATURE, sizeof(signature)) == 0)
        content = CONTENT_TRACE;
    close(fd);
    return content;
}

static enum content content_of(const char *path)
{
    DIR *directory = opendir(path);
    enum content content = CONTENT_EMPTY;
    struct dirent *entry;

    if (!directory)
        return errno == ENOENT ? CONTENT_NONE : CONTENT_ERROR;
    while (content != CONTENT_OTHER && (entry = readdir(directory))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        content = is_trace_file(entry->d_name) ? CONTENT_TRACE : CONTENT_OTHER;
    }
    if (content == CONTENT_TRACE)
        content = metadata_content(dirfd(directory));
    closedir(directory);
    return content;
}

/* Only what a trace consists of is in it. */
static int remove_trace(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;

    if (!directory)
        return -1;
    while ((entry = readdir(directory)))
        if (is_trace_file(entry->d_name))
            unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    return rmdir(path);
}

static int refuse(const char *path, enum content content, struct rs_error *error)
{
    if (content == CONTENT_ERROR)
        return rs_error_errno(error, RS_EXIT_OUTPUT, errno, "output '%s'", path);
    return rs_error_set(error, RS_EXIT_OUTPUT,
                        "output '%s' is there and holds other things than a ringscope trace", path);
}

static int put_aside(const char *path, struct rs_error *error)
{
    char old[4096];
    enum content content;

    if (snprintf(old, sizeof(old), "%s.old", path) >= (int)sizeof(old))
        return rs_error_errno(error, RS_EXIT_OUTPUT, ENAMETOOLONG, "output '%s'", path);
    content = content_of(old);
    if (content != CONTENT_NONE && content != CONTENT_EMPTY && content != CONTENT_TRACE)
        return refuse(old, content, error);
    if (content == CONTENT_TRACE && remove_trace(old) != 0)
        return rs_error_errno(error, RS_EXIT_OUTPUT, errno, "output '%s'", old);
    if (rename(path, old) != 0)
        return rs_error_errno(error, RS_EXIT_OUTPUT, errno, "output '%s'", path);
    return 0;
}

static int prepare(const char *path, struct rs_error *error)
{
    enum content content = content_of(path);

    switch (content) {
    case CONTENT_EMPTY:
    case CONTENT_FIFO:
        return 0;
    case CONTENT_TRACE:
        if (put_aside(path, error) != 0)
            return -1;
        break;
    case CONTENT_NONE:
        break;
    default:
        return refuse(path, content, error);
    }
    if (mkdir(path, 0777) != 0)
        return rs_error_errno(error, RS_EXIT_OUTPUT, errno, "output '%s'", path);
    return 0;
}

int rs_ctf_directory(const char *path, struct rs_error *error)
{
    char *trimmed = strdup(path);
    size_t length = strlen(path);
    int fd = -1;

    if (!trimmed)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    while (length > 1 && trimmed[length - 1] == '/') /* else DIR/ would become DIR/.old */
        trimmed[--length] = '\0';
    if (prepare(trimmed, error) == 0) {
        fd = open(trimmed, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            rs_error_errno(error, RS_EXIT_OUTPUT, errno, "output '%s'", path);
    }
    free(trimmed);
    return fd;
}

int rs_ctf_create(int directory, const char *path, const char *name, struct rs_error *error)
{
    int fd = openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (fd < 0)
        rs_error_errno(error, RS_EXIT_OUTPUT, errno, "output '%s/%s'", path, name);
    return fd;
}
