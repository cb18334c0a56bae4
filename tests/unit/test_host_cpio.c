/* SPDX-License-Identifier: MIT
 * The initramfs writer against the format as the kernel's documentation has it. */
#include "host/cpio.h"
#include "unit.h"

#include <errno.h>
#include <sys/stat.h>

static char *archive;
static size_t archive_size;

static FILE *begin(void)
{
    FILE *file = open_memstream(&archive, &archive_size);

    ck_assert_ptr_nonnull(file);
    return file;
}

/* The field of that index after the magic: 8 hexadecimal digits. */
static unsigned long field(size_t header, unsigned index)
{
    char digits[9] = "", *end;
    unsigned long value;

    memcpy(digits, archive + header + 6 + index * 8, 8);
    value = strtoul(digits, &end, 16);
    ck_assert_ptr_eq(end, digits + 8);
    return value;
}

enum {
    INODE,
    MODE,
    UID,
    GID,
    LINKS,
    MTIME,
    SIZE,
    MAJOR,
    MINOR,
    RMAJOR,
    RMINOR,
    NAME_SIZE,
    CHECK
};

/* Checks one entry and returns where the next one begins. */
static size_t check_entry(size_t at, const struct rs_cpio_entry *expected)
{
    size_t name_size = strlen(expected->name) + 1;

    ck_assert_uint_eq(at % 4, 0);
    ck_assert_mem_eq(archive + at, "070701", 6);
    ck_assert_uint_eq(field(at, MODE), expected->mode);
    ck_assert_uint_eq(field(at, UID), 0);
    ck_assert_uint_eq(field(at, GID), 0);
    ck_assert_uint_eq(field(at, LINKS), 1);
    ck_assert_uint_eq(field(at, MTIME), 0);
    ck_assert_uint_eq(field(at, SIZE), expected->size);
    ck_assert_uint_eq(field(at, RMAJOR), expected->major);
    ck_assert_uint_eq(field(at, RMINOR), expected->minor);
    ck_assert_uint_eq(field(at, NAME_SIZE), name_size);
    ck_assert_uint_eq(field(at, CHECK), 0);
    ck_assert_mem_eq(archive + at + 110, expected->name, name_size);
    at = (at + 110 + name_size + 3) / 4 * 4;
    if (expected->size > 0)
        ck_assert_mem_eq(archive + at, expected->data, expected->size);
    return (at + expected->size + 3) / 4 * 4;
}

static const struct rs_cpio_entry entries[] = {
    {.name = "dev", .mode = S_IFDIR | 0755},
    {.name = "dev/console", .mode = S_IFCHR | 0600, .major = 5, .minor = 1},
    {.name = "a", .mode = S_IFREG | 0400, .data = "1", .size = 1},
    {.name = "bc", .mode = S_IFREG | 0400, .data = "12", .size = 2},
    {.name = "def", .mode = S_IFREG | 0400, .data = "123", .size = 3},
    {.name = "ghij", .mode = S_IFREG | 0400, .data = "1234", .size = 4},
    {.name = "empty", .mode = S_IFREG | 0500},
};

START_TEST(entries_are_read_back)
{
    const struct rs_cpio_entry trailer = {.name = "TRAILER!!!"};
    FILE *file = begin();
    size_t at = 0;

    for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
        ck_assert_int_eq(rs_cpio_add(file, &entries[i]), 0);
    ck_assert_int_eq(rs_cpio_end(file), 0);
    fclose(file);
    for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
        at = check_entry(at, &entries[i]);
    ck_assert_uint_eq(check_entry(at, &trailer), archive_size);
    free(archive);
}
END_TEST

START_TEST(a_size_of_more_than_32_bits_is_refused)
{
    struct rs_cpio_entry entry = {
        .name = "huge", .mode = S_IFREG, .data = "", .size = (size_t)UINT32_MAX + 1};
    FILE *file = begin();

    ck_assert_int_eq(rs_cpio_add(file, &entry), -1);
    ck_assert_int_eq(errno, EFBIG);
    fclose(file);
    ck_assert_uint_eq(archive_size, 0);
    free(archive);
}
END_TEST

START_TEST(a_full_disk_is_reported)
{
    FILE *file = fopen("/dev/full", "we");

    ck_assert_ptr_nonnull(file);
    setbuf(file, NULL);
    ck_assert_int_eq(rs_cpio_end(file), -1);
    ck_assert_int_eq(errno, ENOSPC);
    fclose(file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host cpio");

    UNIT_ADD(suite, entries_are_read_back);
    UNIT_ADD(suite, a_size_of_more_than_32_bits_is_refused);
    UNIT_ADD(suite, a_full_disk_is_reported);
    return unit_run(suite);
}
