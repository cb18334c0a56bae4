/* SPDX-License-Identifier: MIT
 * From names to addresses: images and functions. */
#include "internal.h"

#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LENGTH 128

static const struct image *find_image(const struct rs_symbols *symbols, const char *name)
{
    for (unsigned i = 0; symbols && i < symbols->count; i++)
        if (strcmp(symbols->images[i].name, name) == 0)
            return &symbols->images[i];
    return NULL;
}

/* "unknown image 'x': the images are demo, ntoskrnl" */
static int fail_image(const struct rs_symbols *symbols, const char *name, char *message,
                      size_t size)
{
    int used = snprintf(message, size, "unknown image '%.40s'", name);

    for (unsigned i = 0; symbols && i < symbols->count && used > 0 && (size_t)used < size; i++)
        used += snprintf(message + used, size - (size_t)used, "%s%.40s",
                         i == 0 ? ": the images are " : ", ", symbols->images[i].name);
    return -1;
}

/* From its first byte in memory to its last. */
static bool extent_of(const struct image *image, uint64_t *first, uint64_t *last)
{
    size_t count;
    GElf_Phdr header;

    *first = UINT64_MAX;
    *last = 0;
    if (elf_getphdrnum(image->elf, &count) != 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!gelf_getphdr(image->elf, (int)i, &header) || header.p_type != PT_LOAD ||
            header.p_memsz == 0 || header.p_memsz - 1 > UINT64_MAX - header.p_vaddr)
            continue;
        if (header.p_vaddr < *first)
            *first = header.p_vaddr;
        if (header.p_vaddr + header.p_memsz - 1 > *last)
            *last = header.p_vaddr + header.p_memsz - 1;
    }
    return *first <= *last;
}

static const struct function *find_name(const struct image *image, const char *name)
{
    for (size_t i = 0; i < image->count; i++)
        if (strcmp(image->functions[i].name, name) == 0)
            return &image->functions[i];
    return NULL;
}

static int resolve_function(const struct image *image, char *name, uint64_t *first, uint64_t *last,
                            char *message, size_t size)
{
    char *plus = strchr(name, '+'), *end = NULL;
    uint64_t offset = plus ? strtoull(plus + 1, &end, 0) : 0;
    const struct function *function;

    if (plus && (end == plus + 1 || *end != '\0' || plus[1] == '-')) {
        snprintf(message, size, "'%.40s' is not an offset", plus + 1);
        return -1;
    }
    if (plus)
        *plus = '\0';
    function = find_name(image, name);
    if (!function) {
        snprintf(message, size, "image '%.40s' has no function '%.60s'", image->name, name);
        return -1;
    }
    if (offset >= function->end - function->start) {
        snprintf(message, size, "'%.60s' has %#" PRIx64 " bytes: %#" PRIx64 " is behind it", name,
                 function->end - function->start, offset);
        return -1;
    }
    *first = function->start + offset;
    *last = plus ? *first : function->end - 1;
    return 0;
}

int rs_symbols_resolve(const struct rs_symbols *symbols, const char *name, size_t length,
                       uint64_t *first, uint64_t *last, char *message, size_t size)
{
    char text[NAME_MAX_LENGTH], *bang;
    const struct image *image;

    if (length >= sizeof(text)) {
        snprintf(message, size, "'%.40s...' is too long for a name", name);
        return -1;
    }
    memcpy(text, name, length);
    text[length] = '\0';
    bang = strchr(text, '!');
    if (bang)
        *bang = '\0';
    image = find_image(symbols, text);
    if (!image)
        return fail_image(symbols, text, message, size);
    if (bang)
        return resolve_function(image, bang + 1, first, last, message, size);
    if (extent_of(image, first, last))
        return 0;
    snprintf(message, size, "image '%.40s' has no place in memory", text);
    return -1;
}
