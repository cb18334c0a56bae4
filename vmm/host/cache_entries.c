/* SPDX-License-Identifier: MIT
 * The cache directory: its entries. */
#include "cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DAY_S 86400

int rs_cache_path(const struct rs_cache *cache, char path[PATH_MAX], const char *entry,
                  const char *name, struct rs_error *error)
{
    int length = snprintf(path, PATH_MAX, "%s/%s%s%s", cache->path, entry, name ? "/" : "",
                          name ? name : "");

    if (length < PATH_MAX)
        return 0;
    return rs_error_set(error, RS_EXIT_HOST, "cache: path of %d bytes", length);
}

int rs_cache_begin(struct rs_cache *cache, char entry[NAME_MAX + 1], struct rs_error *error)
{
    char path[PATH_MAX];

    rs_cache_prune(cache, RS_CACHE_UNFINISHED, -1);
    snprintf(entry, NAME_MAX + 1, RS_CACHE_UNFINISHED "%d", (int)getpid());
    if (rs_cache_path(cache, path, entry, NULL, error) != 0)
        return -1;
    if (mkdir(path, 0700) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "cache: making %s", path);
    return 0;
}

int rs_cache_finish(struct rs_cache *cache, const char *unfinished, const char *entry,
                    struct rs_error *error)
{
    char from[PATH_MAX], to[PATH_MAX];

    if (rs_cache_path(cache, from, unfinished, NULL, error) != 0 ||
        rs_cache_path(cache, to, entry, NULL, error) != 0)
        return -1;
    rs_cache_remove(cache, entry);
    if (rename(from, to) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "cache: renaming to %s", to);
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    remove(path); /* what stays is removed the next time */
    return 0;
}

void rs_cache_remove(struct rs_cache *cache, const char *entry)
{
    struct rs_error error;
    char path[PATH_MAX];

    if (rs_cache_path(cache, path, entry, NULL, &error) == 0)
        nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static bool matches(const char *name, const char *prefix, const char *suffix)
{
    size_t length = strlen(name), prefix_length = strlen(prefix), suffix_length = strlen(suffix);

    return length >= prefix_length + suffix_length && strncmp(name, prefix, prefix_length) == 0 &&
           strcmp(name + length - suffix_length, suffix) == 0;
}

int rs_latest_name(const char *directory, const char *prefix, const char *suffix,
                   char name[NAME_MAX + 1])
{
    DIR *listing = opendir(directory);
    struct dirent *found;

    name[0] = '\0';
    while (listing && (found = readdir(listing)))
        if (matches(found->d_name, prefix, suffix) && strverscmp(found->d_name, name) > 0)
            snprintf(name, NAME_MAX + 1, "%s", found->d_name);
    if (listing)
        closedir(listing);
    return name[0] ? 0 : -1;
}

void rs_cache_touch(struct rs_cache *cache, const char *entry)
{
    struct rs_error error;
    char path[PATH_MAX];

    if (rs_cache_path(cache, path, entry, NULL, &error) == 0)
        utimensat(AT_FDCWD, path, NULL, 0);
}

static bool unused_for(const struct rs_cache *cache, const char *entry, int days)
{
    struct rs_error error;
    struct stat status;
    char path[PATH_MAX];

    return rs_cache_path(cache, path, entry, NULL, &error) == 0 && stat(path, &status) == 0 &&
           time(NULL) - status.st_mtime > (time_t)days * DAY_S;
}

void rs_cache_prune(struct rs_cache *cache, const char *prefix, int days)
{
    DIR *directory = opendir(cache->path);
    struct dirent *found;

    while (directory && (found = readdir(directory)))
        if (matches(found->d_name, prefix, "") && unused_for(cache, found->d_name, days))
            rs_cache_remove(cache, found->d_name);
    if (directory)
        closedir(directory);
}
