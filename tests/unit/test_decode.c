/* SPDX-License-Identifier: MIT
 * Decoded fields. Expected values are applied by hand from the bit ranges of the SDM's figures; the
 * service entries are those of a published packed table. */
#include "decode/decode.h"
#include "unit.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/vectors.h>

#define NO_OPTIONS                                                                                 \
    {                                                                                              \
        .count = 0                                                                                 \
    }

/* A field that must be there: its value, whether it is wrong, and what its meaning holds. */
struct expected_field {
    const char *name;
    uint64_t value;
    bool wrong;
    const char *meaning;
};

// clang-format off
static const struct {
    const char *name;
    enum rs_decode_id id;
    uint64_t words[2];
    unsigned count;
    struct rs_decode_input options;
    struct expected_field fields[5];
} rows[] = {
    {"gate", RS_DECODE_gate, {0x6b628e000010a100, 0xfffff801}, 2, NO_OPTIONS,
     {{"offset", 0xfffff8016b62a100, false, ""}, {"selector", 0x10, false, "GDT index 2, RPL 0"},
      {"type", 0xe, false, "interrupt gate"}, {"P", 1, false, "present"}, {"IST", 0, false, "none"}}},
    {"gate, IST 3, DPL 3", RS_DECODE_gate, {0x6b62ee030010a240, 0xfffff801}, 2, NO_OPTIONS,
     {{"IST", 3, false, "IST3"}, {"DPL", 3, false, "CPL 3"}}},
    {"task gate", RS_DECODE_gate, {0x0000850000500000, 0}, 2, NO_OPTIONS, {{"type", 5, true, "no such gate"}}},
    {"gate with reserved bits", RS_DECODE_gate, {0x00008ef800000000, 0x1f0000000000 >> 4}, 2, NO_OPTIONS,
     {{"reserved", 0x1f, true, "must be 0"}}},
    {"gate to an address that is not canonical", RS_DECODE_gate, {0x00008e0000000000, 0x00010000}, 2, NO_OPTIONS,
     {{"offset", 0x0001000000000000, true, "not canonical"}}},
    {"64-bit code", RS_DECODE_segment, {0x0020fb0000000000}, 1, NO_OPTIONS,
     {{"type", 0xb, false, "execute/read, accessed"}, {"DPL", 3, false, ""}, {"L", 1, false, "64-bit"},
      {"D/B", 0, false, "must be 0"}, {"G", 0, false, "bytes"}}},
    {"flat data", RS_DECODE_segment, {0x00cff3000000ffff}, 1, NO_OPTIONS,
     {{"limit", 0xffffffff, false, ""}, {"type", 3, false, "read/write"}, {"G", 1, false, "pages"}}},
    {"L and D together", RS_DECODE_segment, {0x00609b0000000000}, 1, NO_OPTIONS, {{"D/B", 1, true, "reserved"}}},
    {"TSS", RS_DECODE_segment, {0x87008ba760000067, 0xfffff801}, 2, NO_OPTIONS,
     {{"base", 0xfffff80187a76000, false, ""}, {"limit", 0x67, false, ""}, {"type", 0xb, false, "busy"}}},
    {"TSS without its second half", RS_DECODE_segment, {0x87008ba760000067}, 1, NO_OPTIONS,
     {{"base", 0x87a76000, false, "not given"}}},
    {"16-bit TSS", RS_DECODE_segment, {0x0000830000000067, 0}, 2, NO_OPTIONS, {{"type", 3, true, "reserved"}}},
    {"selector", RS_DECODE_selector, {0x2f}, 1, NO_OPTIONS,
     {{"RPL", 3, false, ""}, {"TI", 1, false, "LDT"}, {"index", 5, false, "0x28"}}},
    {"STAR", RS_DECODE_star, {0x0023001000000000}, 1, NO_OPTIONS,
     {{"SYSCALL CS", 0x10, false, ""}, {"SYSCALL SS", 0x18, false, ""}, {"SYSRETQ CS", 0x33, false, ""},
      {"SYSRETQ SS", 0x2b, false, "same"}, {"SYSRETL CS", 0x23, false, ""}}},
    {"STAR without RPL: the vendors differ", RS_DECODE_star, {0x0020001000000000}, 1, NO_OPTIONS,
     {{"SYSRETQ CS", 0x33, false, ""}, {"SYSRETQ SS", 0x2b, true, "AMD takes the RPL of STAR: 0x28"}}},
    {"STAR with an RPL of SYSCALL", RS_DECODE_star, {0x0023001300000000}, 1, NO_OPTIONS,
     {{"SYSCALL", 0x13, true, "SS keeps it"}, {"SYSCALL CS", 0x10, false, ""}, {"SYSCALL SS", 0x1b, false, ""}}},
    {"RFLAGS", RS_DECODE_rflags, {0x13246}, 1, NO_OPTIONS,
     {{"IF", 1, false, ""}, {"IOPL", 3, false, ""}, {"RF", 1, false, ""}, {"CF", 0, false, ""}}},
    {"RFLAGS with reserved bits", RS_DECODE_rflags, {0xffc0802a}, 1, NO_OPTIONS, {{"reserved", 1, true, "must be 0"}}},
    {"RFLAGS without bit 1", RS_DECODE_rflags, {0}, 1, NO_OPTIONS, {{"reserved", 0, true, "always reads 1"}}},
    {"FMASK of an NT system", RS_DECODE_fmask, {0x4700}, 1, NO_OPTIONS,
     {{"TF", 1, false, "clears"}, {"AC", 0, false, "keeps"}}},
    {"FMASK that leaves IF", RS_DECODE_fmask, {0x100}, 1, NO_OPTIONS, {{"IF", 0, true, "interrupt"}}},
    {"CR0 without PE", RS_DECODE_cr0, {0x80000010}, 1, NO_OPTIONS, {{"PG", 1, true, "without PE"}}},
    {"CR4", RS_DECODE_cr4, {0x1000200a0}, 1, NO_OPTIONS,
     {{"PAE", 1, false, ""}, {"PGE", 1, false, ""}, {"PCIDE", 1, false, ""}, {"FRED", 1, false, ""},
      {"SMEP", 0, false, ""}}},
    {"CR4 bit 15", RS_DECODE_cr4, {0x8000}, 1, NO_OPTIONS, {{"reserved", 1, true, "must be 0"}}},
    {"EFER", RS_DECODE_efer, {0x4d01}, 1, NO_OPTIONS,
     {{"SCE", 1, false, ""}, {"LMA", 1, false, ""}, {"NXE", 1, false, ""}, {"FFXSR", 1, false, "AMD"}}},
    {"DR7: 4 bytes written", RS_DECODE_dr7, {0x000d0401}, 1, NO_OPTIONS,
     {{"L0", 1, false, ""}, {"RW0", 1, false, "writes"}, {"LEN0", 3, false, "4 bytes"}}},
    {"DR7: execution of 2 bytes", RS_DECODE_dr7, {0x00040401}, 1, NO_OPTIONS, {{"LEN0", 1, true, "execution"}}},
    {"DR6 after a step", RS_DECODE_dr6, {0xffff4ff0}, 1, NO_OPTIONS, {{"BS", 1, false, ""}, {"B0", 0, false, ""}}},
    {"#PF", RS_DECODE_error, {0x15}, 1, {.has_vector = true, .vector = RS_VECTOR_PF},
     {{"P", 1, false, ""}, {"W", 0, false, ""}, {"U", 1, false, ""}, {"I", 1, false, ""}}},
    {"#GP of INT 21h", RS_DECODE_error, {0x10a}, 1, NO_OPTIONS,
     {{"EXT", 0, false, ""}, {"IDT", 1, false, "IDT"}, {"index", 0x21, false, "vector 0x21"}}},
    {"#SS of a selector", RS_DECODE_error, {0x2d}, 1, {.has_vector = true, .vector = RS_VECTOR_SS},
     {{"EXT", 1, false, ""}, {"TI", 1, false, "LDT"}, {"index", 5, false, "selector 0x2c"}}},
    {"#DF is 0", RS_DECODE_error, {8}, 1, {.has_vector = true, .vector = RS_VECTOR_DF},
     {{"code", 8, true, "always 0"}}},
    {"#UD has none", RS_DECODE_error, {0}, 1, {.has_vector = true, .vector = RS_VECTOR_UD},
     {{"code", 0, true, "no error code"}}},
    {"service", RS_DECODE_service, {0xffffe026}, 1, NO_OPTIONS,
     {{"index", 0x26, false, ""}, {"table", 0, false, "kernel"}, {"arguments", 4, false, "ProcessHandle:H"},
      {"on stack", 0, false, ""}}},
    {"not among the services", RS_DECODE_service, {0x3026}, 1, NO_OPTIONS, {{"index", 0x26, false, ""}, {"table", 1, false, "win32k"}}},
    {"NtUserPeekMessage", RS_DECODE_service, {0x3001}, 1, NO_OPTIONS, {{"index", 0x1, false, ""}, {"table", 1, false, ""}, {"on stack", 1, false, ""}}},
    {"beyond the table", RS_DECODE_service, {0x1533}, 1, NO_OPTIONS, {{"index", 0x533, true, "STATUS_INVALID_SYSTEM_SERVICE"}}},
    {"beyond the table", RS_DECODE_service, {0x1d7}, 1, NO_OPTIONS, {{"index", 0x1d7, true, "STATUS_INVALID_SYSTEM_SERVICE"}}},
    {"table entry", RS_DECODE_service, {0x01234562}, 1, {.has_base = true, .base = 0xfffff80000400000},
     {{"target", 0xfffff80000523456, false, ""}, {"on stack", 2, false, ""}}},
    {"table entry below its base", RS_DECODE_service, {0xffffff07}, 1, {.has_base = true, .base = 0xfffff80000400000},
     {{"target", 0xfffff800003ffff0, false, "base"}, {"on stack", 7, false, ""}}},
    {"farthest table entry", RS_DECODE_service, {0x7fffffff}, 1, {.has_base = true, .base = 0xfffff80000400000},
     {{"target", 0xfffff800083fffff, false, "base"}, {"on stack", 15, true, "more"}}},
    {"status", RS_DECODE_status, {0xc0000005}, 1, NO_OPTIONS, {{"severity", 3, false, "error"}, {"code", 5, false, ""}}},
    {"vector", RS_DECODE_vector, {2}, 1, NO_OPTIONS, {{"IST", 3, false, ""}, {"error code", 0, false, "none"}, {"type", 0xe, false, "interrupt"}}},
    {"vector of a trap gate", RS_DECODE_vector, {RS_VECTOR_TRAPGATE}, 1, NO_OPTIONS, {{"type", 0xf, false, "trap gate"}}},
    {"4 KiB page", RS_DECODE_pte, {0x8000000012345067}, 1, NO_OPTIONS,
     {{"page", 0x12345000, false, ""}, {"D", 1, false, ""}, {"U", 1, false, ""}, {"NX", 1, false, ""}}},
    {"4 KiB page: bit 7 is PAT", RS_DECODE_pte, {0x12345081}, 1, NO_OPTIONS, {{"PAT", 1, false, ""}}},
    {"2 MiB page", RS_DECODE_pte, {0x002010e3}, 1, {.level = RS_PTE_LEVEL_PDE},
     {{"page", 0x200000, false, ""}, {"PS", 1, false, ""}, {"PAT", 1, false, ""}}},
    {"2 MiB page with reserved bits", RS_DECODE_pte, {0x002020e3}, 1, {.level = RS_PTE_LEVEL_PDE},
     {{"page", 0x200000, false, ""}, {"reserved", 1, true, "RSVD"}}},
    {"1 GiB page", RS_DECODE_pte, {0x40000083}, 1, {.level = RS_PTE_LEVEL_PDPTE}, {{"page", 0x40000000, false, ""}}},
    {"PML4E with bit 7", RS_DECODE_pte, {0x1083}, 1, {.level = RS_PTE_LEVEL_PML4E},
     {{"table", 0x1000, false, ""}, {"reserved", 1, true, "RSVD"}}},
    {"not present", RS_DECODE_pte, {0x80}, 1, NO_OPTIONS, {{"P", 0, false, ""}, {"software", 0x40, false, "#PF"}}},
};
// clang-format on

static const struct rs_decoded_field *find(const struct rs_decoded *decoded, const char *name)
{
    for (unsigned i = 0; i < decoded->count; i++)
        if (strcmp(decoded->fields[i].name, name) == 0)
            return &decoded->fields[i];
    return NULL;
}

START_TEST(decodes_fields)
{
    struct rs_decode_input input = rows[_i].options;
    struct rs_decoded decoded;

    memcpy(input.words, rows[_i].words, sizeof(rows[_i].words));
    input.count = rows[_i].count;
    rs_decode_kinds[rows[_i].id].decode(&input, &decoded);
    for (unsigned i = 0; i < ARRAY_SIZE(rows[_i].fields) && rows[_i].fields[i].name; i++) {
        const struct expected_field *expected = &rows[_i].fields[i];
        const struct rs_decoded_field *field = find(&decoded, expected->name);

        ck_assert_msg(field != NULL, "%s: no field %s", rows[_i].name, expected->name);
        ck_assert_msg(field->value == expected->value, "%s: %s is %#" PRIx64 ", expected %#" PRIx64,
                      rows[_i].name, expected->name, field->value, expected->value);
        ck_assert_msg(field->wrong == expected->wrong, "%s: %s wrong: %d", rows[_i].name,
                      expected->name, field->wrong);
        ck_assert_msg(strstr(field->meaning, expected->meaning) != NULL, "%s: %s means '%s'",
                      rows[_i].name, expected->name, field->meaning);
    }
}
END_TEST

/* Where nothing is wrong nothing is said to be. */
START_TEST(usual_values_are_sound)
{
    static const struct {
        enum rs_decode_id id;
        uint64_t words[2];
        unsigned count;
    } sound[] = {
        {RS_DECODE_gate, {0x83a0ee0400102a00, 0xfffff801}, 2},
        {RS_DECODE_segment, {0x0040f30000003c00}, 1},
        {RS_DECODE_star, {0x0023001000000000}, 1},
        {RS_DECODE_rflags, {0x246}, 1},
        {RS_DECODE_fmask, {0x4700}, 1},
        {RS_DECODE_cr0, {0x80050033}, 1},
        {RS_DECODE_cr4, {0x370678}, 1},
        {RS_DECODE_efer, {0xd01}, 1},
        {RS_DECODE_dr6, {0xffff0ff0}, 1},
        {RS_DECODE_dr7, {0x400}, 1},
        {RS_DECODE_pte, {0x8000000000267863}, 1},
        {RS_DECODE_status, {0xc0000005}, 1},
    };

    for (size_t i = 0; i < ARRAY_SIZE(sound); i++) {
        struct rs_decode_input input = {.count = sound[i].count};
        struct rs_decoded decoded;

        memcpy(input.words, sound[i].words, sizeof(sound[i].words));
        rs_decode_kinds[sound[i].id].decode(&input, &decoded);
        for (unsigned j = 0; j < decoded.count; j++)
            ck_assert_msg(!decoded.fields[j].wrong, "%s: %s is wrong: %s",
                          rs_decode_kinds[sound[i].id].name, decoded.fields[j].name,
                          decoded.fields[j].meaning);
    }
}
END_TEST

START_TEST(decodes_a_tss)
{
    struct rs_decode_input input = {.count = RS_DECODE_WORDS_MAX};
    uint8_t *bytes = (uint8_t *)input.words;
    const uint64_t rsp0 = 0xfffff8016e756200, ist3 = 0xfffff8016e7567d0;
    const uint16_t io_map = 0x68;
    struct rs_decoded decoded;

    memcpy(bytes + 0x04, &rsp0, 8);
    memcpy(bytes + 0x34, &ist3, 8); /* 0x24 + 8 * (3 - 1) */
    memcpy(bytes + 0x66, &io_map, 2);
    rs_decode_tss(&input, &decoded);
    ck_assert_uint_eq(find(&decoded, "RSP0")->value, rsp0);
    ck_assert_str_eq(find(&decoded, "RSP0")->bits, "+0x04");
    ck_assert_uint_eq(find(&decoded, "IST3")->value, ist3);
    ck_assert_str_eq(find(&decoded, "IST3")->bits, "+0x34");
    ck_assert_uint_eq(find(&decoded, "IST2")->value, 0);
    ck_assert_uint_eq(find(&decoded, "I/O map")->value, 0x68);
    ck_assert_ptr_null(find(&decoded, "reserved"));
    bytes[0] = 1;
    bytes[0x5f] = 1;
    bytes[0x66] = 0x67; /* the last byte of a limit of 67h */
    rs_decode_tss(&input, &decoded);
    ck_assert(find(&decoded, "reserved")->wrong);
    ck_assert(find(&decoded, "I/O map")->wrong);
}
END_TEST

static const struct {
    uint8_t vector;
    uint32_t code;
    const char *text;
} lines[] = {
    {RS_VECTOR_PF, 0x0, "#PF(0: not-present read supervisor)"},
    {RS_VECTOR_PF, 0x6, "#PF(0x6: not-present write user)"},
    {RS_VECTOR_PF, 0x14, "#PF(0x14: not-present user fetch)"},
    {RS_VECTOR_PF, 0x9, "#PF(0x9: protection read supervisor reserved-bit)"},
    {RS_VECTOR_PF, 0x25, "#PF(0x25: protection read user protection-key)"},
    {RS_VECTOR_GP, 0x0, "#GP(0)"},
    {RS_VECTOR_GP, 0x10a, "#GP(0x10a: IDT vector 0x21)"},
    {RS_VECTOR_GP, 0x10b, "#GP(0x10b: IDT vector 0x21, external)"},
    {RS_VECTOR_NP, 0x30, "#NP(0x30: GDT selector 0x30)"},
    {RS_VECTOR_TS, 0x2d, "#TS(0x2d: LDT selector 0x2c, external)"},
    {RS_VECTOR_CP, 0x3, "#CP(0x3: missing ENDBRANCH)"},
    {RS_VECTOR_CP, 0x7f, "#CP(0x7f: unknown cause)"},
    {RS_VECTOR_DF, 0x0, "#DF(0)"},
    {0x1d, 0x72, "0x1d(0x72)"},
};

START_TEST(one_line_of_an_error_code)
{
    char whole[128], cut[6];
    size_t length = rs_decode_error_code(lines[_i].vector, lines[_i].code, whole, sizeof(whole));

    ck_assert_str_eq(whole, lines[_i].text);
    ck_assert_uint_eq(length, strlen(lines[_i].text));
    ck_assert_uint_eq(rs_decode_error_code(lines[_i].vector, lines[_i].code, cut, sizeof(cut)),
                      length);
    ck_assert_msg(strncmp(cut, whole, sizeof(cut) - 1) == 0 && strlen(cut) == sizeof(cut) - 1,
                  "cut to '%s'", cut);
}
END_TEST

START_TEST(pte_flags_of_a_level)
{
    char text[64];

    rs_decode_pte_flags(0x8000000000000067, RS_PTE_LEVEL_PTE, text, sizeof(text));
    ck_assert_str_eq(text, "P W U A D NX");
    rs_decode_pte_flags(0xe7, RS_PTE_LEVEL_PDE, text, sizeof(text));
    ck_assert_str_eq(text, "P W U A D PS");
    rs_decode_pte_flags(0x67, RS_PTE_LEVEL_PML4E, text, sizeof(text)); /* bit 6 is ignored there */
    ck_assert_str_eq(text, "P W U A");
    ck_assert_uint_eq(rs_pte_address(0x800000007fe010e3, RS_PTE_LEVEL_PDE), 0x7fe00000);
    ck_assert_uint_eq(rs_pte_address(0x800000007fe010e3, RS_PTE_LEVEL_PTE), 0x7fe01000);
    ck_assert_uint_eq(rs_pte_page_size(RS_PTE_LEVEL_PDPTE), UINT64_C(1) << 30);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decode");

    UNIT_ADD_ROWS(suite, decodes_fields, rows);
    UNIT_ADD(suite, usual_values_are_sound);
    UNIT_ADD(suite, decodes_a_tss);
    UNIT_ADD_ROWS(suite, one_line_of_an_error_code, lines);
    UNIT_ADD(suite, pte_flags_of_a_level);
    return unit_run(suite);
}
