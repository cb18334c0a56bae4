/* SPDX-License-Identifier: MIT
 * Claim: A clock interrupt of ring 0 is taken on the stack in use, and goes on where it was
 *
 * Reference: SDM Vol. 3A, "64-Bit Mode Stack Frame"
 * Conditions: a delay of 1 ms; the gate has no IST
 * Needs: interrupt.ring0
 * Trace: SYSCALL NtDelayExecution from 3
 *        IRQ CLOCK from 0 on same
 *        IRET CLOCK to 0
 *        SYSRET NtDelayExecution = STATUS_SUCCESS */

#include "harness.h"

CLAIM()
{
    const int64_t millisecond = -10000;

    EXPECT_STATUS(NtDelayExecution(false, &millisecond), STATUS_SUCCESS);
}
