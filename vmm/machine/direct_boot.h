/* SPDX-License-Identifier: MIT
 * Direct boot: another kernel's image, its command line and initrd -> guest memory and registers.
 */
#ifndef RINGSCOPE_DIRECT_BOOT_H
#define RINGSCOPE_DIRECT_BOOT_H

#include "loader/direct.h"
#include "machine.h"

/* Checks the image and the command line, fills guest memory, and puts the vCPU at the entry point.
 * Errors: RS_EXIT_IMAGE, RS_EXIT_USAGE. */
int rs_direct_boot(struct rs_machine *machine, const struct rs_machine_config *config,
                   struct rs_error *error);

/* Only the checks: whether this image can be booted at all. */
int rs_direct_boot_check(enum rs_protocol protocol, const struct rs_blob *kernel,
                         const char *command_line, uint64_t memory_size, struct rs_error *error);

/* direct_info.c: what a protocol says beside registers. Where things are, guest-physical: */
struct rs_direct_places {
    uint64_t memory_size;
    uint64_t initrd, initrd_size; /* size 0: none */
    uint64_t command_line;        /* NUL-terminated */
    uint64_t info;                /* what the entry register points at: filled by all three */
};

#define RS_DIRECT_COMMAND_LINE_SIZE 4096 /* with its NUL and what is put before it */

/* Each writes its structures at places->info and behind. 0, or -1: no memory there. */
int rs_direct_info_multiboot(const struct rs_memory *memory, const struct rs_direct_places *places);
int rs_direct_info_pvh(const struct rs_memory *memory, const struct rs_direct_places *places);
int rs_direct_info_linux(const struct rs_memory *memory, const struct rs_direct_places *places,
                         const struct rs_direct_image *image);
/* GDT and page tables of the 64-bit Linux entry; *cr3 and *gdt are filled. */
int rs_direct_info_long_mode(const struct rs_memory *memory, uint64_t *cr3, uint64_t *gdt);

#endif
