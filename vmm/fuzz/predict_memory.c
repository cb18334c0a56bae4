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
    case PROBE_NO_EXECUTE:
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

#define GATE_SIZE 16
#define GATE_TYPE (UINT64_C(0xf) << 40)
#define GATE_S (UINT64_C(1) << 44)

static void relax_gate(struct rs_fuzz_step *step, void *buffer)
{
    struct rs_gate decoded;
    uint64_t gate[2];

    memcpy(gate, buffer, sizeof(gate));
    if (step->relaxed_gates) {
        gate[0] &= ~(GATE_S | (GATE_TYPE & ~(UINT64_C(1) << 40)));
        gate[0] |= (uint64_t)DESC_TYPE_INTERRUPT_GATE << 40;
    }
    rs_gate_decode(gate, &decoded);
    if (step->relaxed_offset && !rs_is_canonical(decoded.offset, false)) {
        step->offset = decoded.offset;
        rs_gate_set_offset(gate, FUZZ_ANY_RIP);
    }
    memcpy(buffer, gate, sizeof(gate));
}

/* What the processor reads, as a host takes it that leaves out some checks. */
static void relax(struct rs_fuzz_step *step, uint64_t gva, void *buffer, size_t size)
{
    const struct rs_cpu_state *state = &step->before;
    uint64_t rip;

    if (size == GATE_SIZE && gva - state->idt.base < UINT64_C(256) * GATE_SIZE) {
        relax_gate(step, buffer);
    } else if (step->relaxed_iret && gva == state->gpr[RS_RSP] && size >= sizeof(rip)) {
        memcpy(&rip, buffer, sizeof(rip));
        if (rs_is_canonical(rip, false))
            return;
        step->offset = rip;
        memcpy(buffer, &(uint64_t){FUZZ_ANY_RIP}, sizeof(uint64_t));
    }
}

int rs_fuzz_read(void *context, uint64_t gva, void *buffer, size_t size)
{
    struct rs_fuzz_path *run = context;
    enum rs_fuzz_page first = rs_fuzz_page_of(gva), last = rs_fuzz_page_of(gva + size - 1);

    if (first == RS_PAGE_UNMAPPED || last == RS_PAGE_UNMAPPED)
        return -1;
    if (first == RS_PAGE_RAM && last == RS_PAGE_RAM) {
        rs_fuzz_memory(run->one, run->prediction, gva, buffer, size);
        relax(run->step, gva, buffer, size);
    } else {
        run->outside = true;
        memset(buffer, 0, size);
    }
    return 0;
}
