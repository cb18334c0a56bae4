/* SPDX-License-Identifier: MIT
 * Guest memory: the one place where guest addresses become host pointers. */
#include "guest_memory.h"

#include "translation.h"

#include <errno.h>
#include <ringscope/x86/cpu.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int rs_memory_add(struct rs_memory *memory, uint64_t gpa, uint64_t size)
{
    uint8_t *written;
    void *host;

    if (memory->count == RS_MEMORY_REGIONS_MAX)
        return -ENOSPC;
    written = calloc(size / PAGE_SIZE, 1);
    if (!written)
        return -ENOMEM;
    host = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
                0);
    if (host == MAP_FAILED) {
        free(written);
        return -errno;
    }
    memory->regions[memory->count] = (struct rs_memory_region){gpa, size, host, written};
    /* cppcheck-suppress memleak ; the region owns it */
    return (int)memory->count++;
}

void rs_memory_free(struct rs_memory *memory)
{
    while (memory->count > 0) {
        memory->count--;
        munmap(memory->regions[memory->count].host, memory->regions[memory->count].size);
        free(memory->regions[memory->count].written);
    }
}

static const struct rs_memory_region *find_region(const struct rs_memory *memory, uint64_t gpa,
                                                  size_t size)
{
    for (unsigned i = 0; i < memory->count; i++) {
        const struct rs_memory_region *region = &memory->regions[i];

        if (gpa >= region->gpa && gpa - region->gpa < region->size &&
            size <= region->size - (gpa - region->gpa))
            return region;
    }
    return NULL;
}

uint8_t *rs_memory_host(const struct rs_memory *memory, uint64_t gpa, size_t size)
{
    const struct rs_memory_region *region = find_region(memory, gpa, size);

    return region ? region->host + (gpa - region->gpa) : NULL;
}

static void mark_written(const struct rs_memory_region *region, uint64_t offset, size_t size)
{
    for (uint64_t page = offset / PAGE_SIZE; page * PAGE_SIZE < offset + size; page++)
        region->written[page] = 1;
}

int rs_memory_read(const struct rs_memory *memory, uint64_t gpa, void *buffer, size_t size)
{
    const uint8_t *host = rs_memory_host(memory, gpa, size);

    if (!host)
        return -1;
    rs_copy_once(buffer, host, size);
    return 0;
}

int rs_memory_write(const struct rs_memory *memory, uint64_t gpa, const void *buffer, size_t size)
{
    const struct rs_memory_region *region = find_region(memory, gpa, size);

    if (!region)
        return -1;
    rs_copy_once(region->host + (gpa - region->gpa), buffer, size);
    mark_written(region, gpa - region->gpa, size);
    return 0;
}

/* Every processor with VMX or SVM has the instruction. */
__attribute__((target("cx16"))) bool rs_memory_exchange(const struct rs_memory *memory,
                                                        uint64_t gpa, const uint64_t from[2],
                                                        const uint64_t to[2])
{
    const struct rs_memory_region *region = find_region(memory, gpa, 2 * sizeof(uint64_t));
    unsigned __int128 old, new;

    if (!region || gpa % sizeof(old) != 0)
        return false;
    memcpy(&old, from, sizeof(old));
    memcpy(&new, to, sizeof(new));
    if (!__sync_bool_compare_and_swap(
            (unsigned __int128 *)(void *)(region->host + (gpa - region->gpa)), old, new))
        return false;
    mark_written(region, gpa - region->gpa, sizeof(new));
    return true;
}

/* KVM hears of both by its MMU notifier. */
void rs_memory_remap(const struct rs_memory *memory, uint64_t gpa)
{
    uint8_t *host = rs_memory_host(memory, gpa & ~(PAGE_SIZE - 1), PAGE_SIZE);

    if (host && mprotect(host, PAGE_SIZE, PROT_NONE) == 0)
        (void)mprotect(host, PAGE_SIZE, PROT_READ | PROT_WRITE);
}

int rs_memory_find_place(const struct rs_memory *memory, uint64_t gpa, struct rs_place *place)
{
    const struct rs_memory_region *region = find_region(memory, gpa, sizeof(uint16_t));

    if (!region)
        return -1;
    place->host = region->host + (gpa - region->gpa);
    place->written = region->written + (gpa - region->gpa) / PAGE_SIZE;
    place->last_written = region->written + (gpa + 1 - region->gpa) / PAGE_SIZE;
    return 0;
}

void rs_place_replace(const struct rs_place *place, const uint8_t from[2], const uint8_t to[2])
{
    uint8_t now[2] = {0};

    rs_copy_once(now, place->host, 2);
    if (now[0] != from[0] || now[1] != from[1])
        return;
    rs_copy_once(place->host, to, 2);
    *place->written = *place->last_written = 1;
}

static bool is_canonical(uint64_t gva)
{
    return (uint64_t)((int64_t)(gva << 16) >> 16) == gva;
}

int rs_memory_walk(const struct rs_memory *memory, uint64_t cr3, uint64_t gva, uint64_t *gpa,
                   uint64_t *rights)
{
    uint64_t table = cr3 & PTE_ADDRESS_MASK;
    uint64_t all = PTE_P | PTE_W | PTE_U;
    uint64_t nx = 0;

    if (!is_canonical(gva))
        return -1;
    for (int shift = 39; shift >= PAGE_SHIFT; shift -= 9) {
        uint64_t entry;
        uint64_t mask = (RS_U64(1) << shift) - 1;

        if (rs_memory_read(memory, table + ((gva >> shift) & 511) * 8, &entry, 8) != 0 ||
            !(entry & PTE_P))
            return -1;
        all &= entry;
        nx |= entry & PTE_NX;
        if (shift == PAGE_SHIFT || (shift <= 30 && (entry & PTE_PS))) {
            *gpa = (entry & PTE_ADDRESS_MASK & ~mask) | (gva & mask);
            break;
        }
        table = entry & PTE_ADDRESS_MASK;
    }
    *rights = all | nx;
    return 0;
}

/* Calls for each part of [gva, gva + size) that lies in one page. */
typedef int (*page_fn)(const struct rs_memory *memory, uint64_t gpa, uint8_t *buffer, size_t size);

static int each_page(const struct rs_memory *memory, uint64_t cr3, uint64_t gva, uint8_t *buffer,
                     size_t size, page_fn function)
{
    while (size > 0) {
        size_t part = PAGE_SIZE - (gva & (PAGE_SIZE - 1));
        uint64_t gpa, rights;

        if (part > size)
            part = size;
        if (rs_memory_walk(memory, cr3, gva, &gpa, &rights) != 0 ||
            function(memory, gpa, buffer, part) != 0)
            return -1;
        gva += part;
        buffer += part;
        size -= part;
    }
    return 0;
}

static int read_part(const struct rs_memory *memory, uint64_t gpa, uint8_t *buffer, size_t size)
{
    return rs_memory_read(memory, gpa, buffer, size);
}

static int probe_part(const struct rs_memory *memory, uint64_t gpa, uint8_t *buffer, size_t size)
{
    (void)buffer;
    return rs_memory_host(memory, gpa, size) ? 0 : -1;
}

static int write_part(const struct rs_memory *memory, uint64_t gpa, uint8_t *buffer, size_t size)
{
    return rs_memory_write(memory, gpa, buffer, size);
}

int rs_memory_read_virtual(const struct rs_memory *memory, uint64_t cr3, uint64_t gva, void *buffer,
                           size_t size)
{
    return each_page(memory, cr3, gva, buffer, size, read_part);
}

int rs_memory_write_virtual(const struct rs_memory *memory, uint64_t cr3, uint64_t gva,
                            const void *buffer, size_t size)
{
    uint8_t *bytes = (uint8_t *)(uintptr_t)buffer; /* write_part() only reads it */

    if (each_page(memory, cr3, gva, bytes, size, probe_part) != 0)
        return -1;
    return each_page(memory, cr3, gva, bytes, size, write_part);
}
