/* SPDX-License-Identifier: MIT
 * Gate hooks: arming LSTAR and the IDT. delivery.c and syscall.c tell what a fetch means. */
#include "internal.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/msr.h>
#include <string.h>

#define GATE_SIZE 16

int rs_gates_arm_lstar(struct rs_hooks *hooks)
{
    int result;

    if (rs_window_ensure(hooks) != 0)
        return 1;
    result =
        rs_vcpu_set_msr(hooks->vcpu, MSR_LSTAR, rs_window_address(hooks, RS_WINDOW_SYSCALL, 0));
    if (result != 0)
        return result;
    hooks->lstar_armed = true;
    if (hooks->set->config.foreign && hooks->set->returns_wanted) {
        rs_hooks_lock(hooks->set);
        rs_handlers_find_return(hooks, hooks->lstar);
        rs_hooks_unlock(hooks->set);
    }
    return 0;
}

static bool in_limit(uint16_t limit, unsigned vector)
{
    return (vector + 1) * GATE_SIZE - 1 <= limit;
}

/* The IDT's pages were looked up when it was armed: later any CR3 may be there, and none that maps
 * another vCPU's. */
static int write_gate(struct rs_hook_set *set, const struct rs_hooked_idt *idt, unsigned vector,
                      const uint64_t gate[2])
{
    uint64_t offset = (idt->base & (PAGE_SIZE - 1)) + vector * RS_U64(GATE_SIZE);
    uint64_t gpa = idt->gpa[offset / PAGE_SIZE], in_page = offset % PAGE_SIZE;
    size_t here = in_page + GATE_SIZE > PAGE_SIZE ? PAGE_SIZE - in_page : GATE_SIZE;

    if (gpa == UINT64_MAX || (here < GATE_SIZE && idt->gpa[1] == UINT64_MAX) ||
        rs_memory_write(&set->vm->memory, gpa + in_page, gate, here) != 0)
        return -1;
    return here < GATE_SIZE ? rs_memory_write(&set->vm->memory, idt->gpa[1],
                                              (const uint8_t *)gate + here, GATE_SIZE - here)
                            : 0;
}

static int read_gate(struct rs_hook_set *set, const struct rs_hooked_idt *idt, unsigned vector,
                     uint64_t gate[2])
{
    uint64_t offset = (idt->base & (PAGE_SIZE - 1)) + vector * RS_U64(GATE_SIZE);
    uint64_t gpa = idt->gpa[offset / PAGE_SIZE];

    if (gpa == UINT64_MAX || offset % PAGE_SIZE + GATE_SIZE > PAGE_SIZE)
        return -1;
    return rs_memory_read(&set->vm->memory, gpa + offset % PAGE_SIZE, gate, GATE_SIZE);
}

/* Writes `to` unless the guest has written another entry than `from`, or does so at this moment:
 * its store is never lost. Only an IDT that is not aligned is written in two parts. */
static bool replace_gate(struct rs_hook_set *set, const struct rs_hooked_idt *idt, unsigned vector,
                         const uint64_t from[2], const uint64_t to[2])
{
    uint64_t offset = (idt->base & (PAGE_SIZE - 1)) + vector * RS_U64(GATE_SIZE);
    uint64_t gpa = idt->gpa[offset / PAGE_SIZE], now[2];

    if (!set->config.foreign)
        return write_gate(set, idt, vector, to) == 0;
    if (offset % GATE_SIZE == 0)
        return gpa != UINT64_MAX &&
               rs_memory_exchange(&set->vm->memory, gpa + offset % PAGE_SIZE, from, to);
    return (read_gate(set, idt, vector, now) != 0 || memcmp(now, from, GATE_SIZE) == 0) &&
           write_gate(set, idt, vector, to) == 0;
}

static void disarm_idt(struct rs_hook_set *set, struct rs_hooked_idt *idt)
{
    for (unsigned vector = 0; vector < RS_VECTOR_COUNT; vector++) {
        if (idt->armed[vector])
            replace_gate(set, idt, vector, idt->written[vector], idt->gates[vector]);
        idt->armed[vector] = idt->unsettled[vector] = false;
        memcpy(idt->written[vector], idt->gates[vector], GATE_SIZE);
    }
}

static bool can_be_armed(const uint64_t raw[2])
{
    struct rs_gate gate;

    rs_gate_decode(raw, &gate);
    return gate.p && !gate.s &&
           (gate.type == DESC_TYPE_INTERRUPT_GATE || gate.type == DESC_TYPE_TRAP_GATE);
}

static void arm_gate(struct rs_hook_set *set, struct rs_hooked_idt *idt, unsigned vector)
{
    uint64_t armed[2];

    if (!can_be_armed(idt->gates[vector]))
        return;
    memcpy(armed, idt->gates[vector], sizeof(armed));
    rs_gate_set_offset(armed, rs_window_gate(set, vector));
    idt->armed[vector] = replace_gate(set, idt, vector, idt->gates[vector], armed);
    if (idt->armed[vector])
        memcpy(idt->written[vector], armed, sizeof(armed));
}

/* The handler of a foreign kernel may end by a return that is not known yet. */
static void arm_foreign_gate(struct rs_hooks *hooks, struct rs_hooked_idt *idt, unsigned vector)
{
    struct rs_gate gate;

    arm_gate(hooks->set, idt, vector);
    if (!idt->armed[vector] || !hooks->set->returns_wanted)
        return;
    rs_gate_decode(idt->gates[vector], &gate);
    rs_handlers_find_return(hooks, gate.offset);
}

static void arm_new_gate(struct rs_hooks *hooks, struct rs_hooked_idt *idt, unsigned vector)
{
    memcpy(idt->written[vector], idt->gates[vector], GATE_SIZE);
    if (!hooks->set->vector_wanted[vector])
        return;
    if (hooks->set->config.foreign)
        arm_foreign_gate(hooks, idt, vector);
    else
        arm_gate(hooks->set, idt, vector);
}

#define OFFSET_LOW RS_U64(0xffffffff)

/* What the guest has made of an entry: where half of the offset, or all of it, is the hook's, that
 * of the handler that it wrote before is meant. The guest has changed other fields, as the present
 * bit, or it is between its two stores: then the result is true. */
static bool take_hook_out(uint64_t gate[2], uint64_t hook, uint64_t before)
{
    struct rs_gate now;
    bool low, high;

    rs_gate_decode(gate, &now);
    low = ((now.offset ^ hook) & OFFSET_LOW) == 0;
    high = ((now.offset ^ hook) & ~OFFSET_LOW) == 0;
    if (low)
        now.offset = (now.offset & ~OFFSET_LOW) | (before & OFFSET_LOW);
    if (high)
        now.offset = (before & ~OFFSET_LOW) | (now.offset & OFFSET_LOW);
    rs_gate_set_offset(gate, now.offset);
    return low != high;
}

/* An entry is two stores of the guest, and this may be an exit between them: its own, or another
 * vCPU's. An entry that may be half-written is put to what it were without the hook, and hooked
 * when it is still that at a later exit. */
static void follow_gate(struct rs_hooks *hooks, unsigned vector, const uint64_t now[2])
{
    struct rs_hook_set *set = hooks->set;
    struct rs_hooked_idt *idt = hooks->idt;
    const uint64_t *written = idt->written[vector];
    uint64_t gate[2] = {now[0], now[1]};
    struct rs_gate before;
    bool half = set->several && (now[0] == written[0] || now[1] == written[1]);

    rs_gate_decode(idt->gates[vector], &before);
    if (idt->armed[vector] && take_hook_out(gate, rs_window_gate(set, vector), before.offset))
        half = true;
    if (!replace_gate(set, idt, vector, now, gate))
        return; /* it is being written */
    memcpy(idt->gates[vector], gate, GATE_SIZE);
    memcpy(idt->written[vector], gate, GATE_SIZE);
    idt->armed[vector] = false;
    idt->unsettled[vector] = half;
    if (!half)
        arm_new_gate(hooks, idt, vector);
}

/* A kernel of which nothing is known may write entries of its IDT while it is in use. */
static void follow_gates(struct rs_hooks *hooks)
{
    struct rs_hook_set *set = hooks->set;
    struct rs_hooked_idt *idt = hooks->idt;
    uint64_t now[2];

    rs_hooks_lock(set);
    for (unsigned vector = 0; vector < RS_VECTOR_COUNT && in_limit(idt->limit, vector); vector++) {
        if (read_gate(set, idt, vector, now) != 0)
            continue;
        if (memcmp(now, idt->written[vector], GATE_SIZE) != 0) {
            follow_gate(hooks, vector, now);
        } else if (idt->unsettled[vector]) {
            idt->unsettled[vector] = false;
            arm_new_gate(hooks, idt, vector);
        }
    }
    rs_hooks_unlock(set);
}

/* Gates `first` and up, which no vCPU uses yet. */
static void read_gates(struct rs_hooks *hooks, struct rs_hooked_idt *idt, unsigned first)
{
    for (unsigned vector = first; vector < RS_VECTOR_COUNT && in_limit(idt->limit, vector);
         vector++)
        if (rs_hooks_read(hooks, idt->base + vector * GATE_SIZE, idt->gates[vector], GATE_SIZE) ==
            0)
            arm_new_gate(hooks, idt, vector);
}

static uint64_t page_of(struct rs_hooks *hooks, uint64_t gva)
{
    uint64_t gpa, rights;

    return rs_memory_walk(&hooks->set->vm->memory, rs_vcpu_sregs(hooks->vcpu)->cr3,
                          gva & ~(PAGE_SIZE - 1), &gpa, &rights) == 0
               ? gpa
               : UINT64_MAX;
}

/* Another vCPU's, or one that is free: there are as many as vCPUs, and each uses one. */
static struct rs_hooked_idt *find_idt(struct rs_hook_set *set, uint64_t base, uint64_t gpa)
{
    struct rs_hooked_idt *unused = NULL;

    for (unsigned i = 0; i < set->cpu_count; i++) {
        struct rs_hooked_idt *idt = &set->idts[i];

        if (idt->users == 0)
            unused = idt;
        else if (idt->base == base && idt->gpa[0] == gpa)
            return idt;
    }
    return unused;
}

static void enter_idt(struct rs_hooks *hooks, uint64_t base, uint16_t limit)
{
    uint64_t gpa = page_of(hooks, base);
    struct rs_hooked_idt *idt = find_idt(hooks->set, base, gpa);

    if (!idt)
        return;
    if (idt->users++ == 0) {
        memset(idt, 0, sizeof(*idt));
        idt->users = 1;
        idt->base = base;
        idt->gpa[0] = gpa;
        idt->gpa[1] = page_of(hooks, base + PAGE_SIZE);
        idt->limit = limit;
        read_gates(hooks, idt, 0);
    } else if (limit > idt->limit) {
        unsigned known = (idt->limit + 1u) / GATE_SIZE;

        idt->limit = limit;
        read_gates(hooks, idt, known);
    }
    hooks->idt = idt;
    hooks->idt_base = base;
    hooks->idt_limit = limit;
}

/* The last vCPU that leaves an IDT puts its gates back. */
static void leave_idt(struct rs_hooks *hooks)
{
    if (hooks->idt && --hooks->idt->users == 0)
        disarm_idt(hooks->set, hooks->idt);
    hooks->idt = NULL;
    hooks->idt_base = 0;
}

/* A processor that has just been started has an IDT of real mode, or none. */
static bool has_idt(const struct kvm_sregs *sregs)
{
    return (sregs->efer & EFER_LMA) && sregs->idt.base != 0 && sregs->idt.limit >= GATE_SIZE - 1;
}

static void follow_idt(struct rs_hooks *hooks, const struct kvm_sregs *sregs)
{
    bool armed;

    rs_hooks_lock(hooks->set);
    leave_idt(hooks);
    rs_hooks_unlock(hooks->set);
    if (!has_idt(sregs) || rs_window_ensure(hooks) != 0)
        return;
    rs_hooks_lock(hooks->set);
    enter_idt(hooks, sregs->idt.base, sregs->idt.limit);
    armed = hooks->idt != NULL;
    rs_hooks_unlock(hooks->set);
    if (armed && hooks->set->several && hooks->set->returns_wanted)
        rs_sites_arm(hooks, true);
}

void rs_gates_sync(struct rs_hooks *hooks)
{
    const struct kvm_sregs *sregs = rs_vcpu_sregs(hooks->vcpu);

    if (hooks->window_gva != 0)
        rs_window_ensure(hooks);
    if (sregs->idt.base != hooks->idt_base || sregs->idt.limit != hooks->idt_limit)
        follow_idt(hooks, sregs);
    else if (hooks->idt && hooks->set->config.foreign)
        follow_gates(hooks);
    if (hooks->set->config.foreign && hooks->set->lstar_wanted && !hooks->lstar_armed &&
        hooks->lstar != 0 && !rs_breakpoints_have_syscall(hooks->set))
        rs_gates_arm_lstar(hooks);
}

void rs_gates_release(struct rs_hooks *hooks)
{
    rs_hooks_lock(hooks->set);
    leave_idt(hooks);
    rs_hooks_unlock(hooks->set);
    if (hooks->lstar_armed && rs_vcpu_set_msr(hooks->vcpu, MSR_LSTAR, hooks->lstar) == 0)
        hooks->lstar_armed = false;
}

static void rearm_lstar(struct rs_hooks *hooks)
{
    bool wanted = hooks->set->lstar_wanted && !rs_breakpoints_have_syscall(hooks->set);

    if (wanted && !hooks->lstar_armed && hooks->lstar != 0)
        rs_gates_arm_lstar(hooks);
    if (!wanted && hooks->lstar_armed && rs_vcpu_set_msr(hooks->vcpu, MSR_LSTAR, hooks->lstar) == 0)
        hooks->lstar_armed = false;
}

void rs_gates_rearm(struct rs_hook_set *set)
{
    for (unsigned i = 0; i < set->cpu_count; i++) {
        struct rs_hooked_idt *idt = &set->idts[i];

        rearm_lstar(set->cpus[i]);
        if (idt->users == 0)
            continue;
        disarm_idt(set, idt);
        for (unsigned vector = 0; vector < RS_VECTOR_COUNT && in_limit(idt->limit, vector);
             vector++)
            if (set->vector_wanted[vector])
                arm_gate(set, idt, vector);
    }
}

bool rs_gates_have(const struct rs_hooks *hooks, uint8_t vector)
{
    return hooks->idt && (hooks->idt->armed[vector] || (in_limit(hooks->idt_limit, vector) &&
                                                        can_be_armed(hooks->idt->gates[vector])));
}

int rs_gates_model_read(void *context, uint64_t gva, void *buffer, size_t size)
{
    struct rs_hooks *hooks = context;
    const struct rs_hooked_idt *idt = hooks->idt;
    uint64_t offset = gva - hooks->idt_base;

    if (rs_hooks_read(hooks, gva, buffer, size) != 0)
        return -1;
    if (idt && size <= GATE_SIZE && offset <= RS_VECTOR_COUNT * GATE_SIZE - size &&
        offset % GATE_SIZE + size <= GATE_SIZE && idt->armed[offset / GATE_SIZE])
        memcpy(buffer, (const uint8_t *)idt->gates[offset / GATE_SIZE] + offset % GATE_SIZE, size);
    rs_marks_memory(&hooks->marks, RS_PURPOSE_TABLE, gva, buffer, size);
    return 0;
}
