/* SPDX-License-Identifier: MIT
 * Test of the memory services. */

#include "services.h"

#include <ntdll.h>
#include <tap.h>

#define PAGE 0x1000u

static NTSTATUS allocate(void **base, uint64_t size, uint32_t type, uint32_t protect)
{
    return NtAllocateVirtualMemory(NtCurrentProcess(), base, 0, &size, type, protect);
}

static NTSTATUS release(void *base, uint64_t size, uint32_t type)
{
    return NtFreeVirtualMemory(NtCurrentProcess(), &base, &size, type);
}

void test_allocation(void)
{
    void *base = NULL, *part;
    uint64_t size = 3 * PAGE - 1;
    volatile uint8_t *bytes;

    tap_status(NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size,
                                       MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE),
               STATUS_SUCCESS, "allocate: reserve and commit");
    tap_ok(((uint64_t)base & 0xffff) == 0 && size == 3 * PAGE,
           "allocate: the base is a multiple of 64 KiB, the size one of pages");
    bytes = base;
    tap_ok(bytes[0] == 0 && bytes[3 * PAGE - 1] == 0, "allocate: memory is zero");
    bytes[2 * PAGE] = 0x5a;
    tap_equal(bytes[2 * PAGE], 0x5a, "allocate: memory holds a value");
    part = base;
    tap_status(allocate(&part, PAGE, MEM_RESERVE, PAGE_READWRITE), STATUS_CONFLICTING_ADDRESSES,
               "allocate: a range in use");
    tap_status(release((uint8_t *)base + PAGE, 0, MEM_RELEASE), STATUS_FREE_VM_NOT_AT_BASE,
               "free: size 0 needs the base");
    tap_status(release(base, 4 * PAGE, MEM_RELEASE), STATUS_UNABLE_TO_FREE_VM,
               "free: more than was allocated");
    tap_status(release((uint8_t *)base + PAGE, PAGE, MEM_RELEASE), STATUS_SUCCESS,
               "free: a page in the middle");
    tap_status(release((uint8_t *)base + PAGE, PAGE, MEM_RELEASE), STATUS_MEMORY_NOT_ALLOCATED,
               "free: twice");
    tap_equal(bytes[2 * PAGE], 0x5a, "free: the page behind keeps its value");
    tap_status(release(base, 0, MEM_RELEASE), STATUS_SUCCESS, "free: the first part");
    tap_status(release((uint8_t *)base + 2 * PAGE, 0, MEM_RELEASE), STATUS_SUCCESS,
               "free: the last part");

    part = base;
    tap_status(allocate(&part, PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE), STATUS_SUCCESS,
               "allocate: at a chosen address");
    tap_ok(part == base && bytes[0] == 0, "allocate: a reused page is zero");
    release(base, 0, MEM_RELEASE);

    base = NULL;
    tap_status(allocate(&base, 0, MEM_COMMIT, PAGE_READWRITE), STATUS_INVALID_PARAMETER_4,
               "allocate: no size");
    tap_status(allocate(&base, PAGE, MEM_RELEASE, PAGE_READWRITE), STATUS_INVALID_PARAMETER_5,
               "allocate: a type that is not one");
    tap_status(allocate(&base, PAGE, MEM_COMMIT, 0x77), STATUS_INVALID_PAGE_PROTECTION,
               "allocate: a protection that is not one");
    tap_status(allocate(&base, 1ull << 46, MEM_COMMIT, PAGE_READWRITE), STATUS_COMMITMENT_LIMIT,
               "allocate: more than there is");
    tap_status(allocate(&base, 1ull << 46, MEM_RESERVE, PAGE_READWRITE), STATUS_SUCCESS,
               "allocate: 64 TiB reserved, not committed");
    tap_status(release(base, 0, MEM_RELEASE), STATUS_SUCCESS, "free: 64 TiB");
    base = KERNEL_ADDRESS;
    tap_status(allocate(&base, PAGE, MEM_RESERVE, PAGE_READWRITE), STATUS_INVALID_PARAMETER_2,
               "allocate: in kernel space");
    tap_status(NtAllocateVirtualMemory(NtCurrentProcess(), BAD_ADDRESS, 0, &size, MEM_RESERVE,
                                       PAGE_READWRITE),
               STATUS_ACCESS_VIOLATION, "allocate: pointer to the base not readable");
    tap_status(NtAllocateVirtualMemory(BAD_HANDLE, &base, 0, &size, MEM_RESERVE, PAGE_READWRITE),
               STATUS_INVALID_HANDLE, "allocate: not a process");
    tap_status(release((void *)test_allocation, 0, MEM_RELEASE), STATUS_UNABLE_TO_DELETE_SECTION,
               "free: the program itself");
    tap_status(release(NULL, 0, MEM_COMMIT), STATUS_INVALID_PARAMETER_4,
               "free: a type that is not one");
}

static NTSTATUS protect(void *base, uint64_t size, uint32_t protection, uint32_t *old)
{
    return NtProtectVirtualMemory(NtCurrentProcess(), &base, &size, protection, old);
}

void test_protection(void)
{
    static const uint8_t code[] = {0xb8, 0x2a, 0, 0, 0, 0xc3}; /* movl $42, %eax; ret */
    void *base = NULL, *second;
    uint32_t old = 0;

    allocate(&base, 4 * PAGE, MEM_RESERVE, PAGE_READWRITE);
    tap_status(protect(base, PAGE, PAGE_READONLY, &old), STATUS_NOT_COMMITTED,
               "protect: reserved memory");
    tap_status(allocate(&base, 2 * PAGE, MEM_COMMIT, PAGE_READWRITE), STATUS_SUCCESS,
               "allocate: commit a part of what is reserved");
    memcpy(base, code, sizeof(code));
    tap_status(protect(base, PAGE, PAGE_EXECUTE_READ, &old), STATUS_SUCCESS,
               "protect: make executable");
    tap_equal(old, PAGE_READWRITE, "protect: the old protection");
    tap_equal((uint64_t)((int (*)(void))base)(), 42, "protect: the page executes");
    tap_status(NtQuerySystemTime(base), STATUS_ACCESS_VIOLATION,
               "a service cannot write to a page without that right");
    tap_status(protect(base, PAGE, PAGE_NOACCESS, &old), STATUS_SUCCESS, "protect: no access");
    tap_equal(old, PAGE_EXECUTE_READ, "protect: the old protection is the last one set");
    tap_status(NtQuerySystemTime(base), STATUS_ACCESS_VIOLATION, "no access means none");
    tap_status(protect(base, PAGE, PAGE_READWRITE, &old), STATUS_SUCCESS, "protect: back");
    tap_equal(*(uint8_t *)base, code[0], "protect: the content is kept");
    tap_status(protect(base, 4 * PAGE, PAGE_READONLY, &old), STATUS_NOT_COMMITTED,
               "protect: a part is not committed");
    second = (uint8_t *)base + PAGE;
    tap_status(release(second, PAGE, MEM_DECOMMIT), STATUS_SUCCESS, "free: decommit a page");
    tap_status(NtQuerySystemTime(second), STATUS_ACCESS_VIOLATION, "a decommitted page is gone");
    tap_status(protect(base, PAGE, 0x77, &old), STATUS_INVALID_PAGE_PROTECTION,
               "protect: a protection that is not one");
    tap_status(protect(BAD_ADDRESS, PAGE, PAGE_READONLY, &old), STATUS_CONFLICTING_ADDRESSES,
               "protect: memory that is not there");
    release(base, 0, MEM_RELEASE);
}

static void test_region(const void *address, uint64_t size, uint32_t state, uint32_t protection,
                        uint32_t type, const char *what)
{
    struct memory_basic_information info = {0};
    NTSTATUS status = NtQueryVirtualMemory(NtCurrentProcess(), address, MemoryBasicInformation,
                                           &info, sizeof(info), NULL);

    tap_status(status, STATUS_SUCCESS, "query: %s", what);
    tap_ok(info.State == state && info.Protect == protection && info.Type == type &&
               (size == 0 || info.RegionSize == size),
           "query: %s has state %x, protection %x, type %x", what, state, protection, type);
}

void test_memory_query(void)
{
    struct memory_basic_information info;
    void *base = NULL;
    uint64_t length = 0;
    uint32_t old;

    allocate(&base, 8 * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    test_region(base, 8 * PAGE, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE, "an allocation");
    protect((uint8_t *)base + 2 * PAGE, PAGE, PAGE_READONLY, &old);
    release((uint8_t *)base + 5 * PAGE, PAGE, MEM_DECOMMIT);
    test_region(base, 2 * PAGE, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE, "the part before");
    test_region((uint8_t *)base + 2 * PAGE, PAGE, MEM_COMMIT, PAGE_READONLY, MEM_PRIVATE,
                "a page with another protection");
    test_region((uint8_t *)base + 5 * PAGE, PAGE, MEM_RESERVE, 0, MEM_PRIVATE,
                "a decommitted page");
    release(base, 0, MEM_RELEASE);
    test_region(base, 0, MEM_FREE, PAGE_NOACCESS, 0, "free memory");
    test_region((void *)test_memory_query, 0, MEM_COMMIT, PAGE_EXECUTE_READ, MEM_IMAGE,
                "the program's code");

    tap_status(NtQueryVirtualMemory(NtCurrentProcess(), base, 99, &info, sizeof(info), NULL),
               STATUS_INVALID_INFO_CLASS, "query: a class that is not one");
    tap_status(
        NtQueryVirtualMemory(NtCurrentProcess(), base, MemoryBasicInformation, &info, 8, NULL),
        STATUS_INFO_LENGTH_MISMATCH, "query: too small a buffer");
    tap_status(NtQueryVirtualMemory(NtCurrentProcess(), KERNEL_ADDRESS, MemoryBasicInformation,
                                    &info, sizeof(info), NULL),
               STATUS_INVALID_PARAMETER, "query: kernel space");
    tap_status(NtQueryVirtualMemory(NtCurrentProcess(), base, MemoryBasicInformation, &info,
                                    sizeof(info), &length),
               STATUS_SUCCESS, "query: with the length");
    tap_equal(length, sizeof(info), "query: the length");
}

void test_memory_copy(void)
{
    static const char text[] = "across";
    char copy[sizeof(text)] = "";
    uint64_t done = 99;
    void *base = NULL;

    tap_status(NtReadVirtualMemory(NtCurrentProcess(), text, copy, sizeof(text), &done),
               STATUS_SUCCESS, "read memory");
    tap_ok(done == sizeof(text) && strcmp(text, copy) == 0, "read memory: all of it");
    tap_status(NtWriteVirtualMemory(NtCurrentProcess(), copy, "ACROSS", sizeof(text), &done),
               STATUS_SUCCESS, "write memory");
    tap_ok(strcmp(copy, "ACROSS") == 0, "write memory: all of it");
    tap_status(NtWriteVirtualMemory(NtCurrentProcess(), (void *)(uint64_t)text, copy, 1, &done),
               STATUS_ACCESS_VIOLATION, "write memory: read-only");
    tap_equal(done, 0, "write memory: nothing was written");
    allocate(&base, PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    tap_status(NtReadVirtualMemory(NtCurrentProcess(), (uint8_t *)base + PAGE - 2, copy, 4, &done),
               STATUS_PARTIAL_COPY, "read memory: the second page is not there");
    tap_equal(done, 2, "read memory: the first part");
    release(base, 0, MEM_RELEASE);
    tap_status(NtReadVirtualMemory(NtCurrentProcess(), KERNEL_ADDRESS, copy, 1, &done),
               STATUS_ACCESS_VIOLATION, "read memory: kernel space");
    tap_status(NtReadVirtualMemory(BAD_HANDLE, text, copy, 1, &done), STATUS_INVALID_HANDLE,
               "read memory: not a process");
}
