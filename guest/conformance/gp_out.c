/* SPDX-License-Identifier: MIT
 * Claim: OUT with IOPL 0 raises #GP(0), and nothing reaches the device
 *
 * Reference: SDM Vol. 1, "I/O Privilege Level"
 * Conditions: 64-bit code of ring 3
 * Needs: io.iopl0
 * Trace: EXC #GP(0) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("movl $0x3f8, %%edx\n\tmovb $0x21, %%al", "outb %%al, %%dx");
    expect_raised(STATUS_PRIVILEGED_INSTRUCTION);
}
