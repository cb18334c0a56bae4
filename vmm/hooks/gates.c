/* SPDX-License-Identifier: MIT
 * Gate hooks: arming LSTAR and the IDT. delivery.c and syscall.c tell what a fetch means. */
#include "internal.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/msr.h>
#include <string.h>

#define GATE_SIZE 16

int rs_gates_arm_lstar(struct rs_hooks *hooks)
{
    if (rs_window_ensure(hooks) != 0 ||
        rs_vcpu_set_msr(hooks->vcpu, MSR_LSTAR, rs_window_address(hooks, RS_WINDOW_SYSCALL, 0)) !=
            0)
        return -1;
    hooks->lstar_armed = true;
    return 0;
}

static bool in_limit(uint16_t limit, unsigned vector)
{
    return (vector + 1) * GATE_SIZE - 1 <= limit;
}

static void disarm_idt(struct rs_hooks *hooks)
{
    for (unsigned vector = 0; vector < RS_VECTOR_COUNT; vector++) {
        if (hooks->gate_armed[vector])
            rs_hooks_write(hooks, hooks->idt_base + vector * GATE_SIZE, hooks->gates[vector],
                           GATE_SIZE);
        hooks->gate_armed[vector] = false;
    }
    hooks->idt_base = 0;
}

static void arm_gate(struct rs_hooks *hooks, unsigned vector)
{
    uint64_t armed[2];
    struct rs_gate gate;

    rs_gate_decode(hooks->gates[vector], &gate);
    if (!gate.p || gate.s ||
        (gate.type != DESC_TYPE_INTERRUPT_GATE && gate.type != DESC_TYPE_TRAP_GATE))
        return;
    memcpy(armed, hooks->gates[vector], sizeof(armed));
    rs_gate_set_offset(armed, rs_window_address(hooks, RS_WINDOW_IDT, vector));
    hooks->gate_armed[vector] =
        rs_hooks_write(hooks, hooks->idt_base + vector * GATE_SIZE, armed, sizeof(armed)) == 0;
}

static void arm_idt(struct rs_hooks *hooks, uint64_t base, uint16_t limit)
{
    if (rs_window_ensure(hooks) != 0)
        return;
    hooks->idt_base = base;
    hooks->idt_limit = limit;
    memset(hooks->gates, 0, sizeof(hooks->gates));
    for (unsigned vector = 0; vector < RS_VECTOR_COUNT && in_limit(limit, vector); vector++)
        if (rs_hooks_read(hooks, base + vector * GATE_SIZE, hooks->gates[vector], GATE_SIZE) == 0 &&
            hooks->vector_wanted[vector])
            arm_gate(hooks, vector);
}

void rs_gates_sync(struct rs_hooks *hooks)
{
    const struct kvm_sregs *sregs = rs_vcpu_sregs(hooks->vcpu);

    if (hooks->window_gva != 0)
        rs_window_ensure(hooks);
    if (sregs->idt.base == hooks->idt_base && sregs->idt.limit == hooks->idt_limit)
        return;
    if (hooks->idt_base != 0)
        disarm_idt(hooks);
    if (sregs->idt.base != 0 && sregs->idt.limit >= GATE_SIZE - 1)
        arm_idt(hooks, sregs->idt.base, sregs->idt.limit);
}

void rs_gates_rearm(struct rs_hooks *hooks)
{
    if (hooks->idt_base != 0)
        disarm_idt(hooks);
    rs_gates_sync(hooks);
    if (hooks->lstar_wanted && !hooks->lstar_armed && hooks->lstar != 0)
        rs_gates_arm_lstar(hooks);
    if (!hooks->lstar_wanted && hooks->lstar_armed &&
        rs_vcpu_set_msr(hooks->vcpu, MSR_LSTAR, hooks->lstar) == 0)
        hooks->lstar_armed = false;
}

int rs_gates_model_read(void *context, uint64_t gva, void *buffer, size_t size)
{
    struct rs_hooks *hooks = context;
    uint64_t offset = gva - hooks->idt_base;

    if (rs_hooks_read(hooks, gva, buffer, size) != 0)
        return -1;
    if (hooks->idt_base != 0 && size <= GATE_SIZE && offset <= RS_VECTOR_COUNT * GATE_SIZE - size &&
        offset % GATE_SIZE + size <= GATE_SIZE && hooks->gate_armed[offset / GATE_SIZE])
        memcpy(buffer, (const uint8_t *)hooks->gates[offset / GATE_SIZE] + offset % GATE_SIZE,
               size);
    rs_marks_memory(&hooks->marks, RS_PURPOSE_TABLE, gva, buffer, size);
    return 0;
}
