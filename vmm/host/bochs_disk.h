/* SPDX-License-Identifier: MIT
 * The disk of a Bochs machine: a kernel, its parameters, and an initramfs with the command. */
#ifndef RINGSCOPE_HOST_BOCHS_DISK_H
#define RINGSCOPE_HOST_BOCHS_DISK_H

#include "error.h"
#include "kind.h"

#include <stdint.h>
#include <stdio.h>

/* The firmware (bochs_rom.S). */
#define RS_BOCHS_ROM_SIZE 0x10000
extern const uint8_t rs_bochs_rom[RS_BOCHS_ROM_SIZE];

/* Sector 0: how many sectors go to which physical address, in the order of the disk. */
#define RS_BOCHS_SECTOR 512u
#define RS_BOCHS_PARTS 3
struct rs_bochs_table {
    struct {
        uint32_t address, sectors;
    } parts[RS_BOCHS_PARTS + 1]; /* the last one is 0 */
};

#define RS_BOCHS_PARAMETERS 0x10000u
#define RS_BOCHS_KERNEL 0x1000000u
#define RS_BOCHS_INITRD 0x8000000u

struct rs_bochs_disk {
    FILE *file; /* without a name */
    struct rs_bochs_table table;
    long initrd;        /* where it begins in the file */
    uint8_t setup[256]; /* the kernel's setup header, from 1f1h on */
    size_t setup_size;
    unsigned cylinders; /* of 16 heads with 63 sectors */
};

/* Begins it: the kernel and what every command has. `kernel` is the directory of a kernel's cache
 * entry. */
int rs_bochs_disk_begin(struct rs_bochs_disk *disk, const char *kernel,
                        const struct rs_host_description *kind, struct rs_error *error);

/* Ends it: the frames for the init process, from a file, and the parameters. */
int rs_bochs_disk_end(struct rs_bochs_disk *disk, int inbox, unsigned memory_mib,
                      struct rs_error *error);

void rs_bochs_disk_close(struct rs_bochs_disk *disk);

#endif
