/* SPDX-License-Identifier: MIT
 * Writing an initramfs: the "newc" form of cpio. */
#include "cpio.h"

#include <errno.h>
#include <string.h>

#define ALIGNMENT 4
#define HEADER_SIZE 110 /* "070701" and 13 numbers of 8 hexadecimal digits */

static int put(FILE *file, const void *bytes, size_t size)
{
    return size == 0 || fwrite(bytes, size, 1, file) == 1 ? 0 : -1;
}

static int pad(FILE *file, size_t written)
{
    static const char zeros[ALIGNMENT];

    return put(file, zeros, -written % ALIGNMENT);
}

int rs_cpio_add(FILE *file, const struct rs_cpio_entry *entry)
{
    size_t name_size = strlen(entry->name) + 1;
    unsigned links = 1;

    if (entry->size > UINT32_MAX || name_size > UINT32_MAX) {
        errno = EFBIG;
        return -1;
    }
    /* magic, inode, mode, uid, gid, links, mtime, size, device, rdevice, name size, check */
    if (fprintf(file, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 0u, entry->mode,
                0u, 0u, links, 0u, (unsigned)entry->size, 0u, 0u, entry->major, entry->minor,
                (unsigned)name_size, 0u) != HEADER_SIZE)
        return -1;
    if (put(file, entry->name, name_size) != 0 || pad(file, HEADER_SIZE + name_size) != 0)
        return -1;
    if (put(file, entry->data, entry->size) != 0)
        return -1;
    return pad(file, entry->size);
}

int rs_cpio_end(FILE *file)
{
    struct rs_cpio_entry end = {.name = "TRAILER!!!"};

    return rs_cpio_add(file, &end);
}
