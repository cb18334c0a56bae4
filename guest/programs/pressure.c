/* SPDX-License-Identifier: MIT
 * Random reads and writes of more pages than memory has: private ones, a section through a view
 * that shares and one that copies, and a file. Each page says which version of it is right. Two
 * processes do it at once, with different seeds. Usage: pressure [STEPS [SEED]] */

#include "wide.h"

#include <tap.h>

#define PAGE 0x1000u
#define PAGES 700u /* of each kind: with 8 MiB of memory, less than half of them fit */
#define STEPS 4000u

enum kind {
    PRIVATE,
    SHARED,
    COPY, /* a view of the same section */
    FILE_DATA,
    KINDS
};

static const char *const names[KINDS] = {"private", "shared", "copied", "file"};

static uint8_t *bases[KINDS]; /* where the pages are; not of the file */
static HANDLE file;
static uint8_t versions[KINDS][PAGES];
static bool own[PAGES]; /* the copying view has its own page */
static unsigned wrong[KINDS];
static uint64_t random_state = 1;

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators". */
static unsigned random_below(unsigned bound)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (unsigned)((random_state * 0x2545f4914f6cdd1d) >> 33) % bound;
}

/* 0 is a page that was never written. */
static uint64_t content(enum kind kind, unsigned page, unsigned version)
{
    return version == 0 ? 0 : (uint64_t)kind << 56 | (uint64_t)page << 16 | version;
}

static uint64_t read_page(enum kind kind, unsigned page)
{
    int64_t offset = (int64_t)page * PAGE + 8 * (page % 500);
    struct io_status_block io_status;
    uint64_t value = ~0ull;

    if (kind != FILE_DATA)
        return *(volatile uint64_t *)(bases[kind] + offset);
    NtReadFile(file, NULL, NULL, NULL, &io_status, &value, sizeof(value), &offset, NULL);
    return value;
}

static void write_page(enum kind kind, unsigned page, uint64_t value)
{
    int64_t offset = (int64_t)page * PAGE + 8 * (page % 500);
    struct io_status_block io_status;

    if (kind == FILE_DATA)
        NtWriteFile(file, NULL, NULL, NULL, &io_status, &value, sizeof(value), &offset, NULL);
    else
        *(volatile uint64_t *)(bases[kind] + offset) = value;
}

static uint64_t expected(enum kind kind, unsigned page)
{
    if (kind == COPY && !own[page])
        kind = SHARED;
    return content(kind, page, versions[kind][page]);
}

static void step(void)
{
    enum kind kind = (enum kind)random_below(KINDS);
    unsigned page = random_below(PAGES);

    if (random_below(2)) {
        wrong[kind] += read_page(kind, page) != expected(kind, page);
        return;
    }
    versions[kind][page]++;
    if (versions[kind][page] == 0)
        versions[kind][page] = 1;
    if (kind == COPY)
        own[page] = true;
    write_page(kind, page, content(kind, page, versions[kind][page]));
}

static NTSTATUS set_up(const char *file_name)
{
    struct wide_name name = wide_name(file_name);
    struct io_status_block io_status;
    int64_t end = PAGES * PAGE;
    uint64_t size = PAGES * PAGE, view = 0;
    HANDLE section;
    NTSTATUS status = NtAllocateVirtualMemory(NtCurrentProcess(), (void **)&bases[PRIVATE], 0,
                                              &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

    if (NT_SUCCESS(status))
        status = NtCreateSection(&section, SECTION_ALL_ACCESS, NULL, &end, PAGE_READWRITE,
                                 SEC_COMMIT, NULL);
    if (NT_SUCCESS(status))
        status = NtMapViewOfSection(section, NtCurrentProcess(), (void **)&bases[SHARED], 0, 0,
                                    NULL, &view, ViewUnmap, 0, PAGE_READWRITE);
    if (NT_SUCCESS(status))
        status = NtMapViewOfSection(section, NtCurrentProcess(), (void **)&bases[COPY], 0, 0, NULL,
                                    &view, ViewUnmap, 0, PAGE_WRITECOPY);
    if (NT_SUCCESS(status))
        status = NtCreateFile(&file, FILE_GENERIC_READ | FILE_GENERIC_WRITE | DELETE,
                              wide_attributes(&name), &io_status, NULL, 0, 0, FILE_CREATE,
                              FILE_DELETE_ON_CLOSE, NULL, 0);
    if (NT_SUCCESS(status))
        status =
            NtSetInformationFile(file, &io_status, &end, sizeof(end), FileEndOfFileInformation);
    return status;
}

static void work(unsigned long steps)
{
    for (unsigned long i = 0; i < steps; i++)
        step();
    for (unsigned kind = 0; kind < KINDS; kind++)
        for (unsigned page = 0; page < PAGES; page++)
            wrong[kind] += read_page((enum kind)kind, page) != expected((enum kind)kind, page);
}

/* Its exit status is the number of wrong pages. */
static int child(unsigned long steps)
{
    unsigned count = 0;

    if (!NT_SUCCESS(set_up("\\??\\C:\\child.bin")))
        return 1;
    work(steps);
    for (unsigned kind = 0; kind < KINDS; kind++)
        count += wrong[kind];
    return (int)count;
}

static void check_child(HANDLE process)
{
    struct process_basic_information info = {.ExitStatus = STATUS_UNSUCCESSFUL};

    NtWaitForSingleObject(process, false, NULL);
    NtQueryInformationProcess(process, ProcessBasicInformation, &info, sizeof(info), NULL);
    tap_status(info.ExitStatus, STATUS_SUCCESS, "the other process has found none wrong");
}

int main(int argc, char **argv)
{
    unsigned long steps = argc > 1 ? strtoul(argv[1], NULL, 0) : STEPS;
    char steps_text[24];
    char *arguments[] = {argv[0], steps_text, (char[]){"3"}, (char[]){"child"}, NULL};
    HANDLE process = NULL, thread;

    if (argc > 2)
        random_state = strtoul(argv[2], NULL, 0) | 1;
    if (argc > 3)
        return child(steps);
    snprintf(steps_text, sizeof(steps_text), "%lu", steps);
    tap_status(RtlCreateUserProcess(arguments, false, &process, &thread), STATUS_SUCCESS,
               "a second process");
    if (!tap_status(set_up("\\??\\C:\\parent.bin"), STATUS_SUCCESS, "%u pages of four kinds",
                    KINDS * PAGES))
        return tap_done();
    work(steps);
    for (unsigned kind = 0; kind < KINDS; kind++)
        tap_equal(wrong[kind], 0, "%s pages have the versions last written", names[kind]);
    check_child(process);
    return tap_done();
}
