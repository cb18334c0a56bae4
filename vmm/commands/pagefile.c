/* SPDX-License-Identifier: MIT
 * --pagefile: the file behind the guest's paging device. */
#include "pagefile.h"

#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <ringscope/x86/cpu.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE_MIN (RS_U64(64) << 10)
#define SIZE_LIMIT (RS_U64(64) << 30)

/* The first bytes of the first page, which NT's paging files do not use either. It tells a paging
 * file from a file that somebody still wants. */
static const char signature[] = "ringscope pagefile";

static int bad_value(const char *value, struct rs_error *error)
{
    return rs_error_set(error, RS_EXIT_USAGE,
                        "--pagefile '%s': FILE, FILE:SIZE or none; SIZE is a multiple of 4K, from "
                        "64K to 64G",
                        value);
}

int rs_pagefile_parse(const char *value, struct rs_pagefile_option *option, struct rs_error *error)
{
    const char *colon = strrchr(value, ':');
    size_t length = strlen(value);

    *option = (struct rs_pagefile_option){.none = strcmp(value, "none") == 0};
    if (option->none)
        return 0;
    if (colon && colon[1] >= '0' && colon[1] <= '9') {
        if (!rs_parse_size(colon + 1, &option->size) || option->size < SIZE_MIN ||
            option->size > SIZE_LIMIT || option->size % PAGE_SIZE != 0)
            return bad_value(value, error);
        length = (size_t)(colon - value);
    }
    if (length == 0 || length >= sizeof(option->path))
        return bad_value(value, error);
    memcpy(option->path, value, length);
    return 0;
}

static int system_error(const char *path, struct rs_error *error)
{
    return rs_error_errno(error, RS_EXIT_OUTPUT, errno, "pagefile '%s'", path);
}

/* An empty file is new. */
static int check_file(int fd, const char *path, uint64_t *size, struct rs_error *error)
{
    char head[sizeof(signature)] = "";
    struct stat status;

    if (fstat(fd, &status) != 0)
        return system_error(path, error);
    if (!S_ISREG(status.st_mode))
        return rs_error_set(error, RS_EXIT_OUTPUT, "pagefile '%s' is not a regular file", path);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return rs_error_set(error, RS_EXIT_OUTPUT, "pagefile '%s' is in use by another process",
                            path);
    *size = (uint64_t)status.st_size;
    if (*size == 0)
        return 0;
    if (pread(fd, head, sizeof(head), 0) != sizeof(head) ||
        memcmp(head, signature, sizeof(head)) != 0)
        return rs_error_set(error, RS_EXIT_OUTPUT,
                            "pagefile '%s' is a file of something else, and would be overwritten: "
                            "name a new one",
                            path);
    return 0;
}

/* Without a size, a file that is there says it itself. */
static int fill(int fd, const char *path, uint64_t size, uint64_t present, uint64_t *result,
                struct rs_error *error)
{
    *result = size;
    if (present >= size && present > 0)
        return 0;
    if (ftruncate(fd, (off_t)size) != 0 ||
        pwrite(fd, signature, sizeof(signature), 0) != sizeof(signature))
        return system_error(path, error);
    return 0;
}

static int open_path(const struct rs_pagefile_option *option, uint64_t default_size,
                     struct rs_machine_pagefile *pagefile, struct rs_error *error)
{
    uint64_t present = 0, size = option->size;

    signal(SIGXFSZ, SIG_IGN); /* a limit of the file size shows as EFBIG */
    pagefile->fd = open(option->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
    if (pagefile->fd < 0)
        return system_error(option->path, error);
    if (check_file(pagefile->fd, option->path, &present, error) != 0)
        return -1;
    if (size == 0)
        size = present >= SIZE_MIN ? present & ~(PAGE_SIZE - 1) : default_size;
    return fill(pagefile->fd, option->path, size, present, &pagefile->size, error);
}

static int open_nameless(uint64_t size, struct rs_machine_pagefile *pagefile,
                         struct rs_error *error)
{
    pagefile->fd = memfd_create("ringscope-pagefile", MFD_CLOEXEC);
    if (pagefile->fd < 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "memfd_create");
    pagefile->size = size;
    pagefile->grows = true; /* a limit of the file size counts what is used, not what might be */
    return 0;
}

int rs_pagefile_open(const struct rs_pagefile_option *option, uint64_t memory_size,
                     struct rs_machine_pagefile *pagefile, struct rs_error *error)
{
    uint64_t default_size = RS_PAGEFILE_DEFAULT_FACTOR * memory_size;
    int result;

    *pagefile = (struct rs_machine_pagefile){.fd = -1};
    if (option->none)
        return 0;
    result = option->path[0] ? open_path(option, default_size, pagefile, error)
                             : open_nameless(default_size, pagefile, error);
    if (result != 0 && pagefile->fd >= 0) {
        close(pagefile->fd);
        pagefile->fd = -1;
    }
    return result;
}
