/* SPDX-License-Identifier: MIT
 * Threads that call services at random, with arguments at random: whatever becomes of the
 * program, nothing must become of the kernel.
 * Usage: storm [SEED [ROUNDS]] */

#include "raw.h"

#include <ntdll.h>
#include <ringscope/nt/services.h>

#define THREADS 4
#define ROUNDS 40
#define CALLS_MAX 1000000
#define BUFFERS 8
#define BUFFER_SIZE 4096

static const uint16_t numbers[] = {
#define X(number, name, args, class, arguments) number,
    RS_SERVICES(X)
#undef X
};

/* What would end the storm, or is asked for to harm the kernel. */
static const uint16_t left_out[] = {
    RS_SERVICE_NtTerminateProcess, RS_SERVICE_NtSuspendProcess,  RS_SERVICE_NtSystemDebugControl,
    RS_SERVICE_NtContinue,         RS_SERVICE_NtContinueEx,      RS_SERVICE_NtRaiseException,
    RS_SERVICE_NtDisplayString,    RS_SERVICE_NtWriteFile,       RS_SERVICE_NtSetInformationProcess,
    RS_SERVICE_NtUserGetMessage,   RS_SERVICE_NtUserWaitMessage,
};

static uint64_t seed;
static volatile unsigned calls;
static uint8_t buffers[BUFFERS][BUFFER_SIZE];

/* Marsaglia's xorshift. That threads disturb each other's sequence does no harm. */
static uint64_t random_number(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static uint64_t random_argument(void)
{
    switch (random_number() % 12) {
    case 0:
        return 0;
    case 1:
        return (uint64_t)NtCurrentProcess();
    case 2:
        return (uint64_t)NtCurrentThread();
    case 3:
        return 4 * (random_number() % 64); /* a handle */
    case 4:
        return 0xfffff80140001000; /* the kernel */
    case 5:
        return 0x10;
    case 6:
        return random_number() % 70;
    case 7:
        return random_number();
    default:
        return (uint64_t)&buffers[random_number() % BUFFERS][random_number() % 8 * 64];
    }
}

static bool is_left_out(uint16_t number)
{
    for (unsigned i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
        if (left_out[i] == number)
            return true;
    return false;
}

/* Short waits and handles, here and there, so that more than the checks of arguments is reached. */
static void fill_buffers(void)
{
    uint64_t *numbers_in = (uint64_t *)(void *)buffers[random_number() % BUFFERS];

    numbers_in[0] = -(random_number() % 20000);
    numbers_in[random_number() % 64] = 4 * (random_number() % 64);
}

static NTSTATUS call_services(void *argument)
{
    (void)argument;
    while (calls < CALLS_MAX) {
        uint16_t number = numbers[random_number() % (sizeof(numbers) / sizeof(numbers[0]))];
        uint64_t stack[RS_SERVICE_ARGS_MAX + 1];

        if (is_left_out(number))
            continue;
        for (unsigned i = 0; i < sizeof(stack) / sizeof(stack[0]); i++)
            stack[i] = random_argument();
        fill_buffers();
        syscall_with_stack(number, (uint64_t)stack, random_argument(), random_argument(),
                           random_argument(), random_argument());
        calls++;
    }
    return STATUS_SUCCESS;
}

/* A thread that was started, or called back, at an address that is none. */
static long end_thread(struct exception_pointers *exception)
{
    RtlExitUserThread(exception->ExceptionRecord->ExceptionCode);
}

static void nothing(void *argument, void *low, void *high)
{
    (void)argument;
    (void)low;
    (void)high;
}

int main(int argc, char **argv)
{
    const int64_t interval = -200000;
    unsigned long rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : ROUNDS;
    HANDLE thread;

    seed = (argc > 1 ? strtoul(argv[1], NULL, 10) : 1) * 7919 + 1;
    RtlAddVectoredExceptionHandler(true, end_thread);
    RtlQueueApc(NtCurrentThread(), nothing, NULL); /* so that there is a dispatcher for them */
    for (unsigned long i = 0; i < rounds; i++) {
        if ((i < THREADS || i % 5 == 0) && /* they do not live long */
            NT_SUCCESS(RtlCreateUserThread(call_services, NULL, false, &thread)))
            NtClose(thread);
        NtDelayExecution(false, &interval);
    }
    printf("%u calls\n", calls);
    return 0;
}
