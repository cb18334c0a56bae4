/* SPDX-License-Identifier: MIT
 * Claim: A handler that sets TF in the context steps one instruction further
 *
 * Reference: SDM Vol. 3B, "Single-Step Exception Condition"
 * Conditions: TF set by POPFQ, then once by the handler
 * Needs: tf.ring3
 * Trace: EXC #DB from 3 on IST4
 *        IRET #DB to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3
 *        EXC #DB from 3 on IST4
 *        IRET #DB to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

static void step_again(struct exception_pointers *exception)
{
    if (seen_count > 1)
        return;
    exception->ContextRecord->Rip = (uint64_t)provoked + 1;
    exception->ContextRecord->EFlags |= (uint32_t)RFLAGS_TF;
}

CLAIM()
{
    on_exception = step_again;
    PROVOKE("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq", "nop\n3:\tnop");
    EXPECT_EQUAL(seen_count, 2);
    EXPECT_EQUAL(seen[0].context.Rip, (uint64_t)provoked + 1);
    EXPECT_EQUAL(seen[1].context.Rip, (uint64_t)provoked + 2);
}
