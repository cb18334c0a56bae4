/* SPDX-License-Identifier: MIT
 * Test of sections: views that share, views that copy, sections of files, names, limits. */

#include "attempt.h"
#include "wide.h"

#include <tap.h>

#define PAGE 0x1000u
#define SIZE (20 * PAGE)

static HANDLE create_section(uint64_t size, uint32_t protect, uint32_t access, HANDLE file)
{
    int64_t maximum = (int64_t)size;
    HANDLE section = NULL;

    NtCreateSection(&section, access, NULL, size ? &maximum : NULL, protect, SEC_COMMIT, file);
    return section;
}

static NTSTATUS map(HANDLE section, void *base, int64_t offset, uint64_t size, uint32_t protect,
                    void **view)
{
    *view = base;
    return NtMapViewOfSection(section, NtCurrentProcess(), view, 0, 0, &offset, &size, ViewUnmap, 0,
                              protect);
}

static NTSTATUS unmap(void *view)
{
    return NtUnmapViewOfSection(NtCurrentProcess(), view);
}

static struct memory_basic_information query(const void *address)
{
    struct memory_basic_information info = {0};

    NtQueryVirtualMemory(NtCurrentProcess(), address, MemoryBasicInformation, &info, sizeof(info),
                         NULL);
    return info;
}

static void test_sharing(HANDLE section)
{
    volatile uint8_t *first, *second;
    void *view;

    tap_status(map(section, NULL, 0, 0, PAGE_READWRITE, &view), STATUS_SUCCESS, "map: a view");
    first = view;
    tap_status(map(section, NULL, 0, 0, PAGE_READONLY, &view), STATUS_SUCCESS,
               "map: a second one, read-only");
    second = view;
    tap_ok(first != second && first[SIZE - 1] == 0, "map: they are apart, and zero");
    first[3 * PAGE] = 0x5a;
    tap_equal(second[3 * PAGE], 0x5a, "a write through one view is seen through the other");
    tap_status(attempt_write(second, 1), STATUS_ACCESS_VIOLATION, "a read-only view is read-only");
    tap_ok(query(view).Type == MEM_MAPPED && query(view).RegionSize == SIZE,
           "query: a view is mapped memory");
    tap_status(unmap((uint8_t *)view + PAGE), STATUS_SUCCESS, "unmap: by any address in it");
    tap_status(unmap(view), STATUS_NOT_MAPPED_VIEW, "unmap: again");
    tap_status(map(section, view, 0x10000, PAGE, PAGE_READONLY, &view), STATUS_SUCCESS,
               "map: a part at a chosen address");
    first[0x10000] = 0x33;
    tap_ok(view == (const volatile void *)second && second[0] == 0x33,
           "map: the part is the one at the offset");
    unmap(view);
    unmap((void *)(uint64_t)first);
}

static void test_copy_on_write(HANDLE section)
{
    volatile uint8_t *shared, *copy;
    void *view;

    map(section, NULL, 0, 0, PAGE_READWRITE, &view);
    shared = view;
    tap_status(map(section, NULL, 0, 0, PAGE_WRITECOPY, &view), STATUS_SUCCESS,
               "map: a view that copies");
    copy = view;
    shared[0] = 1;
    shared[PAGE] = 2;
    tap_ok(copy[0] == 1 && copy[PAGE] == 2, "copy: it begins as the section is");
    copy[0] = 9;
    tap_ok(copy[0] == 9 && shared[0] == 1, "copy: what is written to it stays in it");
    shared[0] = 5;
    tap_equal(copy[0], 9, "copy: what is written to the section does not come to a written page");
    shared[PAGE] = 6;
    tap_equal(copy[PAGE], 6, "copy: but to one that was not");
    tap_equal(query(view).Protect, PAGE_READWRITE, "copy: the page is the process's own now");
    tap_equal(query((uint8_t *)view + PAGE).Protect, PAGE_WRITECOPY, "copy: the next is not");
    unmap(view);
    map(section, NULL, 0, 0, PAGE_READONLY, &view);
    tap_equal(*(volatile uint8_t *)view, 5, "copy: the section never had it");
    unmap(view);
    unmap((void *)(uint64_t)shared);
}

static void test_limits(void)
{
    HANDLE small = create_section(PAGE, PAGE_READONLY, SECTION_ALL_ACCESS, NULL);
    HANDLE weak = create_section(PAGE, PAGE_READWRITE, SECTION_MAP_READ, NULL);
    struct section_basic_information info = {0};
    int64_t size = 0, huge = 1ll << 40;
    HANDLE section;
    void *view = NULL;

    tap_status(map(small, NULL, 0, 0, PAGE_READWRITE, &view), STATUS_SECTION_PROTECTION,
               "map: more than the section allows");
    tap_status(map(weak, NULL, 0, 0, PAGE_READWRITE, &view), STATUS_ACCESS_DENIED,
               "map: more than the handle allows");
    tap_status(map(small, NULL, 0, 2 * PAGE, PAGE_READONLY, &view), STATUS_INVALID_VIEW_SIZE,
               "map: more than there is");
    tap_status(map(small, NULL, PAGE, 0, PAGE_READONLY, &view), STATUS_MAPPED_ALIGNMENT,
               "map: an offset that is no multiple of 64 KiB");
    tap_status(map(NtCurrentProcess(), NULL, 0, 0, PAGE_READONLY, &view),
               STATUS_OBJECT_TYPE_MISMATCH, "map: not a section");
    tap_status(NtQuerySection(small, SectionBasicInformation, &info, sizeof(info), NULL),
               STATUS_SUCCESS, "query section");
    tap_ok(info.MaximumSize == PAGE && info.AllocationAttributes == SEC_COMMIT,
           "query section: size and attributes");
    tap_status(NtQuerySection(weak, SectionBasicInformation, &info, sizeof(info), NULL),
               STATUS_ACCESS_DENIED, "query section: no right to");
    tap_status(NtExtendSection(small, &size), STATUS_SECTION_NOT_EXTENDED,
               "extend: only sections of files can be");
    tap_status(NtCreateSection(&section, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE,
                               SEC_COMMIT, NULL),
               STATUS_INVALID_PARAMETER_4, "create: without a size");
    tap_status(NtCreateSection(&section, SECTION_ALL_ACCESS, NULL, &huge, PAGE_READWRITE,
                               SEC_COMMIT, NULL),
               STATUS_COMMITMENT_LIMIT, "create: more than can be committed");
    tap_status(NtCreateSection(&section, SECTION_ALL_ACCESS, NULL, &huge, 0x77, SEC_COMMIT, NULL),
               STATUS_INVALID_PAGE_PROTECTION, "create: a protection that is not one");
    tap_status(NtCreateSection(&section, SECTION_ALL_ACCESS, NULL, &huge, PAGE_READWRITE, 0, NULL),
               STATUS_INVALID_PARAMETER_6, "create: attributes that are none");
    NtClose(small);
    NtClose(weak);
}

static void test_names(void)
{
    struct wide_name name = wide_name("\\BaseNamedObjects\\Shared");
    struct wide_name other = wide_name("\\BaseNamedObjects\\Other");
    int64_t size = PAGE;
    HANDLE section, same, none;
    void *view, *second;

    tap_status(NtCreateSection(&section, SECTION_ALL_ACCESS, wide_attributes(&name), &size,
                               PAGE_READWRITE, SEC_COMMIT, NULL),
               STATUS_SUCCESS, "name: create");
    tap_status(NtCreateSection(&same, SECTION_ALL_ACCESS, wide_attributes(&name), &size,
                               PAGE_READWRITE, SEC_COMMIT, NULL),
               STATUS_OBJECT_NAME_COLLISION, "name: it is taken");
    tap_status(NtOpenSection(&same, SECTION_ALL_ACCESS, wide_attributes(&name)), STATUS_SUCCESS,
               "name: open");
    tap_status(NtOpenSection(&none, SECTION_ALL_ACCESS, wide_attributes(&other)),
               STATUS_OBJECT_NAME_NOT_FOUND, "name: open another");
    map(section, NULL, 0, 0, PAGE_READWRITE, &view);
    map(same, NULL, 0, 0, PAGE_READWRITE, &second);
    *(volatile uint8_t *)view = 0x77;
    tap_equal(*(volatile uint8_t *)second, 0x77, "name: both handles are of one section");
    NtClose(section);
    NtClose(same);
    *(volatile uint8_t *)view = 0x78;
    tap_equal(*(volatile uint8_t *)second, 0x78, "views outlive the handles");
    tap_status(NtOpenSection(&none, SECTION_ALL_ACCESS, wide_attributes(&name)),
               STATUS_OBJECT_NAME_NOT_FOUND, "name: gone with the last handle");
    unmap(view);
    unmap(second);
}

static void test_file(const char *path)
{
    struct wide_name name = wide_name(path);
    struct wide_name new_name = wide_name("\\??\\C:\\section.bin");
    struct io_status_block io_status;
    int64_t offset = 0, size = 3 * PAGE;
    uint8_t byte = 0;
    HANDLE file, section;
    void *view = NULL, *flush;
    uint64_t flush_size = 0;

    NtOpenFile(&file, FILE_GENERIC_READ, wide_attributes(&name), &io_status, FILE_SHARE_READ, 0);
    section = create_section(0, PAGE_READONLY, SECTION_ALL_ACCESS, file);
    tap_status(map(section, NULL, 0, 0, PAGE_READONLY, &view), STATUS_SUCCESS,
               "file: a view of the program's own file");
    tap_ok(view && memcmp(view, "\177ELF", 4) == 0, "file: it has the file's bytes");
    unmap(view);
    tap_status(map(section, NULL, 0, 0, PAGE_WRITECOPY, &view), STATUS_SUCCESS,
               "file: a view that copies");
    *(volatile uint8_t *)view = 1;
    NtReadFile(file, NULL, NULL, NULL, &io_status, &byte, 1, &offset, NULL);
    tap_equal(byte, 0x7f, "file: the file is not changed");
    unmap(view);
    NtClose(section);
    NtClose(file);

    NtCreateFile(&file, FILE_GENERIC_READ | FILE_GENERIC_WRITE | DELETE, wide_attributes(&new_name),
                 &io_status, NULL, 0, 0, FILE_CREATE, FILE_DELETE_ON_CLOSE, NULL, 0);
    NtWriteFile(file, NULL, NULL, NULL, &io_status, "abc", 3, &offset, NULL);
    section = create_section(0, PAGE_READWRITE, SECTION_ALL_ACCESS, file);
    map(section, NULL, 0, 0, PAGE_READWRITE, &view);
    tap_ok(memcmp(view, "abc", 4) == 0, "file: what was written to it, then zeros");
    *(volatile uint8_t *)view = 'A';
    NtReadFile(file, NULL, NULL, NULL, &io_status, &byte, 1, &offset, NULL);
    tap_equal(byte, 'A', "file: what is written to the view is in the file");
    flush = view;
    tap_status(NtFlushVirtualMemory(NtCurrentProcess(), &flush, &flush_size, &io_status),
               STATUS_SUCCESS, "flush: a view");
    tap_status(NtSetInformationFile(file, &io_status, &offset, 8, FileEndOfFileInformation),
               STATUS_USER_MAPPED_FILE, "file: it cannot be cut while it is mapped");
    tap_status(NtExtendSection(section, &size), STATUS_SUCCESS, "extend: the section of a file");
    unmap(view);
    tap_status(map(section, NULL, 0, 3 * PAGE, PAGE_READONLY, &view), STATUS_SUCCESS,
               "extend: a larger view");
    tap_equal(((volatile uint8_t *)view)[3 * PAGE - 1], 0, "extend: what is new is zero");
    unmap(view);
    NtClose(section);
    NtClose(file);
    flush = &byte;
    tap_status(NtFlushVirtualMemory(NtCurrentProcess(), &flush, &flush_size, &io_status),
               STATUS_NOT_MAPPED_VIEW, "flush: not a view");
}

int main(int argc, char **argv)
{
    HANDLE section = create_section(SIZE, PAGE_READWRITE, SECTION_ALL_ACCESS, NULL);

    (void)argc;
    (void)argv;
    attempt_start();
    test_sharing(section);
    test_copy_on_write(section);
    NtClose(section);
    test_limits();
    test_names();
    test_file("\\??\\C:\\sections");
    return tap_done();
}
