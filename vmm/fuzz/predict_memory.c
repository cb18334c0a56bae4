/* SPDX-License-Identifier: MIT
 * The memory of a case as the model reads it. */
#include "predict.h"

#include <string.h>

/* As the machine's page tables have it: doctor/tables.c. */
enum rs_fuzz_page rs_fuzz_page_of(uint64_t gva)
{
    switch (gva & ~(PAGE_SIZE - 1)) {
    case 0:
    case PROBE_NOT_PRESENT:
        return RS_PAGE_UNMAPPED;
    case PROBE_DONE:
    case PROBE_VECTORS:
    case PROBE_ENTRIES:
        return RS_PAGE_WITHOUT_MEMORY;
    case PROBE_PML4:
    case PROBE_PDPT:
    case PROBE_PD:
    case PROBE_PT:
    case PROBE_MMIO:
    case PROBE_LAPIC:
    case PROBE_READ_ONLY:
        return RS_PAGE_OTHER;
    default:
        return gva < PROBE_RAM_SIZE ? RS_PAGE_RAM : RS_PAGE_UNMAPPED;
    }
}

void rs_fuzz_memory(const struct rs_fuzz_case *one, const struct rs_fuzz_prediction *prediction,
                    uint64_t gva, void *buffer, size_t size)
{
    memcpy(buffer, one->memory + gva, size);
    for (unsigned i = 0; i < prediction->frame_count; i++) {
        const struct rs_fuzz_frame *frame = &prediction->frames[i];
        const uint8_t *words = (const uint8_t *)frame->words;

        for (size_t byte = 0; byte < size; byte++)
            if (gva + byte - frame->gva < frame->count * sizeof(frame->words[0]))
                ((uint8_t *)buffer)[byte] = words[gva + byte - frame->gva];
    }
}

int rs_fuzz_read(void *context, uint64_t gva, void *buffer, size_t size)
{
    struct rs_fuzz_path *run = context;
    enum rs_fuzz_page first, last;

    gva = rs_fuzz_relax_address(run, gva);
    first = rs_fuzz_page_of(gva);
    last = rs_fuzz_page_of(gva + size - 1);
    if (first == RS_PAGE_UNMAPPED || last == RS_PAGE_UNMAPPED)
        return -1;
    /* Where frames upon frames end at the latest. */
    if (run->falling && (first == RS_PAGE_WITHOUT_MEMORY || last == RS_PAGE_WITHOUT_MEMORY ||
                         gva - PROBE_READ_ONLY < PAGE_SIZE)) {
        run->prediction->stranded = true;
        return -1;
    }
    if (first == RS_PAGE_RAM && last == RS_PAGE_RAM) {
        rs_fuzz_memory(run->one, run->prediction, gva, buffer, size);
        rs_fuzz_relax(run, gva, buffer, size);
    } else {
        run->outside = true;
        memset(buffer, 0, size);
    }
    return 0;
}
