/* SPDX-License-Identifier: MIT
 * Inspecting a guest that is only memory: what it wrote is shown, whatever was hooked, and a guest
 * that wrote nonsense is only that. */
#include "inspect/inspect.h"

#include "exits/exits.h"
#include "fake_elf.h"
#include "fake_guest.h"
#include "inspect/breakpoint.h"
#include "unit.h"

#include <ringscope/x86/cpu.h>

static struct rs_machine *machine;
static struct rs_filter filter;
static struct rs_inspection inspection;
static struct rs_view view;
static struct rs_error error;

/* The first exit arms the IDT: an MMIO exit will do. */
static void setup(void)
{
    rs_filter_init(&filter);
    memset(&inspection, 0, sizeof(inspection));
    machine = fake_guest_new(&filter, 0);
    machine->cpus->vcpu.run->exit_reason = KVM_EXIT_MMIO;
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    ck_assert(machine->cpus->hooks.idt->armed[RS_VECTOR_PF]);
}

static void teardown(void)
{
    rs_view_free(&view);
    fake_guest_free(machine);
}

static int fill(enum rs_inspect_topic topic)
{
    rs_view_free(&view);
    rs_view_init(&view, rs_inspect_topics[topic].name);
    return rs_inspect_topics[topic].fill(&inspection, &view, &error);
}

static const char *cell(size_t row, const char *column)
{
    for (unsigned i = 0; i < view.column_count; i++)
        if (strcmp(view.columns[i], column) == 0 && row * view.column_count + i < view.cell_count)
            return view.cells[row * view.column_count + i];
    ck_abort_msg("%s: no cell %zu, %s", view.name, row, column);
}

START_TEST(gates_are_the_guests_own)
{
    char handler[24];

    setup();
    rs_inspect_begin(&inspection, machine, NULL);
    inspection.all = true;
    ck_assert_int_eq(fill(RS_INSPECT_idt), 0);
    for (unsigned vector = 0; vector < RS_VECTOR_COUNT; vector++) {
        snprintf(handler, sizeof(handler), "%#" PRIx64, FAKE_HANDLER(vector));
        ck_assert_str_eq(cell(vector, "handler"), handler);
        ck_assert_str_eq(cell(vector, "hook"), "hooked");
    }
    ck_assert_str_eq(cell(RS_VECTOR_SYSSVC, "dpl"), "3");
    ck_assert_str_eq(cell(2, "ist"), "3");
    snprintf(handler, sizeof(handler), "%#" PRIx64, FAKE_IST3);
    ck_assert_str_eq(cell(2, "stack"), handler);
    teardown();
}
END_TEST

START_TEST(vectors_without_a_name_are_left_out)
{
    setup();
    rs_inspect_begin(&inspection, machine, NULL);
    ck_assert_int_eq(fill(RS_INSPECT_idt), 0);
    ck_assert_uint_lt(view.cell_count / view.column_count, RS_VECTOR_COUNT);
    ck_assert_ptr_nonnull(strstr(view.caption, "left out"));
    teardown();
}
END_TEST

START_TEST(tables_that_are_not_in_memory)
{
    struct kvm_sregs *sregs;

    setup();
    sregs = rs_vcpu_sregs(&machine->cpus->vcpu);
    rs_inspect_begin(&inspection, machine, NULL);
    inspection.state.idt.base = inspection.state.gdt.base = UINT64_C(0xffff900000000000);
    inspection.state.tr.base = UINT64_C(0x8000000000000000);
    for (unsigned topic = 0; topic < RS_INSPECT_TOPIC_COUNT; topic++) {
        bool absent = topic == RS_INSPECT_idt || topic == RS_INSPECT_gdt ||
                      topic == RS_INSPECT_tss || topic == RS_INSPECT_stacks ||
                      topic == RS_INSPECT_ssdt || topic == RS_INSPECT_pcr;

        error.message[0] = '\0';
        ck_assert_msg(fill((enum rs_inspect_topic)topic) == (absent ? -1 : 0), "%s: %s", view.name,
                      error.message);
        ck_assert_msg(!absent || error.message[0], "%s: no message", view.name);
    }
    inspection.state.cr3 = UINT64_C(0x000ffffffffff000); /* a root without memory */
    ck_assert_uint_eq(sregs->idt.limit, 0xfff);
    ck_assert_int_eq(fill(RS_INSPECT_pt), 0);
    ck_assert_str_eq(cell(0, "flags"), "no memory there");
    teardown();
}
END_TEST

START_TEST(a_walk_shows_each_level)
{
    setup();
    rs_inspect_begin(&inspection, machine, NULL);
    inspection.addresses[0] = FAKE_CODE;
    inspection.addresses[1] = UINT64_C(0x8000000000000000);
    inspection.address_count = 2;
    ck_assert_int_eq(fill(RS_INSPECT_pt), 0);
    ck_assert_str_eq(cell(0, "level"), "pml4e");
    ck_assert_str_eq(cell(1, "level"), "pdpte");
    ck_assert_ptr_nonnull(strstr(cell(2, "address is at"), "000060000 in a page of"));
    ck_assert_ptr_nonnull(strstr(view.cells[view.cell_count - 2], "not canonical"));
    teardown();
}
END_TEST

/* KVM_EXIT_IO of the patched instruction. */
static enum rs_exit_action meet(uint64_t rip)
{
    struct kvm_run *run = machine->cpus->vcpu.run;

    rs_vcpu_regs(&machine->cpus->vcpu)->rip = rip;
    run->exit_reason = KVM_EXIT_IO;
    run->io.direction = KVM_EXIT_IO_OUT;
    run->io.size = 1;
    run->io.count = 1;
    run->io.port = RS_PORT_BREAKPOINT;
    run->io.data_offset = 0x1000;
    return rs_exit_handle(machine->cpus);
}

#define BREAK_GVA UINT64_C(0x140001010)
#define BREAK_GPA UINT64_C(0x80010)

static struct rs_breakpoint breakpoint;
static struct fake_elf elf;

static int set(uint64_t gva)
{
    struct rs_blob kernel = {"fake", &elf, sizeof(elf)};

    fake_elf_init(&elf);
    elf.segments[0].p_paddr = BREAK_GPA & ~(PAGE_SIZE - 1);
    return rs_breakpoint_set(&breakpoint, machine, &kernel, gva, &error);
}

/* Some hosts leave RIP at the OUT, others put it behind. */
START_TEST(a_breakpoint_stops_before_its_instruction)
{
    uint8_t code[2] = {0x55, 0x90};

    setup();
    ck_assert_int_eq(rs_memory_write(&machine->vm.memory, BREAK_GPA, code, 2), 0);
    ck_assert_int_eq(set(BREAK_GVA), 0);
    ck_assert_int_eq(rs_memory_read(&machine->vm.memory, BREAK_GPA, code, 2), 0);
    ck_assert_uint_eq(code[0], 0xe6);
    ck_assert_int_eq(meet(0x123456), RS_EXIT_RESUME); /* an OUT of the guest's own */
    ck_assert_int_eq(meet(BREAK_GVA + 2 * (uint64_t)_i), RS_EXIT_STOP);
    ck_assert_int_eq(machine->stop.kind, RS_STOP_REACHED);
    ck_assert_uint_eq(rs_vcpu_regs(&machine->cpus->vcpu)->rip, BREAK_GVA);
    rs_breakpoint_remove(&breakpoint);
    ck_assert_int_eq(rs_memory_read(&machine->vm.memory, BREAK_GPA, code, 2), 0);
    ck_assert_uint_eq(code[0], 0x55);
    ck_assert_uint_eq(code[1], 0x90);
    teardown();
}
END_TEST

START_TEST(breakpoints_are_in_code_alone)
{
    setup();
    ck_assert_int_eq(set(UINT64_C(0x140001000)), 0);
    ck_assert_int_eq(set(UINT64_C(0x1400017fe)), 0);  /* the last two bytes of the code */
    ck_assert_int_eq(set(UINT64_C(0x1400017ff)), -1); /* one of them is behind it */
    ck_assert_int_eq(set(UINT64_C(0x140000fff)), -1);
    ck_assert_int_eq(set(UINT64_C(0x140002000)), -1); /* data */
    ck_assert_int_eq(error.exit_code, RS_EXIT_USAGE);
    teardown();
}
END_TEST

int main(void)
{
    static const int rip_conventions[2] = {0};
    Suite *suite = suite_create("inspect");

    UNIT_ADD(suite, gates_are_the_guests_own);
    UNIT_ADD(suite, vectors_without_a_name_are_left_out);
    UNIT_ADD(suite, tables_that_are_not_in_memory);
    UNIT_ADD(suite, a_walk_shows_each_level);
    UNIT_ADD_ROWS(suite, a_breakpoint_stops_before_its_instruction, rip_conventions);
    UNIT_ADD(suite, breakpoints_are_in_code_alone);
    return unit_run(suite);
}
