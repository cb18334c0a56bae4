/* SPDX-License-Identifier: MIT
 * Test of more than one processor: pre-emption, exclusion, procedures for other threads. */

#include "smp.h"

#include <tap.h>

#define LOCKED_ROUNDS 100

static volatile uint64_t counts[RS_CPUS_MAX];
static HANDLE event, mutant;
static volatile uint64_t ran;

static NTSTATUS run_when_told(void *argument)
{
    (void)argument;
    NtWaitForSingleObject(event, false, NULL);
    ran = 1;
    return STATUS_SUCCESS;
}

/* Where a thread spins alone nothing interrupts it, unless another processor does. */
static void test_higher(HANDLE spinner)
{
    HANDLE thread;

    NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, false);
    ran = 0;
    thread = spawn_on(1, run_when_told, NULL);
    set_priority(thread, 12);
    sleep_ms(20);
    NtSetEvent(event, NULL);
    tap_ok(spin_until(&ran), "a thread of a higher priority pre-empts one on another processor");
    set_priority(spinner, 13);
    join(thread);
    NtClose(event);
}

static void test_turns(void)
{
    HANDLE other = spawn_on(1, spin, (void *)(uintptr_t)&counts[1]);

    counts[1] = 0;
    tap_ok(spin_until(&counts[1]), "one of the same priority gets its turn there");
    ran = counts[0];
    for (unsigned i = 0; i < 100 && counts[0] == ran; i++)
        sleep_ms(20);
    tap_ok(counts[0] > ran, "and the first one its next");
    stop = 1;
    join(other);
}

void test_preemption(void)
{
    HANDLE spinner;

    stop = 0;
    bind_to(NtCurrentThread(), 1);
    set_priority(NtCurrentThread(), 9);
    spinner = spawn_on(1, spin, (void *)(uintptr_t)&counts[0]);
    tap_ok(spin_until(&counts[0]), "an idle processor is woken for a thread");
    test_higher(spinner);
    set_priority(spinner, 8);
    test_turns();
    join(spinner);
    set_priority(NtCurrentThread(), 8);
    bind_to(NtCurrentThread(), (1ull << cpus) - 1);
}

static volatile uint64_t inside, intruders, total;

static NTSTATUS enter_and_leave(void *argument)
{
    (void)argument;
    for (unsigned i = 0; i < LOCKED_ROUNDS; i++) {
        uint64_t seen;

        NtWaitForSingleObject(mutant, false, NULL);
        intruders += inside++ != 0;
        seen = total;
        for (volatile unsigned wait = 0; wait < 200; wait++)
            ;
        total = seen + 1;
        inside--;
        NtReleaseMutant(mutant, NULL);
    }
    return STATUS_SUCCESS;
}

void test_mutants(void)
{
    HANDLE threads[2 * RS_CPUS_MAX] = {0};

    NtCreateMutant(&mutant, MUTANT_ALL_ACCESS, NULL, false);
    for (uint32_t n = 0; n < 2 * cpus; n++)
        threads[n] = spawn_on(n % cpus, enter_and_leave, NULL);
    for (uint32_t n = 0; n < 2 * cpus; n++)
        join(threads[n]);
    tap_equal(intruders, 0, "a mutant has one owner");
    tap_equal(total, 2ull * cpus * LOCKED_ROUNDS, "all threads had it as often as they wanted");
    NtClose(mutant);
}

static volatile uint64_t called, called_on;

static void call(void *argument, void *low, void *high)
{
    (void)low;
    (void)high;
    called_on = (uint64_t)NtGetCurrentProcessorNumber();
    called = (uint64_t)argument;
}

static NTSTATUS wait_alertably(void *argument)
{
    const int64_t interval = MILLISECONDS(1000 * SECONDS_TO_WAIT);

    (void)argument;
    return NtDelayExecution(true, &interval);
}

void test_apcs(void)
{
    HANDLE thread = spawn_on(1, wait_alertably, NULL);

    bind_to(NtCurrentThread(), 1);
    sleep_ms(10);
    tap_status(RtlQueueApc(thread, call, (void *)7), STATUS_SUCCESS,
               "queue a procedure for a thread on another processor");
    tap_status(join(thread), STATUS_USER_APC, "it ends the thread's wait");
    tap_ok(called == 7 && called_on == 1, "it has run there");
    bind_to(NtCurrentThread(), (1ull << cpus) - 1);
}
