/* SPDX-License-Identifier: MIT
 * Gate hooks, checker and repair on a guest that is only memory. Expected events: SDM Vol. 3A,
 * "Interrupt and Exception Handling". */
#include "exits/exits.h"
#include "fake_guest.h"
#include "unit.h"

#include <ringscope/layout.h>
#include <ringscope/x86/cpu.h>

#define USER_FLAGS (RFLAGS_FIXED | RFLAGS_IF)

static struct rs_machine *machine;
static struct rs_filter filter;

/* The first exit finds the IDT and arms it: an MMIO exit will do. */
static void setup(uint32_t needs)
{
    rs_filter_init(&filter);
    machine = NULL;
    machine = fake_guest_new(&filter, needs);
    machine->cpus->vcpu.run->exit_reason = KVM_EXIT_MMIO;
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    ck_assert(machine->cpus->hooks.window_gva != 0);
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
    ck_assert_ptr_null(rs_stream_peek(&machine->cpus->stream));
    ck_assert_uint_eq(event.tsc_resume, 77);
    return event;
}

static void put_code(uint8_t first, uint8_t second)
{
    uint8_t code[2] = {first, second};

    ck_assert_int_eq(rs_memory_write(&machine->vm.memory, FAKE_CODE, code, 2), 0);
}

START_TEST(arming_changes_only_the_offset)
{
    uint64_t raw[2];
    struct rs_gate gate;

    setup(0);
    ck_assert_int_eq(rs_memory_read(&machine->vm.memory, 0x11000 + 0x2e * 16, raw, 16), 0);
    rs_gate_decode(raw, &gate);
    ck_assert_uint_eq(gate.offset, machine->cpus->hooks.window_gva + 0x2e0);
    ck_assert_uint_eq(gate.dpl, 3);
    ck_assert_uint_eq(gate.selector, KGDT64_R0_CODE);
    rs_gate_decode(machine->cpus->hooks.idt->gates[0x2e], &gate);
    ck_assert_uint_eq(gate.offset, FAKE_HANDLER(0x2e));
    fake_guest_free(machine);
}
END_TEST

START_TEST(a_fault_is_reported_and_handed_on)
{
    struct rs_event event;

    setup(0);
    put_code(0x0f, 0x0b);
    fake_guest_deliver(machine->cpus, 6, FAKE_CODE, USER_FLAGS | RFLAGS_RF, false, 0);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    ck_assert_uint_eq(rs_vcpu_regs(&machine->cpus->vcpu)->rip, FAKE_HANDLER(6));
    ck_assert(machine->cpus->vcpu.run->kvm_dirty_regs & KVM_SYNC_X86_REGS);
    event = take();
    ck_assert_uint_eq(event.kind, RS_EVENT_EXCEPTION);
    ck_assert_uint_eq(event.vector, 6);
    ck_assert_uint_eq(event.from_cpl, 3);
    ck_assert_uint_eq(event.from_rip, FAKE_CODE);
    ck_assert_uint_eq(event.to_rip, FAKE_HANDLER(6));
    ck_assert_uint_eq(event.deviations, 0);
    fake_guest_free(machine);
}
END_TEST

START_TEST(what_differs_from_the_model_is_marked)
{
    struct rs_event event;

    setup(0);
    fake_guest_deliver(machine->cpus, 0xd1, FAKE_CODE, USER_FLAGS, false, 0);
    rs_vcpu_regs(&machine->cpus->vcpu)->rflags |= RFLAGS_IF; /* an interrupt gate clears it */
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    event = take();
    ck_assert_uint_eq(event.kind, RS_EVENT_INTERRUPT);
    ck_assert_uint_eq(event.deviations, RS_DEVIATION_RFLAGS);
    ck_assert_uint_eq(machine->cpus->hooks.counts.deviations[RS_DEVIATION_BIT_RFLAGS], 1);

    fake_guest_deliver(machine->cpus, 0xd1, FAKE_CODE, USER_FLAGS, false, 0);
    rs_vcpu_sregs(&machine->cpus->vcpu)->ss.selector = KGDT64_R0_DATA; /* must be NULL */
    rs_exit_handle(machine->cpus);
    ck_assert_uint_eq(take().deviations, RS_DEVIATION_SS);
    fake_guest_free(machine);
}
END_TEST

START_TEST(an_nmi_is_on_its_ist)
{
    struct rs_event event;

    setup(0);
    fake_guest_deliver(machine->cpus, 2, FAKE_CODE, USER_FLAGS, false, 0);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    event = take();
    ck_assert_uint_eq(event.kind, RS_EVENT_NMI);
    ck_assert_uint_eq(event.ist, 3);
    ck_assert_uint_eq(event.deviations, 0);
    fake_guest_free(machine);
}
END_TEST

START_TEST(int_n_that_raised_ud_is_repaired)
{
    struct rs_event event;
    uint64_t frame[5];

    setup(RS_NEED_INT_N_UD);
    put_code(0xcd, 0x2e);
    fake_guest_deliver(machine->cpus, 6, FAKE_CODE, USER_FLAGS | RFLAGS_RF, false, 0);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    event = take();
    ck_assert_uint_eq(event.kind, RS_EVENT_INT_N);
    ck_assert_uint_eq(event.vector, 0x2e);
    ck_assert_uint_eq(event.deviations, RS_DEVIATION_INT_N_UD);
    ck_assert(event.flags & RS_EVENT_REPAIRED);
    ck_assert_uint_eq(rs_vcpu_regs(&machine->cpus->vcpu)->rip, FAKE_HANDLER(0x2e));
    ck_assert_int_eq(
        rs_memory_read(&machine->vm.memory, rs_vcpu_regs(&machine->cpus->vcpu)->rsp, frame, 40), 0);
    ck_assert_uint_eq(frame[0], FAKE_CODE + 2);
    ck_assert_uint_eq(frame[1], KGDT64_R3_CODE | 3);
    fake_guest_free(machine);
}
END_TEST

START_TEST(int_n_that_its_gate_refuses_is_repaired_to_gp)
{
    struct rs_event event;
    uint64_t frame[6];

    setup(RS_NEED_INT_N_UD | RS_NEED_INT_N_GP);
    put_code(0xcd, 0x21);
    /* As one host has it: #UD. */
    fake_guest_deliver(machine->cpus, 6, FAKE_CODE, USER_FLAGS | RFLAGS_RF, false, 0);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    event = take();
    ck_assert_uint_eq(event.kind, RS_EVENT_EXCEPTION);
    ck_assert_uint_eq(event.vector, 13);
    ck_assert_uint_eq(event.error_code, 0x10a);
    ck_assert_uint_eq(event.from_rip, FAKE_CODE);
    /* As another has it: error code 16n + 2, RIP behind the instruction. */
    fake_guest_deliver(machine->cpus, 13, FAKE_CODE + 2, USER_FLAGS, true, 0x212);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    event = take();
    ck_assert_uint_eq(event.vector, 13);
    ck_assert_uint_eq(event.error_code, 0x10a);
    ck_assert_uint_eq(event.deviations, RS_DEVIATION_INT_N_ERROR_CODE | RS_DEVIATION_INT_N_RIP);
    ck_assert_int_eq(
        rs_memory_read(&machine->vm.memory, rs_vcpu_regs(&machine->cpus->vcpu)->rsp, frame, 48), 0);
    ck_assert_uint_eq(frame[0], 0x10a);
    ck_assert_uint_eq(frame[1], FAKE_CODE);
    ck_assert_uint_eq(rs_vcpu_regs(&machine->cpus->vcpu)->rip, FAKE_HANDLER(13));
    fake_guest_free(machine);
}
END_TEST

START_TEST(without_repair_the_bare_host_is_shown)
{
    struct rs_event event;

    setup(0);
    put_code(0xcd, 0x2e);
    fake_guest_deliver(machine->cpus, 6, FAKE_CODE, USER_FLAGS | RFLAGS_RF, false, 0);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    event = take();
    ck_assert_uint_eq(event.kind, RS_EVENT_EXCEPTION);
    ck_assert_uint_eq(event.vector, 6);
    ck_assert_uint_eq(event.deviations, RS_DEVIATION_INT_N_UD);
    ck_assert(!(event.flags & RS_EVENT_REPAIRED));
    ck_assert_uint_eq(rs_vcpu_regs(&machine->cpus->vcpu)->rip, FAKE_HANDLER(6));
    fake_guest_free(machine);
}
END_TEST

START_TEST(a_gate_without_a_frame_stops_the_machine)
{
    setup(0);
    fake_guest_deliver(machine->cpus, 6, FAKE_CODE, USER_FLAGS, false, 0);
    rs_vcpu_regs(&machine->cpus->vcpu)->rsp = UINT64_C(0x7fff00000000);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_STOP);
    ck_assert_int_eq(machine->stop.kind, RS_STOP_CRASH);
    fake_guest_free(machine);
}
END_TEST

START_TEST(a_moved_idt_is_followed)
{
    uint64_t raw[2];
    struct rs_gate gate;
    static uint8_t table[4096];

    setup(0);
    memset(table, 0, sizeof(table));
    raw[0] = UINT64_C(0x8e0000000000) | (uint64_t)KGDT64_R0_CODE << 16;
    raw[1] = 0;
    rs_gate_set_offset(raw, 0x123450);
    memcpy(table + 6 * 16, raw, 16);
    ck_assert_int_eq(rs_memory_write(&machine->vm.memory, 0x40000, table, sizeof(table)), 0);
    rs_vcpu_sregs(&machine->cpus->vcpu)->idt.base = 0x40000;
    machine->cpus->vcpu.run->exit_reason = KVM_EXIT_MMIO;
    rs_exit_handle(machine->cpus);
    ck_assert_int_eq(rs_memory_read(&machine->vm.memory, 0x11000 + 6 * 16, raw, 16), 0);
    rs_gate_decode(raw, &gate);
    ck_assert_uint_eq(gate.offset, FAKE_HANDLER(6)); /* the old one has its gates back */
    fake_guest_deliver(machine->cpus, 6, FAKE_CODE, USER_FLAGS | RFLAGS_RF, false, 0);
    rs_exit_handle(machine->cpus);
    ck_assert_uint_eq(rs_vcpu_regs(&machine->cpus->vcpu)->rip, 0x123450);
    fake_guest_free(machine);
}
END_TEST

/* The host gave up at an instruction of ring 0, or of ring 3. */
static void refuse(uint64_t rip, bool ring_3)
{
    struct kvm_sregs *sregs = rs_vcpu_sregs(&machine->cpus->vcpu);

    rs_vcpu_regs(&machine->cpus->vcpu)->rip = rip;
    rs_vcpu_regs(&machine->cpus->vcpu)->rsp = ring_3 ? FAKE_USER_STACK : FAKE_RSP0 - 0x100;
    rs_vcpu_regs(&machine->cpus->vcpu)->rflags = USER_FLAGS;
    if (ring_3) {
        sregs->cs.selector = KGDT64_R3_CODE | 3;
        sregs->ss.selector = KGDT64_R3_DATA | 3;
        sregs->cs.dpl = sregs->ss.dpl = 3;
    }
    machine->cpus->vcpu.run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
    machine->cpus->vcpu.run->internal.suberror = KVM_INTERNAL_ERROR_EMULATION;
}

START_TEST(int3_in_ring_0_is_delivered_by_the_model)
{
    struct rs_event event;
    uint64_t frame[5];

    setup(RS_NEED_RING0_INT);
    put_code(0xcc, 0x90);
    refuse(FAKE_CODE, false);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    event = take();
    ck_assert_uint_eq(event.kind, RS_EVENT_EXCEPTION);
    ck_assert_uint_eq(event.vector, 3);
    ck_assert_uint_eq(event.from_cpl, 0);
    ck_assert_uint_eq(event.deviations, RS_DEVIATION_EMULATION);
    ck_assert_uint_eq(rs_vcpu_regs(&machine->cpus->vcpu)->rip, FAKE_HANDLER(3));
    ck_assert_int_eq(
        rs_memory_read(&machine->vm.memory, rs_vcpu_regs(&machine->cpus->vcpu)->rsp, frame, 40), 0);
    ck_assert_uint_eq(frame[0], FAKE_CODE + 1);
    ck_assert_uint_eq(frame[3], FAKE_RSP0 - 0x100);
    fake_guest_free(machine);
}
END_TEST

START_TEST(other_instructions_of_ring_0_end_the_run)
{
    setup(RS_NEED_RING0_INT);
    put_code(0x0f, 0x0b);
    refuse(FAKE_CODE, false);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_STOP);
    ck_assert_int_eq(machine->stop.kind, RS_STOP_CRASH);
    fake_guest_free(machine);
    setup(0); /* without repair, INT3 does, too */
    put_code(0xcc, 0x90);
    refuse(FAKE_CODE, false);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_STOP);
    fake_guest_free(machine);
}
END_TEST

START_TEST(what_ring_3_cannot_execute_raises_ud)
{
    struct rs_event event;

    setup(0);
    put_code(0x0f, 0x34); /* SYSENTER */
    refuse(FAKE_CODE, true);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    event = take();
    ck_assert_uint_eq(event.kind, RS_EVENT_EXCEPTION);
    ck_assert_uint_eq(event.vector, 6);
    ck_assert_uint_eq(event.from_rip, FAKE_CODE);
    ck_assert_uint_eq(event.from_cpl, 3);
    ck_assert_uint_eq(rs_vcpu_regs(&machine->cpus->vcpu)->rip, FAKE_HANDLER(6));
    fake_guest_free(machine);
}
END_TEST

START_TEST(what_the_filter_leaves_out_is_not_hooked)
{
    struct rs_filter_error error;
    struct rs_gate gate;
    uint64_t raw[2];

    rs_filter_init(&filter);
    ck_assert_int_eq(rs_filter_parse(&filter, "exception=PF", &error), 0);
    ck_assert_int_eq(rs_filter_parse(&filter, "interrupt=none", &error), 0);
    machine = fake_guest_new(&filter, 0);
    machine->cpus->vcpu.run->exit_reason = KVM_EXIT_MMIO;
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    for (unsigned vector = 0; vector < 256; vector++) {
        ck_assert_int_eq(rs_memory_read(&machine->vm.memory, 0x11000 + vector * 16, raw, 16), 0);
        rs_gate_decode(raw, &gate);
        ck_assert_uint_eq(gate.offset, vector == 14 ? machine->cpus->hooks.window_gva + 0xe0
                                                    : FAKE_HANDLER(vector));
    }
    fake_guest_free(machine);
}
END_TEST

/* The entry is followed to its return, and takes no place in the trace. */
START_TEST(a_return_is_reported_without_its_entry)
{
    static const struct rs_filter_symbols symbols = {.resolve = NULL};
    struct rs_filter_error error;
    struct rs_event event;

    setup(0);
    ck_assert_int_eq(rs_filter_expression(&filter, "exception=UD and return", &symbols, &error), 0);
    fake_guest_hook_syscall(machine->cpus);
    put_code(0x0f, 0x0b);
    fake_guest_deliver(machine->cpus, 6, FAKE_CODE, USER_FLAGS | RFLAGS_RF, false, 0);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    rs_hooks_resume(&machine->cpus->hooks, 55);
    ck_assert_ptr_null(rs_stream_peek(&machine->cpus->stream));
    ck_assert_uint_eq(machine->hooks.spans.count, 1);
    fake_guest_site(machine->cpus, FAKE_IRETQ);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    event = take();
    ck_assert_uint_eq(event.kind, RS_EVENT_IRET);
    ck_assert_uint_eq(event.sequence, 0);
    ck_assert_uint_eq(event.entry_kind, RS_EVENT_EXCEPTION);
    ck_assert_uint_eq(event.entry_sequence, RS_SEQUENCE_HIDDEN);
    ck_assert_uint_eq(event.entry_tsc, 55);
    fake_guest_free(machine);
}
END_TEST

/* Return sites stay as they are when no return can be reported. */
START_TEST(an_entry_is_reported_without_its_return)
{
    static const struct rs_filter_symbols symbols = {.resolve = NULL};
    struct rs_filter_error error;

    setup(0);
    ck_assert_int_eq(rs_filter_expression(&filter, "exception=UD and entry", &symbols, &error), 0);
    fake_guest_hook_syscall(machine->cpus);
    put_code(0x0f, 0x0b);
    fake_guest_deliver(machine->cpus, 6, FAKE_CODE, USER_FLAGS | RFLAGS_RF, false, 0);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    ck_assert_uint_eq(take().kind, RS_EVENT_EXCEPTION);
    ck_assert_uint_eq(machine->hooks.spans.count, 0);
    ck_assert(!machine->hooks.sites_armed);
    fake_guest_free(machine);
}
END_TEST

/* A #UD, its IRETQ, and at once this vector there: with these flags in the second frame. */
static uint32_t fault_return_vector(uint8_t vector, uint64_t flags, uint64_t rdx)
{
    struct rs_event event;

    setup(0);
    fake_guest_hook_syscall(machine->cpus);
    put_code(0x0f, 0x0b);
    fake_guest_deliver(machine->cpus, 6, FAKE_CODE, USER_FLAGS | RFLAGS_RF, false, 0);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    ck_assert_uint_eq(take().kind, RS_EVENT_EXCEPTION);
    fake_guest_site(machine->cpus, FAKE_IRETQ);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    event = take();
    ck_assert_uint_eq(event.kind, RS_EVENT_IRET);
    ck_assert_uint_eq(event.to_rip, FAKE_CODE);
    rs_vcpu_regs(&machine->cpus->vcpu)->rdx += rdx;
    fake_guest_deliver(machine->cpus, vector, FAKE_CODE, flags, false, 0);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    event = take();
    fake_guest_free(machine);
    return event.deviations;
}

START_TEST(what_a_return_left_is_compared_when_nothing_ran_since)
{
    ck_assert_uint_eq(fault_return_vector(6, USER_FLAGS | RFLAGS_RF, 0), 0);
    ck_assert_uint_eq(fault_return_vector(6, USER_FLAGS | RFLAGS_RF | RFLAGS_DF, 0),
                      RS_DEVIATION_RETURN);
}
END_TEST

/* A loop comes back to the instruction with other flags, and faults or is interrupted there. */
START_TEST(a_loop_may_come_round_after_a_return)
{
    ck_assert_uint_eq(fault_return_vector(6, (USER_FLAGS | RFLAGS_RF) ^ RFLAGS_CF, 0), 0);
    ck_assert_uint_eq(fault_return_vector(RS_VECTOR_CLOCK, USER_FLAGS | RFLAGS_CF, 0), 0);
}
END_TEST

/* What differs may be the work of code that ran: other registers tell. */
START_TEST(registers_tell_whether_something_ran)
{
    ck_assert_uint_eq(fault_return_vector(6, USER_FLAGS | RFLAGS_RF | RFLAGS_DF, 1), 0);
}
END_TEST

/* The host left CS and SS as they were in ring 3. */
static void stay_in_ring_3(void)
{
    struct kvm_sregs *sregs = rs_vcpu_sregs(&machine->cpus->vcpu);

    sregs->cs.selector = KGDT64_R3_CODE | 3;
    sregs->ss.selector = KGDT64_R3_DATA | 3;
    sregs->cs.dpl = sregs->ss.dpl = 3;
}

START_TEST(syscall_that_stays_in_ring_3_is_repaired)
{
    struct rs_event event;

    setup(RS_NEED_SYSCALL);
    fake_guest_hook_syscall(machine->cpus);
    fake_guest_syscall(machine->cpus, 0x0f, USER_FLAGS);
    stay_in_ring_3();
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    event = take();
    ck_assert_uint_eq(event.kind, RS_EVENT_SYSCALL);
    ck_assert_uint_eq(event.code, 0x0f);
    ck_assert_uint_eq(event.deviations, RS_DEVIATION_SYSCALL_CPL);
    ck_assert(event.flags & RS_EVENT_REPAIRED);
    ck_assert_uint_eq(rs_vcpu_sregs(&machine->cpus->vcpu)->cs.selector, KGDT64_R0_CODE);
    ck_assert_uint_eq(rs_vcpu_sregs(&machine->cpus->vcpu)->ss.selector, KGDT64_R0_DATA);
    ck_assert_uint_eq(rs_vcpu_sregs(&machine->cpus->vcpu)->ss.dpl, 0);
    ck_assert_uint_eq(rs_vcpu_regs(&machine->cpus->vcpu)->rip, machine->cpus->hooks.lstar);
    fake_guest_free(machine);
}
END_TEST

START_TEST(a_jump_to_the_syscall_gate_is_a_page_fault)
{
    struct rs_event event;
    uint64_t gate;

    setup(RS_NEED_SYSCALL);
    fake_guest_hook_syscall(machine->cpus);
    fake_guest_syscall(machine->cpus, 0x0f, USER_FLAGS);
    stay_in_ring_3();
    gate = rs_vcpu_regs(&machine->cpus->vcpu)->rip;
    rs_vcpu_regs(&machine->cpus->vcpu)->rflags = USER_FLAGS; /* SYSCALL would have cleared IF */
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    event = take();
    ck_assert_uint_eq(event.kind, RS_EVENT_EXCEPTION);
    ck_assert_uint_eq(event.vector, 14);
    ck_assert_uint_eq(event.error_code, PF_ERROR_U | PF_ERROR_I);
    ck_assert_uint_eq(event.cr2, gate);
    ck_assert_uint_eq(event.deviations, 0);
    ck_assert_uint_eq(rs_vcpu_sregs(&machine->cpus->vcpu)->cr2, gate);
    ck_assert_uint_eq(rs_vcpu_regs(&machine->cpus->vcpu)->rip, FAKE_HANDLER(14));
    fake_guest_free(machine);
}
END_TEST

START_TEST(hooks_are_disarmed_and_armed_again)
{
    struct rs_gate gate;
    uint64_t raw[2];

    setup(RS_NEED_INT_N_UD);
    rs_hooks_arm(&machine->hooks, false);
    ck_assert_int_eq(rs_memory_read(&machine->vm.memory, 0x11000 + 14 * 16, raw, 16), 0);
    rs_gate_decode(raw, &gate);
    ck_assert_uint_eq(gate.offset, FAKE_HANDLER(14));
    ck_assert_int_eq(rs_memory_read(&machine->vm.memory, 0x11000 + 6 * 16, raw, 16), 0);
    rs_gate_decode(raw, &gate);
    ck_assert_uint_eq(gate.offset, machine->cpus->hooks.window_gva + 0x60); /* repair needs it */
    put_code(0x0f, 0x0b);
    fake_guest_deliver(machine->cpus, 6, FAKE_CODE, USER_FLAGS | RFLAGS_RF, false, 0);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    rs_hooks_resume(&machine->cpus->hooks, 1);
    ck_assert_ptr_null(rs_stream_peek(&machine->cpus->stream)); /* but it is not reported */
    rs_hooks_arm(&machine->hooks, true);
    ck_assert_int_eq(rs_memory_read(&machine->vm.memory, 0x11000 + 14 * 16, raw, 16), 0);
    rs_gate_decode(raw, &gate);
    ck_assert_uint_eq(gate.offset, machine->cpus->hooks.window_gva + 0xe0);
    fake_guest_free(machine);
}
END_TEST

/* Another root of the same address space, of which the VMM learns at an exit with it in CR3. */
#define OTHER_ROOT 0x200000

static uint64_t window_entry(uint64_t root)
{
    uint64_t entry, slot = machine->cpus->hooks.window_gva >> 39 & 511;

    ck_assert_int_eq(rs_memory_read(&machine->vm.memory, root + slot * 8, &entry, 8), 0);
    return entry;
}

START_TEST(the_window_is_in_every_root_that_exits)
{
    uint64_t first, page[512];

    setup(0);
    first = rs_vcpu_sregs(&machine->cpus->vcpu)->cr3;
    ck_assert_int_eq(rs_memory_read(&machine->vm.memory, first, page, sizeof(page)), 0);
    page[machine->cpus->hooks.window_gva >> 39 & 511] = 0;
    ck_assert_int_eq(rs_memory_write(&machine->vm.memory, OTHER_ROOT, page, sizeof(page)), 0);
    for (unsigned i = 0; i < 3; i++) {
        rs_vcpu_sregs(&machine->cpus->vcpu)->cr3 = OTHER_ROOT | 1; /* with a PCID */
        rs_hooks_sync(&machine->cpus->hooks);
        ck_assert_uint_eq(window_entry(OTHER_ROOT), window_entry(first));
        rs_vcpu_sregs(&machine->cpus->vcpu)->cr3 = first;
        rs_hooks_sync(&machine->cpus->hooks);
        ck_assert_uint_ne(window_entry(first), 0);
    }
    /* The page became another root meanwhile. */
    ck_assert_int_eq(rs_memory_write(&machine->vm.memory, OTHER_ROOT, page, sizeof(page)), 0);
    rs_vcpu_sregs(&machine->cpus->vcpu)->cr3 = OTHER_ROOT | 1;
    rs_hooks_sync(&machine->cpus->hooks);
    ck_assert_uint_eq(window_entry(OTHER_ROOT), window_entry(first));
    fake_guest_free(machine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hooks");

    UNIT_ADD(suite, arming_changes_only_the_offset);
    UNIT_ADD(suite, a_fault_is_reported_and_handed_on);
    UNIT_ADD(suite, what_differs_from_the_model_is_marked);
    UNIT_ADD(suite, an_nmi_is_on_its_ist);
    UNIT_ADD(suite, int_n_that_raised_ud_is_repaired);
    UNIT_ADD(suite, int_n_that_its_gate_refuses_is_repaired_to_gp);
    UNIT_ADD(suite, without_repair_the_bare_host_is_shown);
    UNIT_ADD(suite, a_gate_without_a_frame_stops_the_machine);
    UNIT_ADD(suite, a_moved_idt_is_followed);
    UNIT_ADD(suite, int3_in_ring_0_is_delivered_by_the_model);
    UNIT_ADD(suite, other_instructions_of_ring_0_end_the_run);
    UNIT_ADD(suite, what_ring_3_cannot_execute_raises_ud);
    UNIT_ADD(suite, what_the_filter_leaves_out_is_not_hooked);
    UNIT_ADD(suite, a_return_is_reported_without_its_entry);
    UNIT_ADD(suite, an_entry_is_reported_without_its_return);
    UNIT_ADD(suite, what_a_return_left_is_compared_when_nothing_ran_since);
    UNIT_ADD(suite, a_loop_may_come_round_after_a_return);
    UNIT_ADD(suite, registers_tell_whether_something_ran);
    UNIT_ADD(suite, syscall_that_stays_in_ring_3_is_repaired);
    UNIT_ADD(suite, a_jump_to_the_syscall_gate_is_a_page_fault);
    UNIT_ADD(suite, hooks_are_disarmed_and_armed_again);
    UNIT_ADD(suite, the_window_is_in_every_root_that_exits);
    return unit_run(suite);
}
