/* SPDX-License-Identifier: MIT
 * Checked guest memory. Expected walks: SDM Vol. 3A, "4-Level Paging and 5-Level Paging". */
#include "memory/translation.h"
#include "unit.h"

#include <ringscope/x86/cpu.h>

#define RAM_SIZE 0x100000
#define HIGH_GPA UINT64_C(0xe0000000)

static struct rs_memory memory;

static void setup(void)
{
    ck_assert_int_eq(rs_memory_add(&memory, 0, RAM_SIZE), 0);
    ck_assert_int_eq(rs_memory_add(&memory, HIGH_GPA, 0x2000), 1);
}

static void teardown(void)
{
    rs_memory_free(&memory);
    ck_assert_uint_eq(memory.count, 0);
}

static void put(uint64_t gpa, uint64_t entry)
{
    ck_assert_int_eq(rs_memory_write(&memory, gpa, &entry, 8), 0);
}

START_TEST(ranges_are_checked)
{
    static const struct {
        const char *name;
        uint64_t gpa;
        size_t size;
        int result;
    } rows[] = {
        {"first byte", 0, 1, 0},
        {"whole region", 0, RAM_SIZE, 0},
        {"one too many", 0, RAM_SIZE + 1, -1},
        {"last byte", RAM_SIZE - 1, 1, 0},
        {"across the end", RAM_SIZE - 1, 2, -1},
        {"behind the end", RAM_SIZE, 1, -1},
        {"second region", HIGH_GPA + 0x1fff, 1, 0},
        {"below it", HIGH_GPA - 1, 2, -1},
        {"size wraps", 8, SIZE_MAX, -1},
        {"address wraps", UINT64_MAX, 2, -1},
    };
    static uint8_t buffer[RAM_SIZE + 1];

    setup();
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        assert_row_eq(rows[i].name, rs_memory_read(&memory, rows[i].gpa, buffer, rows[i].size),
                      rows[i].result);
    teardown();
}
END_TEST

START_TEST(every_size_reads_what_was_written)
{
    static const uint8_t pattern[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    uint8_t seen[16];

    setup();
    for (size_t size = 1; size <= 16; size++) {
        memset(seen, 0, sizeof(seen));
        ck_assert_int_eq(rs_memory_write(&memory, 0x1001, pattern, size), 0);
        ck_assert_int_eq(rs_memory_read(&memory, 0x1001, seen, size), 0);
        ck_assert_int_eq(memcmp(seen, pattern, size), 0);
    }
    teardown();
}
END_TEST

/* 4-level tables at 0x1000...: 0 -> page 0x8000 (4 KiB), 2 MiB -> 2 MiB page at 0, read-only for
 * ring 3, and a table whose entry lies outside memory. */
static void tables(void)
{
    put(0x1000, 0x2000 | PTE_P | PTE_W | PTE_U);
    put(0x2000, 0x3000 | PTE_P | PTE_W | PTE_U);
    put(0x3000, 0x4000 | PTE_P | PTE_W | PTE_U);
    put(0x4000, 0x8000 | PTE_P | PTE_W | PTE_U | PTE_NX);
    put(0x4008, 0x9000 | PTE_P);
    put(0x3008, 0 | PTE_P | PTE_U | PTE_PS);
    put(0x2008, 0 | PTE_P | PTE_W | PTE_PS);
    put(0x1008, UINT64_C(0x7777777000) | PTE_P);
}

START_TEST(walks_as_the_processor_does)
{
    static const struct {
        const char *name;
        uint64_t gva;
        int result;
        uint64_t gpa, rights;
    } rows[] = {
        {"4 KiB page", 0x123, 0, 0x8123, PTE_P | PTE_W | PTE_U | PTE_NX},
        {"rights are the AND", 0x1000, 0, 0x9000, PTE_P},
        {"2 MiB page", 0x2abcde, 0, 0xabcde, PTE_P | PTE_U},
        {"1 GiB page", 0x40012345, 0, 0x12345, PTE_P | PTE_W},
        {"not present", 0x3000, -1, 0, 0},
        {"table outside memory", UINT64_C(1) << 39, -1, 0, 0},
        {"not canonical", UINT64_C(1) << 47, -1, 0, 0},
        {"upper half, not present", UINT64_C(0xffff800000000000), -1, 0, 0},
    };

    setup();
    tables();
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        uint64_t gpa = 0, rights = 0;

        assert_row_eq(rows[i].name, rs_memory_walk(&memory, 0x1000, rows[i].gva, &gpa, &rights),
                      rows[i].result);
        assert_row_eq(rows[i].name, gpa, rows[i].gpa);
        assert_row_eq(rows[i].name, rights & (PTE_P | PTE_W | PTE_U | PTE_NX), rows[i].rights);
    }
    teardown();
}
END_TEST

START_TEST(virtual_copies_cross_pages_or_change_nothing)
{
    uint8_t bytes[16], zero[16] = {0}, seen[16];

    setup();
    tables();
    memset(bytes, 0xa5, sizeof(bytes));
    ck_assert_int_eq(rs_memory_write_virtual(&memory, 0x1000, 0xff8, bytes, 16), 0);
    ck_assert_int_eq(rs_memory_read(&memory, 0x8ff8, seen, 8), 0);
    ck_assert_int_eq(memcmp(seen, bytes, 8), 0);
    ck_assert_int_eq(rs_memory_read(&memory, 0x9000, seen, 8), 0);
    ck_assert_int_eq(memcmp(seen, bytes, 8), 0);
    /* 0x1ff8..0x2007: the second page is not mapped. */
    ck_assert_int_eq(rs_memory_write_virtual(&memory, 0x1000, 0x1ff8, bytes, 16), -1);
    ck_assert_int_eq(rs_memory_read(&memory, 0x9ff8, seen, 8), 0);
    ck_assert_int_eq(memcmp(seen, zero, 8), 0);
    ck_assert_int_eq(rs_memory_read_virtual(&memory, 0x1000, 0x1ff8, seen, 16), -1);
    teardown();
}
END_TEST

/* PML4, PDPT, PD, PT at 0x1000..0x4000; the page at 0x5000. */
static void map_page(void)
{
    put(0x1000, 0x2000 | PTE_P);
    put(0x2000, 0x3000 | PTE_P);
    put(0x3000, 0x4000 | PTE_P);
    put(0x4000 + 7 * 8, 0x5000 | PTE_P);
    put(0x5008, 0x1122334455667788);
}

START_TEST(a_translation_holds_while_its_entries_do)
{
    struct rs_translation translation = {0};
    uint64_t value = 0;

    setup();
    map_page();
    ck_assert_int_eq(rs_translate(&memory, 0x1000, 0x7000, &translation), 0);
    rs_translation_read(&translation, 8, &value, sizeof(value));
    ck_assert_uint_eq(value, 0x1122334455667788);
    ck_assert(rs_translation_holds(&translation, 0x1000));
    ck_assert(!rs_translation_holds(&translation, 0x6000));
    for (uint64_t entry = 0x1000; entry < 0x5000; entry += 0x1000) {
        uint64_t gpa = entry == 0x4000 ? entry + 7 * 8 : entry, before;

        ck_assert_int_eq(rs_memory_read(&memory, gpa, &before, 8), 0);
        put(gpa, before ^ PTE_W);
        ck_assert(!rs_translation_holds(&translation, 0x1000));
        put(gpa, before);
        ck_assert(rs_translation_holds(&translation, 0x1000));
    }
    teardown();
}
END_TEST

START_TEST(a_translation_is_what_a_walk_finds)
{
    struct rs_translation translation = {0};
    uint64_t value = 0;

    setup();
    map_page();
    ck_assert_int_eq(rs_translate(&memory, 0x1000, 0x6000, &translation), -1);
    ck_assert_int_eq(rs_translate(&memory, 0x1000, UINT64_C(1) << 47, &translation), -1);
    put(0x4000 + 6 * 8, RAM_SIZE | PTE_P); /* no memory there */
    ck_assert_int_eq(rs_translate(&memory, 0x1000, 0x6000, &translation), -1);
    put(0x3000 + 8, PTE_P | PTE_PS); /* 2 MiB from 0 */
    ck_assert_int_eq(rs_translate(&memory, 0x1000, 0x205000, &translation), 0);
    ck_assert_uint_eq(translation.levels, 3);
    rs_translation_read(&translation, 8, &value, sizeof(value));
    ck_assert_uint_eq(value, 0x1122334455667788);
    teardown();
}
END_TEST

START_TEST(only_what_is_expected_is_replaced)
{
    static const uint8_t first[2] = {0x48, 0xcf}, second[2] = {0xe6, 0x9a};
    struct rs_place place;
    uint8_t now[2];

    setup();
    ck_assert_int_eq(rs_memory_write(&memory, 0x101, first, 2), 0);
    ck_assert_int_eq(rs_memory_find_place(&memory, 0x101, &place), 0);
    rs_place_replace(&place, second, first);
    ck_assert_int_eq(rs_memory_read(&memory, 0x101, now, 2), 0);
    ck_assert_mem_eq(now, first, 2);
    rs_place_replace(&place, first, second);
    ck_assert_int_eq(rs_memory_read(&memory, 0x101, now, 2), 0);
    ck_assert_mem_eq(now, second, 2);
    ck_assert_int_eq(rs_memory_find_place(&memory, RAM_SIZE - 1, &place), -1);
    teardown();
}
END_TEST

START_TEST(sixteen_bytes_are_exchanged_at_once)
{
    uint64_t old[2] = {1, 2}, other[2] = {1, 3}, new[2] = {4, 5}, seen[2];

    setup();
    put(0x2010, old[0]);
    put(0x2018, old[1]);
    ck_assert(!rs_memory_exchange(&memory, 0x2010, other, new));
    ck_assert_int_eq(rs_memory_read(&memory, 0x2010, seen, sizeof(seen)), 0);
    ck_assert_int_eq(memcmp(seen, old, sizeof(seen)), 0);
    ck_assert_uint_eq(memory.regions[0].written[3], 0);
    ck_assert(rs_memory_exchange(&memory, 0x2010, old, new));
    ck_assert_int_eq(rs_memory_read(&memory, 0x2010, seen, sizeof(seen)), 0);
    ck_assert_int_eq(memcmp(seen, new, sizeof(seen)), 0);
    ck_assert(!rs_memory_exchange(&memory, 0x2018, new, old));   /* not aligned */
    ck_assert(!rs_memory_exchange(&memory, RAM_SIZE, old, new)); /* no memory */
    ck_assert(rs_memory_exchange(&memory, 0x3000, (uint64_t[2]){0, 0}, new));
    ck_assert_uint_eq(memory.regions[0].written[3], 1);
    teardown();
}
END_TEST

START_TEST(regions_are_bounded)
{
    struct rs_memory many = {0};

    for (unsigned i = 0; i < RS_MEMORY_REGIONS_MAX; i++)
        ck_assert_int_eq(rs_memory_add(&many, (uint64_t)i << 20, 0x1000), (int)i);
    ck_assert_int_lt(rs_memory_add(&many, UINT64_C(1) << 30, 0x1000), 0);
    rs_memory_free(&many);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory");

    UNIT_ADD(suite, ranges_are_checked);
    UNIT_ADD(suite, every_size_reads_what_was_written);
    UNIT_ADD(suite, walks_as_the_processor_does);
    UNIT_ADD(suite, virtual_copies_cross_pages_or_change_nothing);
    UNIT_ADD(suite, a_translation_holds_while_its_entries_do);
    UNIT_ADD(suite, a_translation_is_what_a_walk_finds);
    UNIT_ADD(suite, only_what_is_expected_is_replaced);
    UNIT_ADD(suite, sixteen_bytes_are_exchanged_at_once);
    UNIT_ADD(suite, regions_are_bounded);
    return unit_run(suite);
}
