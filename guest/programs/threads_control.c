/* SPDX-License-Identifier: MIT
 * Test of threads: what one thread does to another. */

#include "threads.h"

#include <nt/memory.h>
#include <tap.h>

static volatile unsigned counter;
static volatile bool stop;
static HANDLE never;

static NTSTATUS count(void *argument)
{
    (void)argument;
    while (!stop)
        counter++;
    return STATUS_SUCCESS;
}

static uint32_t *volatile lone_page;

/* Stops in the middle of a service that has probed the page and writes to it at the end. */
static NTSTATUS suspend_self(void *argument)
{
    (void)argument;
    return NtSuspendThread(NtCurrentThread(), lone_page);
}

static void test_unmapped_while_probed(void)
{
    void *base = NULL;
    uint64_t size = 0x1000;
    HANDLE thread;

    NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size, MEM_RESERVE | MEM_COMMIT,
                            PAGE_READWRITE);
    lone_page = base;
    thread = spawn(suspend_self, NULL);
    sleep_ms(1);
    size = 0;
    NtFreeVirtualMemory(NtCurrentProcess(), &base, &size, MEM_RELEASE);
    NtResumeThread(thread, NULL);
    tap_status(join(thread), STATUS_ACCESS_VIOLATION,
               "a buffer that another thread unmaps while a service has it: a status");
}

void test_suspend(void)
{
    uint32_t previous = 99, number = 99;
    HANDLE thread = NULL;
    unsigned seen;

    stop = false;
    tap_status(RtlCreateUserThread(count, NULL, true, &thread), STATUS_SUCCESS,
               "create a suspended thread");
    sleep_ms(2);
    tap_equal(counter, 0, "it does not run");
    NtQueryInformationThread(thread, ThreadSuspendCount, &number, sizeof(number), NULL);
    tap_equal(number, 1, "its suspend count is 1");
    NtSuspendThread(thread, &previous);
    tap_equal(previous, 1, "suspended again, it was 1");
    NtResumeThread(thread, &previous);
    tap_equal(previous, 2, "resumed, it was 2");
    sleep_ms(2);
    tap_equal(counter, 0, "one resume is not enough");
    NtResumeThread(thread, NULL);
    sleep_ms(2);
    tap_ok(counter > 0, "two are");
    NtSuspendThread(thread, NULL);
    seen = counter;
    sleep_ms(2);
    tap_equal(counter, seen, "a running thread is suspended");
    while (NT_SUCCESS(NtSuspendThread(thread, &previous)))
        ;
    tap_status(NtSuspendThread(thread, NULL), STATUS_SUSPEND_COUNT_EXCEEDED,
               "the count has an end");
    while (NtResumeThread(thread, &previous), previous > 1)
        ;
    stop = true;
    tap_status(join(thread), STATUS_SUCCESS, "resumed, it goes on");
    tap_status(NtResumeThread(NtCurrentThread(), &previous), STATUS_SUCCESS,
               "resume what is not suspended");
    tap_equal(previous, 0, "its count was 0");
    test_unmapped_while_probed();
}

static NTSTATUS wait_for_ever(void *argument)
{
    NtWaitForSingleObject((HANDLE)argument, false, NULL);
    return STATUS_SUCCESS;
}

void test_terminate(void)
{
    HANDLE thread;

    never = create_event(NotificationEvent);
    thread = spawn(wait_for_ever, never);
    sleep_ms(1);
    tap_status(NtTerminateThread(thread, 0x1234), STATUS_SUCCESS, "terminate a waiting thread");
    tap_status(join(thread), 0x1234, "it ends with that status");
    stop = false;
    thread = spawn(count, NULL);
    sleep_ms(1);
    NtTerminateThread(thread, 0x5678);
    tap_status(join(thread), 0x5678, "a thread that never waits ends, too");
    RtlCreateUserThread(count, NULL, true, &thread);
    NtTerminateThread(thread, 0x9abc);
    tap_status(join(thread), 0x9abc, "and a suspended one");
}

static const int64_t second = MILLISECONDS(1000);

static NTSTATUS sleep_alertably(void *argument)
{
    (void)argument;
    return NtDelayExecution(true, &second);
}

static NTSTATUS sleep_deaf(void *argument)
{
    const int64_t interval = MILLISECONDS(5);

    (void)argument;
    NtDelayExecution(false, &interval);
    return NtTestAlert();
}

void test_alerts(void)
{
    HANDLE thread = spawn(sleep_alertably, NULL);

    sleep_ms(1);
    tap_status(NtAlertThread(thread), STATUS_SUCCESS, "alert a thread");
    tap_status(join(thread), STATUS_ALERTED, "its alertable wait ends");
    thread = spawn(sleep_deaf, NULL);
    sleep_ms(1);
    NtAlertThread(thread);
    tap_status(join(thread), STATUS_ALERTED, "one that is not alertable finds the alert later");
    RtlCreateUserThread(sleep_alertably, NULL, true, &thread);
    tap_status(NtAlertResumeThread(thread, NULL), STATUS_SUCCESS, "alert and resume");
    tap_status(join(thread), STATUS_ALERTED, "its first alertable wait does not begin");
}

static volatile uint64_t called[4];
static volatile unsigned calls;

static void note(void *argument, void *low, void *high)
{
    (void)low;
    (void)high;
    called[calls++ % 4] = (uint64_t)argument;
}

void test_apcs(void)
{
    const int64_t soon = MILLISECONDS(2);
    HANDLE timer = NULL, thread = spawn(sleep_alertably, NULL);

    sleep_ms(1);
    tap_status(RtlQueueApc(thread, note, (void *)7), STATUS_SUCCESS, "queue a procedure");
    tap_status(join(thread), STATUS_USER_APC, "the alertable wait ends");
    tap_ok(calls == 1 && called[0] == 7, "after the procedure was called with its argument");
    RtlQueueApc(NtCurrentThread(), note, (void *)8);
    RtlQueueApc(NtCurrentThread(), note, (void *)9);
    tap_equal(calls, 1, "it is not called before an alertable wait");
    tap_status(NtTestAlert(), STATUS_SUCCESS, "NtTestAlert is one");
    tap_ok(calls == 3 && called[1] == 8 && called[2] == 9, "all are called, in their order");
    NtCreateTimer(&timer, TIMER_ALL_ACCESS, NULL, NotificationTimer);
    NtSetTimer(timer, &soon, (void *)(uintptr_t)note, (void *)10, false, 0, NULL);
    tap_status(NtDelayExecution(true, &second), STATUS_USER_APC, "a timer queues its procedure");
    tap_ok(calls == 4 && called[3] == 10, "with its context");
    NtClose(timer);
}

void test_deferred(void)
{
    struct kernel_counters before, after;

    NtSystemDebugControl(SysDbgQueryCounters, NULL, 0, &before, sizeof(before), NULL);
    tap_status(NtSystemDebugControl(SysDbgQueueDpc, NULL, 0, NULL, 0, NULL), STATUS_SUCCESS,
               "a deferred procedure call runs at once when IRQL allows");
    NtSystemDebugControl(SysDbgQueryCounters, NULL, 0, &after, sizeof(after), NULL);
    tap_equal(after.DeferredCalls, before.DeferredCalls + 1, "once");
    tap_equal(after.UnexpectedInterrupts, 0, "no interrupt was unexpected");
}
