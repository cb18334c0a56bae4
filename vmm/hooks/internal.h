/* SPDX-License-Identifier: MIT
 * What the files of hooks/ share. */
#ifndef RINGSCOPE_HOOKS_INTERNAL_H
#define RINGSCOPE_HOOKS_INTERNAL_H

#include "hooks.h"

#include <ringscope/x86/cpu.h>

/* Spins for a moment before it sleeps: what the lock guards is short. */
void rs_lock_init(pthread_mutex_t *lock);
static inline void rs_hooks_lock(struct rs_hook_set *set)
{
    if (set->several)
        pthread_mutex_lock(&set->lock);
}
static inline void rs_hooks_unlock(struct rs_hook_set *set)
{
    if (set->several)
        pthread_mutex_unlock(&set->lock);
}

/* The guest's own gate of a vector, of the IDT that this vCPU has. */
static inline const uint64_t *rs_hooks_gate(const struct rs_hooks *hooks, uint8_t vector)
{
    static const uint64_t none[2];

    return hooks->idt ? hooks->idt->gates[vector] : none;
}

/* The first read of a page at this exit, or one that crosses pages. */
int rs_hooks_read_checked(struct rs_hooks *hooks, struct rs_kept_page *kept, uint64_t gva,
                          void *buffer, size_t size);

/* Reads guest memory through the CR3 of this exit. Each page has one place; two that share it only
 * cost a walk each. */
static inline int rs_hooks_read(struct rs_hooks *hooks, uint64_t gva, void *buffer, size_t size)
{
    struct rs_kept_page *kept = &hooks->pages[(gva >> PAGE_SHIFT) % RS_HOOKS_PAGES];
    uint64_t offset = gva & (PAGE_SIZE - 1);

    if (kept->exit_number != hooks->exit_number || kept->translation.page != gva - offset ||
        size > PAGE_SIZE - offset)
        return rs_hooks_read_checked(hooks, kept, gva, buffer, size);
    rs_translation_read(&kept->translation, offset, buffer, size);
    return 0;
}
int rs_hooks_write(struct rs_hooks *hooks, uint64_t gva, const void *buffer, size_t size);

/* delivery.c: the vCPU at this exit, with the MSRs as the guest wrote them. */
void rs_hooks_state(struct rs_hooks *hooks, struct rs_cpu_state *state);
static inline struct rs_context rs_context_of(const struct rs_cpu_state *state)
{
    return (struct rs_context){
        .rip = state->rip,
        .rsp = state->gpr[RS_RSP],
        .rflags = state->rflags,
        .cr2 = state->cr2,
        .cs = state->cs.selector,
        .ss = state->ss.selector,
        .cpl = state->cpl,
        .mode64 = state->cs.l,
    };
}

/* The vCPU at this exit. */
static inline struct rs_context rs_hooks_context(struct rs_hooks *hooks)
{
    const struct kvm_regs *regs = rs_vcpu_regs(hooks->vcpu);
    const struct kvm_sregs *sregs = rs_vcpu_sregs(hooks->vcpu);

    return (struct rs_context){
        .rip = regs->rip,
        .rsp = regs->rsp,
        .rflags = regs->rflags,
        .cr2 = sregs->cr2,
        .cs = sregs->cs.selector,
        .ss = sregs->ss.selector,
        .cpl = sregs->ss.dpl,
        .mode64 = sregs->cs.l,
    };
}

/* The general registers that no return changes, RSP left out, in one number. */
static inline uint64_t rs_hooks_registers(struct rs_hooks *hooks)
{
    const struct kvm_regs *regs = rs_vcpu_regs(hooks->vcpu);
    const uint64_t values[] = {regs->rax, regs->rbx, regs->rcx, regs->rdx, regs->rsi,
                               regs->rdi, regs->rbp, regs->r8,  regs->r9,  regs->r10,
                               regs->r11, regs->r12, regs->r13, regs->r14, regs->r15};
    uint64_t sum = 0;

    for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        sum += values[i] * (RS_U64(0x9e3779b97f4a7c15) + 2 * i); /* odd: no bit is lost */
    return sum;
}

void rs_event_contexts(struct rs_event *event, const struct rs_context *before,
                       const struct rs_context *after);

/* report.c: a zeroed event with the fields that every event has, in the stream's next record.
 * rs_hooks_report() makes it the event of this exit when the filter lets it through; otherwise the
 * record is taken again. */
struct rs_event *rs_hooks_event(struct rs_hooks *hooks, enum rs_event_kind kind);
void rs_hooks_report(struct rs_hooks *hooks, struct rs_event *event);
/* The thread of ring 3 whose registers the vCPU has; its stack is not filled in. */
struct rs_span_thread rs_hooks_thread(struct rs_hooks *hooks);
void rs_hooks_report_return(struct rs_hooks *hooks, const struct rs_span *entry,
                            struct rs_event *event);

/* window.c: the gate window. Pages of it: */
enum rs_window_page {
    RS_WINDOW_IDT,
    RS_WINDOW_SYSCALL,
    RS_WINDOW_PRISTINE,
    RS_WINDOW_PAGES
};
#define RS_GATE_STRIDE 16
/* `out imm8, al` and INT3: SDM Vol. 2A and 2B, "OUT", "INT n/INTO/INT3/INT1". */
#define RS_OPCODE_OUT 0xe6
#define RS_OPCODE_INT3 0xcc
#define RS_OUT_SIZE 2
int rs_window_ensure(struct rs_hooks *hooks);
bool rs_window_contains(const struct rs_hooks *hooks, uint64_t gva, enum rs_window_page *page,
                        unsigned *slot);
uint64_t rs_window_address(const struct rs_hooks *hooks, enum rs_window_page page, unsigned slot);
/* The address that the gate of an IDT is pointed at. */
uint64_t rs_window_gate(const struct rs_hook_set *set, unsigned vector);
int rs_window_put_pristine(struct rs_hook_set *set, unsigned slot, const uint8_t *bytes,
                           size_t size);

/* A bit of set->unhookable. */
static inline void rs_hooks_cannot(struct rs_hook_set *set, enum rs_unhookable why)
{
    atomic_fetch_or_explicit(&set->unhookable, 1u << why, memory_order_relaxed);
}

/* handlers.c: follows a handler of a foreign kernel, without taking a branch, to the IRETQ or
 * SYSRETQ that ends it, and makes a return site of that. With the set's lock. */
void rs_handlers_find_return(struct rs_hooks *hooks, uint64_t rip);

/* gates.c */
/* IDT and LSTAR of this vCPU as the guest has them. */
void rs_gates_release(struct rs_hooks *hooks);
void rs_gates_sync(struct rs_hooks *hooks);
/* 0; 1: it cannot be hooked now; -errno: the host could not do it. */
int rs_gates_arm_lstar(struct rs_hooks *hooks);
/* Makes IDTs and LSTARs what vector_wanted and lstar_wanted say, while no vCPU runs. */
void rs_gates_rearm(struct rs_hook_set *set);
/* The vector's gate leads to a handler. It may have been disarmed since it was used. */
bool rs_gates_have(const struct rs_hooks *hooks, uint8_t vector);
/* The IDT as the guest wrote it: the model reads through this. rs_model_read_fn. */
int rs_gates_model_read(void *hooks, uint64_t gva, void *buffer, size_t size);
enum rs_fetch rs_gates_idt_fetch(struct rs_hooks *hooks, uint8_t vector);
enum rs_fetch rs_gates_syscall_fetch(struct rs_hooks *hooks);
/* Delivers `cause` by the model at this exit and reports it, as repaired when there are deviations.
 * RS_FETCH_OTHER: it would be a triple fault. */
enum rs_fetch rs_gates_raise(struct rs_hooks *hooks, const struct rs_cause *cause,
                             uint32_t deviations);
/* A return that would fault, left out: reports the fault and puts it into the vCPU. */
enum rs_fetch rs_gates_put_fault(struct rs_hooks *hooks, const struct rs_context *from,
                                 const struct rs_model_result *model);
/* The host gave up on an instruction outside the window: what the model can do for it. */
enum rs_fetch rs_gates_refused_instruction(struct rs_hooks *hooks);

/* breakpoints.c: hooks by debug registers, with one vCPU. */
bool rs_breakpoints_have_syscall(const struct rs_hook_set *set);
bool rs_breakpoints_have_return(const struct rs_hook_set *set, size_t site);
/* Those that are known now, into the vCPU. Returns 0 or -errno. */
int rs_breakpoints_put(struct rs_hooks *hooks);
/* KVM_EXIT_DEBUG by #DB. OTHER: the guest's own #DB cannot be given back. */
enum rs_fetch rs_breakpoints_exit(struct rs_hooks *hooks);

/* arguments.c: what pointers among a system call's arguments point to, as the service table says.
 */
void rs_arguments_init(void);
/* Of a SYSCALL what the service reads, of a SYSRET what it has written. */
bool rs_arguments_wanted(struct rs_hooks *hooks, const struct rs_event *event);
/* With the set's lock. */
void rs_arguments_keep(struct rs_hooks *hooks, const struct rs_event *event);
void rs_arguments_put(struct rs_hooks *hooks, const struct rs_event *event);

/* sites.c */
int rs_sites_find(struct rs_hook_set *set, const struct rs_blob *kernel, struct rs_error *error);
/* While no other vCPU runs, or none that can reach a site. */
/* A site that was found while the guest runs: patched when the others are. */
void rs_sites_added(struct rs_hook_set *set, size_t index);
void rs_sites_put(struct rs_hook_set *set, bool armed);
void rs_sites_arm(struct rs_hooks *hooks, bool armed);
void rs_sites_put_back(struct rs_hooks *hooks);
/* The vCPU has left at a patched return: `rip` is at it, or behind an OUT. False: at no site. */
bool rs_sites_return(struct rs_hooks *hooks, uint64_t rip);

/* cause.c: what made a vector be delivered, from the frame and the code around its RIP. */
struct rs_frame {
    bool has_error_code;
    uint64_t words[RS_MODEL_FRAME_MAX]; /* as pushed, ascending */
    unsigned count;
    uint64_t error_code, rip, cs, rflags, rsp, ss;
};
/* check.c: what differs between the vCPU and the model's state, as RS_DEVIATION_* */
uint32_t rs_check_state(const struct rs_context *actual, const struct rs_context *model);
uint32_t rs_check_delivery(const struct rs_context *actual, const struct rs_frame *frame,
                           const struct rs_model_result *model);
/* The values behind deviations that rs_check_state() found. */
void rs_check_values(struct rs_marks *marks, uint32_t deviations, const struct rs_context *actual,
                     const struct rs_context *model);
/* The state before a transition against the one that the last return should have left: they are
 * the same when nothing was executed between them. RS_DEVIATION_RETURN or 0. */
uint32_t rs_check_return(const struct rs_context *before, const struct rs_context *returned);
/* The model's state into the vCPU, its frame into memory. Returns 0, or -1: no such memory. */
int rs_repair(struct rs_hooks *hooks, const struct rs_model_result *model);

struct rs_diagnosis {
    struct rs_cause cause;
    uint64_t rip;        /* of the state before: instruction, or next one for traps */
    uint32_t deviations; /* what the delivery itself shows, before the model is asked */
};
int rs_frame_read(struct rs_hooks *hooks, uint8_t vector, uint64_t rsp, struct rs_frame *frame);
void rs_diagnose(struct rs_hooks *hooks, uint8_t vector, const struct rs_frame *frame, uint64_t cr2,
                 struct rs_diagnosis *diagnosis);

/* known.c: what the model reads, to be compared the next time. */
struct rs_known_reader {
    struct rs_hooks *hooks;
    struct rs_known_tables tables;
    bool too_many;
};
int rs_known_read(void *reader, uint64_t gva, void *buffer, size_t size); /* rs_model_read_fn */
/* False: it was too much. */
bool rs_known_tables_keep(struct rs_known_reader *reader);
bool rs_known_tables_hold(struct rs_hooks *hooks, const struct rs_known_tables *tables);

/* known_delivery.c: whether the model has agreed with a delivery like this one; *from is then the
 * state that it left. */
bool rs_known_delivery_holds(struct rs_hooks *hooks, uint8_t vector, const struct rs_frame *frame,
                             const struct rs_diagnosis *diagnosis, const struct rs_context *actual,
                             struct rs_context *from);
void rs_known_delivery_keep(struct rs_known_reader *reader, uint8_t vector,
                            const struct rs_frame *frame, const struct rs_diagnosis *diagnosis,
                            const struct rs_context *from, const struct rs_context *actual);

/* known_return.c: whether the model has predicted an IRETQ like this one; *to is then what it
 * leaves. */
bool rs_known_return_holds(struct rs_hooks *hooks, unsigned site, const struct rs_context *from,
                           struct rs_context *to);
void rs_known_return_keep(struct rs_known_reader *reader, unsigned site,
                          const struct rs_context *from, const struct rs_context *to);

#endif
