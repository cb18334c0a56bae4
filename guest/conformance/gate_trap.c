/* SPDX-License-Identifier: MIT
 * Claim: INT n in ring 0 through a trap gate leaves IF as it is; TF, NT, RF and VM are cleared by
 *   either kind of gate
 *
 * Reference: SDM Vol. 3A, "Flag Usage By Exception- or Interrupt-Handler Procedure"
 * Conditions: gate 2BH of type FH; IF is set before
 * Needs: int.ring0, gate.trap
 * Trace: SYSCALL NtSystemDebugControl from 3
 *        INT 0x2a from 0 on same
 *        IRET 0x2a to 0
 *        INT 0x2b from 0 on same through gate 0xf
 *        IRET 0x2b to 0
 *        SYSRET NtSystemDebugControl = STATUS_SUCCESS */

#include "harness.h"

#define CLEARED (RFLAGS_TF | RFLAGS_NT | RFLAGS_RF | RFLAGS_VM)

CLAIM()
{
    struct gate_flags flags = {0};

    EXPECT_STATUS(NtSystemDebugControl(SysDbgTestGates, NULL, 0, &flags, sizeof(flags), NULL),
                  STATUS_SUCCESS);
    EXPECT_EQUAL(flags.Before & RFLAGS_IF, RFLAGS_IF);
    EXPECT_EQUAL(flags.TrapGate & RFLAGS_IF, RFLAGS_IF);
    EXPECT_EQUAL(flags.TrapGate & CLEARED, 0);
    EXPECT_EQUAL(flags.After & RFLAGS_IF, RFLAGS_IF);
}
