/* SPDX-License-Identifier: MIT
 * Writing an initramfs: the "newc" form of cpio. */
#ifndef RINGSCOPE_HOST_CPIO_H
#define RINGSCOPE_HOST_CPIO_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Source: Linux, Documentation/driver-api/early-userspace/buffer-format.rst. Every entry belongs to
 * root and is dated 0, so that the same content gives the same bytes.
 */
struct rs_cpio_entry {
    const char *name; /* relative, without a leading '/' */
    uint32_t mode;    /* type and rights, as in st_mode */
    uint32_t major, minor;
    const void *data;
    size_t size; /* below 4 GiB */
};

/* Both return 0, or -1 with errno set. */
int rs_cpio_add(FILE *file, const struct rs_cpio_entry *entry);
int rs_cpio_end(FILE *file);

#endif
