/* SPDX-License-Identifier: MIT
 * Single steps: which transitions #DB follows. */
#include "model/internal.h"

/*
 * SDM Vol. 3B, "Single-Step Exception Condition": a trap after the instruction that TF was 1 for,
 * whatever it has loaded, but after none that clears TF by delivering something: INT n, and a
 * fault. SYSCALL is judged by the RFLAGS that FMASK leaves, so that none comes in ring 0 of a
 * system that masks TF; SYSRET as well, by which the step ends that SYSCALL has begun.
 */
bool rs_model_single_step(const struct rs_cpu_state *before, const struct rs_cause *cause,
                          const struct rs_model_result *result)
{
    if (result->outcome != RS_MODEL_DONE)
        return false;
    switch (cause->kind) {
    case RS_CAUSE_IRET:
        return (before->rflags & RFLAGS_TF) != 0;
    case RS_CAUSE_SYSCALL:
    case RS_CAUSE_SYSRET:
        return (result->after.rflags & RFLAGS_TF) != 0;
    case RS_CAUSE_INTO: /* nothing when OF = 0 */
        return result->frame_count == 0 && (before->rflags & RFLAGS_TF) != 0;
    default:
        return false;
    }
}
