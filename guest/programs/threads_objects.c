/* SPDX-License-Identifier: MIT
 * Test of threads: semaphores, mutants, timers, waits for many objects. */

#include "threads.h"

#include <tap.h>

#define ITEMS 50

static HANDLE full, empty;
static volatile unsigned queue[4], sum;

static NTSTATUS consume(void *argument)
{
    (void)argument;
    for (unsigned i = 0; i < ITEMS; i++) {
        NtWaitForSingleObject(full, false, NULL);
        sum += queue[i % 4];
        NtReleaseSemaphore(empty, 1, NULL);
    }
    return STATUS_SUCCESS;
}

void test_semaphores(void)
{
    struct semaphore_basic_information info;
    HANDLE consumer, bad = NULL;
    int32_t previous = 99;

    tap_status(NtCreateSemaphore(&full, SEMAPHORE_ALL_ACCESS, NULL, 0, 4), STATUS_SUCCESS,
               "create a semaphore");
    NtCreateSemaphore(&empty, SEMAPHORE_ALL_ACCESS, NULL, 4, 4);
    consumer = spawn(consume, NULL);
    for (unsigned i = 0; i < ITEMS; i++) {
        NtWaitForSingleObject(empty, false, NULL);
        queue[i % 4] = i;
        NtReleaseSemaphore(full, 1, NULL);
    }
    join(consumer);
    tap_equal(sum, ITEMS * (ITEMS - 1) / 2, "%d items from a producer to a consumer", ITEMS);
    tap_status(NtReleaseSemaphore(empty, 1, &previous), STATUS_SEMAPHORE_LIMIT_EXCEEDED,
               "release beyond the limit");
    tap_status(NtReleaseSemaphore(full, 3, &previous), STATUS_SUCCESS, "release by three");
    tap_equal((uint64_t)previous, 0, "the count was 0");
    NtQuerySemaphore(full, SemaphoreBasicInformation, &info, sizeof(info), NULL);
    tap_ok(info.CurrentCount == 3 && info.MaximumCount == 4, "query a semaphore");
    tap_status(NtReleaseSemaphore(full, 0, NULL), STATUS_INVALID_PARAMETER, "release by 0");
    tap_status(NtCreateSemaphore(&bad, SEMAPHORE_ALL_ACCESS, NULL, 2, 1), STATUS_INVALID_PARAMETER,
               "create: the count is beyond the limit");
    tap_status(NtReleaseSemaphore(NtCurrentThread(), 1, NULL), STATUS_OBJECT_TYPE_MISMATCH,
               "release: not a semaphore");
    NtClose(full);
    NtClose(empty);
}

static NTSTATUS take(void *argument)
{
    const int64_t limit = MILLISECONDS(1);

    return NtWaitForSingleObject((HANDLE)argument, false, &limit);
}

static NTSTATUS release(void *argument)
{
    return NtReleaseMutant((HANDLE)argument, NULL);
}

void test_mutants(void)
{
    struct mutant_basic_information info;
    HANDLE mutant = NULL;
    int32_t previous = 99;

    tap_status(NtCreateMutant(&mutant, MUTANT_ALL_ACCESS, NULL, true), STATUS_SUCCESS,
               "create a mutant that is owned");
    tap_status(NtWaitForSingleObject(mutant, false, &no_time), STATUS_SUCCESS,
               "its owner owns it twice");
    NtQueryMutant(mutant, MutantBasicInformation, &info, sizeof(info), NULL);
    tap_ok(info.CurrentCount == -1 && info.OwnedByCaller && !info.AbandonedState, "query a mutant");
    tap_status(join(spawn(take, mutant)), STATUS_TIMEOUT, "another thread does not get it");
    tap_status(join(spawn(release, mutant)), STATUS_MUTANT_NOT_OWNED, "nor can it release it");
    NtReleaseMutant(mutant, &previous);
    tap_equal((uint64_t)(int64_t)previous, (uint64_t)-1, "released once: the count was -1");
    tap_status(join(spawn(take, mutant)), STATUS_TIMEOUT, "it is still owned");
    NtReleaseMutant(mutant, NULL);
    tap_status(NtReleaseMutant(mutant, NULL), STATUS_MUTANT_NOT_OWNED, "it is owned by nobody");
    tap_status(join(spawn(take, mutant)), STATUS_SUCCESS, "another thread gets it, and ends");
    NtQueryMutant(mutant, MutantBasicInformation, &info, sizeof(info), NULL);
    tap_ok(info.AbandonedState && info.CurrentCount == 1, "the mutant is abandoned");
    tap_status(NtWaitForSingleObject(mutant, false, &no_time), STATUS_ABANDONED_WAIT_0,
               "its next owner is told");
    NtReleaseMutant(mutant, NULL);
    tap_status(NtWaitForSingleObject(mutant, false, &no_time), STATUS_SUCCESS, "once");
    NtClose(mutant);
}

static uint64_t now(void)
{
    int64_t time = 0;

    NtQuerySystemTime(&time);
    return (uint64_t)time;
}

void test_timers(void)
{
    const int64_t soon = MILLISECONDS(10), late = MILLISECONDS(60000), one = MILLISECONDS(1);
    struct timer_basic_information info;
    struct event_basic_information event_info;
    HANDLE timer = NULL, event = create_event(NotificationEvent);
    uint64_t start = now();
    uint8_t state = 9;

    tap_status(NtCreateTimer(&timer, TIMER_ALL_ACCESS, NULL, SynchronizationTimer), STATUS_SUCCESS,
               "create a timer");
    tap_status(NtWaitForSingleObject(timer, false, &no_time), STATUS_TIMEOUT, "it is not set");
    tap_status(NtSetTimer(timer, &soon, NULL, NULL, false, 0, &state), STATUS_SUCCESS, "set it");
    tap_status(NtWaitForSingleObject(timer, false, NULL), STATUS_SUCCESS, "wait until it expires");
    tap_ok(now() - start >= 9 * 10000, "the time has passed");
    tap_status(NtWaitForSingleObject(timer, false, &one), STATUS_TIMEOUT,
               "a synchronization timer is not signaled twice");
    NtSetTimer(timer, &soon, NULL, NULL, false, 5, NULL);
    for (unsigned i = 0; i < 3; i++)
        NtWaitForSingleObject(timer, false, NULL);
    tap_ok(true, "a periodic timer expires again and again");
    NtSetTimer(timer, &late, NULL, NULL, false, 0, NULL);
    NtQueryTimer(timer, TimerBasicInformation, &info, sizeof(info), NULL);
    tap_ok(info.RemainingTime > 50000 * 10000ll && !info.TimerState, "query a timer");
    tap_status(NtCancelTimer(timer, &state), STATUS_SUCCESS, "cancel it");
    tap_equal(state, 0, "it had not expired");
    tap_status(NtWaitForSingleObject(timer, false, &one), STATUS_TIMEOUT, "it does not expire");
    tap_status(NtSetTimer(timer, &no_time, NULL, NULL, false, -1, NULL), STATUS_INVALID_PARAMETER_6,
               "set: a negative period");
    NtSetTimer(timer, &no_time, NULL, NULL, false, 0, NULL);
    tap_status(NtWaitForSingleObject(timer, false, &no_time), STATUS_SUCCESS,
               "set for the past it is signaled at once");
    NtClose(timer);

    NtPulseEvent(event, NULL);
    NtQueryEvent(event, EventBasicInformation, &event_info, sizeof(event_info), NULL);
    tap_ok(event_info.EventType == NotificationEvent && event_info.EventState == 0,
           "a pulse leaves an event reset");
    NtClose(event);
}

struct set {
    HANDLE events[2];
    uint32_t type;
};

static NTSTATUS wait_for(void *argument)
{
    const struct set *set = argument;

    return NtWaitForMultipleObjects(2, set->events, set->type, false, NULL);
}

void test_many(void)
{
    struct set set = {{create_event(SynchronizationEvent), create_event(NotificationEvent)},
                      WaitAny};
    HANDLE doubles[2] = {set.events[0], set.events[0]};
    const int64_t one = MILLISECONDS(1);
    HANDLE thread = spawn(wait_for, &set), others[2];

    sleep_ms(1);
    NtSetEvent(set.events[1], NULL);
    tap_status(join(thread), STATUS_WAIT_1, "a wait for any of two ends with the second");
    NtResetEvent(set.events[1], NULL);
    set.type = WaitAll;
    thread = spawn(wait_for, &set);
    sleep_ms(1);
    NtSetEvent(set.events[0], NULL);
    tap_status(NtWaitForSingleObject(thread, false, &one), STATUS_TIMEOUT,
               "a wait for both does not end with the first");
    tap_status(NtWaitForSingleObject(set.events[0], false, &no_time), STATUS_SUCCESS,
               "nor does it take it away");
    NtSetEvent(set.events[1], NULL);
    NtSetEvent(set.events[0], NULL);
    tap_status(join(thread), STATUS_SUCCESS, "it ends with both");
    tap_status(NtWaitForSingleObject(set.events[0], false, &no_time), STATUS_TIMEOUT,
               "and then takes both");
    tap_status(NtWaitForMultipleObjects(2, doubles, WaitAll, false, &no_time),
               STATUS_INVALID_PARAMETER_MIX, "wait for one object twice");

    NtResetEvent(set.events[1], NULL);
    set.type = WaitAny;
    others[0] = spawn(wait_for, &set);
    others[1] = spawn(wait_for, &set);
    sleep_ms(1);
    NtSetEvent(set.events[0], NULL);
    sleep_ms(1);
    tap_ok((exit_status(others[0]) == STATUS_PENDING) != (exit_status(others[1]) == STATUS_PENDING),
           "a synchronization event ends one of two waits");
    tap_status(NtSignalAndWaitForSingleObject(set.events[0], others[1], false, NULL),
               STATUS_SUCCESS, "signal and wait: the other one ends");
    join(others[0]);
    NtClose(others[1]);
    tap_status(NtSignalAndWaitForSingleObject(NtCurrentThread(), set.events[0], false, &no_time),
               STATUS_OBJECT_TYPE_MISMATCH, "a thread cannot be signaled");
    NtClose(set.events[0]);
    NtClose(set.events[1]);
}
