/* SPDX-License-Identifier: MIT
 * Recognising instructions. Encodings: SDM Vol. 2, the instructions' opcode tables; prefixes: Vol.
 * 2A, "Instruction Prefixes" and "REX Prefixes". */
#include "model/model.h"
#include "unit.h"

// clang-format off
static const struct {
    const char *name;
    bool mode64;
    bool recognised;
    struct rs_cause cause;
    uint8_t size;
    uint8_t bytes[20];
} rows[] = {
    {"int3", true, true, {.kind = RS_CAUSE_INT3, .vector = 3, .length = 1}, 1, {0xcc}},
    {"int 2eh", true, true, {.kind = RS_CAUSE_INT_N, .vector = 0x2e, .length = 2}, 2, {0xcd, 0x2e}},
    {"int 3", true, true, {.kind = RS_CAUSE_INT_N, .vector = 3, .length = 2}, 2, {0xcd, 0x03}},
    {"into", false, true, {.kind = RS_CAUSE_INTO, .vector = 4, .length = 1}, 1, {0xce}},
    {"into in 64-bit mode: the model raises #UD", true, true,
     {.kind = RS_CAUSE_INTO, .vector = 4, .length = 1}, 1, {0xce}},
    {"icebp", true, true, {.kind = RS_CAUSE_ICEBP, .vector = 1, .length = 1}, 1, {0xf1}},
    {"syscall", true, true, {.kind = RS_CAUSE_SYSCALL, .length = 2}, 2, {0x0f, 0x05}},
    {"sysretq", true, true, {.kind = RS_CAUSE_SYSRET, .length = 3, .operand = 1}, 3,
     {0x48, 0x0f, 0x07}},
    {"sysretl", true, true, {.kind = RS_CAUSE_SYSRET, .length = 2}, 2, {0x0f, 0x07}},
    {"iretq", true, true, {.kind = RS_CAUSE_IRET, .length = 2, .operand = 1}, 2, {0x48, 0xcf}},
    {"iretd", true, true, {.kind = RS_CAUSE_IRET, .length = 1}, 1, {0xcf}},
    {"iretw", true, true, {.kind = RS_CAUSE_IRET, .length = 2, .operand = 2}, 2, {0x66, 0xcf}},
    {"rex.w wins over 66", true, true, {.kind = RS_CAUSE_IRET, .length = 3, .operand = 1}, 3,
     {0x66, 0x48, 0xcf}},
    {"bytes behind it do not matter", true, true, {.kind = RS_CAUSE_SYSCALL, .length = 2}, 4,
     {0x0f, 0x05, 0xc3, 0xf0}},

    /* Prefixes. */
    {"segment, address size, rep", true, true, {.kind = RS_CAUSE_INT_N, .vector = 7, .length = 10},
     10, {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x67, 0xf2, 0xcd, 0x07}},
    {"repz syscall", true, true, {.kind = RS_CAUSE_SYSCALL, .length = 3}, 3, {0xf3, 0x0f, 0x05}},
    {"rex.w syscall has no operand", true, true, {.kind = RS_CAUSE_SYSCALL, .length = 3}, 3,
     {0x48, 0x0f, 0x05}},
    {"any rex with w", true, true, {.kind = RS_CAUSE_SYSRET, .length = 3, .operand = 1}, 3,
     {0x4f, 0x0f, 0x07}},
    {"rex without w", true, true, {.kind = RS_CAUSE_SYSRET, .length = 3}, 3, {0x47, 0x0f, 0x07}},
    {"rex before another prefix is void", true, true, {.kind = RS_CAUSE_IRET, .length = 3}, 3,
     {0x48, 0x2e, 0xcf}},
    {"the last rex counts", true, true, {.kind = RS_CAUSE_IRET, .length = 3}, 3,
     {0x48, 0x40, 0xcf}},
    {"outside 64-bit mode 48 is dec eax", false, false, {0}, 2, {0x48, 0xcf}},
    {"lock is #UD", true, false, {0}, 3, {0xf0, 0x0f, 0x05}},

    /* Fifteen bytes are the longest instruction. */
    {"fifteen bytes", true, true, {.kind = RS_CAUSE_INT_N, .vector = 9, .length = 15}, 15,
     {0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0xcd, 9}},
    {"sixteen", true, false, {0}, 16,
     {0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0xcd, 9}},

    /* Not these, or not whole. */
    {"nothing", true, false, {0}, 0, {0xcc}},
    {"prefix alone", true, false, {0}, 1, {0x48}},
    {"int without its vector", true, false, {0}, 1, {0xcd, 0x80}},
    {"0f alone", true, false, {0}, 1, {0x0f, 0x05}},
    {"sysenter", true, false, {0}, 2, {0x0f, 0x34}},
    {"ud2", true, false, {0}, 2, {0x0f, 0x0b}},
    {"nop", true, false, {0}, 1, {0x90}},
    {"ret", true, false, {0}, 1, {0xc3}},
};
// clang-format on

START_TEST(recognises)
{
    const char *name = rows[_i].name;
    struct rs_cause cause = {0};
    bool recognised =
        rs_cause_from_instruction(rows[_i].bytes, rows[_i].size, rows[_i].mode64, &cause);

    assert_row_eq(name, recognised, rows[_i].recognised);
    if (!recognised)
        return;
    assert_row_eq(name, cause.kind, rows[_i].cause.kind);
    assert_row_eq(name, cause.vector, rows[_i].cause.vector);
    assert_row_eq(name, cause.length, rows[_i].cause.length);
    assert_row_eq(name, cause.operand, rows[_i].cause.operand);
    assert_row_eq(name, cause.has_error_code, false);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("insn");

    UNIT_ADD_ROWS(suite, recognises, rows);
    return unit_run(suite);
}
