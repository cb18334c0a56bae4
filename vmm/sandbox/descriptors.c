/* SPDX-License-Identifier: MIT
 * A thread with a table of descriptors of its own. */
#include "internal.h"

#include <errno.h>
#include <limits.h>
#include <linux/close_range.h>
#include <unistd.h>

/* The lowest of them that is not below `from`; UINT_MAX: there is none. */
static unsigned next_kept(const int *files, size_t count, unsigned from)
{
    unsigned next = UINT_MAX;

    for (size_t i = 0; i < count; i++)
        if (files[i] >= 0 && (unsigned)files[i] >= from && (unsigned)files[i] < next)
            next = (unsigned)files[i];
    /* A sanitizer reports on the thread that it finds something on. */
    if (RS_SANDBOX_SANITIZED && from <= STDERR_FILENO && next > STDERR_FILENO)
        next = STDERR_FILENO;
    return next;
}

/* The first range that is closed makes the copy; there is one, because the last has no end. */
int rs_sandbox_keep_files(const int *files, size_t count)
{
    int flags = CLOSE_RANGE_UNSHARE;
    unsigned from = 0, kept;

    do {
        kept = next_kept(files, count, from);
        if (kept > from) {
            if (close_range(from, kept == UINT_MAX ? UINT_MAX : kept - 1, flags) != 0)
                return -errno;
            flags = 0;
        }
        from = kept + 1;
    } while (kept != UINT_MAX);
    return 0;
}
