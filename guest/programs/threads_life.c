/* SPDX-License-Identifier: MIT
 * Test of threads: creation, end, turns and priorities. */

#include "threads.h"

#include <tap.h>

#define THREADS 8

static volatile unsigned counters[2];
static volatile bool stop;

static NTSTATUS add_one(void *argument)
{
    return (NTSTATUS)(uint64_t)argument + 1;
}

static NTSTATUS tell_teb(void *argument)
{
    *(struct teb **)argument = NtCurrentTeb();
    return NtCurrentTeb()->StackBase > (void *)&argument &&
                   NtCurrentTeb()->StackLimit <= (void *)&argument
               ? STATUS_SUCCESS
               : STATUS_UNSUCCESSFUL;
}

void test_life(void)
{
    struct object_attributes attributes = {.Length = sizeof(attributes)};
    struct thread_basic_information info;
    struct client_id cid;
    struct teb *teb = NULL;
    HANDLE thread, threads[THREADS], opened = NULL;
    uint32_t number = 9;
    unsigned sum = 0;

    thread = spawn(add_one, (void *)41);
    tap_status(NtWaitForSingleObject(thread, false, NULL), STATUS_SUCCESS, "wait for a thread");
    tap_status(NtQueryInformationThread(thread, ThreadBasicInformation, &info, sizeof(info), NULL),
               STATUS_SUCCESS, "query a thread that has ended");
    tap_equal((uint64_t)info.ExitStatus, 42, "its exit status is what its routine returned");
    cid = info.ClientId;
    tap_ok(cid.UniqueProcess == NtCurrentTeb()->ClientId.UniqueProcess &&
               cid.UniqueThread != NtCurrentTeb()->ClientId.UniqueThread,
           "it has an identity of its own");
    tap_status(NtOpenThread(&opened, THREAD_ALL_ACCESS, &attributes, &cid), STATUS_INVALID_CID,
               "a thread that has ended cannot be opened");
    NtQueryInformationThread(thread, ThreadIsTerminated, &number, sizeof(number), NULL);
    tap_equal(number, 1, "it is terminated");
    tap_status(NtSuspendThread(thread, NULL), STATUS_THREAD_IS_TERMINATING,
               "nor can it be suspended");
    NtClose(thread);

    tap_status(join(spawn(tell_teb, &teb)), STATUS_SUCCESS, "a thread runs on its own stack");
    tap_ok(teb && teb != NtCurrentTeb(), "it has a TEB of its own");
    for (unsigned i = 0; i < THREADS; i++)
        threads[i] = spawn(add_one, (void *)(uint64_t)i);
    for (unsigned i = 0; i < THREADS; i++)
        sum += (unsigned)join(threads[i]);
    tap_equal(sum, THREADS * (THREADS + 1) / 2, "%d threads at once", THREADS);

    NtQueryInformationThread(NtCurrentThread(), ThreadAmILastThread, &number, sizeof(number), NULL);
    tap_equal(number, 1, "the caller is the last thread again");
    tap_status(NtTerminateThread(NULL, 0), STATUS_CANT_TERMINATE_SELF,
               "the last thread does not end by a null handle");
    tap_status(RtlCreateUserThread(NULL, NULL, false, &thread), STATUS_INVALID_PARAMETER_5,
               "a thread needs a routine");
    tap_status(NtQueryInformationThread(NtCurrentThread(), 99, &info, sizeof(info), NULL),
               STATUS_INVALID_INFO_CLASS, "thread information: a class that is not one");
    tap_status(NtQueryInformationThread(NtCurrentThread(), ThreadBasicInformation, &info, 4, NULL),
               STATUS_INFO_LENGTH_MISMATCH, "thread information: another size");

    unsigned count = 0;
    HANDLE all[80];
    while (count < 80 && NT_SUCCESS(RtlCreateUserThread(add_one, NULL, true, &all[count])))
        count++;
    tap_ok(count >= 32 && count < 80, "threads run out, with a status");
    for (unsigned i = 0; i < count; i++)
        NtResumeThread(all[i], NULL);
    for (unsigned i = 0; i < count; i++)
        sum += (unsigned)join(all[i]);
    tap_status(join(spawn(add_one, NULL)), 1, "those that ended make room");
}

/* Never enters the kernel by itself. */
static NTSTATUS spin(void *argument)
{
    volatile unsigned *counter = argument;

    while (!stop)
        (*counter)++;
    return STATUS_SUCCESS;
}

void test_turns(void)
{
    struct kernel_counters before, after;
    HANDLE threads[2];
    unsigned first;

    stop = false;
    for (unsigned i = 0; i < 2; i++)
        threads[i] = spawn(spin, (void *)(uintptr_t)&counters[i]);
    sleep_ms(300);
    first = counters[0];
    tap_ok(first > 0 && counters[1] > 0, "two threads that never wait take turns");
    sleep_ms(200);
    tap_ok(counters[0] > first, "each has more than one turn");
    NtSystemDebugControl(SysDbgQueryCounters, NULL, 0, &before, sizeof(before), NULL);
    stop = true;
    join(threads[0]);
    join(threads[1]);

    /* Alone, a thread is never interrupted: nobody waits for its turn to end. */
    NtSystemDebugControl(SysDbgQueryCounters, NULL, 0, &before, sizeof(before), NULL);
    for (volatile unsigned i = 0; i < 100000000; i++)
        if ((i & 0xfffff) == 0 && i > 50000000)
            break;
    NtSystemDebugControl(SysDbgQueryCounters, NULL, 0, &after, sizeof(after), NULL);
    tap_equal(after.ClockInterrupts, before.ClockInterrupts,
              "a thread that runs alone has no clock interrupts");
    tap_equal(after.ContextSwitches, before.ContextSwitches, "nor is it switched");
}

static volatile unsigned order[4], order_used;

static NTSTATUS note(void *argument)
{
    order[order_used++] = (unsigned)(uint64_t)argument;
    return STATUS_SUCCESS;
}

static NTSTATUS set_priority(HANDLE thread, int32_t priority)
{
    return NtSetInformationThread(thread, ThreadPriority, &priority, sizeof(priority));
}

static int32_t priority_of(HANDLE thread)
{
    struct thread_basic_information info = {0};

    NtQueryInformationThread(thread, ThreadBasicInformation, &info, sizeof(info), NULL);
    return info.Priority;
}

void test_priorities(void)
{
    int32_t value = 2;
    HANDLE threads[3], spinner;

    for (unsigned i = 0; i < 3; i++)
        RtlCreateUserThread(note, (void *)(uint64_t)i, true, &threads[i]);
    tap_status(set_priority(threads[0], 9), STATUS_SUCCESS, "set a priority");
    set_priority(threads[1], 11);
    set_priority(threads[2], 10);
    tap_equal((uint64_t)priority_of(threads[1]), 11, "it is what was set");
    set_priority(NtCurrentThread(), 15);
    for (unsigned i = 0; i < 3; i++)
        NtResumeThread(threads[i], NULL);
    tap_equal(order_used, 0, "a higher priority is not pre-empted by lower ones");
    set_priority(NtCurrentThread(), 8);
    tap_ok(order_used == 3 && order[0] == 1 && order[1] == 2 && order[2] == 0,
           "lowered, it is: the highest runs first");
    for (unsigned i = 0; i < 3; i++)
        join(threads[i]);

    stop = false;
    spinner = spawn(spin, (void *)(uintptr_t)&counters[0]);
    set_priority(spinner, 1);
    unsigned seen = counters[0];
    for (volatile unsigned i = 0; i < 3000000; i++)
        ;
    tap_equal(counters[0], seen, "a lower priority has no turn while a higher one runs");
    /* Longer each time: where the processor itself has hardly any time, a short sleep is over
     * before anyone has run. */
    for (unsigned ms = 20; ms < 20000 && counters[0] == seen; ms *= 2)
        sleep_ms(ms);
    tap_ok(counters[0] > seen, "it has when that one waits");
    tap_status(NtYieldExecution(), STATUS_NO_YIELD_PERFORMED, "nobody to yield to: it is lower");
    set_priority(spinner, 8);
    tap_status(NtYieldExecution(), STATUS_SUCCESS, "yield to a thread of the same priority");
    stop = true;
    join(spinner);

    tap_status(set_priority(NtCurrentThread(), 32), STATUS_INVALID_PARAMETER,
               "a priority that is not one");
    tap_status(NtSetInformationThread(NtCurrentThread(), ThreadBasePriority, &value, sizeof(value)),
               STATUS_SUCCESS, "set the base priority");
    tap_equal((uint64_t)priority_of(NtCurrentThread()), 10, "it is relative to the process's");
    value = 0;
    NtSetInformationThread(NtCurrentThread(), ThreadBasePriority, &value, sizeof(value));
}
