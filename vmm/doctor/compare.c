/* SPDX-License-Identifier: MIT
 * The vCPU against the model, field by field. */
#include "probe.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/vectors.h>
#include <string.h>

static void compare_value(struct rs_finding *finding, const char *field, uint64_t expected,
                          uint64_t got)
{
    if (expected != got)
        rs_finding_differ_value(finding, field, expected, got);
}

void rs_compare_registers(struct rs_finding *finding, const struct rs_cpu_state *expected,
                          const struct rs_cpu_state *got)
{
    static const char *const names[RS_REGISTER_COUNT] = {"RAX", "RCX", "RDX", "RBX", "RSP", "RBP",
                                                         "RSI", "RDI", "R8",  "R9",  "R10", "R11",
                                                         "R12", "R13", "R14", "R15"};

    for (unsigned i = 0; i < RS_REGISTER_COUNT; i++)
        compare_value(finding, names[i], expected->gpr[i], got->gpr[i]);
    compare_value(finding, "RFLAGS", expected->rflags & ~RFLAGS_RF, got->rflags & ~RFLAGS_RF);
}

static void compare_state(struct rs_finding *finding, const struct rs_cpu_state *expected,
                          const struct rs_cpu_state *got)
{
    compare_value(finding, "RIP", expected->rip, got->rip);
    compare_value(finding, "CS", expected->cs.selector, got->cs.selector);
    compare_value(finding, "CS.L", expected->cs.l, got->cs.l);
    compare_value(finding, "CPL", expected->cpl, got->cpl);
    rs_compare_registers(finding, expected, got);
}

/* With IST and no change of CPL the SDM contradicts itself: Vol. 3A, "Interrupt Stack Table", has
 * SS forced to null, Vol. 2A, "INT n", leaves it as it is. Either will do. */
static void compare_ss(struct rs_finding *finding, const struct rs_model_result *model,
                       const struct rs_cpu_state *got)
{
    bool null_will_do = model->ist != 0 && got->ss.selector == model->after.cpl;

    if (!null_will_do)
        compare_value(finding, "SS", model->after.ss.selector, got->ss.selector);
}

static void compare_frame(struct rs_finding *finding, const struct rs_model_result *model,
                          const uint64_t *got, bool rf)
{
    static const char *const names[RS_MODEL_FRAME_MAX] = {
        "error code", "pushed RIP", "pushed CS", "pushed RFLAGS", "pushed RSP", "pushed SS"};
    unsigned first = RS_MODEL_FRAME_MAX - model->frame_count;

    for (unsigned i = 0; i < model->frame_count; i++) {
        bool is_rflags = strcmp(names[first + i], "pushed RFLAGS") == 0;
        uint64_t ignored = is_rflags && !rf ? RFLAGS_RF : 0;

        compare_value(finding, names[first + i], model->frame[i] & ~ignored, got[i] & ~ignored);
    }
}

/* What the guest does if the host does as the model says. */
static void expected_observation(const struct rs_model_result *model, struct rs_observation *seen)
{
    *seen = (struct rs_observation){.end = RS_END_FETCH, .state = model->after};
    seen->arrival = rs_arrival_of(model->after.rip, &seen->vector);
    memcpy(seen->frame, model->frame, sizeof(seen->frame));
    if (model->outcome == RS_MODEL_SHUTDOWN)
        seen->end = RS_END_SHUTDOWN;
}

void rs_compare(struct rs_finding *finding, const struct rs_model_result *model,
                const struct rs_observation *seen, bool rf)
{
    struct rs_observation expected;
    char expected_text[96];

    expected_observation(model, &expected);
    if (seen->end == RS_END_SHUTDOWN && expected.end == RS_END_SHUTDOWN)
        return; /* what it leaves in the registers is nobody's business */
    if (seen->end != expected.end || seen->arrival != expected.arrival ||
        seen->vector != expected.vector) {
        rs_describe(&expected, expected_text, sizeof(expected_text));
        rs_expect_outcome(finding, expected_text, seen);
        return;
    }
    compare_frame(finding, model, seen->frame, rf);
    compare_state(finding, &model->after, &seen->state);
    compare_ss(finding, model, &seen->state);
    if (expected.arrival == RS_ARRIVED_GATE && expected.vector == RS_VECTOR_PF)
        compare_value(finding, "CR2", model->after.cr2, seen->state.cr2);
}
