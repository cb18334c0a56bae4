/* SPDX-License-Identifier: MIT
 * Claim: A data breakpoint raises #DB after the instruction that writes, on IST 4, and DR6 says
 * which; a read of the same place raises nothing
 *
 * Reference: SDM Vol. 3B, "Data Memory and I/O Breakpoint Exception Conditions"
 * Conditions: DR0 and DR7 of this thread, set by NtSetContextThread: writes, 8 bytes
 * Needs: dr.data.ring3
 * Trace: SYSCALL NtSetContextThread from 3
 *        SYSRET NtSetContextThread = STATUS_SUCCESS
 *        EXC #DB from 3 on IST4
 *        IRET #DB to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3
 *        SYSCALL NtSetContextThread from 3
 *        SYSRET NtSetContextThread = STATUS_SUCCESS */

#include "harness.h"

static void watch(const volatile void *address, uint64_t dr7)
{
    struct context context = {
        .ContextFlags = CONTEXT_DEBUG_REGISTERS, .Dr0 = (uint64_t)address, .Dr7 = dr7};

    NtSetContextThread(NtCurrentThread(), &context);
}

CLAIM()
{
    static volatile uint64_t watched;

    watch(&watched, DR7_L0 | DR7_WRITE_8_0);
    (void)watched;
    PROVOKE("", "movq $7, %[watched]", [watched] "m"(watched));
    watch(NULL, 0);
    expect_raised_behind(STATUS_SINGLE_STEP);
    EXPECT_EQUAL(watched, 7);
    EXPECT_EQUAL(seen[0].context.Dr6 & 0xf, DR6_B0);
}
