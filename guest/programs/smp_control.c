/* SPDX-License-Identifier: MIT
 * Test of more than one processor: suspension, contexts and the end of a thread that runs. */

#include "smp.h"

#include <tap.h>

#define TIMES 20

static volatile uint64_t count;

/* It runs while the caller looks. */
static bool advances(void)
{
    static volatile uint64_t moved;
    uint64_t seen = count;

    for (unsigned i = 0; i < 1000; i++) {
        moved = count != seen;
        if (moved)
            return true;
        sleep_ms(1);
    }
    return false;
}

void test_suspend(void)
{
    unsigned stopped = 0, resumed = 0;
    HANDLE thread;

    stop = 0;
    count = 0;
    bind_to(NtCurrentThread(), 1);
    thread = spawn_on(1, spin, (void *)(uintptr_t)&count);
    for (unsigned i = 0; i < TIMES; i++) {
        uint64_t seen;

        resumed += advances();
        NtSuspendThread(thread, NULL);
        seen = count;
        for (volatile unsigned wait = 0; wait < 20000; wait++)
            ;
        stopped += count == seen;
        NtResumeThread(thread, NULL);
    }
    tap_equal(stopped, TIMES, "a thread on another processor is stopped when it is suspended");
    tap_equal(resumed, TIMES, "it goes on when it is resumed");
    stop = 1;
    join(thread);
}

/* R12 and XMM7 hold known values while it spins. */
static NTSTATUS hold_registers(void *argument)
{
    uint64_t r12 = (uint64_t)argument;

    __asm__ volatile("movq %0, %%r12\n\tmovq %0, %%xmm7\n\tmovq $1, %2\n"
                     "1:\tcmpq $0, %1\n\tje 1b\n\tmovq %%xmm7, %0\n\tshlq $16, %0\n\torq %%r12, %0"
                     : "+r"(r12)
                     : "m"(stop), "m"(count)
                     : "r12", "xmm7", "memory");
    return (NTSTATUS)r12;
}

#define XMM7 0x110 /* in FltSave */

static uint64_t *xmm7(struct context *context)
{
    return (uint64_t *)(void *)(context->FltSave + XMM7);
}

void test_contexts(void)
{
    struct context context = {.ContextFlags = CONTEXT_FULL};
    HANDLE thread;

    stop = 0;
    count = 0;
    thread = spawn_on(1, hold_registers, (void *)0x1212);
    tap_ok(spin_until(&count), "a thread spins on another processor");
    tap_status(NtGetContextThread(thread, &context), STATUS_SUCCESS, "its context, while it runs");
    tap_equal(context.R12, 0x1212, "R12");
    tap_equal(*xmm7(&context), 0x1212, "XMM7");
    context.R12 = 0x3434;
    *xmm7(&context) = 0x5656;
    tap_status(NtSetContextThread(thread, &context), STATUS_SUCCESS, "set it, while it runs");
    stop = 1;
    tap_status(join(thread), 0x56563434, "it goes on with what was set");
}

void test_terminate(void)
{
    HANDLE threads[RS_CPUS_MAX] = {0};
    unsigned ended = 0;

    stop = 0;
    for (uint32_t n = 1; n < cpus; n++)
        threads[n] = spawn_on(n, spin, (void *)(uintptr_t)&count);
    sleep_ms(20);
    for (uint32_t n = 1; n < cpus; n++)
        NtTerminateThread(threads[n], 0x77);
    for (uint32_t n = 1; n < cpus; n++)
        ended += join(threads[n]) == 0x77;
    tap_equal(ended, cpus - 1, "threads that spin on other processors are terminated");
    bind_to(NtCurrentThread(), (1ull << cpus) - 1);
}

/* A child of two kinds: it ends itself, or waits for that. */
int act(const char *what)
{
    stop = 0;
    for (uint32_t n = 0; n < cpus; n++)
        spawn_on(n, spin, (void *)(uintptr_t)&count);
    while (count == 0)
        sleep_ms(1);
    if (strcmp(what, "wait") == 0)
        sleep_ms(1000 * SECONDS_TO_WAIT);
    return 9;
}

static HANDLE create(char *self, const char *what)
{
    char *arguments[] = {self, (char *)(uintptr_t)what, NULL};
    HANDLE process = NULL, thread = NULL;

    tap_status(RtlCreateUserProcess(arguments, false, &process, &thread), STATUS_SUCCESS,
               "a process that spins on all processors");
    NtClose(thread);
    return process;
}

static NTSTATUS status_of(HANDLE process)
{
    struct process_basic_information info = {.ExitStatus = STATUS_UNSUCCESSFUL};

    NtWaitForSingleObject(process, false, NULL);
    NtQueryInformationProcess(process, ProcessBasicInformation, &info, sizeof(info), NULL);
    NtClose(process);
    return info.ExitStatus;
}

void test_processes(char *self)
{
    HANDLE process = create(self, "exit");

    set_priority(NtCurrentThread(), 12);
    tap_status(status_of(process), 9, "it ends, with all its threads");
    process = create(self, "wait");
    sleep_ms(100);
    tap_status(NtTerminateProcess(process, 10), STATUS_SUCCESS, "it is terminated");
    tap_status(status_of(process), 10, "and ends");
    set_priority(NtCurrentThread(), 8);
}
