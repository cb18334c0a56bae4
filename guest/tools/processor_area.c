/* SPDX-License-Identifier: MIT
 * The processor's descriptor area with KVA shadow: IDT, TSS, GDT, transition stacks. */

#include "mktables.h"

#include <string.h>

enum {
#define X(field, offset) IST_##field = (offset),
    IST_FRAME_OFFSETS(X)
#undef X
};

static void put(uint8_t *area, uint64_t offset, uint64_t value)
{
    memcpy(area + offset, &value, sizeof(value));
}

void write_processor_area(FILE *out, struct image *image)
{
    static uint64_t words[AREA_SIZE / 8];
    uint8_t *area = (uint8_t *)words;
    uint64_t address = image_address(image, "KiProcessorArea");
    uint64_t pcr = image_address(image, "KiInitialPcr");
    uint64_t links[IST_COUNT], stacks[IST_COUNT];

    memset(area, 0, AREA_SIZE);
    find_ist_stacks(image, links);
    for (unsigned i = 0; i < IST_COUNT; i++) {
        stacks[i] = address + AREA_IST(i + 1);
        put(area, AREA_IST(i + 1) + IST_KernelGsBase, pcr);
        put(area, AREA_IST(i + 1) + IST_Link, links[i]);
    }
    make_idt(image, "Shadow", words + AREA_IDT / 8);
    make_tss(address + AREA_RSP0, stacks, area + AREA_TSS);
    make_gdt(address + AREA_TSS, words + AREA_GDT / 8);
    fprintf(out,
            "    .section .tables.area, \"aw\", @progbits\n    .balign 4096\n"
            "    .globl KiProcessorArea\n    .type KiProcessorArea, @object\n"
            "    .size KiProcessorArea, %d\nKiProcessorArea:\n",
            AREA_SIZE);
    write_quadwords(out, words, AREA_SIZE / 8);
}
