/* SPDX-License-Identifier: MIT
 * Port bus and UART. Expected values: PC16550D data sheet, "Register Summary". */
#include "devices/machine_check.h"
#include "devices/uart16550.h"
#include "unit.h"

#define BASE 0x3f8

static char sent[64];
static size_t sent_count;

static void on_transmit(void *context, char byte)
{
    ck_assert_ptr_eq(context, sent);
    sent[sent_count++] = byte;
}

static bool line;
static unsigned edges;

static void on_interrupt(void *context, bool level)
{
    ck_assert_ptr_eq(context, sent);
    ck_assert(level != line);
    line = level;
    edges += level;
}

static struct rs_uart uart;
static struct rs_ports ports;

static void setup(void)
{
    memset(&ports, 0, sizeof(ports));
    sent_count = edges = 0;
    line = false;
    rs_uart_init(&uart, BASE, on_transmit, on_interrupt, sent);
    rs_ports_add(&ports, BASE, BASE + RS_UART_PORTS - 1, rs_uart_io, &uart);
}

static uint32_t in(uint16_t port, uint8_t size)
{
    struct rs_port_io io = {.port = port, .size = size};

    rs_ports_access(&ports, &io);
    return io.value;
}

static void out(uint16_t port, uint8_t value)
{
    struct rs_port_io io = {.port = port, .size = 1, .out = true, .value = value};

    rs_ports_access(&ports, &io);
}

START_TEST(an_empty_bus_reads_all_ones)
{
    setup();
    ck_assert_uint_eq(in(0x80, 4), 0xffffffff);
    out(0x80, 1);
    ck_assert_uint_eq(in(BASE - 1, 1), 0xffffffff);
    ck_assert_uint_eq(in(BASE + 8, 1), 0xffffffff);
}
END_TEST

START_TEST(transmits_and_is_always_ready)
{
    setup();
    ck_assert_uint_eq(in(BASE + 5, 1), 0x60);
    out(BASE, 'h');
    out(BASE, 'i');
    ck_assert_uint_eq(sent_count, 2);
    ck_assert_int_eq(memcmp(sent, "hi", 2), 0);
}
END_TEST

START_TEST(divisor_latch_is_not_data)
{
    setup();
    out(BASE + 3, 0x83);
    out(BASE, 0x01);
    out(BASE + 1, 0x02);
    ck_assert_uint_eq(sent_count, 0);
    ck_assert_uint_eq(in(BASE, 1), 0x01);
    ck_assert_uint_eq(in(BASE + 1, 1), 0x02);
    out(BASE + 3, 0x03);
    ck_assert_uint_eq(in(BASE + 3, 1), 0x03);
    out(BASE, 'x');
    ck_assert_uint_eq(sent_count, 1);
}
END_TEST

START_TEST(registers_keep_what_they_keep)
{
    setup();
    out(BASE + 7, 0x5a);
    ck_assert_uint_eq(in(BASE + 7, 1), 0x5a);
    out(BASE + 1, 0xff);
    ck_assert_uint_eq(in(BASE + 1, 1), 0x0f);
    ck_assert_uint_eq(in(BASE + 2, 1), 0x02); /* the transmitter is empty: told once */
    ck_assert_uint_eq(in(BASE + 2, 1), 0x01);
    out(BASE + 2, 0x01);
    ck_assert_uint_eq(in(BASE + 2, 1), 0xc1);
    out(BASE + 5, 0xff); /* LSR and MSR are read-only */
    ck_assert_uint_eq(in(BASE + 5, 1), 0x60);
}
END_TEST

START_TEST(receives_until_the_end)
{
    setup();
    rs_uart_receive(&uart, "ab", 2);
    ck_assert_uint_eq(in(BASE + 5, 1), 0x61);
    ck_assert_uint_eq(in(BASE, 1), 'a');
    rs_uart_end_input(&uart);
    ck_assert_uint_eq(in(BASE + 6, 1) & 0x80, 0x80); /* a byte is left */
    ck_assert_uint_eq(in(BASE, 1), 'b');
    ck_assert_uint_eq(in(BASE + 5, 1), 0x60);
    ck_assert_uint_eq(in(BASE + 6, 1) & 0x80, 0);
}
END_TEST

START_TEST(input_is_wanted_only_by_a_guest_that_polls)
{
    setup();
    in(BASE + 5, 1);
    out(BASE, 'x');
    in(BASE + 5, 1);
    out(BASE, 'y');
    ck_assert(!atomic_load(&uart.wants_input));
    in(BASE + 5, 1);
    in(BASE + 5, 1);
    ck_assert(atomic_load(&uart.wants_input));
}
END_TEST

START_TEST(the_receive_ring_wraps)
{
    uint8_t chunk[1000];

    setup();
    for (unsigned round = 0; round < 20; round++) {
        memset(chunk, (int)round, sizeof(chunk));
        ck_assert_uint_ge(rs_uart_room(&uart), sizeof(chunk));
        rs_uart_receive(&uart, chunk, sizeof(chunk));
        for (size_t i = 0; i < sizeof(chunk); i++)
            ck_assert_uint_eq(in(BASE, 1), round);
    }
    ck_assert_uint_eq(rs_uart_room(&uart), RS_UART_RX_SIZE);
}
END_TEST

START_TEST(loops_back_what_it_sends)
{
    setup();
    out(BASE + 4, 0x10);
    out(BASE, 'q');
    ck_assert_uint_eq(sent_count, 0);
    ck_assert_uint_eq(in(BASE + 5, 1), 0x61);
    ck_assert_uint_eq(in(BASE, 1), 'q');
    ck_assert_uint_eq(in(BASE + 5, 1), 0x60);
}
END_TEST

START_TEST(clearing_the_fifo_drops_input)
{
    setup();
    rs_uart_receive(&uart, "abc", 3);
    out(BASE + 2, 0x03);
    ck_assert_uint_eq(in(BASE + 5, 1), 0x60);
}
END_TEST

START_TEST(a_wide_access_is_several_narrow_ones)
{
    setup();
    out(BASE + 7, 0x77);
    ck_assert_uint_eq(in(BASE + 6, 2) >> 8, 0x77);
}
END_TEST

START_TEST(received_data_raises_the_line_until_it_is_read)
{
    setup();
    out(BASE + 1, 0x01);
    rs_uart_receive(&uart, "a", 1);
    ck_assert(!line); /* OUT2 is what lets it through */
    out(BASE + 4, 0x08);
    ck_assert(line);
    ck_assert_uint_eq(in(BASE + 2, 1), 0x04);
    rs_uart_receive(&uart, "b", 1);
    ck_assert_uint_eq(in(BASE, 1), 'a');
    ck_assert(line);
    ck_assert_uint_eq(in(BASE, 1), 'b');
    ck_assert(!line);
    ck_assert_uint_eq(in(BASE + 2, 1), 0x01);
    ck_assert_uint_eq(edges, 1);
}
END_TEST

START_TEST(a_guest_that_waits_for_the_interrupt_wants_input)
{
    setup();
    out(BASE + 4, 0x08);
    ck_assert(!atomic_load(&uart.wants_input));
    out(BASE + 1, 0x01);
    ck_assert(atomic_load(&uart.wants_input));
}
END_TEST

START_TEST(the_end_of_input_is_a_modem_interrupt)
{
    setup();
    out(BASE + 4, 0x08);
    out(BASE + 1, 0x08);
    rs_uart_receive(&uart, "a", 1);
    rs_uart_end_input(&uart);
    ck_assert(!line); /* a byte is left */
    in(BASE, 1);
    ck_assert(line);
    ck_assert_uint_eq(in(BASE + 2, 1), 0x00);
    ck_assert_uint_eq(in(BASE + 6, 1) & 0x88, 0x08);
    ck_assert(!line);
    ck_assert_uint_eq(in(BASE + 6, 1) & 0x88, 0);
}
END_TEST

/* Transmission takes no time: the next interrupt comes with the byte that was sent. */
START_TEST(an_empty_transmitter_interrupts_once_for_each_byte)
{
    setup();
    out(BASE + 4, 0x08);
    out(BASE + 1, 0x02);
    ck_assert(line);
    ck_assert_uint_eq(in(BASE + 2, 1), 0x02);
    ck_assert(!line);
    out(BASE, 'x');
    ck_assert(line);
    ck_assert_uint_eq(in(BASE + 2, 1), 0x02);
    ck_assert_uint_eq(in(BASE + 2, 1), 0x01);
    ck_assert_uint_eq(edges, 2);
}
END_TEST

START_TEST(machine_checks_are_there_or_not)
{
    bool able = false;

    memset(&ports, 0, sizeof(ports));
    rs_ports_add(&ports, 0xfa, 0xfa, rs_machine_check_io, &able);
    ck_assert_uint_eq(in(0xfa, 1), 0);
    out(0xfa, 0); /* nothing to do it with, and nothing happens */
    able = true;
    ck_assert_uint_eq(in(0xfa, 1), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("devices");

    UNIT_ADD(suite, an_empty_bus_reads_all_ones);
    UNIT_ADD(suite, transmits_and_is_always_ready);
    UNIT_ADD(suite, divisor_latch_is_not_data);
    UNIT_ADD(suite, registers_keep_what_they_keep);
    UNIT_ADD(suite, receives_until_the_end);
    UNIT_ADD(suite, input_is_wanted_only_by_a_guest_that_polls);
    UNIT_ADD(suite, the_receive_ring_wraps);
    UNIT_ADD(suite, loops_back_what_it_sends);
    UNIT_ADD(suite, clearing_the_fifo_drops_input);
    UNIT_ADD(suite, a_wide_access_is_several_narrow_ones);
    UNIT_ADD(suite, machine_checks_are_there_or_not);
    UNIT_ADD(suite, received_data_raises_the_line_until_it_is_read);
    UNIT_ADD(suite, a_guest_that_waits_for_the_interrupt_wants_input);
    UNIT_ADD(suite, the_end_of_input_is_a_modem_interrupt);
    UNIT_ADD(suite, an_empty_transmitter_interrupts_once_for_each_byte);
    return unit_run(suite);
}
