/* SPDX-License-Identifier: MIT
 * What is done with a parsed ELF64 file: checking its place, placing it, reading symbols and notes.
 */
#include "fake_elf.h"
#include "loader/elf64.h"
#include "unit.h"

#define RAM_LOW UINT64_C(0x20000)
#define RAM_HIGH UINT64_C(0x4000000)

static struct fake_elf elf;
static struct rs_elf64_image image;
static struct rs_elf64_error error;

static void setup(void)
{
    fake_elf_init(&elf);
}

static void parse(void)
{
    ck_assert_msg(rs_elf64_parse(&elf, sizeof(elf), &image, &error) == 0, "%s", error.message);
}

static void check_refused(int result, enum rs_elf64_code code, const char *message)
{
    ck_assert_int_eq(result, -1);
    ck_assert_str_eq(error.message, message);
    ck_assert_int_eq(error.code, code);
}

START_TEST(sound_file_may_be_both)
{
    parse();
    ck_assert_msg(rs_elf64_check_kernel(&image, RAM_LOW, RAM_HIGH, &error) == 0, "%s",
                  error.message);
    ck_assert_msg(rs_elf64_check_program(&image, &error) == 0, "%s", error.message);
}
END_TEST

/* The first segment is checked as the second is. */
START_TEST(every_segment_is_checked)
{
    elf.segments[0].p_paddr = 0x1000;
    parse();
    check_refused(rs_elf64_check_kernel(&image, RAM_LOW, RAM_HIGH, &error), RS_ELF64_ADDRESS,
                  "segment 0: physical range 0x1000+0x800 is not inside guest memory "
                  "0x20000-0x4000000");
    setup();
    elf.segments[0].p_vaddr = 0x1000;
    elf.header.e_entry = 0x1000;
    parse();
    check_refused(rs_elf64_check_program(&image, &error), RS_ELF64_ADDRESS,
                  "segment 0: virtual range 0x1000+0x800 is not inside program space "
                  "0x10000-0x7fffffff0000");
}
END_TEST

/* Text that ends where data begins, in both address spaces. */
START_TEST(segments_may_touch)
{
    elf.segments[0].p_memsz = 0x1000;
    parse();
    ck_assert_int_eq(rs_elf64_check_kernel(&image, RAM_LOW, RAM_HIGH, &error), 0);
    ck_assert_int_eq(rs_elf64_check_program(&image, &error), 0);
}
END_TEST

/* Two segments with a page in common, of either order in the table. */
START_TEST(segments_do_not_share_a_page)
{
    static const char message[] = "segment 1: shares a page with segment 0 (0x140001900 and "
                                  "0x140001000): align segments to 0x1000";

    elf.segments[1].p_align = 1;
    elf.segments[1].p_vaddr = 0x140001900;
    elf.segments[1].p_paddr = 0x201900;
    parse();
    check_refused(rs_elf64_check_kernel(&image, RAM_LOW, RAM_HIGH, &error), RS_ELF64_OVERLAP,
                  message);
    check_refused(rs_elf64_check_program(&image, &error), RS_ELF64_OVERLAP, message);

    elf.segments[1].p_vaddr = 0x140000f00;
    elf.segments[1].p_memsz = 0x100;
    elf.segments[1].p_paddr = 0x200f00;
    parse();
    ck_assert_int_eq(rs_elf64_check_program(&image, &error), 0);
    elf.segments[0].p_align = 1;
    elf.segments[0].p_vaddr = 0x140001001;
    elf.segments[1].p_memsz = 0x101;
    parse();
    check_refused(rs_elf64_check_program(&image, &error), RS_ELF64_OVERLAP,
                  "segment 1: shares a page with segment 0 (0x140000f00 and 0x140001001): align "
                  "segments to 0x1000");
}
END_TEST

static const struct {
    uint64_t paddr, memory_size;
    const char *range; /* NULL: allowed */
} physical[] = {
    {RAM_LOW, 0x900, NULL},
    {RAM_LOW - 0x1000, 0x900, "0x1f000+0x900"},
    {RAM_HIGH - 0x1000, 0x1000, NULL},
    {RAM_HIGH - 0x1000, 0x1001, "0x3fff000+0x1001"},
    {RAM_HIGH, 0x900, "0x4000000+0x900"},
    {RAM_HIGH + 0x1000, 0x900, "0x4001000+0x900"},
    {0x300000, 0x7ffe00000000, "0x300000+0x7ffe00000000"},
};

START_TEST(kernel_must_be_in_ram)
{
    char message[200];

    elf.segments[1].p_paddr = physical[_i].paddr;
    elf.segments[1].p_memsz = physical[_i].memory_size;
    parse();
    if (physical[_i].range == NULL) {
        ck_assert_msg(rs_elf64_check_kernel(&image, RAM_LOW, RAM_HIGH, &error) == 0, "%s",
                      error.message);
        return;
    }
    snprintf(message, sizeof(message),
             "segment 1: physical range %s is not inside guest memory 0x20000-0x4000000",
             physical[_i].range);
    check_refused(rs_elf64_check_kernel(&image, RAM_LOW, RAM_HIGH, &error), RS_ELF64_ADDRESS,
                  message);
}
END_TEST

START_TEST(kernel_segments_do_not_overlap_in_memory)
{
    elf.segments[1].p_paddr = 0x201000;
    parse();
    check_refused(rs_elf64_check_kernel(&image, RAM_LOW, RAM_HIGH, &error), RS_ELF64_OVERLAP,
                  "segment 1: physical range 0x201000+0x900 overlaps segment 0 (0x201000+0x800)");
    /* From below, by one byte; and just not. */
    elf.segments[1].p_paddr = 0x200000;
    elf.segments[1].p_memsz = 0x1001;
    parse();
    check_refused(rs_elf64_check_kernel(&image, RAM_LOW, RAM_HIGH, &error), RS_ELF64_OVERLAP,
                  "segment 1: physical range 0x200000+0x1001 overlaps segment 0 (0x201000+0x800)");
    elf.segments[1].p_memsz = 0x1000;
    parse();
    ck_assert_int_eq(rs_elf64_check_kernel(&image, RAM_LOW, RAM_HIGH, &error), 0);
}
END_TEST

START_TEST(kernel_is_mapped_by_pages)
{
    elf.segments[1].p_paddr = 0x202001;
    parse();
    check_refused(rs_elf64_check_kernel(&image, RAM_LOW, RAM_HIGH, &error), RS_ELF64_ALIGNMENT,
                  "segment 1: physical address 0x202001 and virtual address 0x140002000 differ "
                  "modulo the page size");
}
END_TEST

/* Below the size of memory, virtual addresses are those of the identity map. */
START_TEST(kernel_does_not_hide_the_identity_map)
{
    elf.segments[1].p_vaddr = 0x3fff000;
    parse();
    check_refused(rs_elf64_check_kernel(&image, RAM_LOW, RAM_HIGH, &error), RS_ELF64_ADDRESS,
                  "segment 1: virtual address 0x3fff000 is inside the identity map of memory but "
                  "is not its physical address 0x202000");
    elf.segments[1].p_vaddr = 0x202000;
    parse();
    ck_assert_int_eq(rs_elf64_check_kernel(&image, RAM_LOW, RAM_HIGH, &error), 0);
    elf.segments[1].p_vaddr = RAM_HIGH;
    parse();
    ck_assert_int_eq(rs_elf64_check_kernel(&image, RAM_LOW, RAM_HIGH, &error), 0);
}
END_TEST

static const struct {
    uint64_t vaddr, memory_size;
    bool allowed;
} virtual[] = {
    {0x10000, 0x900, true},
    {0xf000, 0x900, false},
    {0x7ffffffef000, 0x1000, true},
    {0x7ffffffef000, 0x1001, false},
    {0x7fffffff0000, 0x100, false},
    {0x7fffffff1000, 0x900, false},
    {0xfffff80140000000, 0x900, false},
};

START_TEST(program_must_be_in_user_space)
{
    char message[200];

    elf.segments[1].p_vaddr = virtual[_i].vaddr;
    elf.segments[1].p_memsz = virtual[_i].memory_size;
    parse();
    if (virtual[_i].allowed) {
        ck_assert_msg(rs_elf64_check_program(&image, &error) == 0, "%s", error.message);
        return;
    }
    snprintf(message, sizeof(message),
             "segment 1: virtual range %#" PRIx64 "+%#" PRIx64
             " is not inside program space 0x10000-0x7fffffff0000",
             virtual[_i].vaddr, virtual[_i].memory_size);
    check_refused(rs_elf64_check_program(&image, &error), RS_ELF64_ADDRESS, message);
}
END_TEST

/* Memory of the place function: two slots, and a segment that is to be refused. */
struct placed {
    unsigned calls, refuse;
    uint64_t gpa[2];
    const void *bytes[2];
    size_t file_size[2], memory_size[2];
};

static int place(void *context, uint64_t gpa, const void *bytes, size_t file_size,
                 size_t memory_size)
{
    struct placed *placed = context;
    unsigned call = placed->calls++;

    placed->gpa[call] = gpa;
    placed->bytes[call] = bytes;
    placed->file_size[call] = file_size;
    placed->memory_size[call] = memory_size;
    return placed->calls == placed->refuse ? -1 : 0;
}

START_TEST(places_each_segment)
{
    struct placed placed = {0};

    parse();
    ck_assert_int_eq(rs_elf64_place(&image, place, &placed, &error), 0);
    ck_assert_uint_eq(placed.calls, 2);
    ck_assert_uint_eq(placed.gpa[0], 0x201000);
    ck_assert_ptr_eq(placed.bytes[0], (const uint8_t *)&elf + 0x1000);
    ck_assert_uint_eq(placed.file_size[0], 0x800);
    ck_assert_uint_eq(placed.gpa[1], 0x202000);
    ck_assert_ptr_eq(placed.bytes[1], (const uint8_t *)&elf + 0x2000);
    ck_assert_uint_eq(placed.file_size[1], 0x100);
    ck_assert_uint_eq(placed.memory_size[1], 0x900);
}
END_TEST

START_TEST(placing_stops_at_a_refusal)
{
    struct placed placed = {.refuse = 1};

    parse();
    check_refused(rs_elf64_place(&image, place, &placed, &error), RS_ELF64_PLACE,
                  "segment 0: cannot be placed at 0x201000 (0x800 bytes)");
    ck_assert_uint_eq(placed.calls, 1);
}
END_TEST

static unsigned count_symbols(void)
{
    struct rs_elf64_symbols symbols;
    struct rs_elf64_symbol symbol;
    unsigned count = 0;

    parse();
    rs_elf64_symbols_begin(&image, &symbols);
    while (rs_elf64_symbols_next(&symbols, &symbol))
        count++;
    return count;
}

START_TEST(lists_functions)
{
    struct rs_elf64_symbols symbols;
    struct rs_elf64_symbol symbol;

    parse();
    rs_elf64_symbols_begin(&image, &symbols);
    ck_assert(rs_elf64_symbols_next(&symbols, &symbol));
    ck_assert_str_eq(symbol.name, "start");
    ck_assert_uint_eq(symbol.value, 0x140001010);
    ck_assert_uint_eq(symbol.size, 0x20);
    ck_assert(rs_elf64_symbols_next(&symbols, &symbol));
    ck_assert_str_eq(symbol.name, "last");
    ck_assert_uint_eq(symbol.value, 0x140001100);
    ck_assert_uint_eq(symbol.size, 0);
    ck_assert(!rs_elf64_symbols_next(&symbols, &symbol));
    ck_assert(!rs_elf64_symbols_next(&symbols, &symbol));
}
END_TEST

/* A name that runs to the end of the strings without a NUL is no name. */
START_TEST(names_end_inside_the_strings)
{
    elf.sections[2].sh_size = 14 + 4; /* "last" without its NUL */
    ck_assert_uint_eq(count_symbols(), 1);
}
END_TEST

START_TEST(a_partial_symbol_is_left_out)
{
    elf.sections[1].sh_size = 7 * sizeof(Elf64_Sym) - 1;
    ck_assert_uint_eq(count_symbols(), 1);
}
END_TEST

/* Section headers are optional: what is wrong with them hides symbols, and nothing else. */
static void spoil_sections(int row)
{
    switch (row) {
    case 0:
        elf.header.e_shnum = 0;
        break;
    case 1:
        elf.header.e_shentsize = 40;
        break;
    case 2:
        elf.header.e_shoff = FAKE_ELF_SIZE - 3 * sizeof(Elf64_Shdr) + 1;
        break;
    case 3:
        elf.header.e_shoff = UINT64_MAX;
        break;
    case 4:
        elf.sections[1].sh_type = SHT_PROGBITS;
        break;
    case 5:
        elf.sections[1].sh_size = UINT64_MAX;
        break;
    case 6:
        elf.sections[1].sh_entsize = 16;
        break;
    case 7:
        elf.header.e_shnum = 2; /* the strings are the section behind the last */
        break;
    case 8:
        elf.sections[1].sh_link = 1;
        break;
    case 9:
        elf.sections[2].sh_offset = FAKE_ELF_SIZE;
        break;
    default:
        elf.sections[2].sh_size = 0;
        break;
    }
}

START_TEST(damaged_sections_have_no_symbols)
{
    spoil_sections(_i);
    ck_assert_uint_eq(count_symbols(), 0);
}
END_TEST

START_TEST(finds_the_build_identifier)
{
    const uint8_t *id;

    parse();
    ck_assert_uint_eq(rs_elf64_build_id(&image, &id), 20);
    ck_assert_uint_eq(id[0], 1);
    ck_assert_uint_eq(id[19], 20);
}
END_TEST

static size_t build_id_size(void)
{
    const uint8_t *id;
    size_t size;

    parse();
    size = rs_elf64_build_id(&image, &id);
    ck_assert((id != NULL) == (size > 0));
    return size;
}

static void spoil_note(int row)
{
    switch (row) {
    case 0:
        elf.segments[2].p_type = PT_NULL;
        break;
    case 1:
        elf.segments[2].p_offset = FAKE_ELF_SIZE;
        break;
    case 2:
        elf.segments[2].p_filesz = sizeof(Elf64_Nhdr) - 1;
        break;
    case 3:
        elf.note.header.n_namesz = UINT32_MAX;
        break;
    case 4:
        elf.note.header.n_descsz = 21;
        break;
    case 5:
        elf.note.header.n_type = NT_GNU_ABI_TAG;
        break;
    case 6:
        elf.note.header.n_namesz = 3;
        break;
    case 7:
        elf.note.name[0] = 'g';
        break;
    default:
        elf.note.header.n_descsz = UINT32_MAX - 1;
        break;
    }
}

START_TEST(other_notes_are_no_build_identifier)
{
    spoil_note(_i);
    ck_assert_uint_eq(build_id_size(), 0);
}
END_TEST

/* Notes follow one another at multiples of 4; the last one's padding may be missing. */
START_TEST(notes_are_padded)
{
    static const uint32_t notes[] = {
        /* namesz, descsz, type, "ab\0" + padding, 5 bytes + padding */
        3,
        5,
        7,
        0x00006261,
        0x04030201,
        0x00000005,
        /* no name, one byte, no padding */
        0,
        1,
        9,
        0x000000aa,
    };
    struct rs_elf64_notes iterator;
    struct rs_elf64_note note;

    memcpy(elf.rest, notes, sizeof(notes));
    elf.segments[2].p_offset = offsetof(struct fake_elf, rest);
    elf.segments[2].p_filesz = sizeof(notes) - 3;
    parse();
    rs_elf64_notes_begin(&image, &iterator);
    ck_assert(rs_elf64_notes_next(&iterator, &note));
    ck_assert_uint_eq(note.type, 7);
    ck_assert_uint_eq(note.name_size, 3);
    ck_assert_str_eq(note.name, "ab");
    ck_assert_uint_eq(note.descriptor_size, 5);
    ck_assert_uint_eq(note.descriptor[4], 5);
    ck_assert(rs_elf64_notes_next(&iterator, &note));
    ck_assert_uint_eq(note.type, 9);
    ck_assert_uint_eq(note.name_size, 0);
    ck_assert_uint_eq(note.descriptor_size, 1);
    ck_assert_uint_eq(note.descriptor[0], 0xaa);
    ck_assert(!rs_elf64_notes_next(&iterator, &note));
    ck_assert(!rs_elf64_notes_next(&iterator, &note));
}
END_TEST

/* A note of nothing but its header, at the very end. */
START_TEST(notes_may_be_empty)
{
    struct rs_elf64_notes iterator;
    struct rs_elf64_note note;

    memset(elf.rest, 0, sizeof(Elf64_Nhdr));
    elf.segments[2].p_offset = offsetof(struct fake_elf, rest);
    elf.segments[2].p_filesz = sizeof(Elf64_Nhdr);
    parse();
    rs_elf64_notes_begin(&image, &iterator);
    ck_assert(rs_elf64_notes_next(&iterator, &note));
    ck_assert_uint_eq(note.name_size, 0);
    ck_assert_uint_eq(note.descriptor_size, 0);
    ck_assert(!rs_elf64_notes_next(&iterator, &note));
}
END_TEST

/* With p_align 8 fields are padded to 8 bytes: GNU property notes. */
START_TEST(notes_may_be_aligned_to_8)
{
    static const uint32_t notes[] = {4, 4, 5, 0x00554e47, 0x11111111, 0, 4, 4, 6, 0, 0, 0};
    struct rs_elf64_notes iterator;
    struct rs_elf64_note note;

    memcpy(elf.rest, notes, sizeof(notes));
    elf.segments[2].p_offset = offsetof(struct fake_elf, rest);
    elf.segments[2].p_filesz = sizeof(notes);
    elf.segments[2].p_align = 8;
    parse();
    rs_elf64_notes_begin(&image, &iterator);
    ck_assert(rs_elf64_notes_next(&iterator, &note));
    ck_assert_uint_eq(note.type, 5);
    ck_assert(rs_elf64_notes_next(&iterator, &note));
    ck_assert_uint_eq(note.type, 6);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("elf64-use");
    TCase *tests = tcase_create("elf64-use");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, sound_file_may_be_both);
    tcase_add_test(tests, every_segment_is_checked);
    tcase_add_test(tests, segments_may_touch);
    tcase_add_test(tests, segments_do_not_share_a_page);
    tcase_add_loop_test(tests, kernel_must_be_in_ram, 0, ARRAY_SIZE(physical));
    tcase_add_test(tests, kernel_segments_do_not_overlap_in_memory);
    tcase_add_test(tests, kernel_is_mapped_by_pages);
    tcase_add_test(tests, kernel_does_not_hide_the_identity_map);
    tcase_add_loop_test(tests, program_must_be_in_user_space, 0, ARRAY_SIZE(virtual));
    tcase_add_test(tests, places_each_segment);
    tcase_add_test(tests, placing_stops_at_a_refusal);
    tcase_add_test(tests, lists_functions);
    tcase_add_test(tests, names_end_inside_the_strings);
    tcase_add_test(tests, a_partial_symbol_is_left_out);
    tcase_add_loop_test(tests, damaged_sections_have_no_symbols, 0, 11);
    tcase_add_test(tests, finds_the_build_identifier);
    tcase_add_loop_test(tests, other_notes_are_no_build_identifier, 0, 9);
    tcase_add_test(tests, notes_are_padded);
    tcase_add_test(tests, notes_may_be_empty);
    tcase_add_test(tests, notes_may_be_aligned_to_8);
    suite_add_tcase(suite, tests);
    return unit_run(suite);
}
