/* SPDX-License-Identifier: MIT
 * Claim: An instruction breakpoint raises #DB before the instruction, a fault, on IST 4; with RF
 * set the handler goes on with it
 *
 * Reference: SDM Vol. 3B, "Instruction-Breakpoint Exception Condition"
 * Conditions: DR0 and DR7 of this thread, set by NtSetContextThread
 * Needs: dr.code.ring3
 * Trace: SYSCALL NtSetContextThread from 3
 *        SYSRET NtSetContextThread = STATUS_SUCCESS
 *        EXC #DB from 3 on IST4
 *        IRET #DB to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3
 *        SYSCALL NtSetContextThread from 3
 *        SYSRET NtSetContextThread = STATUS_SUCCESS */

#include "harness.h"

static volatile unsigned executed;

static __attribute__((noinline)) void target(void)
{
    executed++;
}

static void watch(const void *address, uint64_t dr7)
{
    struct context context = {
        .ContextFlags = CONTEXT_DEBUG_REGISTERS, .Dr0 = (uint64_t)address, .Dr7 = dr7};

    NtSetContextThread(NtCurrentThread(), &context);
}

static void go_on(struct exception_pointers *exception)
{
    exception->ContextRecord->Rip = (uint64_t)(uintptr_t)target;
    exception->ContextRecord->EFlags |= (uint32_t)RFLAGS_RF;
}

CLAIM()
{
    executed = 0;
    on_exception = go_on;
    watch((const void *)(uintptr_t)target, DR7_L0);
    target();
    watch(NULL, 0);
    EXPECT_EQUAL(seen_count, 1);
    EXPECT_STATUS(seen[0].record.ExceptionCode, STATUS_SINGLE_STEP);
    EXPECT_EQUAL((uint64_t)seen[0].record.ExceptionAddress, (uint64_t)(uintptr_t)target);
    EXPECT_EQUAL(seen[0].context.Dr6 & 0xf, DR6_B0);
    EXPECT_EQUAL(executed, 1);
}
