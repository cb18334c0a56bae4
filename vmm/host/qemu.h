/* SPDX-License-Identifier: MIT
 * One QEMU process: a machine that can be saved and restored. */
#ifndef RINGSCOPE_HOST_QEMU_H
#define RINGSCOPE_HOST_QEMU_H

#include "emulator.h"

#include <stdint.h>

#define RS_QEMU_PROGRAM "qemu-system-x86_64"

/* In the directory that QEMU runs in. */
#define RS_QEMU_MEMORY "memory"
#define RS_QEMU_STATE "state"
#define RS_QEMU_INITRD "initrd"

enum rs_qemu_mode {
    RS_QEMU_BOOT,    /* memory of its own */
    RS_QEMU_SAVE,    /* boot with the file as memory, to save the state then */
    RS_QEMU_RESTORE, /* wait for the state; a private copy of the file as memory */
};

struct rs_qemu_config {
    enum rs_qemu_mode mode;
    const char *directory;
    const char *kernel; /* path, absolute or from the directory */
    unsigned memory_mib;
};

int rs_qemu_start(struct rs_emulator *qemu, const struct rs_qemu_config *config,
                  struct rs_error *error);

/* Finds QEMU in PATH; mixes what identifies it, and all its options, into a hash. */
int rs_qemu_identify(const struct rs_qemu_config *config, uint64_t *hash, struct rs_error *error);

/* FNV-1a. */
#define RS_HASH_BEGIN UINT64_C(0xcbf29ce484222325)
uint64_t rs_hash(uint64_t hash, const void *bytes, size_t size);

#endif
