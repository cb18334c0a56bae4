/* SPDX-License-Identifier: MIT
 * A kernel of which nothing is known writes entries of the IDT that is in use, each with two
 * stores; exits come between them. */
#include "exits/exits.h"
#include "fake_guest.h"
#include "unit.h"

#include <ringscope/x86/cpu.h>

#define IDT UINT64_C(0x11000)
#define UD 6
#define ENTRY (IDT + UD * 16)
#define NEW_HANDLER UINT64_C(0x12345671000)
#define PRESENT (UINT64_C(1) << 47)

static struct rs_machine *machine;
static struct rs_filter filter;

static void any_exit(unsigned cpu)
{
    machine->cpus[cpu].vcpu.run->exit_reason = KVM_EXIT_MMIO;
    ck_assert_int_eq(rs_exit_handle(&machine->cpus[cpu]), RS_EXIT_RESUME);
}

static void setup(unsigned cpus)
{
    struct rs_hooks_config config = {
        .filter = &filter, .check = true, .string_size = 32, .foreign = true};

    rs_filter_init(&filter);
    machine = fake_guest_with(cpus, &config);
    for (unsigned i = 0; i < cpus; i++)
        any_exit(i);
}

static void entry(uint64_t raw[2])
{
    ck_assert_int_eq(rs_memory_read(&machine->vm.memory, ENTRY, raw, 16), 0);
}

static uint64_t offset(void)
{
    struct rs_gate gate;
    uint64_t raw[2];

    entry(raw);
    rs_gate_decode(raw, &gate);
    return gate.offset;
}

static void store(unsigned half, uint64_t value)
{
    ck_assert_int_eq(rs_memory_write(&machine->vm.memory, ENTRY + half * 8, &value, 8), 0);
}

static void new_entry(uint64_t raw[2])
{
    entry(raw);
    rs_gate_set_offset(raw, NEW_HANDLER);
}

static uint64_t hook(void)
{
    return machine->cpus->hooks.window_gva + UD * 16;
}

/* The exit delivers through the hook: to the handler that the guest has written. */
static void assert_hooked(uint64_t handler)
{
    struct rs_cpu *cpu = machine->cpus;

    ck_assert_uint_eq(offset(), hook());
    fake_guest_deliver(cpu, UD, FAKE_CODE, RFLAGS_FIXED | RFLAGS_RF, false, 0);
    ck_assert_int_eq(rs_exit_handle(cpu), RS_EXIT_RESUME);
    ck_assert_uint_eq(rs_vcpu_regs(&cpu->vcpu)->rip, handler);
}

START_TEST(a_whole_entry_is_hooked_at_the_next_exit)
{
    uint64_t raw[2];

    for (unsigned cpus = 1; cpus <= 2; cpus++) {
        setup(cpus);
        new_entry(raw);
        store(0, raw[0]);
        store(1, raw[1]);
        any_exit(0);
        assert_hooked(NEW_HANDLER);
        fake_guest_free(machine);
    }
}
END_TEST

/* `exits` of them between the two stores, of this or of the other vCPU. */
static void write_in_halves(unsigned cpus, unsigned first, unsigned exits)
{
    const uint64_t low = UINT32_MAX, old = FAKE_HANDLER(UD);
    uint64_t raw[2];

    setup(cpus);
    new_entry(raw);
    store(first, raw[first]);
    any_exit(cpus - 1);
    /* As it would be without the hook. */
    ck_assert_uint_eq(offset(), first == 0 ? (old & ~low) | (NEW_HANDLER & low)
                                           : (NEW_HANDLER & ~low) | (old & low));
    for (unsigned i = 1; i < exits; i++)
        any_exit(cpus - 1);
    store(1 - first, raw[1 - first]);
    for (unsigned i = 0; i < 3; i++)
        any_exit(i % cpus);
    assert_hooked(NEW_HANDLER);
    fake_guest_free(machine);
}

START_TEST(an_entry_is_not_taken_in_halves)
{
    for (unsigned cpus = 1; cpus <= 2; cpus++)
        for (unsigned first = 0; first < 2; first++)
            for (unsigned exits = 1; exits <= 4; exits++)
                write_in_halves(cpus, first, exits);
}
END_TEST

/* Only the upper or the lower half is written, and no other store comes. */
START_TEST(half_an_entry_is_hooked_in_the_end)
{
    uint64_t raw[2];

    setup(1);
    new_entry(raw);
    store(1, raw[1]);
    any_exit(0);
    any_exit(0);
    assert_hooked((NEW_HANDLER & ~UINT64_C(0xffffffff)) | FAKE_HANDLER(UD));
    fake_guest_free(machine);
}
END_TEST

START_TEST(another_field_leaves_the_handler)
{
    uint64_t raw[2];

    for (unsigned cpus = 1; cpus <= 2; cpus++) {
        setup(cpus);
        entry(raw);
        store(0, raw[0] & ~PRESENT);
        any_exit(0);
        any_exit(0);
        ck_assert_uint_eq(offset(), FAKE_HANDLER(UD)); /* no hook: nothing can be delivered */
        store(0, (raw[0] & ~(UINT64_C(0xffff) << 48 | 0xffff)) | FAKE_HANDLER(UD) >> 16 << 48 |
                     (FAKE_HANDLER(UD) & 0xffff));
        any_exit(0);
        any_exit(0);
        assert_hooked(FAKE_HANDLER(UD));
        fake_guest_free(machine);
    }
}
END_TEST

/* The guest's own entries are back when the last vCPU leaves the IDT, and what it has just written
 * is not overwritten. */
START_TEST(leaving_an_idt_loses_no_store)
{
    uint64_t raw[2], seen[2];

    setup(1);
    new_entry(raw);
    store(0, raw[0]);
    store(1, raw[1]);
    rs_vcpu_sregs(&machine->cpus->vcpu)->idt.base = 0x15000; /* all zeros */
    any_exit(0);
    entry(seen);
    ck_assert_mem_eq(seen, raw, sizeof(raw));
    fake_guest_free(machine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("idt_writes");

    UNIT_ADD(suite, a_whole_entry_is_hooked_at_the_next_exit);
    UNIT_ADD(suite, an_entry_is_not_taken_in_halves);
    UNIT_ADD(suite, half_an_entry_is_hooked_in_the_end);
    UNIT_ADD(suite, another_field_leaves_the_handler);
    UNIT_ADD(suite, leaving_an_idt_loses_no_store);
    return unit_run(suite);
}
