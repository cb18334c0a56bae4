/* SPDX-License-Identifier: MIT
 * Claim: RFLAGS.TF raises #DB after the next instruction, on IST 4
 *
 * Reference: SDM Vol. 3B, "Single-Step Exception Condition"
 * Conditions: 64-bit code of ring 3
 * Needs: tf.ring3
 * Trace: EXC #DB from 3 on IST4
 *        IRET #DB to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq", "nop");
    expect_raised_behind(STATUS_SINGLE_STEP);
}
