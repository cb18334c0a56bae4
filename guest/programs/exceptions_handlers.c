/* SPDX-License-Identifier: MIT
 * Test of exception delivery: raising by hand, several handlers, handlers that fault. */

#include "caught.h"
#include "exceptions.h"
#include "snippets.h"

#include <ntdll.h>
#include <tap.h>

#define OWN_STATUS ((NTSTATUS)0xe0525301)

void test_raise(void)
{
    static struct context context;
    static struct exception_record record = {.ExceptionCode = OWN_STATUS, .NumberParameters = 1};

    static volatile unsigned returns;

    caught.count = 0;
    caught.resume = NULL;
    record.ExceptionInformation[0] = 0x1234;
    RtlCaptureContext(&context); /* the handler goes on here */
    if (returns++ == 0) {
        NtRaiseException(&record, &context, true);
        tap_ok(false, "NtRaiseException does not return");
    }
    tap_equal(caught.count, 1, "NtRaiseException calls the handler");
    tap_status(caught.record.ExceptionCode, OWN_STATUS, "NtRaiseException: status of the record");
    tap_equal(caught.record.ExceptionInformation[0], 0x1234, "NtRaiseException: parameter");
    tap_equal(caught.context.Rsp, context.Rsp, "NtRaiseException: context");

    record.NumberParameters = EXCEPTION_MAXIMUM_PARAMETERS + 1;
    tap_status(NtRaiseException(&record, &context, true), STATUS_INVALID_PARAMETER,
               "NtRaiseException: too many parameters");
    tap_status(NtRaiseException((struct exception_record *)SNIPPET_UNMAPPED, &context, true),
               STATUS_ACCESS_VIOLATION, "NtRaiseException: record not readable");
}

static unsigned declined;

static long decline(struct exception_pointers *exception)
{
    (void)exception;
    declined++;
    return EXCEPTION_CONTINUE_SEARCH;
}

static unsigned depth;

/* Faults itself, once. */
static long nest(struct exception_pointers *exception)
{
    const void *outer = snippet_de_resume;

    if (depth++ == 0) {
        caught.resume = snippet_ud_resume;
        snippet_ud();
    } else {
        return catch_exception(exception);
    }
    exception->ContextRecord->Rip = (uint64_t)outer;
    return EXCEPTION_CONTINUE_EXECUTION;
}

void test_handlers(void)
{
    void *handle = RtlAddVectoredExceptionHandler(true, decline);

    provoke(snippet_ud, snippet_ud_resume);
    tap_ok(declined == 1 && caught.count == 1, "a handler that declines passes to the next");
    tap_ok(RtlRemoveVectoredExceptionHandler(handle), "remove a handler");
    provoke(snippet_ud, snippet_ud_resume);
    tap_ok(declined == 1 && caught.count == 1, "a removed handler is not called");
    tap_ok(!RtlRemoveVectoredExceptionHandler(handle), "a handler is removed once");

    handle = RtlAddVectoredExceptionHandler(true, nest);
    provoke(snippet_de, NULL);
    RtlRemoveVectoredExceptionHandler(handle);
    tap_ok(depth == 2 && caught.record.ExceptionCode == STATUS_ILLEGAL_INSTRUCTION,
           "an exception in a handler is delivered and both go on");
}

void test_guard_page(void)
{
    void *base = NULL;
    uint64_t size = 0x1000;

    tap_status(NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size,
                                       MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD),
               STATUS_SUCCESS, "allocate a guard page");
    caught.count = 0;
    caught.resume = NULL; /* the access is repeated, and works the second time */
    *(volatile uint8_t *)base = 1;
    tap_equal(caught.count, 1, "a guard page warns once");
    tap_status(caught.record.ExceptionCode, STATUS_GUARD_PAGE_VIOLATION, "guard page: status");
    tap_equal(caught.record.ExceptionInformation[1], (uint64_t)base, "guard page: address");
    *(volatile uint8_t *)base = 2;
    tap_equal(caught.count, 1, "after the warning it is an ordinary page");
    size = 0;
    NtFreeVirtualMemory(NtCurrentProcess(), &base, &size, MEM_RELEASE);
}
