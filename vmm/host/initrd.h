/* SPDX-License-Identifier: MIT
 * The initramfs of the emulated host: the init process and the kernel modules. */
#ifndef RINGSCOPE_HOST_INITRD_H
#define RINGSCOPE_HOST_INITRD_H

#include "error.h"
#include "kind.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The init process, a static executable: part of this one (init_image.S). */
extern const uint8_t rs_init_image[], rs_init_image_end[];

static inline size_t rs_init_image_size(void)
{
    return (uintptr_t)rs_init_image_end - (uintptr_t)rs_init_image;
}

/* `kernel` is the directory of a kernel's cache entry. */
int rs_initrd_write(const char *path, const char *kernel, const struct rs_host_description *kind,
                    struct rs_error *error);
int rs_initrd_write_to(FILE *file, const char *kernel, const struct rs_host_description *kind,
                       struct rs_error *error);

#endif
