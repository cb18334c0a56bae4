/* SPDX-License-Identifier: MIT
 * Values as text: what WinDbg's dq, gdb's x/gx and xxd -p print must all be understood. */
#include "decode/decode.h"
#include "unit.h"

#define VALUES_MAX 17

static struct rs_decode_input input;
static char message[200];

static int parse(enum rs_decode_id id, const char *text)
{
    char copy[512];
    char *values[VALUES_MAX], *rest = copy, *value;
    size_t count = 0;

    snprintf(copy, sizeof(copy), "%s", text);
    while (*copy && count < VALUES_MAX && (value = strsep(&rest, " ")) != NULL)
        values[count++] = value;
    message[0] = '\0';
    return rs_decode_parse(&rs_decode_kinds[id], values, count, &input, message, sizeof(message));
}

static const char *const gates[] = {
    "6b628e000010a100 00000000fffff801",
    "6b628e000010a100 fffff801",
    "0x6B628E000010A100 0xFFFFF801",
    "6b628e00`0010a100 00000000`fffff801",
    "6b628e00`0010a100, 00000000`fffff801",
    "6b628e00_0010a100 0x0000_0000_ffff_f801",
    "00a11000008e626b01f8ffff00000000",
    "00 a1 10 00 00 8e 62 6b 01 f8 ff ff 00 00 00 00",
    "0x00 0xa1 0x10 0x00 0x00 0x8e 0x62 0x6b 0x01 0xf8 0xff 0xff 0x00 0x00 0x00 0x00",
};

START_TEST(one_gate_written_in_many_ways)
{
    ck_assert_msg(parse(RS_DECODE_gate, gates[_i]) == 0, "%s: %s", gates[_i], message);
    ck_assert_uint_eq(input.count, 2);
    assert_row_eq(gates[_i], input.words[0], 0x6b628e000010a100);
    assert_row_eq(gates[_i], input.words[1], 0xfffff801);
}
END_TEST

static const struct {
    enum rs_decode_id id;
    const char *text;
    uint64_t value;
    unsigned count;
} good[] = {
    {RS_DECODE_segment, "0020fb00`00000000", 0x0020fb0000000000, 1},
    {RS_DECODE_segment, "87008ba7`60000067 fffff801", 0x87008ba760000067, 2},
    {RS_DECODE_segment, "00 00 00 00 00 fb 20 00", 0x0020fb0000000000, 1},
    {RS_DECODE_rflags, "46", 0x46, 1},
    {RS_DECODE_service, "NtClose", 0xf, 1},
    {RS_DECODE_service, "26", 0x26, 1},
    {RS_DECODE_msr, "IA32_LSTAR", 0xc0000082, 1},
    {RS_DECODE_msr, "star", 0xc0000081, 1},
    {RS_DECODE_vector, "#PF", 0xe, 1},
    {RS_DECODE_vector, "CLOCK", 0xd1, 1},
    {RS_DECODE_vector, "db", 1, 1}, /* the mnemonic; 0xdb is the number */
    {RS_DECODE_vector, "0xdb", 0xdb, 1},
};

START_TEST(values_and_names)
{
    ck_assert_msg(parse(good[_i].id, good[_i].text) == 0, "%s: %s", good[_i].text, message);
    assert_row_eq(good[_i].text, input.words[0], good[_i].value);
    assert_row_eq(good[_i].text, input.count, good[_i].count);
}
END_TEST

static const struct {
    enum rs_decode_id id;
    const char *text, *message;
} bad[] = {
    {RS_DECODE_gate, "", "expected 2 quadwords"},
    {RS_DECODE_gate, "1", "'1' is not all of it"},
    {RS_DECODE_gate, "1 2 3", "'3' is one value too many"},
    {RS_DECODE_gate, "1 2g", "'2g' is no hexadecimal number"},
    {RS_DECODE_gate, "1 0x", "'0x' is no hexadecimal number"},
    {RS_DECODE_gate, "1 `", "'`' is no hexadecimal number"},
    {RS_DECODE_rflags, "12345678901234567", "more than 16 digits"},
    {RS_DECODE_rflags, "-1", "'-1' is no hexadecimal number"},
    {RS_DECODE_selector, "10000", "'10000' is too large; expected 1 value of at most 16 bits"},
    {RS_DECODE_error, "100000000", "at most 32 bits"},
    {RS_DECODE_vector, "100", "0 to ff"},
    {RS_DECODE_vector, "PX", "did you mean PF"},
    {RS_DECODE_service, "NtClos", "did you mean NtClose"},
    {RS_DECODE_msr, "LSTA", "did you mean LSTAR"},
    {RS_DECODE_tss, "00", "expected 13 quadwords"},
};

START_TEST(bad_values_are_named)
{
    ck_assert_msg(parse(bad[_i].id, bad[_i].text) == -1, "'%s' is taken", bad[_i].text);
    ck_assert_msg(strstr(message, bad[_i].message) != NULL, "'%s': message is '%s'", bad[_i].text,
                  message);
}
END_TEST

/* 104 bytes in one string, as xxd -p prints them without its line ends. */
START_TEST(all_bytes_of_a_tss)
{
    char text[2 * 104 + 1] = "";

    for (unsigned i = 0; i < 104; i++)
        snprintf(text + 2 * i, 3, "%02x", i);
    ck_assert_msg(parse(RS_DECODE_tss, text) == 0, "%s", message);
    ck_assert_uint_eq(input.count, 13);
    ck_assert_uint_eq(input.words[0], 0x0706050403020100);
    ck_assert_uint_eq(input.words[12], 0x6766656463626160);
    text[206] = '\0';
    ck_assert_int_eq(parse(RS_DECODE_tss, text), -1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decode_input");

    UNIT_ADD_ROWS(suite, one_gate_written_in_many_ways, gates);
    UNIT_ADD_ROWS(suite, values_and_names, good);
    UNIT_ADD_ROWS(suite, bad_values_are_named, bad);
    UNIT_ADD(suite, all_bytes_of_a_tss);
    return unit_run(suite);
}
