/* SPDX-License-Identifier: MIT
 * Boot: kernel, program, boot information and boot page tables -> guest memory. */
#ifndef RINGSCOPE_BOOT_H
#define RINGSCOPE_BOOT_H

#include "machine.h"

struct rs_boot_plan {
    uint64_t entry;    /* RIP */
    uint64_t cr3;      /* boot page tables */
    uint64_t free_gpa; /* first page after everything that was loaded */
};

/* Checks both images and fills guest memory. Errors: RS_EXIT_IMAGE with the loader's line. */
int rs_boot_load(struct rs_machine *machine, const struct rs_machine_config *config,
                 struct rs_boot_plan *plan, struct rs_error *error);

/* Only the checks of rs_boot_load(): whether these images can be used at all. */
int rs_boot_check(const struct rs_blob *kernel, const struct rs_blob *program, uint64_t memory_size,
                  struct rs_error *error);

/* Page tables of <ringscope/abi.h> for a checked kernel image. */
struct rs_elf64_image;
int rs_boot_tables(const struct rs_memory *memory, const struct rs_elf64_image *kernel,
                   uint64_t memory_size, uint64_t *cr3, struct rs_error *error);

#endif
