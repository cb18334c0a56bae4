/* SPDX-License-Identifier: MIT
 * What must come of one instruction. */
#include "probe.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/vectors.h>
#include <string.h>

bool rs_prepare_claim(struct rs_probe *probe, const struct rs_claim *claim,
                      struct rs_finding *finding)
{
    int result = rs_probe_prepare(probe, &claim->setup, &claim->code);

    if (result != 0)
        rs_finding_set(finding, RS_STATUS_SKIP, "the vCPU does not take the state before: %s",
                       strerror(-result));
    return result == 0;
}

void rs_run_prepared(struct rs_probe *probe, struct rs_finding *finding,
                     struct rs_observation *seen)
{
    char text[96];

    rs_probe_run(probe, seen);
    rs_describe(seen, text, sizeof(text));
    rs_finding_observe(finding, "%s", text);
}

bool rs_run_claim(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding,
                  struct rs_observation *seen)
{
    if (!rs_prepare_claim(probe, claim, finding))
        return false;
    rs_run_prepared(probe, finding, seen);
    return true;
}

void rs_expect_outcome(struct rs_finding *finding, const char *expected,
                       const struct rs_observation *seen)
{
    char text[96];

    rs_describe(seen, text, sizeof(text));
    rs_finding_differ(finding, RS_FIELD_OUTCOME, expected, text);
}

void rs_expect_cause(struct rs_probe *probe, const struct rs_claim *claim,
                     const struct rs_cpu_state *before, const struct rs_cause *cause,
                     const struct rs_observation *seen, struct rs_finding *finding)
{
    struct rs_model_result model;

    rs_model_run(&probe->env, before, cause, &model);
    rs_compare(finding, &model, seen, claim->judges_rf);
}

/* The instructions of a claim one after another, as far as they lead to one another. */
static bool model_code(struct rs_probe *probe, const struct rs_claim *claim,
                       struct rs_model_result *model)
{
    struct rs_cpu_state state = probe->before;
    uint64_t start = state.rip;
    struct rs_cause cause;

    while (state.rip - start < claim->code.size) {
        uint64_t offset = state.rip - start;

        if (!rs_cause_from_instruction((const uint8_t *)claim->code.bytes + offset,
                                       claim->code.size - offset, state.cs.l, &cause))
            return false;
        rs_model_run(&probe->env, &state, &cause, model);
        state = model->after;
    }
    return true;
}

void rs_expect_transition(struct rs_probe *probe, const struct rs_claim *claim,
                          struct rs_finding *finding)
{
    struct rs_observation seen;
    struct rs_model_result model;

    if (!rs_run_claim(probe, claim, finding, &seen))
        return;
    if (!model_code(probe, claim, &model))
        rs_finding_set(finding, RS_STATUS_SKIP, "the model does not know this instruction");
    else
        rs_compare(finding, &model, &seen, claim->judges_rf);
}

static void expect_exception(struct rs_probe *probe, const struct rs_claim *claim, uint64_t rip,
                             struct rs_finding *finding)
{
    const struct rs_cause cause = {
        .kind = RS_CAUSE_EXCEPTION,
        .vector = claim->vector,
        .has_error_code = rs_exception_has_error_code(claim->vector),
        .error_code = claim->error_code,
        .cr2 = claim->cr2,
    };
    struct rs_observation seen;

    if (!rs_run_claim(probe, claim, finding, &seen))
        return;
    if (rip)
        probe->before.rip = rip;
    rs_expect_cause(probe, claim, &probe->before, &cause, &seen, finding);
}

void rs_expect_fault(struct rs_probe *probe, const struct rs_claim *claim,
                     struct rs_finding *finding)
{
    expect_exception(probe, claim, claim->argument, finding);
}

void rs_expect_trap(struct rs_probe *probe, const struct rs_claim *claim,
                    struct rs_finding *finding)
{
    expect_exception(probe, claim, PROBE_DONE, finding);
}

/* Without the feature SDM Vol. 2 has #UD; hardware that cannot hide an instruction may run it. */
static void judge_without_feature(const struct rs_claim *claim, const struct rs_observation *seen,
                                  struct rs_finding *finding)
{
    if (rs_observed(seen, RS_ARRIVED_GATE) && seen->vector == RS_VECTOR_UD)
        rs_finding_set(finding, RS_STATUS_SKIP, "CPUID has no %s: raises #UD",
                       rs_feature_name(claim->feature));
    else if (rs_observed(seen, RS_ARRIVED_DONE))
        rs_finding_set(finding, RS_STATUS_SKIP, "CPUID has no %s; it executes all the same",
                       rs_feature_name(claim->feature));
    else
        rs_expect_outcome(finding, "#UD: CPUID does not have it", seen);
}

void rs_expect_done(struct rs_probe *probe, const struct rs_claim *claim,
                    struct rs_finding *finding)
{
    struct rs_claim bare = *claim;
    struct rs_observation seen;

    if (rs_probe_has(probe, claim->feature)) {
        if (rs_run_claim(probe, claim, finding, &seen) && !rs_observed(&seen, RS_ARRIVED_DONE))
            rs_expect_outcome(finding, "completes", &seen);
        return;
    }
    bare.setup.cr4 = bare.setup.xcr0 = 0; /* they would be refused, too */
    if (rs_run_claim(probe, &bare, finding, &seen))
        judge_without_feature(claim, &seen, finding);
}

void rs_expect_no_trouble(struct rs_probe *probe, const struct rs_claim *claim,
                          struct rs_finding *finding)
{
    struct rs_observation seen;

    if (rs_run_claim(probe, claim, finding, &seen) && !rs_observed(&seen, RS_ARRIVED_DONE) &&
        !(rs_observed(&seen, RS_ARRIVED_GATE) && seen.vector == RS_VECTOR_UD))
        rs_expect_outcome(finding, "completes, or #UD", &seen);
}

void rs_expect_io(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding)
{
    struct rs_observation seen;

    if (!rs_run_claim(probe, claim, finding, &seen))
        return;
    if (seen.end == RS_END_IO)
        rs_probe_settle(probe);
    else
        rs_expect_outcome(finding, "KVM_EXIT_IO", &seen);
}
