/* SPDX-License-Identifier: MIT
 * The kernel's page tables: all of kernel space, and the user tables that every process needs. */

#include "mktables.h"

#include "frame.h"

#include <inttypes.h>
#include <ringscope/layout.h>
#include <string.h>

#define TABLES 19
#define USER_TABLES 4 /* of KVA shadow: the root, and the way to the transition area */
#define ENTRIES (PAGE_SIZE / 8)

/* What the first process always touches, and kernel stacks: their tables exist from the start. */
static const uint64_t table_addresses[] = {RS_GVA_USER_SHARED_DATA, RS_GVA_PROGRAM,
                                           RS_GVA_KERNEL_STACKS};

struct builder {
    uint64_t tables[TABLES][ENTRIES];
    unsigned used;
    uint64_t physical; /* of tables[0] */
    bool full;
};

/* Level 3 is the PML4. Upper entries allow everything; user ones also ring 3. */
static uint64_t *entry(struct builder *builder, uint64_t address, unsigned level)
{
    uint64_t user = address >> 63 ? 0 : PTE_U;
    uint64_t *table = builder->tables[0];

    for (unsigned at = 3;; at--) {
        uint64_t *slot = &table[address >> (PAGE_SHIFT + 9 * at) & (ENTRIES - 1)];

        if (at == level)
            return slot;
        if (!(*slot & PTE_P)) {
            if (builder->used == TABLES) {
                builder->full = true;
                return slot;
            }
            *slot =
                (builder->physical + PAGE_SIZE * builder->used++) | PTE_P | PTE_W | PTE_A | user;
        }
        table = builder->tables[((*slot & PTE_ADDRESS_MASK) - builder->physical) / PAGE_SIZE];
    }
}

static uint64_t rights(const struct segment *segment)
{
    return PTE_P | PTE_A | PTE_D | (segment->writable ? PTE_W : 0) |
           (segment->executable ? 0 : PTE_NX);
}

static void map_image(struct builder *builder, const struct image *image)
{
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct segment *segment = &image->segments[i];

        for (uint64_t offset = 0; offset < segment->size; offset += PAGE_SIZE)
            *entry(builder, segment->address + offset, 0) =
                (segment->physical + offset) | rights(segment);
    }
}

static void unmap_guards(struct builder *builder, struct image *image)
{
    uint64_t stacks = image_address(image, "KiIstStacks");

    *entry(builder, image_address(image, "KiKernelStack") - PAGE_SIZE, 0) = 0;
    *entry(builder, image_address(image, "KiIdleStack") - PAGE_SIZE, 0) = 0;
    for (unsigned i = 0; i < IST_COUNT; i++)
        *entry(builder, stacks + i * (PAGE_SIZE + IST_STACK_SIZE), 0) = 0;
}

static const uint64_t devices[] = {RS_GPA_PAGEFILE_DEVICE, RS_GPA_IOAPIC, RS_GPA_LAPIC};

/* RAM and devices by large pages. Never executable. */
static void map_directly(struct builder *builder)
{
    const uint64_t data = PTE_P | PTE_W | PTE_A | PTE_D | PTE_PS | PTE_NX;

    for (uint64_t gpa = 0; gpa < RS_RAM_MAX; gpa += LARGE_PAGE_SIZE)
        *entry(builder, RS_GVA_DIRECT_MAP + gpa, 1) = gpa | data;
    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
        *entry(builder, RS_GVA_DIRECT_MAP + devices[i], 1) = devices[i] | data | PTE_PCD | PTE_PWT;
}

/*
 * The large page with the kernel image is split, so that what is read-only at the image's own
 * address is read-only here too.
 */
static void protect_alias(struct builder *builder, const struct image *image)
{
    const uint64_t start = RS_GPA_KERNEL & ~(LARGE_PAGE_SIZE - 1);

    *entry(builder, RS_GVA_DIRECT_MAP + start, 1) = 0;
    for (uint64_t gpa = start; gpa < start + LARGE_PAGE_SIZE; gpa += PAGE_SIZE)
        *entry(builder, RS_GVA_DIRECT_MAP + gpa, 0) = gpa | PTE_P | PTE_W | PTE_A | PTE_D | PTE_NX;
    for (size_t i = 0; i < image->segment_count; i++)
        for (uint64_t offset = 0; offset < image->segments[i].size; offset += PAGE_SIZE)
            if (!image->segments[i].writable)
                *entry(builder, RS_GVA_DIRECT_MAP + image->segments[i].physical + offset, 0) &=
                    ~PTE_W;
}

static void map_shared_data(struct builder *builder, struct image *image)
{
    uint64_t gpa = image_address(image, "KiSharedData") - RS_GVA_KERNEL + RS_GPA_KERNEL;

    *entry(builder, RS_GVA_KERNEL_SHARED_DATA, 0) = gpa | PTE_P | PTE_W | PTE_A | PTE_D | PTE_NX;
    *entry(builder, RS_GVA_USER_SHARED_DATA, 0) = gpa | PTE_P | PTE_U | PTE_A | PTE_NX;
}

/* Into the user's root: what ring 3 has of kernel space. */
static void share(struct builder *user, struct builder *kernel, uint64_t start, uint64_t end)
{
    for (uint64_t address = start; address < end; address += PAGE_SIZE)
        *entry(user, address, 0) = *entry(kernel, address, 0);
}

static void map_transition(struct builder *user, struct builder *kernel, struct image *image)
{
    uint64_t area = image_address(image, "KiProcessorArea");
    uint64_t pcr = image_address(image, "KiInitialPcr") + KPCR_SHADOW;

    share(user, kernel, image_address(image, "KiKvasCodeStart"),
          image_address(image, "KiKvasCodeEnd"));
    share(user, kernel, area, area + AREA_SIZE);
    share(user, kernel, pcr, pcr + PAGE_SIZE);
    memcpy(user->tables[0], kernel->tables[0], sizeof(user->tables[0]) / 2);
}

void write_quadwords(FILE *out, const uint64_t *words, size_t count)
{
    size_t zeros = 0;

    for (size_t i = 0; i < count; i++) {
        if (words[i] == 0) {
            zeros++;
            continue;
        }
        if (zeros)
            fprintf(out, "    .skip %zu\n", 8 * zeros);
        zeros = 0;
        fprintf(out, "    .quad 0x%016" PRIx64 " /* %03zx */\n", words[i], i);
    }
    if (zeros)
        fprintf(out, "    .skip %zu\n", 8 * zeros);
}

static void write_tables(FILE *out, const char *name, const struct builder *builder, unsigned count)
{
    fprintf(out,
            "    .section .tables.data, \"aw\", @progbits\n    .balign 4096\n"
            "    .globl %s\n%s:\n",
            name, name);
    for (unsigned i = 0; i < count; i++)
        write_quadwords(out, builder->tables[i], ENTRIES);
}

static uint64_t physical_address(struct image *image, const char *name)
{
    return image_address(image, name) - RS_GVA_KERNEL + RS_GPA_KERNEL;
}

bool write_page_tables(FILE *out, struct image *image)
{
    static struct builder kernel, user;

    kernel.used = user.used = 1;
    kernel.physical = physical_address(image, "KiPageTables");
    user.physical = physical_address(image, "KiUserPageTables");
    if (image->file) {
        map_image(&kernel, image);
        unmap_guards(&kernel, image);
        map_directly(&kernel);
        protect_alias(&kernel, image);
        map_shared_data(&kernel, image);
        for (size_t i = 0; i < sizeof(table_addresses) / sizeof(table_addresses[0]); i++)
            entry(&kernel, table_addresses[i], 0);
        map_transition(&user, &kernel, image);
    }
    if (kernel.full || user.used > USER_TABLES) {
        fprintf(stderr, "mktables: more than %d page tables are needed, or %d of the user's root\n",
                TABLES, USER_TABLES);
        return false;
    }
    write_tables(out, "KiPageTables", &kernel, TABLES);
    write_tables(out, "KiUserPageTables", &user, USER_TABLES);
    return true;
}
