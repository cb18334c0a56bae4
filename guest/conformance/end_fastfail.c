/* SPDX-License-Identifier: MIT
 * Claim: INT 29H ends the program at once: no handler is asked
 *
 * Reference: the published design of __fastfail
 * Conditions: a handler is there
 * Needs: int.ring3
 * Ends: STATUS_STACK_BUFFER_OVERRUN
 * Trace: INT 0x29 from 3 on RSP0 */

#include "harness.h"

CLAIM()
{
    PROVOKE("movl $5, %%ecx", "int $0x29");
    EXPECT(false);
}
