/* SPDX-License-Identifier: MIT
 * Marks on a guest that is only memory: each thing is told once, before what needs it, and enough
 * to run the model again. */
#include "exits/exits.h"
#include "explain/explain.h"
#include "fake_guest.h"
#include "unit.h"

#include <ringscope/layout.h>
#include <ringscope/x86/cpu.h>

#define USER_FLAGS (RFLAGS_FIXED | RFLAGS_IF)
#define EVENTS_MAX 64

static struct rs_machine *machine;
static struct rs_filter filter;
static struct rs_event events[EVENTS_MAX];
static size_t count;

static void setup(uint32_t needs)
{
    rs_filter_init(&filter);
    machine = fake_guest_new(&filter, needs);
    machine->cpus->hooks.marks.wanted = true;
    machine->cpus->vcpu.run->exit_reason = KVM_EXIT_MMIO;
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
}

/* What came out since the last call; sequence numbers have no gap. */
static void collect(void)
{
    const struct rs_record *record;

    rs_hooks_resume(&machine->cpus->hooks, 77);
    for (count = 0; (record = rs_stream_peek(&machine->cpus->stream)); count++) {
        ck_assert_uint_lt(count, EVENTS_MAX);
        ck_assert_uint_eq(record->type, RS_RECORD_EVENT);
        events[count] = record->event;
        if (count > 0)
            ck_assert_uint_eq(events[count].sequence, events[count - 1].sequence + 1);
        rs_stream_consume(&machine->cpus->stream);
    }
}

static size_t count_of(enum rs_event_kind kind)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++)
        found += events[i].kind == kind;
    return found;
}

static void fault(void)
{
    fake_guest_deliver(machine->cpus, 14, FAKE_CODE, USER_FLAGS | RFLAGS_RF, true, 4);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    collect();
}

START_TEST(everything_is_told_once)
{
    setup(0);
    fault();
    ck_assert_uint_eq(count_of(RS_EVENT_CR3), 1);
    ck_assert_uint_eq(count_of(RS_EVENT_STATE), 1);
    ck_assert_uint_ge(count_of(RS_EVENT_MEMORY), 4); /* gate, CS, RSP0, instruction */
    ck_assert_uint_eq(events[count - 1].kind, RS_EVENT_EXCEPTION);
    ck_assert_uint_eq(events[count - 1].tsc_resume, 77);
    fault();
    ck_assert_uint_eq(count, 1);
    fake_guest_free(machine);
}
END_TEST

START_TEST(what_changed_is_told_again)
{
    uint64_t rsp0 = FAKE_RSP0 - 0x1000;

    setup(0);
    fault();
    rs_vcpu_sregs(&machine->cpus->vcpu)->cr4 |= CR4_PGE;
    fault();
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(events[0].kind, RS_EVENT_STATE);
    ck_assert_uint_eq(events[0].cr4, rs_vcpu_sregs(&machine->cpus->vcpu)->cr4);
    ck_assert_int_eq(rs_memory_write(&machine->vm.memory, FAKE_CODE, &rsp0, sizeof(rsp0)), 0);
    fault();
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(events[0].kind, RS_EVENT_MEMORY);
    ck_assert_uint_eq(events[0].purpose, RS_PURPOSE_INSTRUCTION);
    ck_assert_uint_eq(events[0].value, FAKE_CODE);
    ck_assert_mem_eq(events[0].data, &rsp0, sizeof(rsp0));
    fake_guest_free(machine);
}
END_TEST

/* What the filter leaves out brings no marks, and takes none away from what follows. */
START_TEST(marks_wait_for_an_event_that_is_reported)
{
    struct rs_filter_error error;

    setup(RS_NEED_INT_N_UD); /* #UD is hooked, whatever the filter says */
    ck_assert_int_eq(rs_filter_parse(&filter, "exception=!UD", &error), 0);
    fake_guest_deliver(machine->cpus, 6, FAKE_CODE, USER_FLAGS | RFLAGS_RF, false, 0);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    collect();
    ck_assert_uint_eq(count, 0);
    fault();
    ck_assert_uint_eq(count_of(RS_EVENT_STATE), 1);
    ck_assert_uint_ge(count_of(RS_EVENT_MEMORY), 4);
    fake_guest_free(machine);
}
END_TEST

START_TEST(the_model_runs_again_from_what_was_told)
{
    static struct rs_explained explained;
    static struct rs_told told;

    setup(0);
    fault();
    memset(&told, 0, sizeof(told));
    for (size_t i = 0; i < count; i++)
        rs_told_mark(&told, &events[i]);
    ck_assert(rs_explain(&events[count - 1], &told, &explained));
    ck_assert(!explained.is_missing);
    ck_assert_uint_eq(explained.model.after.rip, events[count - 1].to_rip);
    ck_assert_uint_eq(explained.model.after.gpr[RS_RSP], events[count - 1].to_rsp);
    ck_assert_uint_eq(explained.model.after.rflags, events[count - 1].to_rflags);
    ck_assert_uint_eq(explained.model.after.cs.selector, events[count - 1].to_cs);
    fake_guest_free(machine);
}
END_TEST

START_TEST(the_first_deviation_of_a_kind_has_its_values)
{
    setup(0);
    for (unsigned i = 0; i < 2; i++) {
        fake_guest_deliver(machine->cpus, 0xd1, FAKE_CODE, USER_FLAGS, false, 0);
        rs_vcpu_regs(&machine->cpus->vcpu)->rflags |= RFLAGS_IF;
        ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
        collect();
        ck_assert_uint_eq(events[count - 1].deviations, RS_DEVIATION_RFLAGS);
        ck_assert_uint_eq(count_of(RS_EVENT_DEVIATION), i == 0);
        ck_assert_uint_eq(count_of(RS_EVENT_REPAIR), 0);
        for (size_t at = 0; i == 0 && at < count; at++) {
            if (events[at].kind != RS_EVENT_DEVIATION)
                continue;
            ck_assert_uint_eq(events[at].code, RS_DEVIATION_BIT_RFLAGS);
            ck_assert_uint_eq(events[at].vector, 0xd1);
            ck_assert_uint_eq(events[at].actual ^ events[at].expected, RFLAGS_IF);
        }
    }
    fake_guest_free(machine);
}
END_TEST

START_TEST(repairs_are_told_with_their_deviation)
{
    setup(RS_NEED_SYSCALL);
    fake_guest_hook_syscall(machine->cpus);
    fake_guest_syscall(machine->cpus, 0x0f, USER_FLAGS);
    rs_vcpu_sregs(&machine->cpus->vcpu)->cs.selector = KGDT64_R3_CODE;
    rs_vcpu_sregs(&machine->cpus->vcpu)->cs.dpl = 3;
    rs_vcpu_sregs(&machine->cpus->vcpu)->ss.selector = KGDT64_R3_DATA;
    rs_vcpu_sregs(&machine->cpus->vcpu)->ss.dpl = 3;
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    collect();
    ck_assert_uint_eq(count_of(RS_EVENT_DEVIATION), 1);
    ck_assert_uint_eq(count_of(RS_EVENT_REPAIR), 1);
    ck_assert_uint_eq(events[count - 1].kind, RS_EVENT_SYSCALL);
    ck_assert_uint_eq(events[count - 2].expected & ~3u, KGDT64_R0_CODE);
    ck_assert_uint_eq(events[count - 2].actual, KGDT64_R3_CODE);
    fake_guest_free(machine);
}
END_TEST

START_TEST(consoles_and_stops_are_marks)
{
    static const char text[RS_EVENT_DATA_MAX + 5] = "x";

    setup(0);
    rs_marks_console(&machine->cpus->hooks, text, sizeof(text));
    rs_marks_put(&machine->cpus->hooks, RS_EVENT_STOP, RS_STOP_PROGRAM, 7);
    collect();
    ck_assert_uint_eq(count, 3);
    ck_assert_uint_eq(events[0].data_size, RS_EVENT_DATA_MAX);
    ck_assert_uint_eq(events[1].data_size, 5);
    ck_assert_uint_eq(events[2].value, 7);
    machine->cpus->hooks.marks.wanted = false;
    rs_marks_console(&machine->cpus->hooks, text, sizeof(text));
    rs_marks_put(&machine->cpus->hooks, RS_EVENT_STOP, RS_STOP_PROGRAM, 7);
    collect();
    ck_assert_uint_eq(count, 0);
    fake_guest_free(machine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("marks");

    UNIT_ADD(suite, everything_is_told_once);
    UNIT_ADD(suite, what_changed_is_told_again);
    UNIT_ADD(suite, marks_wait_for_an_event_that_is_reported);
    UNIT_ADD(suite, the_model_runs_again_from_what_was_told);
    UNIT_ADD(suite, the_first_deviation_of_a_kind_has_its_values);
    UNIT_ADD(suite, repairs_are_told_with_their_deviation);
    UNIT_ADD(suite, consoles_and_stops_are_marks);
    return unit_run(suite);
}
