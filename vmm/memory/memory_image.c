/* SPDX-License-Identifier: MIT
 * What guest memory held at one moment, and putting it back page by page. */
#include "memory_image.h"

#include <errno.h>
#include <ringscope/x86/cpu.h>
#include <stdlib.h>
#include <string.h>

/* A page leaves the log after so many comparisons without a difference. */
#define CLEAN_MAX 8

static const uint8_t zeros[PAGE_SIZE];

static bool is_zero(const uint8_t *page)
{
    return memcmp(page, zeros, PAGE_SIZE) == 0;
}

static int take_region(struct rs_memory_image_region *image, const struct rs_memory_region *region)
{
    image->count = region->size / PAGE_SIZE;
    image->pages = calloc(image->count, sizeof(*image->pages));
    image->clean = calloc(image->count, 1);
    if (!image->pages || !image->clean)
        return -ENOMEM;
    for (size_t page = 0; page < image->count; page++) {
        const uint8_t *from = region->host + page * PAGE_SIZE;

        if (is_zero(from))
            continue;
        image->pages[page] = malloc(PAGE_SIZE);
        if (!image->pages[page])
            return -ENOMEM;
        memcpy(image->pages[page], from, PAGE_SIZE);
    }
    memset(region->written, 0, image->count);
    return 0;
}

int rs_memory_image_take(struct rs_memory_image *image, struct rs_memory *memory)
{
    *image = (struct rs_memory_image){.count = memory->count};
    for (unsigned i = 0; i < memory->count; i++) {
        if (take_region(&image->regions[i], &memory->regions[i]) != 0) {
            rs_memory_image_free(image);
            return -ENOMEM;
        }
    }
    return 0;
}

void rs_memory_image_free(struct rs_memory_image *image)
{
    for (unsigned i = 0; i < image->count; i++) {
        struct rs_memory_image_region *region = &image->regions[i];

        for (size_t page = 0; region->pages && page < region->count; page++)
            free(region->pages[page]);
        free(region->pages);
        free(region->clean);
    }
    *image = (struct rs_memory_image){0};
}

static bool put_page(const struct rs_memory_image_region *image, uint8_t *host, size_t page)
{
    const uint8_t *from = image->pages[page] ? image->pages[page] : zeros;

    if (memcmp(host, from, PAGE_SIZE) == 0)
        return false;
    memcpy(host, from, PAGE_SIZE);
    return true;
}

/* Returns whether the page, which is in the log, may leave it. */
static bool has_cooled(uint8_t *clean, bool changed)
{
    *clean = changed ? 0 : (uint8_t)(*clean + 1);
    if (*clean < CLEAN_MAX)
        return false;
    *clean = 0;
    return true;
}

static void put_64(struct rs_memory_image_region *image, const struct rs_memory_region *region,
                   size_t first, uint64_t *log, struct rs_memory_changes *changes)
{
    uint64_t logged = *log;

    *log = 0;
    for (size_t i = 0; i < 64 && first + i < image->count; i++) {
        size_t page = first + i;
        bool is_logged = logged >> i & 1, changed;

        if (!is_logged && !region->written[page])
            continue;
        changed = put_page(image, region->host + page * PAGE_SIZE, page);
        region->written[page] = 0;
        if (changed)
            changes->gpas[changes->count++] = region->gpa + page * PAGE_SIZE;
        if (is_logged && has_cooled(&image->clean[page], changed))
            *log |= UINT64_C(1) << i;
    }
}

/* The maps are sparse: 64 pages at a time that nobody has written are passed over. */
static bool any_written(const uint8_t *written, size_t count)
{
    return memcmp(written, zeros, count) != 0;
}

void rs_memory_image_put(struct rs_memory_image *image, const struct rs_memory *memory,
                         unsigned region, uint64_t *log, struct rs_memory_changes *changes)
{
    struct rs_memory_image_region *pages = &image->regions[region];
    const struct rs_memory_region *memory_region = &memory->regions[region];

    for (size_t first = 0; first < pages->count; first += 64) {
        size_t count = pages->count - first < 64 ? pages->count - first : 64;

        if (log[first / 64] || any_written(memory_region->written + first, count))
            put_64(pages, memory_region, first, &log[first / 64], changes);
    }
}

#define FNV_PRIME UINT64_C(0x100000001b3)

uint64_t rs_digest(uint64_t digest, const void *bytes, size_t size)
{
    const uint8_t *next = bytes;

    while (size > 0) {
        size_t part = size < 8 ? size : 8;
        uint64_t word = 0;

        memcpy(&word, next, part);
        digest = (digest ^ word) * FNV_PRIME;
        digest ^= digest >> 32;
        next += part;
        size -= part;
    }
    return digest;
}

uint64_t rs_memory_digest(const struct rs_memory *memory, uint64_t seed)
{
    uint64_t digest = seed;

    for (unsigned i = 0; i < memory->count; i++) {
        const struct rs_memory_region *region = &memory->regions[i];

        for (uint64_t offset = 0; offset < region->size; offset += PAGE_SIZE) {
            uint64_t gpa = region->gpa + offset;

            if (is_zero(region->host + offset))
                continue;
            digest = rs_digest(digest, &gpa, sizeof(gpa));
            digest = rs_digest(digest, region->host + offset, PAGE_SIZE);
        }
    }
    return digest;
}
