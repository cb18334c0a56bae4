/* SPDX-License-Identifier: MIT
 * The cache directory: where it is, and its lock. */
#include "cache.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_RETRY_MS 50

/* What a login would set HOME to, where nothing has. */
static const char *home_directory(void)
{
    const char *home = getenv("HOME");
    const struct passwd *user = home && *home == '/' ? NULL : getpwuid(getuid());

    return user ? user->pw_dir : home;
}

static int locate(char path[PATH_MAX], struct rs_error *error)
{
    const char *own = getenv("RINGSCOPE_CACHE"), *xdg = getenv("XDG_CACHE_HOME");
    const char *home = home_directory();
    int length;

    if (own && *own)
        length = snprintf(path, PATH_MAX, "%s", own);
    else if (xdg && *xdg == '/')
        length = snprintf(path, PATH_MAX, "%s/ringscope", xdg);
    else if (home && *home == '/')
        length = snprintf(path, PATH_MAX, "%s/.cache/ringscope", home);
    else
        return rs_error_set(error, RS_EXIT_HOST,
                            "no cache directory: neither RINGSCOPE_CACHE nor HOME is set");
    if (length < PATH_MAX)
        return 0;
    return rs_error_set(error, RS_EXIT_HOST, "cache directory: path of %d bytes", length);
}

static int make_directories(char *path)
{
    for (char *end = strchr(path + 1, '/'); end; end = strchr(end + 1, '/')) {
        *end = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return -1;
        *end = '/';
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : -1;
}

int rs_cache_open(struct rs_cache *cache, struct rs_error *error)
{
    char given[PATH_MAX];
    int directory = -1;

    if (locate(given, error) != 0)
        return -1;
    if (make_directories(given) == 0 && realpath(given, cache->path))
        directory = open(cache->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cache->lock_fd =
        directory < 0 ? -1 : openat(directory, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (cache->lock_fd < 0)
        rs_error_set(error, RS_EXIT_HOST,
                     "cache directory %s: %s: set RINGSCOPE_CACHE to one that can be written",
                     given, strerror(errno));
    if (directory >= 0)
        close(directory);
    return cache->lock_fd < 0 ? -1 : 0;
}

void rs_cache_close(struct rs_cache *cache)
{
    close(cache->lock_fd);
}

static int lock(struct rs_cache *cache, int operation, struct rs_wait *wait, struct rs_error *error)
{
    while (flock(cache->lock_fd, operation | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return rs_error_errno(error, RS_EXIT_HOST, errno, "lock in %s", cache->path);
        if (!wait->stage)
            rs_wait_stage(wait, "another ringscope prepares it");
        if (rs_wait_poll(wait, NULL, 0, LOCK_RETRY_MS) < 0)
            return rs_wait_interrupted(wait, error);
    }
    return 0;
}

int rs_cache_share(struct rs_cache *cache, struct rs_wait *wait, struct rs_error *error)
{
    return lock(cache, LOCK_SH, wait, error);
}

int rs_cache_own(struct rs_cache *cache, struct rs_wait *wait, struct rs_error *error)
{
    return lock(cache, LOCK_EX, wait, error);
}

void rs_cache_release(struct rs_cache *cache)
{
    flock(cache->lock_fd, LOCK_UN);
}
