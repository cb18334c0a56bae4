/* SPDX-License-Identifier: MIT
 * Test of more than one processor: that they run at the same time, and what one of them may do to
 * the threads and the memory of another. `short`: the first part only. */

#include "smp.h"

#include <tap.h>

/* KGDT64_R3_CMTEB's, below the number. */
#define TEB_SEGMENT_LIMIT 0x3c00u

uint32_t cpus;
volatile uint64_t stop;

NTSTATUS bind_to(HANDLE thread, uint64_t mask)
{
    return NtSetInformationThread(thread, ThreadAffinityMask, &mask, sizeof(mask));
}

void set_priority(HANDLE thread, int32_t priority)
{
    NtSetInformationThread(thread, ThreadPriority, &priority, sizeof(priority));
}

HANDLE spawn_on(uint32_t cpu, thread_routine *routine, void *argument)
{
    HANDLE thread = NULL;
    NTSTATUS status = RtlCreateUserThread(routine, argument, true, &thread);

    if (NT_SUCCESS(status))
        status = bind_to(thread, 1ull << cpu);
    if (!NT_SUCCESS(status)) {
        tap_status(status, STATUS_SUCCESS, "create a thread for processor %u", cpu);
        exit(2);
    }
    NtResumeThread(thread, NULL);
    return thread;
}

NTSTATUS join(HANDLE thread)
{
    struct thread_basic_information info = {.ExitStatus = STATUS_UNSUCCESSFUL};

    NtWaitForSingleObject(thread, false, NULL);
    NtQueryInformationThread(thread, ThreadBasicInformation, &info, sizeof(info), NULL);
    NtClose(thread);
    return info.ExitStatus;
}

void sleep_ms(unsigned milliseconds)
{
    int64_t interval = MILLISECONDS(milliseconds);

    NtDelayExecution(false, &interval);
}

static uint64_t read_tsc(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

bool spin_until(volatile uint64_t *value)
{
    int64_t counter, frequency = 0;
    uint64_t start = read_tsc();

    NtQueryPerformanceCounter(&counter, &frequency);
    while (!*value && read_tsc() - start < (uint64_t)frequency * SECONDS_TO_WAIT)
        __asm__ volatile("pause");
    return *value;
}

uint32_t number_by_segment(void)
{
    uint32_t limit = 0;

    __asm__ volatile("lsl %1, %0" : "+r"(limit) : "r"(KGDT64_R3_CMTEB | RPL_MASK) : "cc");
    return (limit & ((1u << 14) - 1)) == TEB_SEGMENT_LIMIT ? limit >> 14 : NUMBER_UNKNOWN;
}

NTSTATUS spin(void *argument)
{
    volatile uint64_t *counter = argument;

    while (!stop)
        (*counter)++;
    return STATUS_SUCCESS;
}

int main(int argc, char **argv)
{
    struct system_basic_information basic = {0};

    NtQuerySystemInformation(SystemBasicInformation, &basic, sizeof(basic), NULL);
    cpus = basic.NumberOfProcessors;
    if (cpus < 2) {
        printf("1..0 # SKIP one processor\n");
        return 0;
    }
    if (argc > 1 && strcmp(argv[1], "short") != 0)
        return act(argv[1]);
    test_processors();
    if (argc > 1)
        return tap_done();
    test_ring();
    test_preemption();
    test_mutants();
    test_apcs();
    test_suspend();
    test_contexts();
    test_terminate();
    test_shoot_down();
    test_probes();
    test_processes(argv[0]);
    return tap_done();
}
