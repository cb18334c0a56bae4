/* SPDX-License-Identifier: MIT
 * Transitions like one before: with what is known of them and without, the same comes out. */
#include "exits/exits.h"
#include "fake_guest.h"
#include "unit.h"

#include <ringscope/layout.h>
#include <ringscope/x86/cpu.h>

#define USER_FLAGS (RFLAGS_FIXED | RFLAGS_IF)
#define GDT UINT64_C(0x10000)
#define TSS UINT64_C(0x12000)
#define ROUNDS 60000

/*
 * Two machines go through the same transitions, a few of which differ from those before in one
 * thing. The first remembers, the second is made to forget before every exit.
 */
static struct rs_machine *remembers, *forgets;
static struct rs_filter filter;

static struct rs_machine *new_machine(void)
{
    struct rs_machine *machine = fake_guest_new(&filter, 0);

    machine->cpus->vcpu.run->exit_reason = KVM_EXIT_MMIO; /* the first exit arms the IDT */
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    fake_guest_hook_syscall(machine->cpus);
    return machine;
}

static void setup(void)
{
    rs_filter_init(&filter);
    remembers = new_machine();
    forgets = new_machine();
}

static void teardown(void)
{
    fake_guest_free(remembers);
    fake_guest_free(forgets);
}

static void put(struct rs_machine *machine, uint64_t gpa, uint64_t value)
{
    ck_assert_int_eq(rs_memory_write(&machine->vm.memory, gpa, &value, sizeof(value)), 0);
}

static void put_frame(struct rs_machine *machine, unsigned word, uint64_t value)
{
    put(machine, rs_vcpu_regs(&machine->cpus->vcpu)->rsp + UINT64_C(8) * word, value);
}

/* One thing that differs; fix() puts it right. */
#define CHANGES(X)                                                                                 \
    X(HANDLER_FLAGS, regs->rflags ^= RFLAGS_IF)                                                    \
    X(HANDLER_DF, regs->rflags ^= RFLAGS_DF)                                                       \
    X(HANDLER_NT, regs->rflags ^= RFLAGS_NT)                                                       \
    X(HANDLER_CARRY, regs->rflags ^= RFLAGS_CF)                                                    \
    X(HANDLER_CS, sregs->cs.selector ^= 8)                                                         \
    X(HANDLER_SS, sregs->ss.selector ^= 8)                                                         \
    X(HANDLER_CPL, sregs->ss.dpl ^= 3)                                                             \
    X(HANDLER_MODE, sregs->cs.l ^= 1)                                                              \
    X(FRAME_RIP, put_frame(machine, 0, FAKE_CODE + 64))                                            \
    X(FRAME_RIP_NONCANONICAL, put_frame(machine, 0, RS_U64(0x800000000000)))                       \
    X(FRAME_CS, put_frame(machine, 1, KGDT64_R0_CODE))                                             \
    X(FRAME_CS_COMPATIBLE, put_frame(machine, 1, KGDT64_R3_CMCODE | 3))                            \
    X(FRAME_CS_LDT, put_frame(machine, 1, KGDT64_R3_CODE | 7))                                     \
    X(FRAME_CS_WIDE, put_frame(machine, 1, RS_U64(1) << 32 | KGDT64_R3_CODE | 3))                  \
    X(FRAME_FLAGS_RF, put_frame(machine, 2, USER_FLAGS))                                           \
    X(FRAME_FLAGS_TF, put_frame(machine, 2, USER_FLAGS | RFLAGS_TF))                               \
    X(FRAME_FLAGS_NT, put_frame(machine, 2, USER_FLAGS | RFLAGS_NT))                               \
    X(FRAME_FLAGS_VM, put_frame(machine, 2, USER_FLAGS | RFLAGS_VM))                               \
    X(FRAME_FLAGS_ZF, put_frame(machine, 2, USER_FLAGS | RFLAGS_ZF))                               \
    X(FRAME_RSP, put_frame(machine, 3, FAKE_USER_STACK - 8))                                       \
    X(FRAME_SS, put_frame(machine, 4, KGDT64_R0_DATA))                                             \
    X(STACK, regs->rsp -= 8)                                                                       \
    X(KERNEL_CODE, put(machine, GDT + KGDT64_R0_CODE, RS_U64(0x00201b0000000000)))                 \
    X(USER_CODE, put(machine, GDT + KGDT64_R3_CODE, RS_U64(0x00207b0000000000)))                   \
    X(USER_DATA, put(machine, GDT + KGDT64_R3_DATA, RS_U64(0x00cf73000000ffff)))                   \
    X(RSP0, put(machine, TSS + TSS64_RSP0, FAKE_RSP0 - 64))                                        \
    X(IST3, put(machine, TSS + TSS64_IST1 + 16, FAKE_IST3 + 64))                                   \
    X(GDT_LIMIT, sregs->gdt.limit = 0x17)                                                          \
    X(TSS_LIMIT, sregs->tr.limit = 3)                                                              \
    X(GATE, machine->cpus->hooks.idt->gates[6][0] ^= RS_U64(0x10000))                              \
    X(LA57, sregs->cr4 ^= CR4_LA57)

enum change {
#define X(name, code) CHANGE_##name,
    CHANGES(X)
#undef X
    CHANGE_COUNT
};
static const char *const change_names[] = {
#define X(name, code) #name,
    CHANGES(X)
#undef X
};

static void make(struct rs_machine *machine, enum change change)
{
    struct kvm_regs *regs = rs_vcpu_regs(&machine->cpus->vcpu);
    struct kvm_sregs *sregs = rs_vcpu_sregs(&machine->cpus->vcpu);

    switch (change) {
#define X(name, code)                                                                              \
    case CHANGE_##name:                                                                            \
        code;                                                                                      \
        break;
        CHANGES(X)
#undef X
    default:
        break;
    }
}

static void fix(struct rs_machine *machine)
{
    struct kvm_sregs *sregs = rs_vcpu_sregs(&machine->cpus->vcpu);

    put(machine, GDT + KGDT64_R0_CODE, RS_U64(0x00209b0000000000));
    put(machine, GDT + KGDT64_R3_CODE, RS_U64(0x0020fb0000000000));
    put(machine, GDT + KGDT64_R3_DATA, RS_U64(0x00cff3000000ffff));
    put(machine, TSS + TSS64_RSP0, FAKE_RSP0);
    put(machine, TSS + TSS64_IST1 + 16, FAKE_IST3);
    sregs->gdt.limit = 0x57;
    sregs->tr.limit = 0x67;
    sregs->cs.selector = KGDT64_R0_CODE;
    sregs->cs.l = 1;
    sregs->ss.dpl = 0;
    sregs->cr4 = CR4_PAE;
    machine->cpus->hooks.idt->gates[6][0] =
        machine->cpus->hooks.idt->gates[7][0] + FAKE_HANDLER(6) - FAKE_HANDLER(7);
}

struct step {
    uint8_t vector;
    bool returns; /* an IRETQ of what was delivered, instead of a delivery */
    bool changes;
    enum change change;
};

static struct rs_event *go(struct rs_machine *machine, const struct step *step,
                           struct rs_event *event)
{
    const struct rs_record *record;

    fix(machine);
    if (step->returns) {
        fake_guest_deliver(machine->cpus, step->vector, FAKE_CODE, USER_FLAGS, false, 0);
        fake_guest_site(machine->cpus, FAKE_IRETQ);
    } else {
        /* A fault pushes RF = 1. */
        fake_guest_deliver(machine->cpus, step->vector, FAKE_CODE,
                           USER_FLAGS | (step->vector == 6 || step->vector == 14 ? RFLAGS_RF : 0),
                           step->vector == 14, 6);
    }
    if (step->changes)
        make(machine, step->change);
    rs_exit_handle(machine->cpus);
    rs_hooks_resume(&machine->cpus->hooks, 1);
    record = rs_stream_peek(&machine->cpus->stream);
    if (!record)
        return NULL;
    *event = record->event;
    event->tsc_exit = 0;
    rs_stream_consume(&machine->cpus->stream);
    return event;
}

static void both_go(const struct step *step)
{
    const char *name = step->changes ? change_names[step->change] : "as before";
    struct rs_event event, expected;
    bool is_there, should_be;

    memset(forgets->cpus->hooks.known, 0, sizeof(forgets->cpus->hooks.known));
    memset(forgets->cpus->hooks.known_returns, 0, sizeof(forgets->cpus->hooks.known_returns));
    is_there = go(remembers, step, &event) != NULL;
    should_be = go(forgets, step, &expected) != NULL;
    assert_row_eq(name, is_there, should_be);
    assert_row_eq(name, rs_vcpu_regs(&remembers->cpus->vcpu)->rip,
                  rs_vcpu_regs(&forgets->cpus->vcpu)->rip);
    if (!is_there)
        return;
    assert_row_eq(name, event.deviations, expected.deviations);
    assert_row_eq(name, memcmp(&event, &expected, RS_EVENT_FIXED_SIZE), 0);
}

START_TEST(what_is_known_gives_what_the_model_gives)
{
    static const uint8_t vectors[] = {6, 14, 2, 0xd1};
    unsigned seed = 1;

    setup();
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct step step;

        seed = seed * 1103515245 + 12345;
        step.vector = vectors[(seed >> 16) % ARRAY_SIZE(vectors)];
        step.returns = seed >> 20 & 1;
        step.changes = seed >> 21 & 1;
        step.change = (enum change)((seed >> 22) % CHANGE_COUNT);
        both_go(&step);
    }
    ck_assert_uint_gt(remembers->cpus->hooks.counts.known, ROUNDS / 4);
    ck_assert_uint_eq(forgets->cpus->hooks.counts.known, 0);
    teardown();
}
END_TEST

/* What the model was asked about once is asked again when one thing is another, and only then. */
START_TEST(one_thing_that_differs_is_modelled)
{
    enum change change = (enum change)_i;
    struct step step = {.vector = 6};
    uint64_t known;

    setup();
    both_go(&step);
    both_go(&step);
    known = remembers->cpus->hooks.counts.known;
    ck_assert_uint_eq(known, 1);
    step.changes = true;
    step.change = change;
    both_go(&step);
    /* These are carried over, or the delivery does not look at them. */
    if (change == CHANGE_FRAME_RIP || change == CHANGE_FRAME_RIP_NONCANONICAL ||
        change == CHANGE_FRAME_RSP || change == CHANGE_IST3)
        known++;
    assert_row_eq(change_names[change], remembers->cpus->hooks.counts.known, known);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("known");

    UNIT_ADD(suite, what_is_known_gives_what_the_model_gives);
    UNIT_ADD_ROWS(suite, one_thing_that_differs_is_modelled, change_names);
    return unit_run(suite);
}
