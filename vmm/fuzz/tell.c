/* SPDX-License-Identifier: MIT
 * One case in full: the state before, the steps of the model, what the host did. */
#include "internal.h"

#include <inttypes.h>

static void tell_step(void *context, const struct rs_fuzz_step *step)
{
    const struct rs_model_result *result = step->result;
    FILE *out = context;

    fprintf(out, "step %u at CS:RIP %#x:%#" PRIx64 ", CPL %u", step->index + 1,
            step->before.cs.selector, step->before.rip, step->before.cpl);
    if (step->code)
        fprintf(out, ", code %02x %02x %02x", step->code[0], step->code[1], step->code[2]);
    fputc('\n', out);
    for (unsigned i = 0; i < result->step_count; i++)
        fprintf(out, "  %2u  %-60s %#" PRIx64 "\n", i + 1, result->steps[i].text,
                result->steps[i].value);
}

static void tell_state(const char *title, const struct rs_cpu_state *state, FILE *out)
{
    fprintf(out,
            "%s: CS:RIP %#x:%#" PRIx64 ", SS:RSP %#x:%#" PRIx64 ", RFLAGS %#" PRIx64
            ", CPL %u, CR2 %#" PRIx64 "\n",
            title, state->cs.selector, state->rip, state->ss.selector, state->gpr[RS_RSP],
            state->rflags, state->cpl, state->cr2);
}

static void tell_before(const struct rs_fuzz_case *one, FILE *out)
{
    const struct rs_cpu_state *state = &one->before;

    tell_state("before", state, out);
    fprintf(out,
            "        RAX %#" PRIx64 ", RCX %#" PRIx64 ", R11 %#" PRIx64 "\n"
            "        EFER %#" PRIx64 ", STAR %#" PRIx64 ", LSTAR %#" PRIx64 ", CSTAR %#" PRIx64
            ", FMASK %#" PRIx64 "\n"
            "        GDT %#" PRIx64 " limit %#x, IDT %#" PRIx64 " limit %#x, LDT %#" PRIx64
            " limit %#x, TSS %#" PRIx64 " limit %#x\n",
            state->gpr[RS_RAX], state->gpr[RS_RCX], state->gpr[RS_R11], state->efer, state->star,
            state->lstar, state->cstar, state->fmask, state->gdt.base, state->gdt.limit,
            state->idt.base, state->idt.limit, state->ldt_base, state->ldt_limit, state->tr.base,
            state->tr.limit);
    fprintf(out, "        code");
    for (unsigned i = 0; i < one->code_size; i++)
        fprintf(out, " %02x", one->code[i]);
    if (one->event != RS_FUZZ_NO_EVENT)
        fprintf(out, ", before it vector %#x, error code %#" PRIx32, one->vector, one->error_code);
    fputc('\n', out);
}

static void tell_differences(const struct rs_finding *finding, FILE *out)
{
    for (unsigned i = 0; i < finding->difference_count; i++)
        fprintf(out, "%s: expected %s, got %s\n", finding->differences[i].field,
                finding->differences[i].expected, finding->differences[i].got);
}

/* The nearest that the departures of this host lead to, and what differs then. */
static void tell_nearest(const struct rs_fuzz_nearest *nearest, FILE *out)
{
    fprintf(out, "nearest:\n");
    tell_differences(&nearest->finding, out);
    for (unsigned i = 0; i < rs_deviation_count; i++)
        if (nearest->mask >> i & 1)
            fprintf(out, "  with %s (%s)\n", rs_deviations[i].claim, rs_deviations[i].field);
}

void rs_fuzz_tell(const struct rs_probe *probe, const struct rs_fuzz_case *one,
                  const struct rs_fuzz_nearest *nearest, enum rs_fuzz_verdict verdict,
                  rs_fuzz_mask known, const struct rs_observation *seen,
                  const struct rs_finding *finding, FILE *out)
{
    static const char *const meanings[] = {
#define X(name, text, meaning) text ": " meaning,
        RS_FUZZ_VERDICTS(X)
#undef X
    };
    struct rs_fuzz_prediction prediction;
    const char *text;
    char what[96];

    tell_before(one, out);
    rs_fuzz_predict(one, probe->env.vendor, NULL, 0, &prediction, tell_step, out);
    tell_state("model", &prediction.state, out);
    if (verdict != RS_FUZZ_OUTSIDE && verdict != RS_FUZZ_REFUSED) {
        rs_describe(seen, what, sizeof(what));
        tell_state("host", &seen->state, out);
        fprintf(out, "        %s\n", what);
    }
    tell_differences(finding, out);
    if (verdict == RS_FUZZ_DISAGREES)
        tell_nearest(nearest, out);
    for (unsigned i = 0; i < rs_deviation_count; i++)
        if (known >> i & 1) {
            const char *claim = rs_fuzz_deviation(i, &text);

            fprintf(out, "known: %s, %s\n", claim, text);
        }
    fprintf(out, "%s\n\n", meanings[verdict]);
}
