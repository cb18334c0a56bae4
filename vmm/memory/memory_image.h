/* SPDX-License-Identifier: MIT
 * What guest memory held at one moment, and putting it back page by page. */
#ifndef RINGSCOPE_MEMORY_IMAGE_H
#define RINGSCOPE_MEMORY_IMAGE_H

#include "guest_memory.h"

/* Pages of zeros are not kept: most of a fresh guest is. */
struct rs_memory_image {
    struct rs_memory_image_region {
        uint8_t **pages; /* owned, each of them, too; NULL: zeros */
        uint8_t *clean;  /* how often in a row a page in the log was found unchanged */
        size_t count;
    } regions[RS_MEMORY_REGIONS_MAX];
    unsigned count;
};

/* Copies what is there and forgets what the VMM has written so far. Nobody may write meanwhile.
 * Returns 0, or -ENOMEM. */
int rs_memory_image_take(struct rs_memory_image *image, struct rs_memory *memory);
void rs_memory_image_free(struct rs_memory_image *image);

/* What rs_memory_image_put() has found. */
struct rs_memory_changes {
    uint64_t *gpas; /* the caller's, room for all pages: those that were put back */
    size_t count;
};

/*
 * Puts one region back: the pages that `log`, a bit for each as KVM has it, or `written` names. On
 * return `log` names those that need not be in KVM's log any longer: a page that most tests write
 * stays in it, for a fault on each first write costs more than a comparison.
 */
void rs_memory_image_put(struct rs_memory_image *image, const struct rs_memory *memory,
                         unsigned region, uint64_t *log, struct rs_memory_changes *changes);

/* A hash of all of memory; pages of zeros count by being absent. */
uint64_t rs_memory_digest(const struct rs_memory *memory, uint64_t seed);

/* FNV-1a over words: mixes `size` bytes, padded with zeros, into `digest`. */
uint64_t rs_digest(uint64_t digest, const void *bytes, size_t size);

#endif
