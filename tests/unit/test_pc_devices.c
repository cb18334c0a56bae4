/* SPDX-License-Identifier: MIT
 * The devices of the PC, one after the other, without a machine. Expected values: the sources that
 * their headers name. */
#include "devices/acpi_pm.h"
#include "devices/acpi_tables.h"
#include "devices/fw_cfg.h"
#include "devices/pci_config.h"
#include "devices/reset_ports.h"
#include "devices/rtc.h"
#include "devices/testdev.h"
#include "unit.h"

static uint32_t in(rs_port_fn function, void *device, uint16_t port, uint8_t size)
{
    struct rs_port_io io = {.port = port, .size = size};

    function(device, &io);
    return io.value;
}

static void out(rs_port_fn function, void *device, uint16_t port, uint8_t size, uint32_t value)
{
    struct rs_port_io io = {.port = port, .size = size, .out = true, .value = value};

    function(device, &io);
}

static uint64_t fw_cfg_read(struct rs_fw_cfg *device, uint16_t key, unsigned size)
{
    uint64_t value = 0;

    out(rs_fw_cfg_io, device, RS_PORT_FW_CFG, 2, key);
    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)(in(rs_fw_cfg_io, device, RS_PORT_FW_CFG + 1, 1) & 0xff) << (8 * i);
    return value;
}

START_TEST(fw_cfg_tells_memory_and_processors)
{
    struct rs_fw_cfg device;

    rs_fw_cfg_init(&device, UINT64_C(0x123456789), 3);
    ck_assert_uint_eq(fw_cfg_read(&device, 0, 4), 0x554d4551);
    ck_assert_uint_eq(fw_cfg_read(&device, 3, 8), UINT64_C(0x123456789));
    ck_assert_uint_eq(fw_cfg_read(&device, 5, 2), 3);
    ck_assert_uint_eq(fw_cfg_read(&device, 5, 8), 3); /* zeros behind its end */
    ck_assert_uint_eq(fw_cfg_read(&device, 0x11, 8), 0);
    ck_assert_uint_eq(fw_cfg_read(&device, 0xffff, 4), 0);
    out(rs_fw_cfg_io, &device, RS_PORT_FW_CFG, 2, 3);
    ck_assert_uint_eq(in(rs_fw_cfg_io, &device, RS_PORT_FW_CFG + 1, 4), 0x23456789);
    out(rs_fw_cfg_io, &device, RS_PORT_FW_CFG, 1, 5); /* half a key is none */
    ck_assert_uint_eq(in(rs_fw_cfg_io, &device, RS_PORT_FW_CFG + 1, 1), 0x01);
}
END_TEST

static uint32_t line_changes[8][2];
static unsigned line_count;
static uint64_t flushed;

static void set_line(void *context, uint32_t gsi, bool level)
{
    ck_assert_ptr_eq(context, line_changes);
    if (line_count < ARRAY_SIZE(line_changes)) {
        line_changes[line_count][0] = gsi;
        line_changes[line_count][1] = level;
    }
    line_count++;
}

static void flush_page(void *context, uint64_t gpa)
{
    ck_assert_ptr_eq(context, line_changes);
    flushed = gpa;
}

static struct rs_testdev testdev;

START_TEST(testdev_latch_takes_every_width)
{
    rs_testdev_init(&testdev, set_line, flush_page, line_changes);
    out(rs_testdev_latch_io, &testdev, 0xe0, 4, 0x11223344);
    out(rs_testdev_latch_io, &testdev, 0xe2, 2, 0xffffaabb);
    out(rs_testdev_latch_io, &testdev, 0xe1, 1, 0x55);
    ck_assert_uint_eq(in(rs_testdev_latch_io, &testdev, 0xe0, 4), 0xaabb5544);
    ck_assert_uint_eq(in(rs_testdev_latch_io, &testdev, 0xe3, 1), 0xaa);
    ck_assert_uint_eq(in(rs_testdev_latch_io, &testdev, 0xe8, 4), 0xaabb5544);
    out(rs_testdev_latch_io, &testdev, 0xe3, 4, 0x99); /* past its end: what fits */
    ck_assert_uint_eq(in(rs_testdev_latch_io, &testdev, 0xe0, 4), 0x99bb5544);
}
END_TEST

START_TEST(testdev_lines_and_flush)
{
    rs_testdev_init(&testdev, set_line, flush_page, line_changes);
    line_count = 0;
    out(rs_testdev_irq_io, &testdev, 0x200b, 4, 0x00000001); /* four lines, the first one up */
    ck_assert_uint_eq(line_count, 4);
    ck_assert_uint_eq(line_changes[0][0], 11);
    ck_assert_uint_eq(line_changes[0][1], 1);
    ck_assert_uint_eq(line_changes[1][0], 12);
    ck_assert_uint_eq(line_changes[1][1], 0);
    line_count = 0;
    out(rs_testdev_irq_io, &testdev, 0x2017, 4, 0xffffffff); /* there is no line 24 */
    ck_assert_uint_eq(line_count, 1);
    out(rs_testdev_flush_io, &testdev, 0xe4, 4, 0x12345000);
    ck_assert_uint_eq(flushed, 0x12345000);
    out(rs_testdev_flush_io, &testdev, 0xe4, 1, 1);
    ck_assert_uint_eq(flushed, 0x12345000);
}
END_TEST

START_TEST(testdev_memory_to_its_last_byte)
{
    struct rs_mmio_io io = {.offset = RS_TESTDEV_MEMORY_SIZE - 8,
                            .size = 8,
                            .write = true,
                            .value = UINT64_C(0x1122334455667788)};

    rs_testdev_init(&testdev, set_line, flush_page, line_changes);
    rs_testdev_memory_io(&testdev, &io);
    io = (struct rs_mmio_io){.offset = RS_TESTDEV_MEMORY_SIZE - 2, .size = 2};
    rs_testdev_memory_io(&testdev, &io);
    ck_assert_uint_eq(io.value, 0x1122);
}
END_TEST

START_TEST(pci_has_a_host_bridge_and_nothing_else)
{
    struct rs_pci_config device;

    rs_pci_config_init(&device);
    ck_assert_uint_eq(in(rs_pci_data_io, &device, 0xcfc, 4), UINT32_MAX); /* not enabled */
    out(rs_pci_address_io, &device, 0xcf8, 4, 0x80000000);
    ck_assert_uint_eq(in(rs_pci_data_io, &device, 0xcfc, 4), 0x12378086);
    ck_assert_uint_eq(in(rs_pci_data_io, &device, 0xcfe, 2) & 0xffff, 0x1237);
    out(rs_pci_address_io, &device, 0xcf8, 4, 0x80000008);
    ck_assert_uint_eq(in(rs_pci_data_io, &device, 0xcff, 1) & 0xff, 0x06);
    out(rs_pci_address_io, &device, 0xcf8, 4, 0x80000010);
    ck_assert_uint_eq(in(rs_pci_data_io, &device, 0xcfc, 4), 0);
    out(rs_pci_address_io, &device, 0xcf8, 4, 0x80ff0000);
    ck_assert_uint_eq(in(rs_pci_data_io, &device, 0xcfc, 4), UINT32_MAX);
    out(rs_pci_address_io, &device, 0xcf8, 1, 0); /* not a configuration access */
    ck_assert_uint_eq(in(rs_pci_address_io, &device, 0xcf8, 4), 0x80ff0000);
}
END_TEST

static uint64_t clock_ns;
static int slept;

static uint64_t now_ns(void *context)
{
    (void)context;
    return clock_ns;
}

static void sleep_state(void *context, struct rs_port_io *io, unsigned type)
{
    (void)context;
    ck_assert(io->out);
    slept = (int)type;
}

START_TEST(pm_timer_counts_and_wraps_at_24_bits)
{
    struct rs_acpi_pm device;

    rs_acpi_pm_init(&device, now_ns, sleep_state, NULL);
    clock_ns = 0;
    ck_assert_uint_eq(in(rs_acpi_pm_io, &device, RS_PORT_ACPI_PM_TIMER, 4), 0);
    clock_ns = 1000000000;
    ck_assert_uint_eq(in(rs_acpi_pm_io, &device, RS_PORT_ACPI_PM_TIMER, 4), RS_ACPI_PM_TIMER_HZ);
    clock_ns = UINT64_C(1000000000) * 3600 * 24 * 365;
    ck_assert_uint_eq(in(rs_acpi_pm_io, &device, RS_PORT_ACPI_PM_TIMER, 4),
                      (UINT64_C(3600) * 24 * 365 * RS_ACPI_PM_TIMER_HZ) & 0xffffff);
    clock_ns = 1000000000;
    ck_assert_uint_eq(in(rs_acpi_pm_io, &device, RS_PORT_ACPI_PM_TIMER + 3, 4), 0xffffff00);
}
END_TEST

START_TEST(pm_sleeps_when_told)
{
    struct rs_acpi_pm device;

    slept = -1;
    rs_acpi_pm_init(&device, now_ns, sleep_state, NULL);
    ck_assert_uint_eq(in(rs_acpi_pm_io, &device, RS_PORT_ACPI_PM1A_CONTROL, 2), 1); /* SCI_EN */
    out(rs_acpi_pm_io, &device, RS_PORT_ACPI_PM1A_CONTROL, 2, 0x0400);
    ck_assert_int_eq(slept, -1);
    out(rs_acpi_pm_io, &device, RS_PORT_ACPI_PM1A_CONTROL, 2, 0x2400);
    ck_assert_int_eq(slept, RS_ACPI_SLEEP_S3);
    ck_assert_uint_eq(in(rs_acpi_pm_io, &device, RS_PORT_ACPI_PM1A_CONTROL, 2), 0x0401);
    out(rs_acpi_pm_io, &device, RS_PORT_ACPI_PM1A_EVENT + 2, 2, RS_ACPI_PM1_RTC);
    ck_assert_uint_eq(device.enable, RS_ACPI_PM1_RTC);
    device.status = RS_ACPI_PM1_RTC | RS_ACPI_PM1_WAKE;
    out(rs_acpi_pm_io, &device, RS_PORT_ACPI_PM1A_EVENT, 2, RS_ACPI_PM1_WAKE);
    ck_assert_uint_eq(in(rs_acpi_pm_io, &device, RS_PORT_ACPI_PM1A_EVENT, 2), RS_ACPI_PM1_RTC);
}
END_TEST

static struct timespec day; /* 2026-11-30 13:05:09 UTC */

static void time_of_day(void *context, struct timespec *now)
{
    (void)context;
    *now = day;
}

static uint8_t cmos(struct rs_rtc *device, uint8_t index)
{
    out(rs_rtc_io, device, 0x70, 1, index);
    return (uint8_t)in(rs_rtc_io, device, 0x71, 1);
}

static void set_cmos(struct rs_rtc *device, uint8_t index, uint8_t value)
{
    out(rs_rtc_io, device, 0x70, 1, index);
    out(rs_rtc_io, device, 0x71, 1, value);
}

START_TEST(rtc_tells_the_time)
{
    static const struct {
        uint8_t index, bcd, binary;
    } rows[] = {{0, 0x09, 9},  {2, 0x05, 5},  {4, 0x13, 13}, {6, 0x02, 2},
                {7, 0x30, 30}, {8, 0x11, 11}, {9, 0x26, 26}, {0x32, 0x20, 20}};
    struct rs_rtc device;

    day = (struct timespec){.tv_sec = 1796043909};
    rs_rtc_init(&device, UINT64_C(256) << 20, time_of_day, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        assert_row_eq("BCD", cmos(&device, rows[i].index), rows[i].bcd);
    set_cmos(&device, 11, 0x06);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        assert_row_eq("binary", cmos(&device, rows[i].index), rows[i].binary);
    set_cmos(&device, 11, 0x00);
    ck_assert_uint_eq(cmos(&device, 4), 0x81); /* 1 PM */
    ck_assert_uint_eq(cmos(&device, 13), 0x80);
    ck_assert_uint_eq(cmos(&device, 0x8d), 0x80); /* bit 7 is not the index's */
}
END_TEST

START_TEST(rtc_update_comes_before_the_second)
{
    struct rs_rtc device;

    rs_rtc_init(&device, UINT64_C(256) << 20, time_of_day, NULL);
    day = (struct timespec){.tv_sec = 1, .tv_nsec = 999000000};
    ck_assert_uint_eq(cmos(&device, 10) & 0x80, 0);
    day.tv_nsec = 999900000;
    ck_assert_uint_eq(cmos(&device, 10) & 0x80, 0x80);
    set_cmos(&device, 10, 0xff);
    day.tv_nsec = 0;
    ck_assert_uint_eq(cmos(&device, 10) & 0x80, 0);
}
END_TEST

START_TEST(rtc_alarm)
{
    const time_t now = 1796043909;
    struct rs_rtc device;

    rs_rtc_init(&device, UINT64_C(256) << 20, time_of_day, NULL);
    ck_assert(!rs_rtc_alarm(&device, now)); /* not enabled; else 00:00:00 */
    set_cmos(&device, 11, 0x22);
    ck_assert(!rs_rtc_alarm(&device, now));
    set_cmos(&device, 1, 0x09);
    set_cmos(&device, 3, 0xc0);
    set_cmos(&device, 5, 0xff);
    ck_assert(rs_rtc_alarm(&device, now));
    ck_assert(!rs_rtc_alarm(&device, now + 1));
    ck_assert(rs_rtc_alarm(&device, now + 60));
}
END_TEST

START_TEST(cmos_tells_memory)
{
    struct rs_rtc device;

    rs_rtc_init(&device, UINT64_C(256) << 20, time_of_day, NULL);
    ck_assert_uint_eq(cmos(&device, 0x15) | cmos(&device, 0x16) << 8, 640);
    ck_assert_uint_eq(cmos(&device, 0x17) | cmos(&device, 0x18) << 8, 0xffff);
    ck_assert_uint_eq(cmos(&device, 0x34) | cmos(&device, 0x35) << 8, 240 * 16);
    rs_rtc_init(&device, UINT64_C(8) << 20, time_of_day, NULL);
    ck_assert_uint_eq(cmos(&device, 0x30) | cmos(&device, 0x31) << 8, 7 * 1024);
    ck_assert_uint_eq(cmos(&device, 0x34), 0);
}
END_TEST

static unsigned resets;

static void on_reset(void *context, struct rs_port_io *io)
{
    (void)context;
    ck_assert(io->out);
    resets++;
}

START_TEST(reset_ports_reset)
{
    struct rs_reset_ports device = {.reset = on_reset};

    out(rs_system_control_io, &device, 0x92, 1, 0x02);
    ck_assert_uint_eq(in(rs_system_control_io, &device, 0x92, 1), 0x02);
    out(rs_reset_control_io, &device, 0xcf9, 1, 0x02);
    ck_assert_uint_eq(resets, 0);
    out(rs_system_control_io, &device, 0x92, 1, 0x03);
    out(rs_reset_control_io, &device, 0xcf9, 1, 0x06);
    ck_assert_uint_eq(resets, 2);
}
END_TEST

static uint8_t tables[RS_ACPI_TABLES_SIZE];

static uint32_t at(uint32_t offset)
{
    uint32_t value;

    memcpy(&value, tables + offset, sizeof(value));
    return value;
}

static void assert_sums_to_zero(uint32_t offset, uint32_t size)
{
    uint8_t sum = 0;

    ck_assert_uint_le(offset + size, sizeof(tables));
    for (uint32_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + tables[offset + i]);
    ck_assert_uint_eq(sum, 0);
}

START_TEST(acpi_tables_are_sound)
{
    static const unsigned cpus[] = {1, 4, RS_ACPI_CPUS_MAX};
    const uint32_t gpa = 0xe0000;
    uint32_t rsdt, fadt, madt;

    rs_acpi_tables(tables, gpa, cpus[_i]);
    ck_assert_int_eq(memcmp(tables, "RSD PTR ", 8), 0);
    assert_sums_to_zero(0, 20);
    rsdt = at(16) - gpa;
    assert_sums_to_zero(rsdt, at(rsdt + 4));
    ck_assert_uint_eq(at(rsdt + 4), 36 + 8);
    fadt = at(rsdt + 36) - gpa;
    madt = at(rsdt + 40) - gpa;
    ck_assert_int_eq(memcmp(tables + fadt, "FACP", 4), 0);
    assert_sums_to_zero(fadt, at(fadt + 4));
    ck_assert_uint_eq(at(fadt + 36), gpa + RS_ACPI_FACS);
    ck_assert_uint_eq(at(fadt + 76), RS_PORT_ACPI_PM_TIMER);
    assert_sums_to_zero(at(fadt + 40) - gpa, at(at(fadt + 40) - gpa + 4));
    ck_assert_int_eq(memcmp(tables + madt, "APIC", 4), 0);
    assert_sums_to_zero(madt, at(madt + 4));
    ck_assert_uint_eq(at(madt + 4), 44 + 8 * cpus[_i] + 12 + 10 + 6);
    ck_assert_uint_eq(tables[madt + 44 + 8 * (cpus[_i] - 1) + 3], cpus[_i] - 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pc_devices");
    static const unsigned processor_counts[3];

    UNIT_ADD(suite, fw_cfg_tells_memory_and_processors);
    UNIT_ADD(suite, testdev_latch_takes_every_width);
    UNIT_ADD(suite, testdev_lines_and_flush);
    UNIT_ADD(suite, testdev_memory_to_its_last_byte);
    UNIT_ADD(suite, pci_has_a_host_bridge_and_nothing_else);
    UNIT_ADD(suite, pm_timer_counts_and_wraps_at_24_bits);
    UNIT_ADD(suite, pm_sleeps_when_told);
    UNIT_ADD(suite, rtc_tells_the_time);
    UNIT_ADD(suite, rtc_update_comes_before_the_second);
    UNIT_ADD(suite, rtc_alarm);
    UNIT_ADD(suite, cmos_tells_memory);
    UNIT_ADD(suite, reset_ports_reset);
    UNIT_ADD_ROWS(suite, acpi_tables_are_sound, processor_counts);
    return unit_run(suite);
}
