/* SPDX-License-Identifier: MIT
 * What a guest did against what must have come of the case. */
#include "internal.h"

#include <inttypes.h>
#include <string.h>

static void value(struct rs_finding *finding, const char *field, uint64_t expected, uint64_t got)
{
    if (expected != got)
        rs_finding_differ_value(finding, field, expected, got);
}

static void describe(const struct rs_fuzz_prediction *prediction, char *text, size_t size)
{
    struct rs_observation expected = {.end = RS_END_FETCH, .state = prediction->state};

    if (prediction->end == RS_FUZZ_SHUTDOWN)
        expected.end = RS_END_SHUTDOWN;
    expected.arrival = rs_arrival_of(expected.state.rip, &expected.vector);
    if (expected.arrival == RS_ARRIVED_GATE && prediction->frame_count > 0)
        expected.frame[0] = prediction->frames[prediction->frame_count - 1].words[0];
    rs_describe(&expected, text, size);
}

static bool same_end(const struct rs_fuzz_prediction *prediction, const struct rs_observation *seen)
{
    if (prediction->end == RS_FUZZ_SHUTDOWN)
        return seen->end == RS_END_SHUTDOWN;
    if (prediction->end == RS_FUZZ_SPINS)
        return seen->end == RS_END_STUCK;
    /* Refused at the instruction: the same exit, and the same place. */
    return seen->end == RS_END_FETCH && seen->state.rip == prediction->state.rip;
}

/* Where frames upon frames have come to, it can push no more, and does not leave. */
static bool is_stranded(const struct rs_observation *seen)
{
    uint64_t rsp = seen->state.gpr[RS_RSP];

    return seen->end != RS_END_SHUTDOWN && seen->state.cpl != 3 && rsp % PAGE_SIZE < 64 &&
           (rsp - PAGE_SIZE < PROBE_RAM_SIZE);
}

/* A frame's words from the highest one down; of five or six, the lowest may be an error code. */
static void compare_frames(const struct rs_probe *probe, const struct rs_fuzz_case *one,
                           const struct rs_fuzz_prediction *prediction, struct rs_finding *finding)
{
    static const char *const names[RS_MODEL_FRAME_MAX] = {
        "error code", "pushed RIP", "pushed CS", "pushed RFLAGS", "pushed RSP", "pushed SS"};

    for (unsigned i = prediction->fell ? prediction->frame_count - 1 : 0;
         i < prediction->frame_count; i++) {
        const struct rs_fuzz_frame *frame = &prediction->frames[i];
        unsigned first = RS_MODEL_FRAME_MAX - frame->count;

        for (unsigned word = 0; word < frame->count; word++) {
            uint64_t gva = frame->gva + word * 8u, expected, got = 0;

            rs_fuzz_memory(one, prediction, gva, &expected, sizeof(expected));
            rs_memory_read(&probe->vm.memory, gva, &got, sizeof(got));
            if (!(frame->ss_or_null && word == frame->count - 1u && got == frame->cpl))
                value(finding, names[first + word], expected, got);
        }
    }
}

static void compare_cs(const struct rs_segment *expected, const struct rs_segment *got,
                       struct rs_finding *finding)
{
    value(finding, "CS", expected->selector, got->selector);
    value(finding, "CS.L", expected->l, got->l);
    value(finding, "CS.D", expected->db, got->db);
    value(finding, "CS.type", expected->type | 1u, got->type | 1u);
    value(finding, "CS.DPL", expected->dpl, got->dpl);
}

/* With IST and no change of CPL either will do: doctor/compare.c. */
static void compare_ss(const struct rs_fuzz_prediction *prediction,
                       const struct rs_observation *seen, struct rs_finding *finding)
{
    uint16_t got = seen->state.ss.selector;

    if (!(prediction->ss_or_null && got == prediction->state.cpl))
        value(finding, "SS", prediction->state.ss.selector, got);
}

/* What nobody can say is taken as it is seen. */
static void compare_registers(const struct rs_fuzz_prediction *prediction,
                              const struct rs_observation *seen, struct rs_finding *finding)
{
    struct rs_cpu_state expected = prediction->state;

    for (unsigned i = 0; i < RS_REGISTER_COUNT; i++)
        if (prediction->unknown >> i & 1)
            expected.gpr[i] = seen->state.gpr[i];
    rs_compare_registers(finding, &expected, &seen->state);
}

bool rs_fuzz_compare(const struct rs_probe *probe, const struct rs_fuzz_case *one,
                     const struct rs_fuzz_prediction *prediction, const struct rs_observation *seen,
                     struct rs_finding *finding)
{
    char expected[96], got[96];

    if (prediction->end == RS_FUZZ_WILD || (prediction->stranded && is_stranded(seen)))
        return true;
    if (!same_end(prediction, seen)) {
        describe(prediction, expected, sizeof(expected));
        rs_describe(seen, got, sizeof(got));
        rs_finding_differ(finding, RS_FIELD_OUTCOME, expected, got);
        return false;
    }
    if (prediction->end == RS_FUZZ_SHUTDOWN || prediction->end == RS_FUZZ_SPINS)
        return true;
    compare_frames(probe, one, prediction, finding);
    compare_cs(&prediction->state.cs, &seen->state.cs, finding);
    value(finding, "CPL",
          prediction->shows_ss ? prediction->state.ss.selector & SELECTOR_RPL
                               : prediction->state.cpl,
          seen->state.cpl);
    compare_ss(prediction, seen, finding);
    compare_registers(prediction, seen, finding);
    if (!prediction->popped || seen->state.cr2 - prediction->state.cr2 >= 5 * sizeof(uint64_t))
        value(finding, "CR2", prediction->state.cr2, seen->state.cr2);
    return finding->difference_count == 0;
}
