/* SPDX-License-Identifier: MIT
 * Test of the dispatcher: which number is which service, and where its arguments come from. */

#include "raw.h"
#include "services.h"

#include <ntdll.h>
#include <ringscope/layout.h>
#include <ringscope/nt/services.h>
#include <tap.h>

static NTSTATUS call(uint64_t number)
{
    uint64_t stack[16];

    return (NTSTATUS)syscall_with_stack(number, (uint64_t)stack, 0, 0, 0, 0);
}

static void test_index(void)
{
    const uint64_t yield = RS_SERVICE_NtYieldExecution;

    tap_status(call(yield), STATUS_NO_YIELD_PERFORMED, "NtYieldExecution");
    tap_status(call(yield | 0x2000), STATUS_NO_YIELD_PERFORMED, "EAX bit 13 is ignored");
    tap_status(call(yield | 0xffffe000), STATUS_NO_YIELD_PERFORMED, "EAX bits 31:13 are ignored");
    tap_status(call(yield | 0xabcdef0100000000), STATUS_NO_YIELD_PERFORMED,
               "the upper half of RAX is ignored");
    tap_status(call(RS_SERVICE_LIMIT), STATUS_INVALID_SYSTEM_SERVICE, "the limit is out of range");
    tap_status(call(RS_SERVICE_LIMIT - 1), STATUS_NOT_IMPLEMENTED,
               "the number before the limit is in range");
    tap_status(call(RS_SERVICE_INDEX_MASK), STATUS_INVALID_SYSTEM_SERVICE,
               "the highest index is out of range");
}

/* One readable page with nothing mapped behind it. */
static uint8_t *lone_page(void)
{
    void *base = NULL;
    uint64_t size = 0x1000;

    NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size, MEM_RESERVE | MEM_COMMIT,
                            PAGE_READWRITE);
    return base;
}

static void test_stack_arguments(void)
{
    uint8_t *page = lone_page();
    uint8_t *end = page + 0x1000;
    HANDLE handle = NULL;
    NTSTATUS status;

    /* RSP in the stub is end - 8, argument 5 is at RSP + 28. */
    status = call_on_stack((void *)NtCreateEvent, end, (uint64_t)&handle, EVENT_ALL_ACCESS, 0,
                           NotificationEvent);
    tap_status(status, STATUS_ACCESS_VIOLATION,
               "argument 5 in an unmapped page: a status, no exception, and the stub returns");
    tap_ok(handle == NULL, "the service has not run");

    *(uint64_t *)(end - 8) = 1; /* argument 5: initial state */
    status = call_on_stack((void *)NtCreateEvent, end - 0x28, (uint64_t)&handle, EVENT_ALL_ACCESS,
                           0, NotificationEvent);
    tap_status(status, STATUS_SUCCESS, "argument 5 in the last quadword of a page");
    tap_status(NtWaitForSingleObject(handle, false, NULL), STATUS_SUCCESS,
               "argument 5 has arrived: the event is signaled");
    NtClose(handle);

    status = (NTSTATUS)syscall_with_stack(RS_SERVICE_NtCreateEvent, RS_GVA_USER_PROBE,
                                          (uint64_t)&handle, EVENT_ALL_ACCESS, 0, 0);
    tap_status(status, STATUS_ACCESS_VIOLATION, "stack arguments at MmUserProbeAddress");
    status = (NTSTATUS)syscall_with_stack(RS_SERVICE_NtCreateEvent, (uint64_t)KERNEL_ADDRESS,
                                          (uint64_t)&handle, EVENT_ALL_ACCESS, 0, 0);
    tap_status(status, STATUS_ACCESS_VIOLATION, "stack arguments in kernel space");
}

/* The kernel does not look at the user stack for up to four arguments. */
static void test_bad_stack(void)
{
    int64_t counter = 0, frequency = 0;
    NTSTATUS status =
        (NTSTATUS)syscall_with_stack(RS_SERVICE_NtQueryPerformanceCounter, (uint64_t)BAD_ADDRESS,
                                     (uint64_t)&counter, (uint64_t)&frequency, 0, 0);

    tap_status(status, STATUS_SUCCESS, "two arguments, RSP unmapped");
    tap_ok(counter != 0 && frequency != 0, "the service has run");
    status = (NTSTATUS)syscall_with_stack(RS_SERVICE_NtFreeVirtualMemory, 0x1, 0, 0, 0, 0);
    tap_status(status, STATUS_INVALID_PARAMETER_4, "four arguments, RSP = 1");
}

void test_dispatch(void)
{
    test_index();
    test_stack_arguments();
    test_bad_stack();
}
