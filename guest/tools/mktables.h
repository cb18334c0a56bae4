/* SPDX-License-Identifier: MIT
 * mktables: writes the kernel's processor tables as assembler, from the symbols of a first link. */
#ifndef MKTABLES_H
#define MKTABLES_H

#include "frame.h"

#include <ringscope/x86/cpu.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct symbol {
    const char *name;
    uint64_t address, size;
    bool function;
};

struct segment {
    uint64_t address, physical, size;
    bool writable, executable;
};

/* A linked kernel. Without a file, before the first link, it is empty: every address is 0. */
struct image {
    uint8_t *file;
    size_t file_size;
    struct symbol *symbols; /* sorted by address */
    size_t symbol_count;
    struct segment segments[8];
    size_t segment_count;
};

/* Prints the reason on failure. */
bool image_load(struct image *image, const char *path);
void image_free(struct image *image);
/* 0 if it is not there; image_missing counts such questions to an image that is not empty. */
uint64_t image_address(struct image *image, const char *name);
extern unsigned image_missing;

/* descriptors.c */
void make_idt(struct image *image, const char *suffix, uint64_t idt[]);
void make_gdt(uint64_t tss, uint64_t gdt[]);
void make_tss(uint64_t rsp0, const uint64_t ist[IST_COUNT], uint8_t tss[TSS64_SIZE]);
void find_ist_stacks(struct image *image, uint64_t tops[IST_COUNT]);

/* Quadwords from the current place on. */
void write_quadwords(FILE *out, const uint64_t *words, size_t count);

/* Each writes one section's worth of tables. */
void write_descriptor_tables(FILE *out, struct image *image);
void write_processor_area(FILE *out, struct image *image);
void write_service_tables(FILE *out, struct image *image);
bool write_symbol_table(FILE *out, const struct image *image);
bool write_page_tables(FILE *out, struct image *image);

#endif
