/* SPDX-License-Identifier: MIT
 * Claim: IA32_FMASK clears TF: no single step in the kernel, one in ring 3 after SYSRET
 *
 * Reference: SDM Vol. 2B, "SYSCALL - Fast System Call"
 * Conditions: RFLAGS.TF is set by the instruction before SYSCALL
 * Needs: syscall.tf
 * Trace: SYSCALL NtYieldExecution from 3
 *        SYSRET NtYieldExecution = STATUS_NO_YIELD_PERFORMED
 *        EXC #DB from 3 on IST4
 *        IRET #DB to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("pushfq\n\torq $0x100, (%%rsp)\n\tmovl %k[number], %%eax\n\tpopfq\n\tsyscall",
            "nop", [number] "r"(RS_SERVICE_NtYieldExecution));
    EXPECT_EQUAL(seen_count, 1);
    EXPECT_STATUS(seen[0].record.ExceptionCode, STATUS_SINGLE_STEP);
}
