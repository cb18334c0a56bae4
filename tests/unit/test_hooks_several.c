/* SPDX-License-Identifier: MIT
 * Hooks of two vCPUs that share code, tables and threads: fabricated exits of both. */
#include "exits/exits.h"
#include "fake_guest.h"
#include "unit.h"

#include <ringscope/layout.h>
#include <ringscope/x86/cpu.h>

#define USER_FLAGS (RFLAGS_FIXED | RFLAGS_IF)
#define IDT UINT64_C(0x11000)
#define OTHER_IDT UINT64_C(0x15000)
#define GATE_SIZE 16
#define UD 6
#define NT_CLOSE 0xf

static struct rs_machine *machine;
static struct rs_cpu *a, *b;
static struct rs_filter filter;

/* An exit that means nothing but that IDTR and CR3 are looked at. */
static void any_exit(struct rs_cpu *cpu)
{
    cpu->vcpu.run->exit_reason = KVM_EXIT_MMIO;
    ck_assert_int_eq(rs_exit_handle(cpu), RS_EXIT_RESUME);
}

static void setup(void)
{
    struct rs_hooks_config config = {.filter = &filter, .check = true, .string_size = 32};

    rs_filter_init(&filter);
    machine = fake_guest_with(2, &config);
    a = &machine->cpus[0];
    b = &machine->cpus[1];
    fake_guest_hook_syscall(a);
    fake_guest_hook_syscall(b);
    any_exit(a);
}

static void teardown(void)
{
    fake_guest_free(machine);
}

static struct rs_event take(struct rs_cpu *cpu)
{
    const struct rs_record *record;
    struct rs_event event;

    rs_hooks_resume(&cpu->hooks, 77 + cpu->vcpu.index);
    record = rs_stream_peek(&cpu->stream);
    ck_assert_ptr_nonnull(record);
    event = record->event;
    rs_stream_consume(&cpu->stream);
    ck_assert_uint_eq(event.vcpu, cpu->vcpu.index);
    return event;
}

static bool is_silent(struct rs_cpu *cpu)
{
    rs_hooks_resume(&cpu->hooks, 1);
    return rs_stream_peek(&cpu->stream) == NULL;
}

static uint64_t handler_in_memory(uint64_t idt, unsigned vector)
{
    struct rs_gate gate;
    uint64_t raw[2];

    ck_assert_int_eq(
        rs_memory_read(&machine->vm.memory, idt + vector * GATE_SIZE, raw, sizeof(raw)), 0);
    rs_gate_decode(raw, &gate);
    return gate.offset;
}

static bool is_patched(uint64_t site)
{
    uint8_t byte;

    ck_assert_int_eq(rs_memory_read(&machine->vm.memory, site, &byte, 1), 0);
    return byte == 0xe6;
}

static void run(struct rs_cpu *cpu)
{
    ck_assert_int_eq(rs_exit_handle(cpu), RS_EXIT_RESUME);
}

/* What tells the threads of ring 3 apart. */
static void set_thread(struct rs_cpu *cpu, uint64_t gs_base)
{
    rs_vcpu_sregs(&cpu->vcpu)->gs.base = gs_base;
}

START_TEST(a_shared_idt_is_armed_once)
{
    uint64_t gate = a->hooks.window_gva + UD * GATE_SIZE;

    ck_assert_uint_eq(handler_in_memory(IDT, UD), gate);
    any_exit(b);
    ck_assert_ptr_eq(a->hooks.idt, b->hooks.idt);
    ck_assert_uint_eq(handler_in_memory(IDT, UD), gate);
    fake_guest_deliver(b, UD, FAKE_CODE, USER_FLAGS | RFLAGS_RF, false, 0);
    run(b);
    ck_assert_uint_eq(rs_vcpu_regs(&b->vcpu)->rip, FAKE_HANDLER(UD)); /* not the gate's own */
    ck_assert_uint_eq(take(b).kind, RS_EVENT_EXCEPTION);
}
END_TEST

START_TEST(the_last_vcpu_gives_an_idt_back)
{
    uint64_t gate = a->hooks.window_gva + UD * GATE_SIZE;

    any_exit(b);
    rs_vcpu_sregs(&a->vcpu)->idt.base = OTHER_IDT; /* all zeros */
    any_exit(a);
    ck_assert_uint_eq(handler_in_memory(IDT, UD), gate);
    rs_vcpu_sregs(&b->vcpu)->idt.base = OTHER_IDT;
    any_exit(b);
    ck_assert_uint_eq(handler_in_memory(IDT, UD), FAKE_HANDLER(UD));
    ck_assert_ptr_eq(a->hooks.idt, b->hooks.idt);
}
END_TEST

START_TEST(each_may_have_an_idt_of_its_own)
{
    uint8_t table[RS_VECTOR_COUNT * GATE_SIZE];

    rs_hooks_arm(&machine->hooks, false);
    ck_assert_int_eq(rs_memory_read(&machine->vm.memory, IDT, table, sizeof(table)), 0);
    rs_hooks_arm(&machine->hooks, true);
    ck_assert_int_eq(rs_memory_write(&machine->vm.memory, OTHER_IDT, table, sizeof(table)), 0);
    rs_vcpu_sregs(&b->vcpu)->idt.base = OTHER_IDT;
    any_exit(b);
    ck_assert_ptr_ne(a->hooks.idt, b->hooks.idt);
    ck_assert_uint_eq(handler_in_memory(OTHER_IDT, UD), handler_in_memory(IDT, UD));
    rs_hooks_arm(&machine->hooks, false);
    ck_assert_uint_eq(handler_in_memory(OTHER_IDT, UD), FAKE_HANDLER(UD));
    ck_assert_uint_eq(handler_in_memory(IDT, UD), FAKE_HANDLER(UD));
}
END_TEST

/* It has just been started: IDTR and CR3 are not what they will be. */
START_TEST(a_vcpu_outside_of_long_mode_is_left_alone)
{
    struct kvm_sregs *sregs = rs_vcpu_sregs(&b->vcpu);

    sregs->efer = 0;
    sregs->cr0 = 0;
    sregs->cr3 = 0;
    sregs->idt.base = OTHER_IDT;
    any_exit(b);
    ck_assert_ptr_null(b->hooks.idt);
    ck_assert_uint_eq(b->hooks.window_gva, 0);
}
END_TEST

START_TEST(sites_stay_patched)
{
    ck_assert(is_patched(FAKE_IRETQ)); /* with the first IDT, before any entry */
    fake_guest_deliver(a, UD, FAKE_CODE, USER_FLAGS | RFLAGS_RF, false, 0);
    run(a);
    ck_assert_uint_eq(take(a).kind, RS_EVENT_EXCEPTION);
    fake_guest_site(a, FAKE_IRETQ);
    run(a);
    ck_assert_uint_eq(take(a).kind, RS_EVENT_IRET);
    ck_assert_uint_eq(machine->hooks.spans.count, 0);
    ck_assert(is_patched(FAKE_IRETQ) && is_patched(FAKE_SYSRETQ));
    rs_hooks_arm(&machine->hooks, false);
    ck_assert(!is_patched(FAKE_IRETQ) && !is_patched(FAKE_SYSRETQ));
    rs_hooks_arm(&machine->hooks, true);
    ck_assert(is_patched(FAKE_IRETQ) && is_patched(FAKE_SYSRETQ));
}
END_TEST

/* A return that nobody asked for. */
START_TEST(a_site_without_an_entry_runs_its_copy)
{
    any_exit(b);
    fake_guest_deliver(a, UD, FAKE_CODE, USER_FLAGS | RFLAGS_RF, false, 0);
    run(a);
    take(a);
    *rs_vcpu_regs(&b->vcpu) = *rs_vcpu_regs(&a->vcpu); /* a frame of ring 3, of another thread */
    set_thread(b, 0xb000);
    fake_guest_site(b, FAKE_IRETQ);
    rs_vcpu_sregs(&b->vcpu)->cr3 |= 0x8; /* of another process, too */
    run(b);
    ck_assert(is_silent(b));
    ck_assert_uint_eq(rs_vcpu_regs(&b->vcpu)->rip, b->hooks.window_gva + 2 * PAGE_SIZE);
    ck_assert_uint_eq(machine->hooks.spans.count, 1);
}
END_TEST

/* Its instruction is not given back: another vCPU may be about to execute it. */
START_TEST(a_return_that_faults_is_modelled)
{
    const uint64_t frame[5] = {RS_U64(1) << 63, KGDT64_R3_CODE | 3, USER_FLAGS, FAKE_USER_STACK,
                               KGDT64_R3_DATA | 3};
    struct kvm_regs *regs = rs_vcpu_regs(&a->vcpu);
    struct rs_event event;

    regs->rsp = FAKE_RSP0 - sizeof(frame);
    ck_assert_int_eq(rs_memory_write(&machine->vm.memory, regs->rsp, frame, sizeof(frame)), 0);
    fake_guest_site(a, FAKE_IRETQ);
    run(a);
    event = take(a);
    ck_assert_uint_eq(event.kind, RS_EVENT_EXCEPTION);
    ck_assert_uint_eq(event.vector, RS_VECTOR_GP);
    ck_assert_uint_eq(event.from_rip, FAKE_IRETQ);
    ck_assert_uint_eq(event.deviations, 0);
    ck_assert_uint_eq(regs->rip, FAKE_HANDLER(RS_VECTOR_GP));
    ck_assert(is_patched(FAKE_IRETQ));
}
END_TEST

/* Number 0 of each vCPU is a call; the threads come back the other way round. */
START_TEST(threads_return_on_the_other_vcpu)
{
    struct rs_event event;

    any_exit(b);
    set_thread(a, 0xa000);
    set_thread(b, 0xb000);
    fake_guest_syscall(a, NT_CLOSE, USER_FLAGS);
    run(a);
    ck_assert_uint_eq(take(a).sequence, 0);
    fake_guest_syscall(b, NT_CLOSE, USER_FLAGS);
    run(b);
    ck_assert_uint_eq(take(b).sequence, 0);
    set_thread(a, 0xb000);
    set_thread(b, 0xa000);
    fake_guest_site(a, FAKE_SYSRETQ);
    run(a);
    event = take(a);
    ck_assert_uint_eq(event.kind, RS_EVENT_SYSRET);
    ck_assert_uint_eq(event.entry_vcpu, 1);
    ck_assert_uint_eq(event.entry_sequence, 0);
    ck_assert_uint_eq(event.entry_tsc, 78); /* when b ran on */
    fake_guest_site(b, FAKE_SYSRETQ);
    run(b);
    event = take(b);
    ck_assert_uint_eq(event.entry_vcpu, 0);
    ck_assert_uint_eq(event.entry_tsc, 77);
    ck_assert_uint_eq(machine->hooks.spans.count, 0);
}
END_TEST

/* A kernel that leaves both bases 0, as small ones do: the vCPU is all that there is. */
START_TEST(threads_without_a_name_belong_to_their_vcpu)
{
    any_exit(b);
    fake_guest_syscall(a, NT_CLOSE, USER_FLAGS);
    run(a);
    take(a);
    fake_guest_syscall(b, NT_CLOSE, USER_FLAGS);
    run(b);
    take(b);
    ck_assert_uint_eq(machine->hooks.spans.count, 2);
    fake_guest_site(a, FAKE_SYSRETQ);
    run(a);
    ck_assert_uint_eq(take(a).entry_vcpu, 0);
    fake_guest_site(b, FAKE_SYSRETQ);
    run(b);
    ck_assert_uint_eq(take(b).entry_vcpu, 1);
}
END_TEST

/* What was true of the entry counts at the return, on whichever vCPU that is. */
START_TEST(a_filter_remembers_the_entry_of_the_other_vcpu)
{
    static const struct rs_filter_symbols symbols = {.resolve = NULL};
    struct rs_filter_error error;

    any_exit(b);
    ck_assert_int_eq(rs_filter_expression(&filter, "vcpu=0", &symbols, &error), 0);
    set_thread(a, 0xa000);
    fake_guest_syscall(a, NT_CLOSE, USER_FLAGS);
    run(a);
    take(a);
    set_thread(b, 0xa000);
    fake_guest_site(b, FAKE_SYSRETQ);
    run(b);
    ck_assert_uint_eq(take(b).entry_vcpu, 0);
}
END_TEST

static void put_console(struct rs_cpu *cpu, const char *bytes)
{
    struct kvm_run *run = cpu->vcpu.run;

    for (; *bytes; bytes++) {
        run->exit_reason = KVM_EXIT_IO;
        run->io.direction = KVM_EXIT_IO_OUT;
        run->io.size = 1;
        run->io.count = 1;
        run->io.port = 0x3f8;
        run->io.data_offset = 0x1000;
        ((char *)run)[0x1000] = *bytes;
        ck_assert_int_eq(rs_exit_handle(cpu), RS_EXIT_RESUME);
    }
}

/* Half a line of one, and the rest of the other: it comes out with the one that ends it. */
START_TEST(console_bytes_stay_in_order)
{
    const struct rs_record *record;
    uint64_t before;

    rs_uart_init(&machine->uart, 0x3f8, rs_machine_console_byte, NULL, machine);
    rs_ports_add(&machine->ports, 0x3f8, 0x3ff, rs_uart_io, &machine->uart);
    a->hooks.tsc_exit = 900;
    b->hooks.tsc_exit = 100;
    put_console(a, "one ");
    put_console(b, "line\n");
    ck_assert_ptr_null(rs_stream_peek(&a->stream));
    record = rs_stream_peek(&b->stream);
    ck_assert_ptr_nonnull(record);
    ck_assert_uint_eq(record->type, RS_RECORD_CONSOLE);
    ck_assert_uint_eq(record->size, strlen("one line\n"));
    ck_assert_int_eq(memcmp(record->text, "one line\n", record->size), 0);
    before = record->tsc;
    put_console(a, "two\n");
    ck_assert_uint_gt(rs_stream_peek(&a->stream)->tsc, before);
    before = rs_stream_peek(&a->stream)->tsc;
    rs_stream_consume(&b->stream);
    put_console(b, "three\n"); /* its exit was before that of `a` */
    ck_assert_uint_gt(rs_stream_peek(&b->stream)->tsc, before);
}
END_TEST

/* A thread that was not run for a while between its exit and this: the event is older than what the
 * other vCPU has written since. No stream may have an older record behind a younger one, or the
 * merge, which looks at the first one of each, takes the older one too late. */
START_TEST(bytes_that_are_younger_than_an_event_come_behind_it)
{
    const struct rs_record *record;

    rs_uart_init(&machine->uart, 0x3f8, rs_machine_console_byte, NULL, machine);
    rs_ports_add(&machine->ports, 0x3f8, 0x3ff, rs_uart_io, &machine->uart);
    any_exit(b);
    b->hooks.tsc_exit = 100;
    a->hooks.tsc_exit = 900;
    put_console(a, "half a ");
    set_thread(b, 0xb000);
    fake_guest_syscall(b, NT_CLOSE, USER_FLAGS);
    run(b);
    ck_assert_uint_eq(take(b).tsc_exit, 100);
    ck_assert(is_silent(b));
    a->hooks.tsc_exit = 950;
    put_console(a, "line\n");
    record = rs_stream_peek(&a->stream);
    ck_assert_ptr_nonnull(record);
    ck_assert_uint_eq(record->size, strlen("half a line\n"));
}
END_TEST

START_TEST(bytes_that_are_older_than_an_event_come_before_it)
{
    const struct rs_record *record;

    rs_uart_init(&machine->uart, 0x3f8, rs_machine_console_byte, NULL, machine);
    rs_ports_add(&machine->ports, 0x3f8, 0x3ff, rs_uart_io, &machine->uart);
    any_exit(b);
    a->hooks.tsc_exit = 900;
    put_console(a, "half a ");
    b->hooks.tsc_exit = 1000;
    set_thread(b, 0xb000);
    fake_guest_syscall(b, NT_CLOSE, USER_FLAGS);
    run(b);
    rs_hooks_resume(&b->hooks, 1001);
    record = rs_stream_peek(&b->stream);
    ck_assert_ptr_nonnull(record);
    ck_assert_uint_eq(record->type, RS_RECORD_CONSOLE);
    ck_assert_uint_eq(record->tsc, 1000);
    rs_stream_consume(&b->stream);
    ck_assert_uint_eq(take(b).tsc_exit, 1000);
}
END_TEST

/* The last byte of a line takes out what another vCPU has written later; the mark of the end, which
 * is the same exit's, is not older. */
START_TEST(an_exit_is_as_late_as_what_it_takes_out)
{
    rs_uart_init(&machine->uart, 0x3f8, rs_machine_console_byte, NULL, machine);
    rs_ports_add(&machine->ports, 0x3f8, 0x3ff, rs_uart_io, &machine->uart);
    a->hooks.tsc_exit = 900;
    b->hooks.tsc_exit = 100;
    put_console(a, "half a ");
    put_console(b, "line\n");
    ck_assert_uint_gt(rs_stream_peek(&b->stream)->tsc, 900);
    ck_assert_uint_eq(rs_stream_peek(&b->stream)->tsc, b->hooks.tsc_exit);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hooks_several");
    TCase *both = tcase_create("both");

    tcase_add_checked_fixture(both, setup, teardown);
    tcase_add_test(both, a_shared_idt_is_armed_once);
    tcase_add_test(both, the_last_vcpu_gives_an_idt_back);
    tcase_add_test(both, each_may_have_an_idt_of_its_own);
    tcase_add_test(both, a_vcpu_outside_of_long_mode_is_left_alone);
    tcase_add_test(both, sites_stay_patched);
    tcase_add_test(both, a_site_without_an_entry_runs_its_copy);
    tcase_add_test(both, a_return_that_faults_is_modelled);
    tcase_add_test(both, threads_return_on_the_other_vcpu);
    tcase_add_test(both, threads_without_a_name_belong_to_their_vcpu);
    tcase_add_test(both, a_filter_remembers_the_entry_of_the_other_vcpu);
    tcase_add_test(both, console_bytes_stay_in_order);
    tcase_add_test(both, bytes_that_are_younger_than_an_event_come_behind_it);
    tcase_add_test(both, bytes_that_are_older_than_an_event_come_before_it);
    tcase_add_test(both, an_exit_is_as_late_as_what_it_takes_out);
    suite_add_tcase(suite, both);
    return unit_run(suite);
}
