/* SPDX-License-Identifier: MIT
 * Claim: IRETQ to ring 3 restores CS and SS, and keeps DS and ES that ring 3 may use
 *
 * Reference: SDM Vol. 2A, "IRET/IRETD/IRETQ - Interrupt Return"
 * Conditions: return from #UD by way of NtContinue; the program has loaded DS and ES with 2BH
 * Trace: EXC #UD from 3 on RSP0
 *        IRET #UD to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    uint64_t ds, es;

    __asm__ volatile("movl %k0, %%ds\n\tmovl %k0, %%es" : : "r"(KGDT64_R3_DATA | RPL_MASK));
    PROVOKE("", "ud2");
    EXPECT_EQUAL(seen[0].context.SegCs, 0x33);
    EXPECT_EQUAL(seen[0].context.SegSs, 0x2b);
    __asm__ volatile("movl %%ds, %k0\n\tmovl %%es, %k1" : "=r"(ds), "=r"(es));
    EXPECT_EQUAL(ds, 0x2b);
    EXPECT_EQUAL(es, 0x2b);
}
