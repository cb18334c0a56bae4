/* SPDX-License-Identifier: MIT
 * The initramfs of the emulated host: the init process and the kernel modules. */
#ifndef RINGSCOPE_HOST_INITRD_H
#define RINGSCOPE_HOST_INITRD_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

/* The init process, a static executable: part of this one (init_image.S). */
extern const uint8_t rs_init_image[], rs_init_image_end[];

static inline size_t rs_init_image_size(void)
{
    return (uintptr_t)rs_init_image_end - (uintptr_t)rs_init_image;
}

/* `kernel` is the directory of a kernel's cache entry. */
int rs_initrd_write(const char *path, const char *kernel, struct rs_error *error);

#endif
