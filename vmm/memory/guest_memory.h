/* SPDX-License-Identifier: MIT
 * Guest memory: the one place where guest addresses become host pointers. */
#ifndef RINGSCOPE_GUEST_MEMORY_H
#define RINGSCOPE_GUEST_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Every access is checked against the regions and copies: nothing hands out a pointer into memory
 * that the guest can change between check and use. Single naturally aligned 1, 2, 4 or 8 byte
 * accesses are done as one load or store.
 */
#define RS_MEMORY_REGIONS_MAX 4

struct rs_memory_region {
    uint64_t gpa;
    uint64_t size; /* bytes, whole pages */
    uint8_t *host; /* owned: mapped by rs_memory_add() */
    /* Owned: a byte for each page, not 0 once the VMM has written to it. The guest's own writes
     * are not in it: KVM logs those. */
    uint8_t *written;
};

struct rs_memory {
    struct rs_memory_region regions[RS_MEMORY_REGIONS_MAX];
    unsigned count;
};

/* Maps zeroed pages for [gpa, gpa + size). Returns the new region's index, or -errno. */
int rs_memory_add(struct rs_memory *memory, uint64_t gpa, uint64_t size);
void rs_memory_free(struct rs_memory *memory);

/* Guest-physical copies. Return 0, or -1 when a byte of the range has no memory; a write then
 * changed nothing. */
int rs_memory_read(const struct rs_memory *memory, uint64_t gpa, void *buffer, size_t size);
int rs_memory_write(const struct rs_memory *memory, uint64_t gpa, const void *buffer, size_t size);

/* Puts 16 bytes where `from` is, if they are there: in one access, as LOCK CMPXCHG16B (SDM Vol. 2A)
 * does. gpa: a multiple of 16. False: something else was there, or no memory; nothing is changed.
 */
bool rs_memory_exchange(const struct rs_memory *memory, uint64_t gpa, const uint64_t from[2],
                        const uint64_t to[2]);

/* Takes the page of a guest-physical address away from KVM and gives it back, content and all: what
 * was mapped of it must be mapped anew. Nothing happens where there is no memory. */
void rs_memory_remap(const struct rs_memory *memory, uint64_t gpa);

/* The two bytes of an instruction patch, looked up once: regions stay as long as the VM. All
 * members are for the functions below alone. rs_memory_find_place() returns 0, or -1: there is no
 * memory. */
struct rs_place {
    uint8_t *host, *written, *last_written; /* of the pages of the first and the second byte */
};
int rs_memory_find_place(const struct rs_memory *memory, uint64_t gpa, struct rs_place *place);
/* Puts `to` where `from` is, if it is there. */
void rs_place_replace(const struct rs_place *place, const uint8_t from[2], const uint8_t to[2]);

/* Four-level page walk of `cr3` as the processor would do it, without setting A or D.
 * On success *gpa is the address, and *rights the AND of P, W, U of all levels with NX ORed in.
 * SDM Vol. 3A, "4-Level Paging and 5-Level Paging". Returns 0, or -1: not mapped or not canonical.
 */
int rs_memory_walk(const struct rs_memory *memory, uint64_t cr3, uint64_t gva, uint64_t *gpa,
                   uint64_t *rights);

/* Guest-virtual copies through `cr3`, page by page. Return 0 or -1; a write that fails in a later
 * page changed nothing. Rights are not checked: the VMM acts as the processor does at CPL 0. */
int rs_memory_read_virtual(const struct rs_memory *memory, uint64_t cr3, uint64_t gva, void *buffer,
                           size_t size);
int rs_memory_write_virtual(const struct rs_memory *memory, uint64_t cr3, uint64_t gva,
                            const void *buffer, size_t size);

#endif
