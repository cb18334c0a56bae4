/* SPDX-License-Identifier: MIT
 * The ELF64 loader: sound files, and each way in which a file can be wrong. Rules: System V ABI,
 * "ELF Header" and "Program Header", and what <loader/elf64.h> adds. */
#include "fake_elf.h"
#include "loader/elf64.h"
#include "unit.h"

static struct fake_elf elf;
static struct rs_elf64_image image;
static struct rs_elf64_error error;

static void setup(void)
{
    fake_elf_init(&elf);
}

/* Every test parses an exact copy on the heap, so that a sanitizer sees a read past the end. */
static int parse(size_t size)
{
    static uint8_t *copy;

    free(copy);
    copy = malloc(size > 0 ? size : 1);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, &elf, size);
    return rs_elf64_parse(copy, size, &image, &error);
}

START_TEST(parses_a_sound_file)
{
    ck_assert_msg(parse(sizeof(elf)) == 0, "%s", error.message);
    ck_assert_int_eq(error.code, RS_ELF64_OK);
    ck_assert_uint_eq(image.entry, 0x140001010);
    ck_assert_uint_eq(image.segment_count, 2);
    ck_assert_uint_eq(image.segments[0].vaddr, 0x140001000);
    ck_assert_uint_eq(image.segments[0].paddr, 0x201000);
    ck_assert_uint_eq(image.segments[0].file_offset, 0x1000);
    ck_assert_uint_eq(image.segments[0].file_size, 0x800);
    ck_assert_uint_eq(image.segments[0].memory_size, 0x800);
    ck_assert_uint_eq(image.segments[0].flags, RS_ELF64_R | RS_ELF64_X);
    ck_assert_uint_eq(image.segments[1].flags, RS_ELF64_R | RS_ELF64_W);
    ck_assert_uint_eq(image.segments[1].memory_size, 0x900);
    ck_assert_uint_eq(image.segments[1].index, 1);
    ck_assert_uint_eq(rs_elf64_paddr_end(&image), 0x202900);
}
END_TEST

/* The end is that of the highest segment, wherever it is in the table. */
START_TEST(physical_end_is_the_highest)
{
    elf.segments[0].p_paddr = 0x301000;
    ck_assert_int_eq(parse(sizeof(elf)), 0);
    ck_assert_uint_eq(rs_elf64_paddr_end(&image), 0x301800);
}
END_TEST

/* A segment of no bytes loads nothing and is not in the plan, wherever it lies. */
START_TEST(empty_segments_are_left_out)
{
    elf.segments[1].p_filesz = 0;
    elf.segments[1].p_memsz = 0;
    elf.segments[1].p_vaddr = 0x0000900000000000;
    elf.segments[1].p_offset = UINT64_MAX;
    elf.segments[1].p_align = 3;
    ck_assert_int_eq(parse(sizeof(elf)), 0);
    ck_assert_uint_eq(image.segment_count, 1);
}
END_TEST

START_TEST(alignment_may_be_0_or_1)
{
    elf.segments[1].p_align = (uint64_t)_i;
    elf.segments[1].p_offset = 0x2001;
    ck_assert_msg(parse(sizeof(elf)) == 0, "%s", error.message);
}
END_TEST

/* Address and offset need not be aligned, but agree. */
START_TEST(alignment_is_of_the_difference)
{
    elf.segments[1].p_offset = 0x2010;
    elf.segments[1].p_vaddr += 0x10;
    ck_assert_msg(parse(sizeof(elf)) == 0, "%s", error.message);
}
END_TEST

/* No bytes may be at the very end of the file. */
START_TEST(segment_without_file_bytes)
{
    elf.segments[1].p_offset = sizeof(elf);
    elf.segments[1].p_filesz = 0;
    ck_assert_msg(parse(sizeof(elf)) == 0, "%s", error.message);
    ck_assert_uint_eq(image.segments[1].memory_size, 0x900);
}
END_TEST

START_TEST(physical_range_may_reach_the_end)
{
    elf.segments[0].p_paddr = UINT64_MAX - 0x800;
    ck_assert_msg(parse(sizeof(elf)) == 0, "%s", error.message);
}
END_TEST

START_TEST(unknown_flag_bits_are_dropped)
{
    elf.segments[0].p_flags = 0xfffffff8 | PF_X;
    ck_assert_int_eq(parse(sizeof(elf)), 0);
    ck_assert_uint_eq(image.segments[0].flags, RS_ELF64_X);
}
END_TEST

/* Damage: up to four fields of the sound file get other values. size: bytes that are left, 0 = all.
 */
struct patch {
    uint16_t offset;
    uint8_t width;
    uint64_t value;
};
#define FIELD(member, value)                                                                       \
    {                                                                                              \
        offsetof(struct fake_elf, member), sizeof(elf.member), (value)                             \
    }

// clang-format off
static const struct {
    const char *name;
    const char *message;
    enum rs_elf64_code code;
    struct patch patches[4];
    size_t size;
} damages[] = {
    {"63 bytes", "not an ELF64 file: it has 63 bytes, an ELF64 header has 64", RS_ELF64_NOT_ELF,
     {{0}}, 63},
    {"header alone", "program headers: file range 0x40+0xa8 passes the end of the file (0x40 "
     "bytes): the file is truncated or damaged", RS_ELF64_HEADERS, {{0}}, 64},
    {"magic", "not an ELF file: it begins with 7f 45 4c 47, not with 7f 45 4c 46",
     RS_ELF64_NOT_ELF, {FIELD(header.e_ident[3], 'G')}, 0},
    {"class", "ELF class 1 is not supported: only 2 (64-bit) is", RS_ELF64_UNSUPPORTED,
     {FIELD(header.e_ident[EI_CLASS], 1)}, 0},
    {"byte order", "ELF byte order 2 is not supported: only 1 (little-endian) is",
     RS_ELF64_UNSUPPORTED, {FIELD(header.e_ident[EI_DATA], 2)}, 0},
    {"version in e_ident", "ELF version 0 is not supported: only 1 is", RS_ELF64_UNSUPPORTED,
     {FIELD(header.e_ident[EI_VERSION], 0)}, 0},
    {"version", "ELF version 2 is not supported: only 1 is", RS_ELF64_UNSUPPORTED,
     {FIELD(header.e_version, 2)}, 0},
    {"machine", "ELF machine 183 is not supported: only 62 (x86-64) is", RS_ELF64_UNSUPPORTED,
     {FIELD(header.e_machine, EM_AARCH64)}, 0},
    {"object file", "ELF type 1 is not supported: only 2 (executable) is", RS_ELF64_UNSUPPORTED,
     {FIELD(header.e_type, ET_REL)}, 0},
    {"position-independent", "ELF type 3 (shared or position-independent) has no fixed address: "
     "link it statically, with -static -no-pie", RS_ELF64_NOT_STATIC,
     {FIELD(header.e_type, ET_DYN)}, 0},
    {"no headers", "no program headers: nothing can be loaded", RS_ELF64_HEADERS,
     {FIELD(header.e_phnum, 0)}, 0},
    {"header size", "program headers of 32 bytes: ELF64 has 56-byte ones", RS_ELF64_HEADERS,
     {FIELD(header.e_phentsize, 32)}, 0},
    {"65 headers", "65 program headers: at most 64 are allowed", RS_ELF64_HEADERS,
     {FIELD(header.e_phnum, 65)}, 0},
    {"extended numbering", "65535 program headers: at most 64 are allowed", RS_ELF64_HEADERS,
     {FIELD(header.e_phnum, PN_XNUM)}, 0},
    {"headers outside", "program headers: file range 0x2f59+0xa8 passes the end of the file "
     "(0x3000 bytes): the file is truncated or damaged", RS_ELF64_HEADERS,
     {FIELD(header.e_phoff, 0x2f59)}, 0},
    {"headers wrap", "program headers: file range 0xfffffffffffffff0+0xa8 passes the end of the "
     "file (0x3000 bytes): the file is truncated or damaged", RS_ELF64_HEADERS,
     {FIELD(header.e_phoff, 0xfffffffffffffff0)}, 0},
    {"headers cut", "program headers: file range 0x40+0xa8 passes the end of the file (0xe7 "
     "bytes): the file is truncated or damaged", RS_ELF64_HEADERS, {{0}}, 0xe7},
    {"interpreter", "segment 2: it asks for a dynamic linker (PT_INTERP): link it statically, "
     "with -static -no-pie", RS_ELF64_NOT_STATIC, {FIELD(segments[2].p_type, PT_INTERP)}, 0},
    {"dynamic", "segment 2: it asks for a dynamic linker (PT_DYNAMIC): link it statically, with "
     "-static -no-pie", RS_ELF64_NOT_STATIC, {FIELD(segments[2].p_type, PT_DYNAMIC)}, 0},
    {"nothing to load", "none of the 1 program headers has anything to load", RS_ELF64_HEADERS,
     {FIELD(header.e_phnum, 1), FIELD(segments[0].p_type, PT_NULL)}, 0},
    {"file size", "segment 0: file size 0x801 is larger than its memory size 0x800",
     RS_ELF64_FILE_RANGE, {FIELD(segments[0].p_filesz, 0x801)}, 0},
    {"file bytes without memory", "segment 0: file size 0x800 is larger than its memory size 0x0",
     RS_ELF64_FILE_RANGE, {FIELD(segments[0].p_memsz, 0)}, 0},
    {"truncated", "segment 1: file range 0x2000+0x100 passes the end of the file (0x20ff bytes): "
     "the file is truncated or damaged", RS_ELF64_FILE_RANGE, {{0}}, 0x20ff},
    {"file range", "segment 1: file range 0x1000+0xffffffff passes the end of the file (0x3000 "
     "bytes): the file is truncated or damaged", RS_ELF64_FILE_RANGE,
     {FIELD(segments[1].p_offset, 0x1000), FIELD(segments[1].p_filesz, 0xffffffff),
      FIELD(segments[1].p_memsz, 0xffffffff)}, 0},
    {"file range wraps", "segment 0: file range 0xfffffffffffff000+0x800 passes the end of the "
     "file (0x3000 bytes): the file is truncated or damaged", RS_ELF64_FILE_RANGE,
     {FIELD(segments[0].p_offset, 0xfffffffffffff000)}, 0},
    {"into the hole", "segment 1: virtual range 0x7ffffffff000+0x1001 leaves the canonical 48-bit "
     "addresses", RS_ELF64_ADDRESS,
     {FIELD(segments[1].p_vaddr, 0x7ffffffff000), FIELD(segments[1].p_memsz, 0x1001)}, 0},
    {"in the hole", "segment 0: virtual range 0x800000000000+0x800 leaves the canonical 48-bit "
     "addresses", RS_ELF64_ADDRESS, {FIELD(segments[0].p_vaddr, 0x800000000000)}, 0},
    {"virtual range wraps", "segment 1: virtual range 0xfffffffffffff000+0x1000 leaves the "
     "canonical 48-bit addresses", RS_ELF64_ADDRESS,
     {FIELD(segments[1].p_vaddr, 0xfffffffffffff000), FIELD(segments[1].p_memsz, 0x1000)}, 0},
    {"physical range wraps", "segment 0: physical range 0xfffffffffffff801+0x800 passes the last "
     "64-bit address", RS_ELF64_ADDRESS, {FIELD(segments[0].p_paddr, 0xfffffffffffff801)}, 0},
    {"alignment", "segment 0: alignment 0x1800 is not a power of two", RS_ELF64_ALIGNMENT,
     {FIELD(segments[0].p_align, 0x1800)}, 0},
    {"congruence to 2", "segment 1: virtual address 0x140002000 and file offset 0x2001 differ "
     "modulo their alignment 0x2", RS_ELF64_ALIGNMENT,
     {FIELD(segments[1].p_offset, 0x2001), FIELD(segments[1].p_align, 2)}, 0},
    {"congruence by 1", "segment 0: virtual address 0x140001000 and file offset 0x1001 differ "
     "modulo their alignment 0x1000", RS_ELF64_ALIGNMENT, {FIELD(segments[0].p_offset, 0x1001)}, 0},
    {"congruence", "segment 0: virtual address 0x140001000 and file offset 0x1008 differ modulo "
     "their alignment 0x1000", RS_ELF64_ALIGNMENT, {FIELD(segments[0].p_offset, 0x1008)}, 0},
    {"overlap by one byte", "segment 1: virtual range 0x140002000+0x900 overlaps segment 0 "
     "(0x140001000+0x1001)", RS_ELF64_OVERLAP, {FIELD(segments[0].p_memsz, 0x1001)}, 0},
    {"overlap from below", "segment 1: virtual range 0x140000000+0x1001 overlaps segment 0 "
     "(0x140001000+0x800)", RS_ELF64_OVERLAP,
     {FIELD(segments[1].p_vaddr, 0x140000000), FIELD(segments[1].p_memsz, 0x1001)}, 0},
    {"entry nowhere", "entry point 0x140001800 is in no segment", RS_ELF64_ENTRY,
     {FIELD(header.e_entry, 0x140001800)}, 0},
    {"entry below", "entry point 0x140000fff is in no segment", RS_ELF64_ENTRY,
     {FIELD(header.e_entry, 0x140000fff)}, 0},
    {"entry in data", "entry point 0x140002000 is in segment 1, which is not executable",
     RS_ELF64_ENTRY, {FIELD(header.e_entry, 0x140002000)}, 0},
};
// clang-format on

static void apply(const struct patch *patches, size_t count)
{
    for (size_t i = 0; i < count; i++)
        memcpy((uint8_t *)&elf + patches[i].offset, &patches[i].value, patches[i].width);
}

START_TEST(rejects_damage)
{
    const char *name = damages[_i].name;

    apply(damages[_i].patches, ARRAY_SIZE(damages[_i].patches));
    assert_row_eq(name, parse(damages[_i].size > 0 ? damages[_i].size : sizeof(elf)), -1);
    ck_assert_str_eq(error.message, damages[_i].message);
    assert_row_eq(name, error.code, damages[_i].code);
}
END_TEST

/* Cut anywhere, the file is refused or has lost only what is not loaded. Nothing reads past it. */
START_TEST(every_truncation_is_safe)
{
    for (size_t size = 0; size < sizeof(elf); size++)
        ck_assert_int_eq(parse(size), size < 0x2100 ? -1 : 0);
}
END_TEST

/* Seventeen loadable segments, one page each; the table is put behind everything else. */
START_TEST(segments_are_bounded)
{
    Elf64_Phdr *headers = (Elf64_Phdr *)(void *)elf.rest;

    elf.header.e_phoff = offsetof(struct fake_elf, rest);
    for (unsigned i = 0; i < RS_ELF64_SEGMENTS_MAX; i++) {
        headers[i] = elf.segments[0];
        headers[i].p_filesz = 0;
        headers[i].p_vaddr += i * UINT64_C(0x1000);
    }
    elf.header.e_phnum = RS_ELF64_SEGMENTS_MAX;
    ck_assert_msg(parse(sizeof(elf)) == 0, "%s", error.message);
    ck_assert_uint_eq(image.segment_count, RS_ELF64_SEGMENTS_MAX);
    /* Sixty-four headers, the others empty. */
    elf.header.e_phnum = RS_ELF64_PROGRAM_HEADERS_MAX;
    memset(&headers[RS_ELF64_SEGMENTS_MAX], 0, 48 * sizeof(headers[0]));
    ck_assert_msg(parse(sizeof(elf)) == 0, "%s", error.message);
    headers[RS_ELF64_SEGMENTS_MAX] = headers[0];
    headers[RS_ELF64_SEGMENTS_MAX].p_vaddr += UINT64_C(0x10000);
    ck_assert_int_eq(parse(sizeof(elf)), -1);
    ck_assert_str_eq(error.message, "segment 16: more than 16 loadable segments");
}
END_TEST

/* The edges of the canonical halves are inside. */
START_TEST(canonical_edges_are_allowed)
{
    elf.segments[1].p_vaddr = 0x7ffffffff000;
    elf.segments[1].p_memsz = 0x1000;
    ck_assert_msg(parse(sizeof(elf)) == 0, "%s", error.message);
    elf.segments[1].p_vaddr = 0xffff800000000000;
    ck_assert_msg(parse(sizeof(elf)) == 0, "%s", error.message);
    elf.segments[1].p_vaddr = 0xfffffffffffff000;
    elf.segments[1].p_memsz = 0xfff;
    ck_assert_msg(parse(sizeof(elf)) == 0, "%s", error.message);
}
END_TEST

START_TEST(entry_is_the_last_byte)
{
    elf.header.e_entry = 0x1400017ff;
    ck_assert_msg(parse(sizeof(elf)) == 0, "%s", error.message);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("elf64");
    TCase *tests = tcase_create("elf64");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, parses_a_sound_file);
    tcase_add_test(tests, physical_end_is_the_highest);
    tcase_add_test(tests, empty_segments_are_left_out);
    tcase_add_loop_test(tests, alignment_may_be_0_or_1, 0, 2);
    tcase_add_test(tests, alignment_is_of_the_difference);
    tcase_add_test(tests, segment_without_file_bytes);
    tcase_add_test(tests, physical_range_may_reach_the_end);
    tcase_add_test(tests, unknown_flag_bits_are_dropped);
    tcase_add_loop_test(tests, rejects_damage, 0, ARRAY_SIZE(damages));
    tcase_add_test(tests, every_truncation_is_safe);
    tcase_add_test(tests, segments_are_bounded);
    tcase_add_test(tests, canonical_edges_are_allowed);
    tcase_add_test(tests, entry_is_the_last_byte);
    suite_add_tcase(suite, tests);
    return unit_run(suite);
}
