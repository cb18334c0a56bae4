/* SPDX-License-Identifier: MIT
 * The exit dispatcher, fed with fabricated exits. */
#include "exits/exits.h"
#include "fake_guest.h"
#include "unit.h"

#include "devices/exit_ports.h"

#include <ringscope/abi.h>

static struct rs_machine *machine;

static void setup(void)
{
    machine = fake_guest_new(NULL, 0);
    rs_ports_add(&machine->ports, RS_PORT_DEBUG_EXIT, RS_PORT_DEBUG_EXIT, rs_debug_exit_io,
                 machine);
}

static void teardown(void)
{
    fake_guest_free(machine);
}

static void io(uint16_t port, uint8_t direction, uint8_t size, uint32_t count, uint64_t offset)
{
    machine->cpus->vcpu.run->exit_reason = KVM_EXIT_IO;
    machine->cpus->vcpu.run->io.port = port;
    machine->cpus->vcpu.run->io.direction = direction;
    machine->cpus->vcpu.run->io.size = size;
    machine->cpus->vcpu.run->io.count = count;
    machine->cpus->vcpu.run->io.data_offset = offset;
}

START_TEST(unknown_reasons_stop_with_a_message)
{
    static const uint32_t reasons[] = {KVM_EXIT_UNKNOWN,
                                       KVM_EXIT_HLT,
                                       KVM_EXIT_SHUTDOWN,
                                       KVM_EXIT_FAIL_ENTRY,
                                       KVM_EXIT_SYSTEM_EVENT,
                                       KVM_EXIT_HYPERCALL,
                                       1000,
                                       UINT32_MAX};

    for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
        setup();
        machine->cpus->vcpu.run->exit_reason = reasons[i];
        ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_STOP);
        ck_assert_int_eq(machine->stop.kind, RS_STOP_CRASH);
        ck_assert_ptr_nonnull(strstr(machine->stop.message, "rip "));
        teardown();
    }
}
END_TEST

START_TEST(an_internal_error_outside_the_window_is_a_crash)
{
    static const uint8_t crc32[] = {0xf2, 0x0f, 0x38, 0xf1, 0xc0};

    setup();
    rs_memory_write(&machine->vm.memory, 0x60000, crc32, sizeof(crc32));
    rs_vcpu_regs(&machine->cpus->vcpu)->rip = 0x60000;
    machine->cpus->vcpu.run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
    machine->cpus->vcpu.run->internal.suberror = KVM_INTERNAL_ERROR_EMULATION;
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_STOP);
    ck_assert_ptr_nonnull(strstr(machine->stop.message, "crc32 eax, eax"));
    teardown();
}
END_TEST

START_TEST(port_writes_reach_the_device)
{
    setup();
    io(RS_PORT_DEBUG_EXIT, KVM_EXIT_IO_OUT, 4, 1, 0x1000);
    memcpy((uint8_t *)machine->cpus->vcpu.run + 0x1000, &(uint32_t){0x26}, 4);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_STOP);
    ck_assert_int_eq(machine->stop.kind, RS_STOP_DEBUG_EXIT);
    ck_assert_uint_eq(machine->stop.value, 0x26);
    teardown();
}
END_TEST

START_TEST(string_reads_fill_every_element)
{
    uint8_t *data;

    setup();
    data = (uint8_t *)machine->cpus->vcpu.run + 0x1000;
    io(0x1234, KVM_EXIT_IO_IN, 2, 8, 0x1000);
    memset(data, 0, 17);
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    for (unsigned i = 0; i < 16; i++)
        ck_assert_uint_eq(data[i], 0xff);
    ck_assert_uint_eq(data[16], 0);
    teardown();
}
END_TEST

START_TEST(io_outside_the_page_is_refused)
{
    static const struct {
        const char *name;
        uint8_t size;
        uint32_t count;
        uint64_t offset;
    } rows[] = {
        {"count too large", 4, 0x1000, 0x1000},
        {"offset behind the page", 1, 1, 0x3000},
        {"offset in kvm_run itself", 1, 1, 0x20},
        {"offset wraps", 1, 1, UINT64_MAX},
        {"count wraps", 4, UINT32_MAX, 0x1000},
        {"size 0", 0, 1, 0x1000},
        {"size 3", 3, 1, 0x1000},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        setup();
        io(0x1234, KVM_EXIT_IO_IN, rows[i].size, rows[i].count, rows[i].offset);
        assert_row_eq(rows[i].name, rs_exit_handle(machine->cpus), RS_EXIT_STOP);
        assert_row_eq(rows[i].name, machine->stop.kind, RS_STOP_CRASH);
        teardown();
    }
}
END_TEST

START_TEST(mmio_reads_all_ones)
{
    setup();
    machine->cpus->vcpu.run->exit_reason = KVM_EXIT_MMIO;
    machine->cpus->vcpu.run->mmio.len = 8;
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    for (unsigned i = 0; i < 8; i++)
        ck_assert_uint_eq(machine->cpus->vcpu.run->mmio.data[i], 0xff);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("exits");

    UNIT_ADD(suite, unknown_reasons_stop_with_a_message);
    UNIT_ADD(suite, an_internal_error_outside_the_window_is_a_crash);
    UNIT_ADD(suite, port_writes_reach_the_device);
    UNIT_ADD(suite, string_reads_fill_every_element);
    UNIT_ADD(suite, io_outside_the_page_is_refused);
    UNIT_ADD(suite, mmio_reads_all_ones);
    return unit_run(suite);
}
