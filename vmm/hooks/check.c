/* SPDX-License-Identifier: MIT
 * The checker and the repair: host against model. */
#include "internal.h"

#include <ringscope/x86/cpu.h>

uint32_t rs_check_state(const struct rs_context *actual, const struct rs_context *model)
{
    uint32_t deviations = 0;

    if (actual->cs != model->cs || actual->mode64 != model->mode64 || actual->cpl != model->cpl)
        deviations |= RS_DEVIATION_CS;
    if (actual->ss != model->ss)
        deviations |= RS_DEVIATION_SS;
    if (actual->rip != model->rip)
        deviations |= RS_DEVIATION_RIP;
    if (actual->rsp != model->rsp)
        deviations |= RS_DEVIATION_RSP;
    if (actual->rflags != model->rflags)
        deviations |= RS_DEVIATION_RFLAGS;
    return deviations;
}

static uint32_t check_frame(const struct rs_frame *frame, const struct rs_model_result *model)
{
    for (unsigned i = 0; i < model->frame_count && i < frame->count; i++)
        if (frame->words[i] != model->frame[i])
            return RS_DEVIATION_FRAME;
    return frame->count == model->frame_count ? 0 : RS_DEVIATION_FRAME;
}

/* With an IST stack and no change of CPL the manual has SS both ways: "Interrupt Stack Table" (SDM
 * Vol. 3A) loads NULL, "INT n" (Vol. 2A) leaves it alone. Neither is a deviation. */
uint32_t rs_check_delivery(const struct rs_context *actual, const struct rs_frame *frame,
                           const struct rs_model_result *model)
{
    struct rs_context after = rs_context_of(&model->after);
    uint32_t deviations = rs_check_state(actual, &after) | check_frame(frame, model);

    if (model->ist != 0 && (frame->cs & 3) == actual->cpl && actual->ss == actual->cpl)
        deviations &= ~(uint32_t)RS_DEVIATION_SS;
    return deviations;
}

void rs_check_values(struct rs_marks *marks, uint32_t deviations, const struct rs_context *actual,
                     const struct rs_context *model)
{
    if (deviations & (RS_DEVIATION_CS | RS_DEVIATION_SYSCALL_CPL)) {
        rs_marks_found(marks, RS_DEVIATION_BIT_CS, model->cs, actual->cs);
        rs_marks_found(marks, RS_DEVIATION_BIT_SYSCALL_CPL, model->cs, actual->cs);
    }
    rs_marks_found(marks, RS_DEVIATION_BIT_SS, model->ss, actual->ss);
    rs_marks_found(marks, RS_DEVIATION_BIT_RIP, model->rip, actual->rip);
    rs_marks_found(marks, RS_DEVIATION_BIT_RSP, model->rsp, actual->rsp);
    rs_marks_found(marks, RS_DEVIATION_BIT_RFLAGS, model->rflags, actual->rflags);
}

/* A program that comes round a loop to the same instruction has other arithmetic flags. */
uint32_t rs_check_return(const struct rs_context *before, const struct rs_context *returned)
{
    if (before->rip != returned->rip || before->cpl != returned->cpl)
        return 0; /* something ran, and may have changed anything */
    return before->cs == returned->cs && before->ss == returned->ss &&
                   before->rsp == returned->rsp &&
                   ((before->rflags ^ returned->rflags) & ~(RFLAGS_RF | RFLAGS_ARITHMETIC)) == 0
               ? 0
               : RS_DEVIATION_RETURN;
}

int rs_repair(struct rs_hooks *hooks, const struct rs_model_result *model)
{
    const struct kvm_sregs *sregs = rs_vcpu_sregs(hooks->vcpu);
    const struct rs_cpu_state *after = &model->after;
    bool segments =
        after->cs.selector != sregs->cs.selector || after->ss.selector != sregs->ss.selector;

    if (model->outcome == RS_MODEL_SHUTDOWN ||
        (model->frame_count > 0 &&
         rs_hooks_write(hooks, model->frame_gva, model->frame,
                        model->frame_count * sizeof(model->frame[0])) != 0))
        return -1;
    rs_vcpu_put_state(hooks->vcpu, after, segments);
    if (after->cr2 != sregs->cr2) {
        rs_vcpu_sregs(hooks->vcpu)->cr2 = after->cr2;
        rs_vcpu_sregs_dirty(hooks->vcpu);
    }
    return 0;
}
