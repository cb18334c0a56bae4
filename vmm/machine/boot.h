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

/* The program and its arguments, into a machine that has stopped with RS_STOP_READY: modules[0] and
 * the command line of the boot information. */
int rs_boot_put_program(struct rs_machine *machine, const struct rs_blob *program,
                        char *const *arguments, struct rs_error *error);

/* Whether the second program can take the place of the first where the kernel has loaded it: all
 * that <ringscope/abi.h>, RS_READY_IMAGE, says was read of it is the same. */
bool rs_boot_same_image(const struct rs_blob *first, const struct rs_blob *second);

/* Page tables of <ringscope/abi.h> for a checked kernel image. */
struct rs_elf64_image;
int rs_boot_tables(const struct rs_memory *memory, const struct rs_elf64_image *kernel,
                   uint64_t memory_size, uint64_t *cr3, struct rs_error *error);

#endif
