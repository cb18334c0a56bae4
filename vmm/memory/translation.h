/* SPDX-License-Identifier: MIT
 * A translation that is kept: of one guest-virtual page, with the entries that it was made from. */
#ifndef RINGSCOPE_TRANSLATION_H
#define RINGSCOPE_TRANSLATION_H

#include "guest_memory.h"

#include <string.h>

/*
 * At every exit the same few pages are read: tables, stack, code. Walking is a chain of loads, each
 * waiting for the one before; a translation that is kept is checked with loads that wait for
 * nothing. It holds while CR3 and every entry are what they were. `host` and `entries` are for
 * the functions below alone.
 */
#define RS_TRANSLATION_LEVELS 4

struct rs_translation {
    uint64_t cr3;
    uint64_t page; /* guest-virtual */
    uint8_t *host; /* NULL: there is none */
    unsigned levels;
    const uint64_t *entries[RS_TRANSLATION_LEVELS];
    uint64_t values[RS_TRANSLATION_LEVELS];
};

/* Walks `cr3`. Returns 0, or -1: the page is not mapped or has no memory. */
int rs_translate(const struct rs_memory *memory, uint64_t cr3, uint64_t page,
                 struct rs_translation *translation);

static inline bool rs_translation_holds(const struct rs_translation *translation, uint64_t cr3)
{
    uint64_t changed = translation->cr3 ^ cr3;

    for (unsigned i = 0; i < translation->levels; i++)
        changed |= *(const volatile uint64_t *)translation->entries[i] ^ translation->values[i];
    return changed == 0;
}

/* The compiler may split or repeat a memcpy() of memory that the guest writes at the same time;
 * the sizes that carry descriptors, entries and pointers are done as one access. */
typedef uint64_t rs_unaligned_u64 __attribute__((aligned(1), may_alias));
typedef uint32_t rs_unaligned_u32 __attribute__((aligned(1), may_alias));
typedef uint16_t rs_unaligned_u16 __attribute__((aligned(1), may_alias));

/* Gates, frames and arguments are a few words: a call of memcpy() costs more than they do. */
#define RS_COPY_WORDS_MAX 16

static inline void rs_copy_words(void *to, const void *from, size_t size)
{
    size_t words = size / 8;

    if (size % 8 != 0 || words > RS_COPY_WORDS_MAX) {
        memcpy(to, from, size);
        return;
    }
    for (size_t i = 0; i < words; i++)
        ((volatile rs_unaligned_u64 *)to)[i] = ((const volatile rs_unaligned_u64 *)from)[i];
}

static inline void rs_copy_once(void *to, const void *from, size_t size)
{
    switch (size) {
    case 8:
        *(volatile rs_unaligned_u64 *)to = *(const volatile rs_unaligned_u64 *)from;
        break;
    case 4:
        *(volatile rs_unaligned_u32 *)to = *(const volatile rs_unaligned_u32 *)from;
        break;
    case 2: /* an instruction patch: never half-written */
        *(volatile rs_unaligned_u16 *)to = *(const volatile rs_unaligned_u16 *)from;
        break;
    default:
        rs_copy_words(to, from, size);
    }
}

/* offset + size: within the page. */
static inline void rs_translation_read(const struct rs_translation *translation, uint64_t offset,
                                       void *buffer, size_t size)
{
    rs_copy_once(buffer, translation->host + offset, size);
}

/* The host's address of guest-physical [gpa, gpa + size), NULL when a byte has no memory: for
 * vmm/memory/ alone. */
uint8_t *rs_memory_host(const struct rs_memory *memory, uint64_t gpa, size_t size);

#endif
