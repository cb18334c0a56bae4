/* SPDX-License-Identifier: MIT
 * A working set three times guest memory: every page is written, then all of them are read again,
 * through the paging file. Usage: paging [PAGES] */

#include <ntdll.h>
#include <tap.h>

#define PAGE 0x1000u
#define WORDS (PAGE / sizeof(uint64_t))
#define TIMES 3

/* A value that no other place has. xorshift64*: Vigna, "An experimental exploration of Marsaglia's
 * xorshift generators". */
static uint64_t value_of(uint64_t place)
{
    uint64_t value = place + 1;

    value ^= value >> 12;
    value ^= value << 25;
    value ^= value >> 27;
    return value * 0x2545f4914f6cdd1d;
}

/* The first, the last and one word between, so that the pages differ all over. */
static void write_page(uint64_t *page, uint64_t index)
{
    page[0] = value_of(index);
    page[1 + index % (WORDS - 2)] = value_of(index) + 1;
    page[WORDS - 1] = value_of(index) + 2;
}

static bool check_page(const uint64_t *page, uint64_t index)
{
    return page[0] == value_of(index) && page[1 + index % (WORDS - 2)] == value_of(index) + 1 &&
           page[WORDS - 1] == value_of(index) + 2;
}

static struct system_performance_information performance(void)
{
    struct system_performance_information info = {0};

    NtQuerySystemInformation(SystemPerformanceInformation, &info, sizeof(info), NULL);
    return info;
}

static uint64_t expected_sum(uint64_t pages)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < pages; i++)
        sum += value_of(i);
    return sum;
}

/* The kernel's own copies take and return pages that are not in memory. */
static void check_services(uint8_t *base, uint64_t pages)
{
    uint8_t *first = base, *last = base + (pages - 1) * PAGE;
    uint64_t done = 0, copy[WORDS];

    tap_status(NtReadVirtualMemory(NtCurrentProcess(), first, copy, PAGE, &done), STATUS_SUCCESS,
               "a service reads a page that was paged out");
    tap_ok(check_page(copy, 0), "and reads what was written");
    check_page((uint64_t *)last, pages - 1);
    tap_status(NtWriteVirtualMemory(NtCurrentProcess(), first, last, PAGE, &done), STATUS_SUCCESS,
               "a service copies between two of them");
    tap_ok(check_page((uint64_t *)first, pages - 1), "and the copy is right");
}

/* Of `pages`, at most `frames` are in memory at any time. */
static void run(uint8_t *base, uint64_t pages, uint64_t frames)
{
    uint64_t least = pages > frames ? pages - frames : 0;
    struct system_performance_information before = performance(), after;
    uint64_t wrong = 0, sum = 0;

    for (uint64_t i = 0; i < pages; i++)
        write_page((uint64_t *)(base + i * PAGE), i);
    after = performance();
    tap_ok(after.DirtyPagesWriteCount - before.DirtyPagesWriteCount >= least,
           "what does not fit was written to the paging file");
    tap_ok(after.DirtyWriteIoCount - before.DirtyWriteIoCount <=
               (after.DirtyPagesWriteCount - before.DirtyPagesWriteCount) / 4,
           "several in each request");
    before = after;
    for (uint64_t i = 0; i < pages; i++) {
        const uint64_t *page = (const uint64_t *)(base + i * PAGE);

        wrong += !check_page(page, i);
        sum += page[0];
    }
    after = performance();
    tap_equal(sum, expected_sum(pages), "the checksum is right");
    tap_equal(wrong, 0, "every page has what was written to it");
    tap_ok(after.PageReadCount - before.PageReadCount >= least, "and was read again");
    tap_ok(after.DirtyPagesWriteCount - before.DirtyPagesWriteCount <= frames,
           "pages that were only read are not written again");
    check_services(base, pages);
}

/* Pages that no process maps are paged like the others, and a view has them again. */
static void check_section(uint64_t pages)
{
    int64_t size = (int64_t)(pages * PAGE);
    uint64_t view_size = 0, wrong = 0;
    HANDLE section = NULL;
    void *view = NULL;

    NtCreateSection(&section, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_COMMIT, NULL);
    NtMapViewOfSection(section, NtCurrentProcess(), &view, 0, 0, NULL, &view_size, ViewUnmap, 0,
                       PAGE_READWRITE);
    for (uint64_t i = 0; i < pages; i++)
        write_page((uint64_t *)((uint8_t *)view + i * PAGE), i);
    NtUnmapViewOfSection(NtCurrentProcess(), view);
    view = NULL;
    tap_status(NtMapViewOfSection(section, NtCurrentProcess(), &view, 0, 0, NULL, &view_size,
                                  ViewUnmap, 0, PAGE_READONLY),
               STATUS_SUCCESS, "a section of %lu KiB is mapped again", pages * PAGE / 1024);
    for (uint64_t i = 0; i < pages; i++)
        wrong += !check_page((const uint64_t *)((uint8_t *)view + i * PAGE), i);
    tap_equal(wrong, 0, "and has what was written through the first view");
    NtUnmapViewOfSection(NtCurrentProcess(), view);
    NtClose(section);
}

int main(int argc, char **argv)
{
    struct system_basic_information basic = {0};
    uint64_t pages, size, committed;
    void *base = NULL;
    NTSTATUS status;

    NtQuerySystemInformation(SystemBasicInformation, &basic, sizeof(basic), NULL);
    pages = argc > 1 ? strtoul(argv[1], NULL, 0) : TIMES * (uint64_t)basic.NumberOfPhysicalPages;
    size = pages * PAGE;
    status = NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size, MEM_RESERVE | MEM_COMMIT,
                                     PAGE_READWRITE);
    if (tap_status(status, STATUS_SUCCESS, "%lu KiB committed, with %u KiB of memory",
                   pages * PAGE / 1024, basic.NumberOfPhysicalPages * (PAGE / 1024)))
        run(base, pages, basic.NumberOfPhysicalPages);
    committed = performance().CommittedPages;
    check_section(pages / (2 * TIMES));
    tap_equal(performance().CommittedPages, committed, "and gives back what it took");
    return tap_done();
}
