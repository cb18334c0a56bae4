/* SPDX-License-Identifier: MIT
 * Where an ELF64 file may go: the rules for kernels and for ring-3 programs, and the placing. */
#include <inttypes.h>
#include <string.h>

#include <ringscope/abi.h>

#include "loader/elf64_internal.h"

static uint64_t first_page(const struct rs_elf64_segment *segment)
{
    return segment->vaddr >> PAGE_SHIFT;
}

static uint64_t last_page(const struct rs_elf64_segment *segment)
{
    return (segment->vaddr + (segment->memory_size - 1)) >> PAGE_SHIFT;
}

/* A page has one set of rights and is mapped once, so no two segments may meet in one. */
static int check_pages(const struct rs_elf64_image *image, struct rs_elf64_error *error)
{
    for (uint32_t i = 0; i < image->segment_count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            const struct rs_elf64_segment *a = &image->segments[i], *b = &image->segments[j];

            if (first_page(a) <= last_page(b) && first_page(b) <= last_page(a))
                return rs_elf64_fail(error, RS_ELF64_OVERLAP,
                                     "segment %" PRIu32 ": shares a page with segment %" PRIu32
                                     " (0x%" PRIx64 " and 0x%" PRIx64 "): align segments to 0x1000",
                                     a->index, b->index, a->vaddr, b->vaddr);
        }
    }
    return 0;
}

static int check_physical(const struct rs_elf64_segment *segment, uint64_t low, uint64_t high,
                          struct rs_elf64_error *error)
{
    if (segment->paddr < low || segment->paddr > high ||
        segment->memory_size > high - segment->paddr)
        return rs_elf64_fail(error, RS_ELF64_ADDRESS,
                             "segment %" PRIu32 ": physical range 0x%" PRIx64 "+0x%" PRIx64
                             " is not inside guest memory 0x%" PRIx64 "-0x%" PRIx64,
                             segment->index, segment->paddr, segment->memory_size, low, high);
    if (((segment->paddr ^ segment->vaddr) & (PAGE_SIZE - 1)) != 0)
        return rs_elf64_fail(error, RS_ELF64_ALIGNMENT,
                             "segment %" PRIu32 ": physical address 0x%" PRIx64
                             " and virtual address 0x%" PRIx64 " differ modulo the page size",
                             segment->index, segment->paddr, segment->vaddr);
    if (segment->vaddr < high && segment->vaddr != segment->paddr)
        return rs_elf64_fail(error, RS_ELF64_ADDRESS,
                             "segment %" PRIu32 ": virtual address 0x%" PRIx64
                             " is inside the identity map of memory but is not its physical "
                             "address 0x%" PRIx64,
                             segment->index, segment->vaddr, segment->paddr);
    return 0;
}

int rs_elf64_check_kernel(const struct rs_elf64_image *image, uint64_t low, uint64_t high,
                          struct rs_elf64_error *error)
{
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct rs_elf64_segment *a = &image->segments[i];

        if (check_physical(a, low, high, error))
            return -1;
        for (uint32_t j = 0; j < i; j++) {
            const struct rs_elf64_segment *b = &image->segments[j];

            if (a->paddr < b->paddr + b->memory_size && b->paddr < a->paddr + a->memory_size)
                return rs_elf64_fail(error, RS_ELF64_OVERLAP,
                                     "segment %" PRIu32 ": physical range 0x%" PRIx64 "+0x%" PRIx64
                                     " overlaps segment %" PRIu32 " (0x%" PRIx64 "+0x%" PRIx64 ")",
                                     a->index, a->paddr, a->memory_size, b->index, b->paddr,
                                     b->memory_size);
        }
    }
    return check_pages(image, error);
}

int rs_elf64_check_program(const struct rs_elf64_image *image, struct rs_elf64_error *error)
{
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct rs_elf64_segment *segment = &image->segments[i];

        if (segment->vaddr < RS_ELF64_PROGRAM_LOW || segment->vaddr > RS_GVA_USER_PROBE ||
            segment->memory_size > RS_GVA_USER_PROBE - segment->vaddr)
            return rs_elf64_fail(error, RS_ELF64_ADDRESS,
                                 "segment %" PRIu32 ": virtual range 0x%" PRIx64 "+0x%" PRIx64
                                 " is not inside program space 0x%" PRIx64 "-0x%" PRIx64,
                                 segment->index, segment->vaddr, segment->memory_size,
                                 RS_ELF64_PROGRAM_LOW, RS_GVA_USER_PROBE);
    }
    return check_pages(image, error);
}

bool rs_elf64_is_module(const struct rs_elf64_image *image)
{
    return image->entry >= RS_GVA_MODULE && image->entry - RS_GVA_MODULE < RS_MODULE_MAX;
}

static int check_head(const struct rs_elf64_image *image, uint64_t kernel,
                      struct rs_elf64_error *error)
{
    struct rs_module_head head = {0};

    for (uint32_t i = 0; i < image->segment_count; i++)
        if (image->segments[i].vaddr == RS_GVA_MODULE &&
            image->segments[i].file_size >= sizeof(head))
            memcpy(&head, image->bytes + image->segments[i].file_offset, sizeof(head));
    if (head.magic != RS_MODULE_MAGIC)
        return rs_elf64_fail(error, RS_ELF64_ADDRESS,
                             "it lies where modules do, and does not begin as they do");
    if (head.kernel != kernel)
        return rs_elf64_fail(error, RS_ELF64_ADDRESS,
                             "it was linked with another kernel (0x%016" PRIx64
                             ") than this one (0x%016" PRIx64 "): link it again",
                             head.kernel, kernel);
    return 0;
}

int rs_elf64_check_module(const struct rs_elf64_image *image, uint64_t kernel,
                          struct rs_elf64_error *error)
{
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct rs_elf64_segment *segment = &image->segments[i];

        if (segment->vaddr < RS_GVA_MODULE || segment->vaddr - RS_GVA_MODULE > RS_MODULE_MAX ||
            segment->memory_size > RS_MODULE_MAX - (segment->vaddr - RS_GVA_MODULE))
            return rs_elf64_fail(error, RS_ELF64_ADDRESS,
                                 "segment %" PRIu32 ": virtual range 0x%" PRIx64 "+0x%" PRIx64
                                 " is not inside that of modules",
                                 segment->index, segment->vaddr, segment->memory_size);
    }
    return check_pages(image, error) == 0 ? check_head(image, kernel, error) : -1;
}

int rs_elf64_place(const struct rs_elf64_image *image, rs_elf64_place_fn place, void *context,
                   struct rs_elf64_error *error)
{
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct rs_elf64_segment *segment = &image->segments[i];

        if (place(context, segment->paddr, image->bytes + segment->file_offset,
                  (size_t)segment->file_size, (size_t)segment->memory_size))
            return rs_elf64_fail(error, RS_ELF64_PLACE,
                                 "segment %" PRIu32 ": cannot be placed at 0x%" PRIx64
                                 " (0x%" PRIx64 " bytes)",
                                 segment->index, segment->paddr, segment->memory_size);
    }
    return 0;
}

uint64_t rs_elf64_paddr_end(const struct rs_elf64_image *image)
{
    uint64_t end = 0;

    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct rs_elf64_segment *segment = &image->segments[i];

        if (segment->paddr + segment->memory_size > end)
            end = segment->paddr + segment->memory_size;
    }
    return end;
}
