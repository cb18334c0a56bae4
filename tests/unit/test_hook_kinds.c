/* SPDX-License-Identifier: MIT
 * Kinds of hooks: which is chosen, and that each tells the same events. */
#include "exits/exits.h"
#include "fake_guest.h"
#include "hooks/internal.h"
#include "unit.h"

#include <ringscope/layout.h>
#include <ringscope/x86/cpu.h>

#define USER_FLAGS (RFLAGS_FIXED | RFLAGS_IF)
#define NT_CLOSE 0xf
#define UD 6

#define WORKS(first, median, third)                                                                \
    {                                                                                              \
        .works = true, .quartiles = { first, median, third }                                       \
    }
#define IN_RING_0(cost)                                                                            \
    {                                                                                              \
        [RS_HOOK_RING0] = cost                                                                     \
    }

static const struct {
    const char *name;
    struct rs_hook_wish wish;
    struct rs_hook_cost of[RS_HOOK_KIND_COUNT][RS_HOOK_RINGS];
    bool refused;
    enum rs_hook_kind expected[RS_PLACE_COUNT];
} choices[] = {
    {
        .name = "auto: what takes as long, give or take noise, is not taken",
        .wish = {.wanted = RS_HOOK_AUTO},
        .of = {[RS_HOOK_GATE] = IN_RING_0(WORKS(90, 100, 110)),
               [RS_HOOK_SITE] = IN_RING_0(WORKS(85, 90, 95)),
               [RS_HOOK_INT3] = IN_RING_0(WORKS(80, 86, 92))},
        .expected = {RS_HOOK_GATE, RS_HOOK_GATE, RS_HOOK_SITE},
    },
    {
        .name = "auto: what is cheaper than the usual kind is",
        .wish = {.wanted = RS_HOOK_AUTO},
        .of = {[RS_HOOK_GATE] = IN_RING_0(WORKS(190, 200, 210)),
               [RS_HOOK_SITE] = IN_RING_0(WORKS(95, 100, 105)),
               [RS_HOOK_INT3] = IN_RING_0(WORKS(92, 95, 99))},
        .expected = {RS_HOOK_INT3, RS_HOOK_INT3, RS_HOOK_SITE},
    },
    {
        .name = "auto: returns have a kind of their own",
        .wish = {.wanted = RS_HOOK_AUTO},
        .of = {[RS_HOOK_GATE] = IN_RING_0(WORKS(10, 20, 30)),
               [RS_HOOK_SITE] = IN_RING_0(WORKS(95, 100, 105)),
               [RS_HOOK_INT3] = IN_RING_0(WORKS(60, 65, 70))},
        .expected = {RS_HOOK_GATE, RS_HOOK_GATE, RS_HOOK_INT3},
    },
    {
        .name = "auto: what does not work is not taken, however cheap",
        .wish = {.wanted = RS_HOOK_AUTO},
        .of = {[RS_HOOK_GATE] = IN_RING_0(WORKS(190, 200, 210)),
               [RS_HOOK_SITE] = IN_RING_0(WORKS(195, 200, 205)),
               [RS_HOOK_INT3] = {{.works = false}}},
        .expected = {RS_HOOK_GATE, RS_HOOK_GATE, RS_HOOK_SITE},
    },
    {
        .name = "auto: a SYSCALL that stays in ring 3 has what works there",
        .wish = {.wanted = RS_HOOK_AUTO, .needs = RS_NEED_SYSCALL},
        .of = {[RS_HOOK_GATE] = {WORKS(190, 200, 210), WORKS(190, 200, 210)},
               [RS_HOOK_SITE] = IN_RING_0(WORKS(95, 100, 105)),
               [RS_HOOK_INT3] = {WORKS(150, 155, 160), WORKS(150, 155, 160)}},
        .expected = {RS_HOOK_INT3, RS_HOOK_SITE, RS_HOOK_SITE},
    },
    {
        .name = "by name: wherever it works, dear or not",
        .wish = {.wanted = RS_HOOK_INT3, .needs = RS_NEED_SYSCALL},
        .of = {[RS_HOOK_GATE] = {WORKS(1, 2, 3), WORKS(1, 2, 3)},
               [RS_HOOK_SITE] = IN_RING_0(WORKS(1, 2, 3)),
               [RS_HOOK_INT3] = IN_RING_0(WORKS(150, 155, 160))},
        .expected = {RS_HOOK_GATE, RS_HOOK_INT3, RS_HOOK_INT3},
    },
    {
        .name = "by name: a return has no gate",
        .wish = {.wanted = RS_HOOK_GATE},
        .of = {[RS_HOOK_GATE] = IN_RING_0(WORKS(1, 2, 3)),
               [RS_HOOK_SITE] = IN_RING_0(WORKS(1, 2, 3))},
        .expected = {RS_HOOK_GATE, RS_HOOK_GATE, RS_HOOK_SITE},
    },
    {
        .name = "by name: breakpoints are not for the IDT",
        .wish = {.wanted = RS_HOOK_BREAKPOINT},
        .of = {[RS_HOOK_GATE] = IN_RING_0(WORKS(1, 2, 3)),
               [RS_HOOK_BREAKPOINT] = IN_RING_0(WORKS(1, 2, 3))},
        .expected = {RS_HOOK_BREAKPOINT, RS_HOOK_GATE, RS_HOOK_BREAKPOINT},
    },
    {
        .name = "by name: breakpoints are for one vCPU",
        .wish = {.wanted = RS_HOOK_BREAKPOINT, .several = true},
        .of = {[RS_HOOK_BREAKPOINT] = IN_RING_0(WORKS(1, 2, 3))},
        .refused = true,
        .expected = {RS_HOOK_GATE, RS_HOOK_GATE, RS_HOOK_SITE},
    },
    {
        .name = "by name: refused where it does not work",
        .wish = {.wanted = RS_HOOK_INT3},
        .of = {[RS_HOOK_GATE] = IN_RING_0(WORKS(1, 2, 3)),
               [RS_HOOK_SITE] = IN_RING_0(WORKS(1, 2, 3))},
        .refused = true,
        .expected = {RS_HOOK_GATE, RS_HOOK_GATE, RS_HOOK_SITE},
    },
};

START_TEST(a_place_gets_a_kind)
{
    struct rs_hook_costs costs = {0};
    struct rs_hook_kinds kinds;

    memcpy(costs.of, choices[_i].of, sizeof(costs.of));
    assert_row_eq(choices[_i].name, rs_hook_kinds_choose(&costs, &choices[_i].wish, &kinds),
                  !choices[_i].refused);
    for (unsigned place = 0; place < RS_PLACE_COUNT; place++)
        assert_row_eq(choices[_i].name, rs_hook_kind_of(&kinds, (enum rs_hook_place)place),
                      choices[_i].expected[place]);
}
END_TEST

START_TEST(kinds_have_names)
{
    int wanted;

    ck_assert_int_eq(rs_hook_kind_parse("auto", &wanted), 0);
    ck_assert_int_eq(wanted, RS_HOOK_AUTO);
    ck_assert_int_eq(rs_hook_kind_parse("int3", &wanted), 0);
    ck_assert_int_eq(wanted, RS_HOOK_INT3);
    ck_assert_int_eq(rs_hook_kind_parse("INT3", &wanted), -1);
    ck_assert_int_eq(rs_hook_kind_parse("", &wanted), -1);
}
END_TEST

static struct rs_machine *machine;
static struct rs_filter filter;

static void setup(enum rs_hook_kind kind)
{
    struct rs_hooks_config config = {.filter = &filter, .check = true};

    memset(config.kinds.of, kind, sizeof(config.kinds.of));
    rs_filter_init(&filter);
    machine = fake_guest_with(1, &config);
    machine->cpus->vcpu.run->exit_reason = KVM_EXIT_MMIO;
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    fake_guest_hook_syscall(machine->cpus);
}

/* The exit that a hook of this kind makes of what stands there, RIP at it; `behind`: as hosts
 * report an OUT that have executed it. */
static void leave(enum rs_hook_kind kind, bool behind)
{
    struct kvm_run *run = machine->cpus->vcpu.run;

    if (kind == RS_HOOK_SITE) {
        fake_guest_site(machine->cpus, rs_vcpu_regs(&machine->cpus->vcpu)->rip + (behind ? 2 : 0));
    } else if (kind == RS_HOOK_INT3) {
        run->exit_reason = KVM_EXIT_DEBUG;
        run->debug.arch.exception = RS_VECTOR_BP;
    } else if (kind == RS_HOOK_BREAKPOINT) { /* a fault: RF is set in what is saved */
        run->exit_reason = KVM_EXIT_DEBUG;
        run->debug.arch.exception = RS_VECTOR_DB;
        run->debug.arch.dr6 = DR6_FIXED | DR6_B0;
        rs_vcpu_regs(&machine->cpus->vcpu)->rflags |= RFLAGS_RF;
    }
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
}

static struct rs_event take(void)
{
    const struct rs_record *record;
    struct rs_event event;

    rs_hooks_resume(&machine->cpus->hooks, 77);
    record = rs_stream_peek(&machine->cpus->stream);
    ck_assert_ptr_nonnull(record);
    event = record->event;
    rs_stream_consume(&machine->cpus->stream);
    return event;
}

enum {
    EVENT_UD,
    EVENT_IRET,
    EVENT_SYSCALL,
    EVENT_SYSRET,
    EVENT_COUNT
};

/* The bytes of the guest at a return, and what the processor finds in the window. */
static void assert_in_place(enum rs_hook_kind kind, const uint8_t at_return[2],
                            const uint8_t at_gate[2])
{
    uint64_t cr3 = rs_vcpu_sregs(&machine->cpus->vcpu)->cr3, gate;
    uint8_t bytes[2];

    ck_assert_int_eq(rs_memory_read(&machine->vm.memory, FAKE_IRETQ, bytes, 2), 0);
    ck_assert_mem_eq(bytes, at_return, 2);
    gate = rs_window_gate(&machine->hooks, UD);
    ck_assert_int_eq(rs_memory_read_virtual(&machine->vm.memory, cr3, gate, bytes, 2),
                     kind == RS_HOOK_GATE ? -1 : 0);
    if (kind != RS_HOOK_GATE)
        ck_assert_mem_eq(bytes, at_gate, 2);
}

static void run_through(enum rs_hook_kind kind, bool behind, const uint8_t at_return[2],
                        const uint8_t at_gate[2], struct rs_event events[EVENT_COUNT])
{
    const enum rs_hook_kind return_kind = kind == RS_HOOK_GATE ? RS_HOOK_SITE : kind;
    struct kvm_regs *regs;

    setup(kind);
    regs = rs_vcpu_regs(&machine->cpus->vcpu);
    ck_assert_int_eq(rs_memory_write(&machine->vm.memory, FAKE_CODE, "\x0f\x0b", 2), 0);
    fake_guest_deliver(machine->cpus, UD, FAKE_CODE, USER_FLAGS | RFLAGS_RF, false, 0);
    leave(kind, behind);
    ck_assert_uint_eq(regs->rip, FAKE_HANDLER(UD));
    events[EVENT_UD] = take();
    assert_in_place(kind, at_return, at_gate);
    regs->rip = FAKE_IRETQ;
    leave(return_kind, behind);
    ck_assert_uint_eq(regs->rip, rs_window_address(&machine->cpus->hooks, RS_WINDOW_PRISTINE, 0));
    events[EVENT_IRET] = take();
    assert_in_place(kind, (const uint8_t *)"\x48\xcf", at_gate);

    fake_guest_syscall(machine->cpus, NT_CLOSE, USER_FLAGS);
    leave(kind, behind);
    ck_assert_uint_eq(regs->rip, FAKE_LSTAR);
    events[EVENT_SYSCALL] = take();
    regs->rip = FAKE_SYSRETQ;
    leave(return_kind, behind);
    events[EVENT_SYSRET] = take();
    fake_guest_free(machine);
}

static const struct {
    enum rs_hook_kind kind;
    bool behind;
    const char *at_return, *at_gate;
} ways[] = {
    {RS_HOOK_SITE, false, "\xe6\x9a", "\xe6\x9a"},
    {RS_HOOK_SITE, true, "\xe6\x9a", "\xe6\x9a"},
    {RS_HOOK_INT3, false, "\xcc\xcf", "\xcc\xcc"},
};

/* Nothing in memory or LSTAR changes; each instruction is then executed where it is. */
START_TEST(breakpoints_tell_the_same_events)
{
    struct rs_event gate[EVENT_COUNT], other;
    struct kvm_regs *regs;
    uint8_t bytes[2];

    run_through(RS_HOOK_GATE, false, (const uint8_t *)"\xe6\x9a", NULL, gate);
    setup(RS_HOOK_BREAKPOINT);
    regs = rs_vcpu_regs(&machine->cpus->vcpu);
    ck_assert_int_eq(rs_memory_write(&machine->vm.memory, FAKE_CODE, "\x0f\x0b", 2), 0);
    fake_guest_deliver(machine->cpus, UD, FAKE_CODE, USER_FLAGS | RFLAGS_RF, false, 0);
    leave(RS_HOOK_GATE, false);
    other = take();
    ck_assert_mem_eq(&other, &gate[EVENT_UD], sizeof(other));
    ck_assert_int_eq(rs_memory_read(&machine->vm.memory, FAKE_IRETQ, bytes, 2), 0);
    ck_assert_mem_eq(bytes, "\x48\xcf", 2);
    regs->rip = FAKE_IRETQ;
    leave(RS_HOOK_BREAKPOINT, false);
    other = take();
    ck_assert_mem_eq(&other, &gate[EVENT_IRET], sizeof(other));
    ck_assert_uint_eq(regs->rip, FAKE_IRETQ);
    ck_assert_uint_ne(regs->rflags & RFLAGS_RF, 0);
    fake_guest_syscall(machine->cpus, NT_CLOSE, USER_FLAGS);
    regs->rip = FAKE_LSTAR;
    leave(RS_HOOK_BREAKPOINT, false);
    other = take();
    ck_assert_mem_eq(&other, &gate[EVENT_SYSCALL], sizeof(other));
    ck_assert_uint_eq(regs->rip, FAKE_LSTAR);
    ck_assert_uint_ne(regs->rflags & RFLAGS_RF, 0);
    regs->rip = FAKE_SYSRETQ;
    leave(RS_HOOK_BREAKPOINT, false);
    other = take();
    ck_assert_mem_eq(&other, &gate[EVENT_SYSRET], sizeof(other));
    fake_guest_free(machine);
}
END_TEST

START_TEST(each_kind_tells_the_same_events)
{
    struct rs_event gate[EVENT_COUNT], other[EVENT_COUNT];

    run_through(RS_HOOK_GATE, false, (const uint8_t *)"\xe6\x9a", NULL, gate);
    ck_assert_uint_eq(gate[EVENT_UD].kind, RS_EVENT_EXCEPTION);
    ck_assert_uint_eq(gate[EVENT_IRET].kind, RS_EVENT_IRET);
    ck_assert_uint_eq(gate[EVENT_SYSCALL].kind, RS_EVENT_SYSCALL);
    ck_assert_uint_eq(gate[EVENT_SYSRET].kind, RS_EVENT_SYSRET);
    run_through(ways[_i].kind, ways[_i].behind, (const uint8_t *)ways[_i].at_return,
                (const uint8_t *)ways[_i].at_gate, other);
    for (unsigned i = 0; i < EVENT_COUNT; i++)
        ck_assert_mem_eq(&gate[i], &other[i], sizeof(gate[i]));
}
END_TEST

/* KVM is asked to deliver it; without KVM that fails, and says so. */
START_TEST(an_int3_of_the_guests_own_belongs_to_no_hook)
{
    struct kvm_run *run;

    setup(RS_HOOK_INT3);
    run = machine->cpus->vcpu.run;
    run->exit_reason = KVM_EXIT_DEBUG;
    run->debug.arch.exception = RS_VECTOR_BP;
    rs_vcpu_regs(&machine->cpus->vcpu)->rip = FAKE_CODE;
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_STOP);
    ck_assert_ptr_nonnull(strstr(machine->stop.message, "exception 3"));
    ck_assert_ptr_nonnull(strstr(machine->stop.message, "no hook"));
    rs_hooks_resume(&machine->cpus->hooks, 77);
    ck_assert_ptr_null(rs_stream_peek(&machine->cpus->stream));
    fake_guest_free(machine);
}
END_TEST

START_TEST(a_jump_into_the_window_stops_the_machine)
{
    setup(RS_HOOK_SITE);
    rs_vcpu_regs(&machine->cpus->vcpu)->rsp = UINT64_C(0x7777777770); /* no frame there */
    fake_guest_site(machine->cpus, rs_window_gate(&machine->hooks, UD));
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_STOP);
    ck_assert_ptr_nonnull(strstr(machine->stop.message, "no transition explains"));
    fake_guest_free(machine);
}
END_TEST

/* The same port, from code that is no hook: the guest's own. */
START_TEST(an_out_of_the_guests_own_goes_to_the_device)
{
    setup(RS_HOOK_SITE);
    fake_guest_site(machine->cpus, FAKE_CODE);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    ck_assert_uint_eq(rs_vcpu_regs(&machine->cpus->vcpu)->rip, FAKE_CODE);
    fake_guest_free(machine);
}
END_TEST

START_TEST(a_debug_exit_that_nothing_asked_for_stops_the_machine)
{
    setup(RS_HOOK_GATE);
    machine->cpus->vcpu.run->exit_reason = KVM_EXIT_DEBUG;
    machine->cpus->vcpu.run->debug.arch.exception = RS_VECTOR_BP;
    rs_vcpu_regs(&machine->cpus->vcpu)->rip = rs_window_gate(&machine->hooks, UD);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_STOP);
    ck_assert_ptr_nonnull(strstr(machine->stop.message, "no hook"));
    fake_guest_free(machine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hook_kinds");

    UNIT_ADD_ROWS(suite, a_place_gets_a_kind, choices);
    UNIT_ADD(suite, kinds_have_names);
    UNIT_ADD_ROWS(suite, each_kind_tells_the_same_events, ways);
    UNIT_ADD(suite, breakpoints_tell_the_same_events);
    UNIT_ADD(suite, an_int3_of_the_guests_own_belongs_to_no_hook);
    UNIT_ADD(suite, a_jump_into_the_window_stops_the_machine);
    UNIT_ADD(suite, an_out_of_the_guests_own_goes_to_the_device);
    UNIT_ADD(suite, a_debug_exit_that_nothing_asked_for_stops_the_machine);
    return unit_run(suite);
}
