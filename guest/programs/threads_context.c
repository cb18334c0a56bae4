/* SPDX-License-Identifier: MIT
 * Test of threads: contexts, vector registers, debug registers. */

#include "caught.h"
#include "threads.h"

#include <ringscope/x86/cpu.h>
#include <tap.h>

#define DR7_EXECUTE_0 0x1u  /* L0; kind 0: execution, one byte */
#define DR7_DATA_0 0x90001u /* L0; kind 1: writes, 8 bytes */

static volatile bool stop;
static volatile uint64_t watched;

/* R12 and XMM7 hold known values while it spins. */
static NTSTATUS spin_with_registers(void *argument)
{
    uint64_t r12 = (uint64_t)argument;

    __asm__ volatile("movq %0, %%r12\n\tmovq %0, %%xmm7\n"
                     "1:\tcmpb $0, %1\n\tje 1b\n\tmovq %%r12, %0"
                     : "+r"(r12)
                     : "m"(stop)
                     : "r12", "xmm7", "memory");
    return (NTSTATUS)r12;
}

static HANDLE go; /* an event: nothing is changed before it is set, however slow the machine */

static NTSTATUS wait_with_register(void *argument)
{
    register uint64_t r13 __asm__("r13") = 0x1313;

    __asm__ volatile("" : "+r"(r13));
    NtWaitForSingleObject(go, false, NULL);
    __asm__ volatile("" : "+r"(r13));
    return argument == NULL ? (NTSTATUS)r13 : 0;
}

void test_contexts(void)
{
    struct context context = {.ContextFlags = CONTEXT_FULL};
    HANDLE thread;

    stop = false;
    thread = spawn(spin_with_registers, (void *)0x1212);
    sleep_ms(1);
    NtSuspendThread(thread, NULL);
    tap_status(NtGetContextThread(thread, &context), STATUS_SUCCESS, "get a thread's context");
    tap_equal(context.R12, 0x1212, "it has R12");
    tap_equal(*(uint64_t *)&context.FltSave[0xa0 + 7 * 16], 0x1212, "it has XMM7");
    context.R12 = 0x2121;
    tap_status(NtSetContextThread(thread, &context), STATUS_SUCCESS, "set it");
    NtResumeThread(thread, NULL);
    stop = true;
    tap_status(join(thread), 0x2121, "the thread goes on with what was set");

    tap_status(NtCreateEvent(&go, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, false),
               STATUS_SUCCESS, "an event to wait for");
    thread = spawn(wait_with_register, NULL);
    sleep_ms(1);
    NtGetContextThread(thread, &context);
    tap_equal(context.R13, 0x1313, "the context of a thread in a service is that of ring 3");
    tap_equal(context.Rip & ~0xfffull, (uint64_t)(uintptr_t)NtWaitForSingleObject & ~0xfffull,
              "its RIP is behind its system call");
    context.R13 = 0x3131;
    NtSetContextThread(thread, &context);
    NtSetEvent(go, NULL);
    tap_status(join(thread), 0x3131, "set while it waits");
    NtClose(go);

    context.Rip = 0xfffff80140000000;
    tap_status(NtSetContextThread(NtCurrentThread(), &context), STATUS_ACCESS_VIOLATION,
               "set: RIP in kernel space");
    context.ContextFlags = 0;
    tap_status(NtGetContextThread(NtCurrentThread(), &context), STATUS_INVALID_PARAMETER,
               "get: not a context of this processor");
}

/* Each thread has its own vector registers, whatever the others do. */
static NTSTATUS keep_vectors(void *argument)
{
    uint64_t value = (uint64_t)argument, seen = 0;

    __asm__ volatile("movq %0, %%xmm9" : : "r"(value) : "xmm9");
    for (unsigned i = 0; i < 20; i++) {
        NtYieldExecution();
        __asm__ volatile("movq %%xmm9, %0" : "=r"(seen));
        if (seen != value)
            return STATUS_UNSUCCESSFUL;
    }
    return STATUS_SUCCESS;
}

void test_vectors(void)
{
    HANDLE threads[3];
    unsigned kept = 0;

    for (unsigned i = 0; i < 3; i++)
        threads[i] = spawn(keep_vectors, (void *)(uint64_t)(0x1111 * (i + 1)));
    for (unsigned i = 0; i < 3; i++)
        kept += join(threads[i]) == STATUS_SUCCESS;
    tap_equal(kept, 3, "threads keep their vector registers over switches");
}

static void watch(uint64_t address, uint64_t dr7)
{
    struct context context = {.ContextFlags = CONTEXT_DEBUG_REGISTERS, .Dr0 = address, .Dr7 = dr7};

    NtSetContextThread(NtCurrentThread(), &context);
}

static __attribute__((noinline)) void target(void)
{
    __asm__ volatile("nop");
}

/* Goes on behind the breakpoint: RF keeps it from striking again. */
static long count_breakpoints(struct exception_pointers *exception)
{
    caught.count++;
    caught.record = *exception->ExceptionRecord;
    caught.context = *exception->ContextRecord;
    exception->ContextRecord->EFlags |= (uint32_t)RFLAGS_RF;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static NTSTATUS write_watched(void *argument)
{
    watched = (uint64_t)argument;
    return STATUS_SUCCESS;
}

void test_breakpoints(void)
{
    static const char *const reason = "this host does not deliver debug-register breakpoints";
    struct context context = {.ContextFlags = CONTEXT_DEBUG_REGISTERS};
    void *handle = RtlAddVectoredExceptionHandler(true, count_breakpoints);

    watch((uint64_t)&watched, DR7_DATA_0);
    NtGetContextThread(NtCurrentThread(), &context);
    tap_ok(context.Dr0 == (uint64_t)&watched && (context.Dr7 & 0xffff0055) == DR7_DATA_0,
           "debug registers are set");
    caught.count = 0;
    watched = 1;
    if (caught.count == 0) {
        tap_skip("a data breakpoint", reason);
    } else {
        tap_status(caught.record.ExceptionCode, STATUS_SINGLE_STEP, "a data breakpoint");
        tap_equal(caught.context.Dr6 & 0xf, 1, "DR6 says which");
    }
    caught.count = 0;
    join(spawn(write_watched, (void *)2));
    tap_equal(caught.count, 0, "another thread does not have it");
    watch((uint64_t)(uintptr_t)target, DR7_EXECUTE_0);
    caught.count = 0;
    target();
    if (caught.count == 0)
        tap_skip("an instruction breakpoint", reason);
    else
        tap_ok(caught.count == 1 && caught.record.ExceptionAddress == (void *)(uintptr_t)target,
               "an instruction breakpoint, before the instruction");
    watch(0xfffff80140000000, DR7_EXECUTE_0);
    NtGetContextThread(NtCurrentThread(), &context);
    tap_equal(context.Dr7 & 0xff, 0, "kernel addresses cannot be watched");
    watch(0, 0);
    RtlRemoveVectoredExceptionHandler(handle);
}
