/* SPDX-License-Identifier: MIT
 * Test of what page faults serve: copy-on-write, guard pages, the stack, locks, commitment. */

#include "attempt.h"

#include <ntdll.h>
#include <tap.h>

#define PAGE 0x1000u

static NTSTATUS allocate(void **base, uint64_t size, uint32_t type, uint32_t protect)
{
    return NtAllocateVirtualMemory(NtCurrentProcess(), base, 0, &size, type, protect);
}

static NTSTATUS release(void *base)
{
    uint64_t size = 0;

    return NtFreeVirtualMemory(NtCurrentProcess(), &base, &size, MEM_RELEASE);
}

static uint32_t protection_of(const void *address)
{
    struct memory_basic_information info = {0};

    NtQueryVirtualMemory(NtCurrentProcess(), address, MemoryBasicInformation, &info, sizeof(info),
                         NULL);
    return info.Protect;
}

static struct system_performance_information performance(void)
{
    struct system_performance_information info = {0};

    NtQuerySystemInformation(SystemPerformanceInformation, &info, sizeof(info), NULL);
    return info;
}

/* Whole pages of file bytes, so that they can be mapped where the file is. */
static volatile uint8_t image_data[3 * PAGE] __attribute__((aligned(PAGE))) = {1, [PAGE] = 2, 3};

static void test_image(void)
{
    uint32_t copies = performance().CopyOnWriteCount;

    tap_equal(image_data[PAGE], 2, "image: a data page can be read");
    tap_equal(protection_of((void *)(uint64_t)&image_data[PAGE]), PAGE_WRITECOPY,
              "image: it is still shared");
    image_data[PAGE] = 4;
    tap_equal(protection_of((void *)(uint64_t)&image_data[PAGE]), PAGE_READWRITE,
              "image: written, it is the process's own");
    tap_equal(performance().CopyOnWriteCount, copies + 1, "image: one page was copied");
    tap_ok(image_data[PAGE] == 4 && image_data[PAGE + 1] == 3,
           "image: the copy has the rest of the page");
}

static void test_guard(void)
{
    void *base = NULL;
    int64_t now;

    allocate(&base, 2 * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD);
    tap_status(attempt_read(base), STATUS_GUARD_PAGE_VIOLATION, "guard: the first access warns");
    tap_ok(attempt_record.NumberParameters == 2 &&
               attempt_record.ExceptionInformation[1] == (uint64_t)base,
           "guard: the warning has the address");
    tap_status(attempt_read(base), STATUS_SUCCESS, "guard: the second one is an ordinary one");
    tap_equal(protection_of(base), PAGE_READWRITE, "guard: the page has lost it");
    tap_equal(protection_of((uint8_t *)base + PAGE), PAGE_READWRITE | PAGE_GUARD,
              "guard: the next page has not");
    tap_ok(!NT_SUCCESS(NtQuerySystemTime((int64_t *)((uint8_t *)base + PAGE))),
           "guard: a service fails at it");
    tap_status(NtQuerySystemTime(&now), STATUS_SUCCESS, "guard: and works elsewhere");
    release(base);
}

/* Not inlined, and not folded into a loop: each call has its own frame. */
static __attribute__((noinline)) void recurse(uint64_t depth)
{
    volatile uint8_t frame[2048];

    frame[0] = (uint8_t)depth;
    if (depth)
        recurse(depth - 1);
    frame[1] = frame[0];
}

static void test_stack(void)
{
    struct teb *teb = NtCurrentTeb();
    uint8_t *limit = teb->StackLimit;

    tap_equal(protection_of(limit - PAGE), PAGE_READWRITE | PAGE_GUARD,
              "stack: a guard page lies below it");
    tap_equal(protection_of(limit - 2 * PAGE), 0, "stack: what lies below that is only reserved");
    recurse(40);
    tap_ok((uint8_t *)teb->StackLimit < limit, "stack: it has grown");
    tap_equal(protection_of(teb->StackLimit), PAGE_READWRITE, "stack: down to its new limit");
    tap_equal(protection_of((uint8_t *)teb->StackLimit - PAGE), PAGE_READWRITE | PAGE_GUARD,
              "stack: the guard page lies below that now");
}

static void test_stack_overflow(void)
{
    struct teb *teb = NtCurrentTeb();

    tap_status(attempt_call(recurse, 100000), STATUS_STACK_OVERFLOW,
               "stack: its end is an exception of its own");
    tap_equal(protection_of((uint8_t *)teb->StackLimit - PAGE), 0,
              "stack: the last page was never committed");
}

static void test_lock(void)
{
    void *base = NULL;
    uint64_t size = 2 * PAGE;

    allocate(&base, 4 * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    tap_status(NtLockVirtualMemory(NtCurrentProcess(), &base, &size, MAP_PROCESS), STATUS_SUCCESS,
               "lock: two pages");
    tap_status(NtLockVirtualMemory(NtCurrentProcess(), &base, &size, MAP_PROCESS),
               STATUS_WAS_LOCKED, "lock: again");
    size = 4 * PAGE;
    tap_status(NtUnlockVirtualMemory(NtCurrentProcess(), &base, &size, MAP_PROCESS),
               STATUS_NOT_LOCKED, "unlock: some were never locked");
    size = 2 * PAGE;
    tap_status(NtUnlockVirtualMemory(NtCurrentProcess(), &base, &size, MAP_PROCESS), STATUS_SUCCESS,
               "unlock: two pages");
    tap_status(NtUnlockVirtualMemory(NtCurrentProcess(), &base, &size, MAP_PROCESS),
               STATUS_NOT_LOCKED, "unlock: again");
    tap_status(NtLockVirtualMemory(NtCurrentProcess(), &base, &size, 4), STATUS_INVALID_PARAMETER,
               "lock: a kind that is not one");
    release(base);
    size = PAGE;
    tap_status(NtLockVirtualMemory(NtCurrentProcess(), &base, &size, MAP_PROCESS),
               STATUS_ACCESS_VIOLATION, "lock: memory that is not there");
}

static void test_commitment(void)
{
    struct system_performance_information before = performance(), after;
    uint64_t left = before.CommitLimit - before.CommittedPages, size = 16 * PAGE;
    void *base = NULL, *more = NULL;

    tap_status(allocate(&base, (left + 1) * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE),
               STATUS_COMMITMENT_LIMIT, "commitment: one page too many");
    tap_equal(performance().CommittedPages, before.CommittedPages,
              "commitment: a refusal costs nothing");
    tap_status(allocate(&base, left * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE),
               STATUS_SUCCESS, "commitment: all that is left");
    tap_status(allocate(&more, PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE),
               STATUS_COMMITMENT_LIMIT, "commitment: nothing more");
    tap_status(NtFreeVirtualMemory(NtCurrentProcess(), &base, &size, MEM_DECOMMIT), STATUS_SUCCESS,
               "commitment: 16 pages less");
    tap_status(allocate(&more, 16 * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE), STATUS_SUCCESS,
               "commitment: 16 pages elsewhere");
    release(more);
    release(base);
    after = performance();
    tap_equal(after.CommittedPages, before.CommittedPages, "commitment: all is given back");
    tap_equal(after.PeakCommitment, after.CommitLimit, "commitment: the peak was the limit");
}

static void test_protections(void)
{
    void *base = NULL;

    tap_status(allocate(&base, PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_WRITECOPY),
               STATUS_INVALID_PAGE_PROTECTION, "private memory has nobody to copy from");
}

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    attempt_start();
    test_image();
    test_guard();
    test_stack();
    test_lock();
    test_commitment();
    test_protections();
    test_stack_overflow();
    return tap_done();
}
