/* SPDX-License-Identifier: MIT
 * The cache directory: what was downloaded, and the saved machines. */
#ifndef RINGSCOPE_HOST_CACHE_H
#define RINGSCOPE_HOST_CACHE_H

#include "wait.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Entries are directories: filled under a name that begins with RS_CACHE_UNFINISHED, then renamed,
 * so an entry that has its name is complete. Who adds or removes entries holds the lock alone; who
 * opens files of an entry shares it. A directory that a killed process left unfinished is removed
 * by the next one that has the lock alone.
 */
#define RS_CACHE_UNFINISHED "unfinished-"

struct rs_cache {
    char path[PATH_MAX];
    int lock_fd;
};

/* Finds or makes the directory. */
int rs_cache_open(struct rs_cache *cache, struct rs_error *error);
void rs_cache_close(struct rs_cache *cache);

int rs_cache_share(struct rs_cache *cache, struct rs_wait *wait, struct rs_error *error);
int rs_cache_own(struct rs_cache *cache, struct rs_wait *wait, struct rs_error *error);
void rs_cache_release(struct rs_cache *cache);

/* CACHE/entry/name, or CACHE/entry when name is NULL. Too long: -1. */
int rs_cache_path(const struct rs_cache *cache, char path[PATH_MAX], const char *entry,
                  const char *name, struct rs_error *error);

/* Makes an unfinished entry and gives its name; then renames it. */
int rs_cache_begin(struct rs_cache *cache, char entry[NAME_MAX + 1], struct rs_error *error);
int rs_cache_finish(struct rs_cache *cache, const char *unfinished, const char *entry,
                    struct rs_error *error);

void rs_cache_remove(struct rs_cache *cache, const char *entry);

/* The last name in a directory, by version order, that begins with `prefix` and ends with `suffix`.
 * Returns -1 when there is none. */
int rs_latest_name(const char *directory, const char *prefix, const char *suffix,
                   char name[NAME_MAX + 1]);

/* Marks an entry as used; removes those with `prefix` that nobody used for so many days. */
void rs_cache_touch(struct rs_cache *cache, const char *entry);
void rs_cache_prune(struct rs_cache *cache, const char *prefix, int days);

#endif
