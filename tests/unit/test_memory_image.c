/* SPDX-License-Identifier: MIT
 * What guest memory held, put back: which pages, and which of them leave the log. */
#include "memory/memory_image.h"
#include "unit.h"

#include <ringscope/x86/cpu.h>

#define PAGES 130 /* two words of a log and a bit */
#define HIGH_GPA UINT64_C(0xe0000000)

static struct rs_memory memory;
static struct rs_memory_image image;
static uint64_t gpas[PAGES + 2], log_words[3];
static struct rs_memory_changes changes;

static void put(uint64_t gpa, uint64_t value)
{
    ck_assert_int_eq(rs_memory_write(&memory, gpa, &value, sizeof(value)), 0);
}

static uint64_t get(uint64_t gpa)
{
    uint64_t value = 0;

    ck_assert_int_eq(rs_memory_read(&memory, gpa, &value, sizeof(value)), 0);
    return value;
}

/* As a guest writes: the VMM knows nothing of it. */
static void poke(uint64_t gpa, uint64_t value)
{
    put(gpa, value);
    memory.regions[0].written[gpa / PAGE_SIZE] = 0;
}

static void setup(void)
{
    ck_assert_int_eq(rs_memory_add(&memory, 0, PAGES * PAGE_SIZE), 0);
    ck_assert_int_eq(rs_memory_add(&memory, HIGH_GPA, 2 * PAGE_SIZE), 1);
    put(3 * PAGE_SIZE, 33);
    put(HIGH_GPA + PAGE_SIZE, 44);
    ck_assert_int_eq(rs_memory_image_take(&image, &memory), 0);
    memset(log_words, 0, sizeof(log_words));
    changes = (struct rs_memory_changes){.gpas = gpas};
}

static void teardown(void)
{
    rs_memory_image_free(&image);
    rs_memory_free(&memory);
}

START_TEST(what_the_vmm_wrote_is_put_back_without_a_log)
{
    put(3 * PAGE_SIZE + 8, 1);
    put(PAGES * PAGE_SIZE - 8, 2);
    rs_memory_image_put(&image, &memory, 0, log_words, &changes);
    ck_assert_uint_eq(changes.count, 2);
    ck_assert_uint_eq(gpas[0], 3 * PAGE_SIZE);
    ck_assert_uint_eq(gpas[1], (PAGES - 1) * PAGE_SIZE);
    ck_assert_uint_eq(get(3 * PAGE_SIZE), 33);
    ck_assert_uint_eq(get(3 * PAGE_SIZE + 8), 0);
    ck_assert_uint_eq(get(PAGES * PAGE_SIZE - 8), 0);
    changes.count = 0;
    rs_memory_image_put(&image, &memory, 0, log_words, &changes);
    ck_assert_uint_eq(changes.count, 0);
}
END_TEST

START_TEST(what_the_guest_wrote_is_put_back_by_the_log)
{
    poke(65 * PAGE_SIZE, 5);
    poke(66 * PAGE_SIZE, 6);
    log_words[1] = 1 << 1; /* page 65 */
    rs_memory_image_put(&image, &memory, 0, log_words, &changes);
    ck_assert_uint_eq(changes.count, 1);
    ck_assert_uint_eq(gpas[0], 65 * PAGE_SIZE);
    ck_assert_uint_eq(get(65 * PAGE_SIZE), 0);
    ck_assert_uint_eq(get(66 * PAGE_SIZE), 6); /* not in the log: not looked at */
    ck_assert_uint_eq(log_words[1], 0);        /* written just now: it stays in KVM's log */
}
END_TEST

START_TEST(a_write_across_pages_counts_for_both)
{
    uint8_t bytes[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

    ck_assert_int_eq(rs_memory_write(&memory, 8 * PAGE_SIZE - 8, bytes, sizeof(bytes)), 0);
    rs_memory_image_put(&image, &memory, 0, log_words, &changes);
    ck_assert_uint_eq(changes.count, 2);
    ck_assert_uint_eq(get(8 * PAGE_SIZE - 8), 0);
    ck_assert_uint_eq(get(8 * PAGE_SIZE), 0);
}
END_TEST

START_TEST(an_instruction_patch_counts)
{
    static const uint8_t zero[2] = {0, 0}, patch[2] = {0xe6, 0x9a};
    struct rs_place place;

    ck_assert_int_eq(rs_memory_find_place(&memory, 2 * PAGE_SIZE - 1, &place), 0);
    rs_place_replace(&place, zero, patch);
    rs_memory_image_put(&image, &memory, 0, log_words, &changes);
    ck_assert_uint_eq(changes.count, 2); /* it lies in two pages */
    ck_assert_uint_eq(get(PAGE_SIZE), 0);
    ck_assert_uint_eq(get(2 * PAGE_SIZE), 0);
}
END_TEST

START_TEST(an_unchanged_page_leaves_the_log_in_the_end)
{
    unsigned rounds = 0;

    do {
        log_words[0] = 1 << 3;
        rs_memory_image_put(&image, &memory, 0, log_words, &changes);
        rounds++;
    } while (log_words[0] == 0 && rounds < 100);
    ck_assert_uint_eq(log_words[0], 1 << 3);
    ck_assert_uint_eq(changes.count, 0);
    ck_assert_uint_gt(rounds, 1);
}
END_TEST

START_TEST(the_digest_sees_every_byte_and_its_place)
{
    uint64_t before = rs_memory_digest(&memory, 1), other;

    poke(PAGES * PAGE_SIZE - 8, UINT64_C(1) << 63);
    other = rs_memory_digest(&memory, 1);
    ck_assert_uint_ne(other, before);
    poke(PAGES * PAGE_SIZE - 8, 0);
    ck_assert_uint_eq(rs_memory_digest(&memory, 1), before);
    poke(4 * PAGE_SIZE, 33); /* the content of page 3, moved */
    poke(3 * PAGE_SIZE, 0);
    ck_assert_uint_ne(rs_memory_digest(&memory, 1), before);
    ck_assert_uint_ne(rs_digest(1, "abc", 3), rs_digest(1, "abd", 3));
}
END_TEST

START_TEST(regions_are_put_back_one_by_one)
{
    put(HIGH_GPA + PAGE_SIZE, 45);
    rs_memory_image_put(&image, &memory, 0, log_words, &changes);
    ck_assert_uint_eq(get(HIGH_GPA + PAGE_SIZE), 45);
    rs_memory_image_put(&image, &memory, 1, log_words, &changes);
    ck_assert_uint_eq(get(HIGH_GPA + PAGE_SIZE), 44);
    ck_assert_uint_eq(gpas[0], HIGH_GPA + PAGE_SIZE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory_image");
    TCase *tests = tcase_create("memory_image");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, what_the_vmm_wrote_is_put_back_without_a_log);
    tcase_add_test(tests, what_the_guest_wrote_is_put_back_by_the_log);
    tcase_add_test(tests, a_write_across_pages_counts_for_both);
    tcase_add_test(tests, an_instruction_patch_counts);
    tcase_add_test(tests, an_unchanged_page_leaves_the_log_in_the_end);
    tcase_add_test(tests, the_digest_sees_every_byte_and_its_place);
    tcase_add_test(tests, regions_are_put_back_one_by_one);
    suite_add_tcase(suite, tests);
    return unit_run(suite);
}
