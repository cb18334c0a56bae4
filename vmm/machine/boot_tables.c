/* SPDX-License-Identifier: MIT
 * The page tables that a kernel is entered with. */
#include "boot.h"
#include "loader/elf64.h"

#include <ringscope/layout.h>

struct builder {
    const struct rs_memory *memory;
    uint64_t next; /* next free page of RS_GPA_BOOT_TABLES..END */
    struct rs_error *error;
};

static int new_table(struct builder *builder, uint64_t *table)
{
    if (builder->next == RS_GPA_BOOT_TABLES_END)
        return rs_error_set(
            builder->error, RS_EXIT_IMAGE,
            "kernel: its segments need more boot page tables than the %llu pages "
            "there are: keep them closer together",
            (unsigned long long)((RS_GPA_BOOT_TABLES_END - RS_GPA_BOOT_TABLES) / PAGE_SIZE));
    *table = builder->next;
    builder->next += PAGE_SIZE;
    return 0;
}

/* Maps one page at `gva`, at the level of `page_shift`; makes the tables above it. An entry that is
 * already there must map the same page. */
static int map_page(struct builder *builder, uint64_t cr3, uint64_t gva, uint64_t gpa,
                    uint64_t rights, int page_shift)
{
    uint64_t table = cr3;

    for (int shift = 39;; shift -= 9) {
        uint64_t slot = table + ((gva >> shift) & 511) * 8;
        uint64_t entry;

        if (rs_memory_read(builder->memory, slot, &entry, 8) != 0)
            return rs_error_set(builder->error, RS_EXIT_IMAGE, "boot page tables: no memory");
        if (shift == page_shift || (entry & PTE_PS)) {
            uint64_t mask = (RS_U64(1) << shift) - 1;

            if ((entry & PTE_P) && (entry & PTE_ADDRESS_MASK & ~mask) != (gpa & ~mask))
                return rs_error_set(builder->error, RS_EXIT_IMAGE,
                                    "kernel: virtual address %#llx is mapped twice: link it above "
                                    "the identity map of RAM, or at its physical address",
                                    (unsigned long long)gva);
            if (!(entry & PTE_P))
                entry = gpa | rights | PTE_P | (shift > PAGE_SHIFT ? PTE_PS : 0);
            return rs_memory_write(builder->memory, slot, &entry, 8);
        }
        if (!(entry & PTE_P)) {
            if (new_table(builder, &entry) != 0)
                return -1;
            entry |= PTE_P | PTE_W | PTE_U;
            if (rs_memory_write(builder->memory, slot, &entry, 8) != 0)
                return -1;
        }
        table = entry & PTE_ADDRESS_MASK;
    }
}

static int map_segment(struct builder *builder, uint64_t cr3,
                       const struct rs_elf64_segment *segment)
{
    uint64_t rights =
        (segment->flags & RS_ELF64_W ? PTE_W : 0) | (segment->flags & RS_ELF64_X ? 0 : PTE_NX);
    uint64_t offset = segment->vaddr & (PAGE_SIZE - 1);
    uint64_t end = offset + segment->memory_size;

    for (uint64_t page = 0; page < end; page += PAGE_SIZE)
        if (map_page(builder, cr3, segment->vaddr - offset + page, segment->paddr - offset + page,
                     rights, PAGE_SHIFT) != 0)
            return -1;
    return 0;
}

int rs_boot_tables(const struct rs_memory *memory, const struct rs_elf64_image *kernel,
                   uint64_t memory_size, uint64_t *cr3, struct rs_error *error)
{
    struct builder builder = {memory, RS_GPA_BOOT_TABLES, error};

    if (new_table(&builder, cr3) != 0)
        return -1;
    for (uint64_t gpa = 0; gpa < memory_size; gpa += LARGE_PAGE_SIZE)
        if (map_page(&builder, *cr3, gpa, gpa, PTE_W, LARGE_PAGE_SHIFT) != 0)
            return -1;
    for (uint32_t i = 0; i < kernel->segment_count; i++)
        if (map_segment(&builder, *cr3, &kernel->segments[i]) != 0)
            return -1;
    return 0;
}
