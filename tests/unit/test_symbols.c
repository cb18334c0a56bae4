/* SPDX-License-Identifier: MIT
 * Symbols of an image: this test's own file, and damaged ones. */
#include "symbols/symbols.h"
#include "unit.h"

#include <link.h>

/* Where this executable was loaded: its symbols have the file's addresses. */
static uintptr_t load_bias(void)
{
    extern struct r_debug _r_debug;

    return _r_debug.r_map->l_addr;
}

__attribute__((noinline, used)) static int marked_function(int value)
{
    return value * 3 + 1;
}

static struct rs_blob read_self(void)
{
    static char bytes[16 << 20];
    FILE *file = fopen("/proc/self/exe", "rb");
    struct rs_blob blob = {"/somewhere/self", bytes, 0};

    ck_assert_ptr_nonnull(file);
    blob.size = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    ck_assert_uint_gt(blob.size, 1000);
    return blob;
}

static uint64_t marked_address(void)
{
    return (uintptr_t)marked_function - load_bias();
}

START_TEST(names_a_function_and_an_offset)
{
    struct rs_symbols *symbols = rs_symbols_new();
    struct rs_blob self = read_self();
    char text[RS_SYMBOL_TEXT_MAX];

    ck_assert_int_eq(rs_symbols_add(symbols, &self), 0);
    ck_assert(rs_symbols_format(symbols, marked_address(), text, sizeof(text)));
    ck_assert_str_eq(text, "self!marked_function");
    ck_assert(rs_symbols_format(symbols, marked_address() + 1, text, sizeof(text)));
    ck_assert_str_eq(text, "self!marked_function+0x1");
    rs_symbols_free(symbols);
}
END_TEST

static int resolve(const struct rs_symbols *symbols, const char *name, uint64_t *first,
                   uint64_t *last, char *message)
{
    return rs_symbols_resolve(symbols, name, strlen(name), first, last, message,
                              RS_SYMBOL_TEXT_MAX);
}

START_TEST(finds_images_and_functions)
{
    struct rs_symbols *symbols = rs_symbols_new();
    struct rs_blob self = read_self();
    char text[RS_SYMBOL_TEXT_MAX];
    uint64_t first, last, end;

    ck_assert_int_eq(rs_symbols_add(symbols, &self), 0);
    ck_assert_int_eq(resolve(symbols, "self!marked_function", &first, &end, text), 0);
    ck_assert_uint_eq(first, marked_address());
    ck_assert(rs_symbols_format(symbols, end, text, sizeof(text)));
    ck_assert_msg(strncmp(text, "self!marked_function+", 21) == 0, "%s", text);
    rs_symbols_format(symbols, end + 1, text, sizeof(text));
    ck_assert_msg(strncmp(text, "self!marked_function", 20) != 0, "%s", text);
    ck_assert_int_eq(resolve(symbols, "self!marked_function+0x1", &first, &last, text), 0);
    ck_assert_uint_eq(first, marked_address() + 1);
    ck_assert_uint_eq(last, first);
    ck_assert_int_eq(resolve(symbols, "self", &first, &last, text), 0);
    ck_assert(first <= marked_address() && last >= end);
    ck_assert_uint_lt(last - first, 64 << 20);
    /* The length counts, not the end of the string. */
    ck_assert_int_eq(rs_symbols_resolve(symbols, "self and more", 4, &first, &last, text, 1), 0);
    rs_symbols_free(symbols);
}
END_TEST

START_TEST(says_why_a_name_is_not_found)
{
    struct rs_symbols *symbols = rs_symbols_new();
    struct rs_blob self = read_self();
    char text[RS_SYMBOL_TEXT_MAX], expected[RS_SYMBOL_TEXT_MAX], long_name[200];
    uint64_t first, last;

    ck_assert_int_eq(rs_symbols_add(symbols, &self), 0);
    ck_assert_int_eq(resolve(symbols, "elf", &first, &last, text), -1);
    ck_assert_str_eq(text, "unknown image 'elf': the images are self");
    ck_assert_int_eq(resolve(symbols, "self!mark", &first, &last, text), -1);
    ck_assert_str_eq(text, "image 'self' has no function 'mark'");
    ck_assert_int_eq(resolve(symbols, "self!marked_function+x", &first, &last, text), -1);
    ck_assert_str_eq(text, "'x' is not an offset");
    ck_assert_int_eq(resolve(symbols, "self!marked_function", &first, &last, text), 0);
    ck_assert_int_eq(resolve(symbols, "self!marked_function+0x1000", &first, &first, text), -1);
    snprintf(expected, sizeof(expected),
             "'marked_function' has %#" PRIx64 " bytes: 0x1000 is behind it",
             last - marked_address() + 1);
    ck_assert_str_eq(text, expected);
    memset(long_name, 'a', sizeof(long_name));
    ck_assert_int_eq(rs_symbols_resolve(symbols, long_name, sizeof(long_name), &first, &last, text,
                                        sizeof(text)),
                     -1);
    rs_symbols_free(symbols);
    ck_assert_int_eq(resolve(NULL, "self", &first, &last, text), -1);
}
END_TEST

START_TEST(names_file_and_line)
{
    struct rs_symbols *symbols = rs_symbols_new();
    struct rs_blob self = read_self();
    char text[RS_SYMBOL_TEXT_MAX];

    ck_assert_int_eq(rs_symbols_add(symbols, &self), 0);
    ck_assert(rs_symbols_line(symbols, marked_address(), text, sizeof(text)));
    ck_assert_msg(strncmp(text, "test_symbols.c:", 15) == 0, "%s", text);
    ck_assert(!rs_symbols_line(symbols, 1, text, sizeof(text)));
    ck_assert_str_eq(text, "");
    rs_symbols_free(symbols);
}
END_TEST

struct marked_structure {
    uint64_t first;
    uint16_t second;
    uint8_t third[24];
};

__attribute__((used)) static struct marked_structure marked_object = {.first = 1};

START_TEST(finds_symbols_by_name_and_data_by_address)
{
    struct rs_symbols *symbols = rs_symbols_new();
    struct rs_blob self = read_self();
    uint64_t address = (uintptr_t)&marked_object - load_bias();
    struct rs_symbol found;

    ck_assert_int_eq(rs_symbols_add(symbols, &self), 0);
    ck_assert(rs_symbols_find(symbols, "marked_function", &found));
    ck_assert_uint_eq(found.address, marked_address());
    ck_assert(rs_symbols_find(symbols, "self!marked_object", &found));
    ck_assert_uint_eq(found.address, address);
    ck_assert_uint_eq(found.size, sizeof(marked_object));
    ck_assert(!rs_symbols_find(symbols, "other!marked_object", &found));
    ck_assert(!rs_symbols_find(symbols, "marked_objec", &found));
    ck_assert(rs_symbols_object(symbols, address + sizeof(marked_object) - 1, &found));
    ck_assert_str_eq(found.text, "self!marked_object");
    ck_assert(!rs_symbols_object(symbols, marked_address() + 1, &found));
    rs_symbols_free(symbols);
}
END_TEST

static unsigned members_seen;

static void see_member(void *context, const char *name, uint64_t offset, uint64_t size)
{
    static const struct {
        const char *name;
        uint64_t offset, size;
    } expected[] = {{"first", 0, 8}, {"second", 8, 2}, {"third", 10, 24}};

    ck_assert_ptr_eq(context, &members_seen);
    ck_assert_uint_lt(members_seen, ARRAY_SIZE(expected));
    ck_assert_str_eq(name, expected[members_seen].name);
    ck_assert_uint_eq(offset, expected[members_seen].offset);
    ck_assert_uint_eq(size, expected[members_seen].size);
    members_seen++;
}

START_TEST(lists_the_members_of_a_structure)
{
    struct rs_symbols *symbols = rs_symbols_new();
    struct rs_blob self = read_self();

    ck_assert_int_eq(rs_symbols_add(symbols, &self), 0);
    ck_assert_uint_eq(rs_symbols_members(symbols, "marked_structure", see_member, &members_seen),
                      3);
    ck_assert_uint_eq(members_seen, 3);
    ck_assert_uint_eq(rs_symbols_members(symbols, "no_structure", see_member, NULL), 0);
    rs_symbols_free(symbols);
}
END_TEST

static void ignore_member(void *context, const char *name, uint64_t offset, uint64_t size)
{
    (void)context;
    (void)name;
    (void)offset;
    (void)size;
}

START_TEST(unknown_addresses_are_numbers)
{
    struct rs_symbols *symbols = rs_symbols_new();
    char text[RS_SYMBOL_TEXT_MAX];

    ck_assert(!rs_symbols_format(NULL, 0x1234, text, sizeof(text)));
    ck_assert_str_eq(text, "0x1234");
    ck_assert(!rs_symbols_format(symbols, 0x1234, text, sizeof(text)));
    ck_assert_str_eq(text, "0x1234");
    rs_symbols_free(symbols);
}
END_TEST

/* Every prefix of a kind, and every byte of the section headers turned over: no crash, no name that
 * is not there. */
START_TEST(damaged_images_have_no_names_or_old_ones)
{
    struct rs_blob self = read_self();
    char *copy = malloc(self.size), text[RS_SYMBOL_TEXT_MAX];
    uint64_t first, last;
    struct rs_symbol found;

    ck_assert_ptr_nonnull(copy);
    for (size_t size = 0; size < self.size; size += 997) {
        struct rs_symbols *symbols = rs_symbols_new();
        struct rs_blob cut = {"cut", copy, size};

        memcpy(copy, self.bytes, size);
        if (rs_symbols_add(symbols, &cut) == 0) {
            rs_symbols_format(symbols, marked_address(), text, sizeof(text));
            rs_symbols_resolve(symbols, "cut", 3, &first, &last, text, sizeof(text));
            rs_symbols_resolve(symbols, "cut!marked_function", 19, &first, &last, text,
                               sizeof(text));
            rs_symbols_find(symbols, "marked_object", &found);
            rs_symbols_members(symbols, "marked_structure", ignore_member, NULL);
        }
        rs_symbols_free(symbols);
    }
    free(copy);
}
END_TEST

START_TEST(images_are_bounded)
{
    struct rs_symbols *symbols = rs_symbols_new();
    struct rs_blob self = read_self();

    for (unsigned i = 0; i < RS_SYMBOL_IMAGES_MAX; i++)
        ck_assert_int_eq(rs_symbols_add(symbols, &self), 0);
    ck_assert_int_eq(rs_symbols_add(symbols, &self), -1);
    rs_symbols_free(symbols);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("symbols");

    UNIT_ADD(suite, names_a_function_and_an_offset);
    UNIT_ADD(suite, finds_images_and_functions);
    UNIT_ADD(suite, says_why_a_name_is_not_found);
    UNIT_ADD(suite, names_file_and_line);
    UNIT_ADD(suite, finds_symbols_by_name_and_data_by_address);
    UNIT_ADD(suite, lists_the_members_of_a_structure);
    UNIT_ADD(suite, unknown_addresses_are_numbers);
    UNIT_ADD(suite, damaged_images_have_no_names_or_old_ones);
    UNIT_ADD(suite, images_are_bounded);
    return unit_run(suite);
}
