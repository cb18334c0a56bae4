/* SPDX-License-Identifier: MIT
 * Test of threads: their life, their turns, and everything that they wait for. */

#include "threads.h"

#include <tap.h>

const int64_t no_time = 0;

HANDLE spawn(thread_routine *routine, void *argument)
{
    HANDLE thread = NULL;
    NTSTATUS status = RtlCreateUserThread(routine, argument, false, &thread);

    if (!NT_SUCCESS(status)) {
        tap_status(status, STATUS_SUCCESS, "create a thread");
        exit(2);
    }
    return thread;
}

NTSTATUS exit_status(HANDLE thread)
{
    struct thread_basic_information info = {.ExitStatus = STATUS_UNSUCCESSFUL};

    NtQueryInformationThread(thread, ThreadBasicInformation, &info, sizeof(info), NULL);
    return info.ExitStatus;
}

NTSTATUS join(HANDLE thread)
{
    NTSTATUS status;

    NtWaitForSingleObject(thread, false, NULL);
    status = exit_status(thread);
    NtClose(thread);
    return status;
}

void sleep_ms(unsigned milliseconds)
{
    int64_t interval = MILLISECONDS(milliseconds);

    NtDelayExecution(false, &interval);
}

HANDLE create_event(uint32_t type)
{
    HANDLE event = NULL;

    NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, type, false);
    return event;
}

int main(int argc, char **argv)
{
    const uint64_t one = 1;

    (void)argc;
    (void)argv;
    /* Whose turn it is can be told where there is one processor for all. */
    NtSetInformationProcess(NtCurrentProcess(), ProcessAffinityMask, &one, sizeof(one));
    test_life();
    test_turns();
    test_priorities();
    test_semaphores();
    test_mutants();
    test_timers();
    test_many();
    test_suspend();
    test_terminate();
    test_alerts();
    test_apcs();
    test_contexts();
    test_vectors();
    test_breakpoints();
    test_deferred();
    return tap_done();
}
