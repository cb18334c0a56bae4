/* SPDX-License-Identifier: MIT
 * One QEMU process: the interpreted machine of the emulated host. */
#ifndef RINGSCOPE_HOST_QEMU_H
#define RINGSCOPE_HOST_QEMU_H

#include "wait.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

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

struct rs_qemu {
    pid_t pid;
    int channel;    /* the virtio-serial port, a socket */
    int monitor;    /* QMP, a socket */
    int messages;   /* read end: the machine's console, and QEMU's own complaints */
    char tail[256]; /* the end of the messages, printable characters only */
    size_t tail_size;
};

int rs_qemu_start(struct rs_qemu *qemu, const struct rs_qemu_config *config,
                  struct rs_error *error);
void rs_qemu_stop(struct rs_qemu *qemu);

/* Reads messages that are there; copies them to stderr when `show`. Returns 1, 0 when there were
 * none, -1 at their end. */
int rs_qemu_messages(struct rs_qemu *qemu, bool show);

/* Reads what is left, and gives the last line; "" when there is none. */
const char *rs_qemu_last_message(struct rs_qemu *qemu);

/* Finds QEMU in PATH; mixes what identifies it, and all its options, into a hash. */
int rs_qemu_identify(const struct rs_qemu_config *config, uint64_t *hash, struct rs_error *error);

/* FNV-1a. */
#define RS_HASH_BEGIN UINT64_C(0xcbf29ce484222325)
uint64_t rs_hash(uint64_t hash, const void *bytes, size_t size);

#endif
