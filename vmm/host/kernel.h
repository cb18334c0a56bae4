/* SPDX-License-Identifier: MIT
 * The kernel of the emulated host: Debian's package, unpacked into the cache, never installed. */
#ifndef RINGSCOPE_HOST_KERNEL_H
#define RINGSCOPE_HOST_KERNEL_H

#include "cache.h"

#define RS_KERNEL_IMAGE "vmlinuz" /* in the cache entry, next to NAME.ko for each module */

/* The cache entry with a kernel; -1 when there is none yet. */
int rs_kernel_find(const struct rs_cache *cache, char entry[NAME_MAX + 1]);

/* Makes that entry, from a linux-image-*.deb that lies in the cache directory or else from what apt
 * downloads. The caller owns the cache. */
int rs_kernel_fetch(struct rs_cache *cache, struct rs_wait *wait, char entry[NAME_MAX + 1],
                    struct rs_error *error);

#endif
