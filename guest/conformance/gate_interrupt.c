/* SPDX-License-Identifier: MIT
 * Claim: INT n in ring 0 through an interrupt gate: the handler runs with IF clear, and IRET brings
 *   it back
 *
 * Reference: SDM Vol. 3A, "Flag Usage By Exception- or Interrupt-Handler Procedure"
 * Conditions: gate 2AH of type EH; IF is set before
 * Needs: int.ring0
 * Trace: SYSCALL NtSystemDebugControl from 3
 *        INT 0x2a from 0 on same
 *        IRET 0x2a to 0
 *        INT 0x2b from 0 on same through gate 0xf
 *        IRET 0x2b to 0
 *        SYSRET NtSystemDebugControl = STATUS_SUCCESS */

#include "harness.h"

CLAIM()
{
    struct gate_flags flags = {0};

    EXPECT_STATUS(NtSystemDebugControl(SysDbgTestGates, NULL, 0, &flags, sizeof(flags), NULL),
                  STATUS_SUCCESS);
    EXPECT_EQUAL(flags.Before & RFLAGS_IF, RFLAGS_IF);
    EXPECT_EQUAL(flags.InterruptGate & RFLAGS_IF, 0);
    EXPECT_EQUAL(flags.After & RFLAGS_IF, RFLAGS_IF);
}
