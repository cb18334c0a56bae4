/* SPDX-License-Identifier: MIT
 * A fetch from LSTAR's gate: SYSCALL. */
#include "internal.h"

#include "nt/services.h"

#include <ringscope/layout.h>
#include <ringscope/x86/cpu.h>
#include <string.h>

#define SYSCALL_LENGTH 2

/* From the state after SYSCALL to the one before. What it saved is put back: RIP in RCX, RFLAGS in
 * R11. CS and SS are saved nowhere; those that SYSRET would load stand in. SDM Vol. 2B, "SYSCALL".
 */
static void go_back(struct rs_hooks *hooks, struct rs_cpu_state *before)
{
    uint16_t base = (uint16_t)(hooks->star >> 48);

    before->rip = before->gpr[RS_RCX] - SYSCALL_LENGTH;
    before->rflags = before->gpr[RS_R11];
    if (before->cpl == 3)
        return;
    before->cpl = 3;
    before->cs = (struct rs_segment){.limit = UINT32_MAX,
                                     .selector = (uint16_t)((base + 16) | 3),
                                     .type = 0xb,
                                     .s = true,
                                     .p = true,
                                     .l = true,
                                     .g = true,
                                     .dpl = 3};
    before->ss = (struct rs_segment){.limit = UINT32_MAX,
                                     .selector = (uint16_t)((base + 8) | 3),
                                     .type = 0x3,
                                     .s = true,
                                     .p = true,
                                     .db = true,
                                     .g = true,
                                     .dpl = 3};
}

static bool is_syscall(struct rs_hooks *hooks, uint64_t rip)
{
    static const uint8_t opcode[SYSCALL_LENGTH] = {0x0f, 0x05};
    uint8_t bytes[SYSCALL_LENGTH];

    return rs_hooks_read(hooks, rip, bytes, sizeof(bytes)) == 0 &&
           memcmp(bytes, opcode, sizeof(opcode)) == 0;
}

/* The first four in registers, the rest above the return address and the home area. */
static void read_arguments(struct rs_hooks *hooks, struct rs_event *event)
{
    const struct kvm_regs *regs = rs_vcpu_regs(hooks->vcpu);
    const uint64_t registers[] = {regs->r10, regs->rdx, regs->r8, regs->r9};
    unsigned count = rs_service_argument_count(event->code);
    uint64_t stack = event->from_rsp + 0x28;

    if (count > RS_EVENT_ARGS)
        count = RS_EVENT_ARGS;
    for (unsigned i = 0; i < count && i < RS_SERVICE_REGISTER_ARGS; i++)
        event->args[i] = registers[i];
    if (count > RS_SERVICE_REGISTER_ARGS &&
        rs_hooks_read(hooks, stack, &event->args[RS_SERVICE_REGISTER_ARGS],
                      (count - RS_SERVICE_REGISTER_ARGS) * sizeof(event->args[0])) != 0) {
        memset(&event->args[RS_SERVICE_REGISTER_ARGS], 0,
               (count - RS_SERVICE_REGISTER_ARGS) * sizeof(event->args[0]));
        event->flags |= RS_EVENT_ARGS_PARTIAL;
    }
}

static uint32_t compare(struct rs_hooks *hooks, const struct rs_context *actual, uint64_t from_rip,
                        const struct rs_context *model)
{
    uint32_t deviations;

    if (actual->cpl != 0)
        return RS_DEVIATION_SYSCALL_CPL;
    deviations = rs_check_state(actual, model);
    if (!is_syscall(hooks, from_rip))
        deviations |= RS_DEVIATION_REGISTERS;
    return deviations;
}

static void put_event(struct rs_hooks *hooks, const struct rs_context *from,
                      const struct rs_context *to, uint32_t deviations, uint32_t flags)
{
    struct rs_event *event = rs_hooks_event(hooks, RS_EVENT_SYSCALL);

    event->code = (uint32_t)rs_vcpu_regs(hooks->vcpu)->rax;
    event->deviations = deviations;
    event->flags = flags;
    rs_event_contexts(event, from, to);
    read_arguments(hooks, event);
    rs_hooks_report(hooks, event);
}

/* In ring 3: SYSCALL has masked RFLAGS, of which IF is out of ring 3's reach, and RCX points behind
 * it. A jump has done neither. */
static bool was_syscall(struct rs_hooks *hooks, uint64_t rip)
{
    const struct kvm_regs *regs = rs_vcpu_regs(hooks->vcpu);
    uint64_t masked = regs->r11 & ~hooks->fmask;

    return ((regs->rflags ^ masked) & ~(RFLAGS_RF | RFLAGS_FIXED)) == 0 && is_syscall(hooks, rip);
}

/* Ring 3 can jump to a gate that must be open to it. To the guest there is nothing at that address:
 * the fetch is a #PF of ring 3. SDM Vol. 3A, "Page-Fault Exception (#PF)". */
static enum rs_fetch forged_fetch(struct rs_hooks *hooks)
{
    struct rs_cause cause = {
        .kind = RS_CAUSE_EXCEPTION,
        .vector = RS_VECTOR_PF,
        .has_error_code = true,
        .error_code = PF_ERROR_U | PF_ERROR_I,
        .cr2 = rs_vcpu_regs(hooks->vcpu)->rip,
    };

    return rs_gates_raise(hooks, &cause, 0) == RS_FETCH_HANDLED ? RS_FETCH_HANDLED
                                                                : RS_FETCH_FAILED;
}

enum rs_fetch rs_gates_syscall_fetch(struct rs_hooks *hooks)
{
    struct rs_model_env env = {rs_gates_model_read, hooks, hooks->vendor, false};
    struct rs_cause cause = {.kind = RS_CAUSE_SYSCALL, .length = SYSCALL_LENGTH};
    struct rs_context actual, from, after;
    struct rs_model_result model;
    struct rs_cpu_state *before = &model.after;
    uint32_t deviations, flags = 0;
    bool repair;

    hooks->has_returned = false;
    rs_hooks_state(hooks, before);
    actual = rs_context_of(before);
    actual.rip = hooks->lstar;
    go_back(hooks, before);
    from = rs_context_of(before);
    if (actual.cpl == 3 && !was_syscall(hooks, from.rip))
        return forged_fetch(hooks);
    rs_model_run(&env, before, &cause, &model);
    after = rs_context_of(&model.after);
    deviations = compare(hooks, &actual, from.rip, &after);
    if (deviations)
        rs_check_values(&hooks->marks, deviations, &actual, &after);
    repair = (deviations & RS_DEVIATION_SYSCALL_CPL) &&
             (hooks->set->config.needs & RS_NEED_SYSCALL) && model.outcome == RS_MODEL_DONE;
    if (repair) {
        rs_repair(hooks, &model);
        flags = RS_EVENT_REPAIRED;
    } else {
        rs_vcpu_regs(hooks->vcpu)->rip = hooks->lstar;
        rs_vcpu_regs_dirty(hooks->vcpu);
    }
    put_event(hooks, &from, repair ? &after : &actual, deviations, flags);
    return RS_FETCH_HANDLED;
}
