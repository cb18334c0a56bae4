/* SPDX-License-Identifier: MIT
 * A saved machine in the cache: what it is made of, and making it. */
#ifndef RINGSCOPE_HOST_IMAGE_H
#define RINGSCOPE_HOST_IMAGE_H

#include "cache.h"
#include "host_machine.h"
#include "qemu.h"

#define RS_IMAGE_PREFIX "machine-"
#define RS_IMAGE_BOOT_TIMEOUT_MS 60000

struct rs_image {
    unsigned memory_mib;
    char kernel[NAME_MAX + 1];  /* cache entry */
    char entry[NAME_MAX + 1];   /* its own; the name has a hash of all that it depends on */
    char directory[PATH_MAX];   /* of the entry */
    char kernel_path[PATH_MAX]; /* of the kernel, from there */
};

/* Fails when QEMU is not there: before anything is downloaded for it. */
int rs_image_check_qemu(const struct rs_image *image, struct rs_error *error);

/* Fills in everything, from memory_mib and kernel. The entry need not exist. */
int rs_image_locate(struct rs_image *image, const struct rs_cache *cache, struct rs_error *error);

/* Boots the machine and saves it. An entry that could not be saved has no state, only what a boot
 * needs. `machine` is for the time of the call. The caller owns the cache. */
int rs_image_build(struct rs_host_machine *machine, const struct rs_image *image,
                   struct rs_cache *cache, struct rs_wait *wait, struct rs_error *error);

/* Starts QEMU; exchanges HELLO and READY with the init process. */
int rs_image_start(struct rs_host_machine *machine, struct rs_wait *wait,
                   const struct rs_image *image, enum rs_qemu_mode mode, struct rs_error *error);

/* HELLO alone, and waiting for READY. */
int rs_image_hello(struct rs_host_machine *machine, struct rs_error *error);
int rs_image_await(struct rs_host_machine *machine, int timeout_ms, struct rs_error *error);
int rs_image_greet(struct rs_host_machine *machine, int timeout_ms, struct rs_error *error);

#endif
