/* SPDX-License-Identifier: MIT
 * The keyboard and its controller. Expected values: IBM PC AT Technical Reference, "Keyboard
 * Controller" and "Keyboard". */
#include "devices/i8042.h"
#include "unit.h"

#include <ringscope/abi.h>

#define INTERRUPT 0x25 /* configuration: interrupt, self-test passed, no second port */
#define NO_INTERRUPT 0x24

static struct rs_i8042 device;
static bool line;
static unsigned edges;

static void on_interrupt(void *context, bool level)
{
    ck_assert_ptr_eq(context, &device);
    ck_assert_int_ne(level, line); /* changes alone are told */
    line = level;
    edges += level;
}

static void out(uint16_t port, uint32_t value)
{
    struct rs_port_io io = {.port = port, .size = 1, .out = true, .value = value};

    rs_i8042_io(&device, &io);
}

static uint8_t in(uint16_t port)
{
    struct rs_port_io io = {.port = port, .size = 1};

    rs_i8042_io(&device, &io);
    return (uint8_t)io.value;
}

static bool full(void)
{
    return in(RS_PORT_I8042_COMMAND)&1;
}

static void setup(void)
{
    rs_i8042_init(&device, on_interrupt, &device);
    line = false;
    edges = 0;
}

static void set_config(uint8_t config)
{
    out(RS_PORT_I8042_COMMAND, 0x60);
    out(RS_PORT_I8042_DATA, config);
}

static void start(uint8_t config)
{
    setup();
    set_config(config);
    out(RS_PORT_I8042_DATA, 0xf4);
    ck_assert_uint_eq(in(RS_PORT_I8042_DATA), 0xfa);
    edges = 0;
}

static void type(const char *text)
{
    uint8_t codes[RS_KEY_CODES_MAX];

    for (; *text; text++)
        rs_i8042_type(&device, codes, rs_key_codes(*text, codes));
}

/* A port and what is written to it, then what is read; 0x100 ends both. */
#define END 0x100
static const struct {
    const char *name;
    uint16_t writes[6]; /* the first byte to the command port if 0x200 is set in it */
    uint16_t answers[5];
} exchanges[] = {
    {"self-test", {0x2aa, END}, {0x55, END}},
    {"keyboard test", {0x2ab, END}, {0x00, END}},
    {"configuration at power-on", {0x220, END}, {0x64, END}},
    {"configuration is kept", {0x260, 0x46, 0x220, END}, {0x66, END}},
    {"keyboard disabled", {0x2ad, 0x220, END}, {0x74, END}},
    {"keyboard enabled", {0x2ad, 0x2ae, 0x220, END}, {0x64, END}},
    {"no second port", {0x2a8, 0x220, END}, {0x64, END}},
    {"second port stays off", {0x2a7, 0x220, END}, {0x64, END}},
    {"nobody is at the second port", {0x2d4, 0xff, END}, {END}},
    {"output port", {0x2d1, 0x00, 0x2d0, END}, {0x01, END}},
    {"unknown controller command", {0x2b7, END}, {END}},
    {"reset line", {0x2fe, END}, {END}},
    {"reset", {0xff, END}, {0xfa, 0xaa, END}},
    {"enable", {0xf4, END}, {0xfa, END}},
    {"disable", {0xf5, END}, {0xfa, END}},
    {"defaults", {0xf6, END}, {0xfa, END}},
    {"echo", {0xee, END}, {0xee, END}},
    {"identify", {0xf2, END}, {0xfa, 0xab, 0x83, END}},
    {"unknown keyboard command", {0xe1, END}, {0xfe, END}},
    {"lights", {0xed, 0x07, END}, {0xfa, 0xfa, END}},
    {"rate", {0xf3, 0x20, END}, {0xfa, 0xfa, END}},
    {"scan set 1", {0xf0, 0x01, END}, {0xfa, 0xfa, END}},
    {"which scan set", {0xf0, 0x00, END}, {0xfa, 0xfa, 0x01, END}},
    {"scan set 2 is not known", {0xf0, 0x02, END}, {0xfa, 0xfe, END}},
    {"a command in place of a parameter", {0xed, 0xee, END}, {0xfa, 0xee, END}},
    {"a parameter without its command", {0x07, END}, {0xfe, END}},
};

START_TEST(answers_commands)
{
    const char *name = exchanges[_i].name;
    const uint16_t *answer = exchanges[_i].answers;

    setup();
    set_config(0x44);
    for (const uint16_t *write = exchanges[_i].writes; *write != END; write++) {
        out(*write & 0x200 ? RS_PORT_I8042_COMMAND : RS_PORT_I8042_DATA, *write & 0xff);
        /* A driver reads the keyboard's answer to each byte before it sends the next. */
        if (!(*write & 0x200) && write[1] != END && !(write[1] & 0x200) && full())
            assert_row_eq(name, in(RS_PORT_I8042_DATA), *answer++);
    }
    for (; *answer != END; answer++) {
        assert_row_eq(name, full(), true);
        assert_row_eq(name, in(RS_PORT_I8042_DATA), *answer);
    }
    assert_row_eq(name, full(), false);
    assert_row_eq(name, edges, 0);
}
END_TEST

START_TEST(status_tells_the_last_write)
{
    setup();
    ck_assert_uint_eq(in(RS_PORT_I8042_COMMAND), 0x14);
    out(RS_PORT_I8042_COMMAND, 0xae);
    ck_assert_uint_eq(in(RS_PORT_I8042_COMMAND), 0x1c);
    out(RS_PORT_I8042_DATA, 0xee);
    ck_assert_uint_eq(in(RS_PORT_I8042_COMMAND), 0x15);
}
END_TEST

START_TEST(each_byte_is_an_edge)
{
    static const uint8_t expected[] = {0x23, 0xa3, 0x2a, 0x17, 0x97, 0xaa};

    start(INTERRUPT);
    type("hI");
    for (unsigned i = 0; i < ARRAY_SIZE(expected); i++) {
        ck_assert(line);
        ck_assert_uint_eq(edges, i + 1);
        ck_assert_uint_eq(in(RS_PORT_I8042_DATA), expected[i]);
    }
    ck_assert(!line);
    ck_assert(!full());
}
END_TEST

START_TEST(without_the_interrupt_the_line_is_still)
{
    start(NO_INTERRUPT);
    type("a");
    ck_assert(full());
    ck_assert_uint_eq(edges, 0);
    set_config(INTERRUPT); /* what waits is told of */
    ck_assert_uint_eq(edges, 1);
    set_config(NO_INTERRUPT);
    ck_assert(!line);
}
END_TEST

START_TEST(keys_wait_for_a_driver)
{
    setup();
    ck_assert_uint_eq(rs_i8042_room(&device), 0);
    type("a");
    ck_assert(!full());
    out(RS_PORT_I8042_DATA, 0xf4);
    ck_assert_uint_eq(in(RS_PORT_I8042_DATA), 0xfa);
    ck_assert_uint_eq(in(RS_PORT_I8042_DATA), 0x1e);
    out(RS_PORT_I8042_COMMAND, 0xad); /* the break code is at the port already */
    type("b");
    ck_assert_uint_eq(in(RS_PORT_I8042_DATA), 0x9e);
    ck_assert(!full());
    ck_assert_uint_eq(rs_i8042_room(&device), 0);
    out(RS_PORT_I8042_COMMAND, 0xae);
    ck_assert_uint_eq(in(RS_PORT_I8042_DATA), 0x30);
}
END_TEST

START_TEST(an_answer_comes_before_keys)
{
    start(INTERRUPT);
    type("ab");
    out(RS_PORT_I8042_DATA, 0xed);
    ck_assert_uint_eq(in(RS_PORT_I8042_DATA), 0x1e);
    ck_assert_uint_eq(in(RS_PORT_I8042_DATA), 0xfa);
    ck_assert_uint_eq(in(RS_PORT_I8042_DATA), 0x9e);
    out(RS_PORT_I8042_DATA, 0xfe); /* not a parameter: "again" */
    ck_assert_uint_eq(in(RS_PORT_I8042_DATA), 0x30);
    ck_assert_uint_eq(in(RS_PORT_I8042_DATA), 0x30);
}
END_TEST

START_TEST(the_queue_fills_and_wraps)
{
    static const uint8_t code = 0x1e;

    start(NO_INTERRUPT);
    for (unsigned round = 0; round < 3; round++) {
        size_t room = rs_i8042_room(&device), typed = 0;

        ck_assert_uint_eq(room, RS_I8042_KEYS_SIZE);
        while (rs_i8042_room(&device)) {
            rs_i8042_type(&device, &code, 1);
            typed++;
        }
        ck_assert_uint_eq(typed, RS_I8042_KEYS_SIZE + 1); /* one is at the port */
        for (; full(); typed--)
            ck_assert_uint_eq(in(RS_PORT_I8042_DATA), code);
        ck_assert_uint_eq(typed, 0);
    }
}
END_TEST

/* Commands without reading an answer, and everything else, in no order: queues stay within their
 * bounds, the line tells the truth, and a self-test brings the device back. */
START_TEST(survives_anything)
{
    uint32_t random = 1;
    bool sound = true; /* an assertion is a write to a pipe: too slow for each round */

    start(INTERRUPT);
    for (unsigned i = 0; i < 500000; i++) {
        uint16_t port;

        random = random * 1664525 + 1013904223;
        port = random & 0x80000000u ? RS_PORT_I8042_DATA : RS_PORT_I8042_COMMAND;
        if (random & 0x40000000)
            out(port, random >> 8 & 0xff);
        else
            in(port);
        if ((random & 0x3f) == 0 && rs_i8042_room(&device) >= RS_KEY_CODES_MAX)
            type("X");
        sound &= device.answer_count <= RS_I8042_ANSWERS &&
                 device.head - device.tail <= RS_I8042_KEYS_SIZE &&
                 line == (device.full && (device.config & 1));
    }
    ck_assert(sound);
    out(RS_PORT_I8042_COMMAND, 0xad);
    for (unsigned i = 0; i <= RS_I8042_ANSWERS; i++)
        in(RS_PORT_I8042_DATA);
    ck_assert(!full());
    out(RS_PORT_I8042_COMMAND, 0xaa);
    ck_assert_uint_eq(in(RS_PORT_I8042_DATA), 0x55);
}
END_TEST

START_TEST(a_wide_access_is_one_of_its_low_byte)
{
    struct rs_port_io io = {.port = RS_PORT_I8042_COMMAND, .size = 4};

    setup();
    rs_i8042_io(&device, &io);
    ck_assert_uint_eq(io.value, 0xffffff14);
}
END_TEST

START_TEST(characters_without_a_key_have_no_codes)
{
    uint8_t codes[RS_KEY_CODES_MAX];
    unsigned keys = 0;

    for (int character = -128; character < 128; character++) {
        size_t count = rs_key_codes((char)character, codes);

        ck_assert_uint_le(count, RS_KEY_CODES_MAX);
        if (character >= ' ' && character < 0x7f)
            ck_assert_uint_gt(count, 0);
        keys += count != 0;
    }
    ck_assert_uint_eq(keys, 95 + 4); /* ASCII, and Escape, Backspace, Tab, Enter */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("i8042");

    UNIT_ADD_ROWS(suite, answers_commands, exchanges);
    UNIT_ADD(suite, status_tells_the_last_write);
    UNIT_ADD(suite, each_byte_is_an_edge);
    UNIT_ADD(suite, without_the_interrupt_the_line_is_still);
    UNIT_ADD(suite, keys_wait_for_a_driver);
    UNIT_ADD(suite, an_answer_comes_before_keys);
    UNIT_ADD(suite, the_queue_fills_and_wraps);
    UNIT_ADD(suite, survives_anything);
    UNIT_ADD(suite, a_wide_access_is_one_of_its_low_byte);
    UNIT_ADD(suite, characters_without_a_key_have_no_codes);
    return unit_run(suite);
}
