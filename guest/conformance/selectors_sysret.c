/* SPDX-License-Identifier: MIT
 * Claim: SYSRET loads CS and SS from IA32_STAR (33H, 2BH) and leaves DS and ES alone
 *
 * Reference: SDM Vol. 2B, "SYSRET - Return From Fast System Call"
 * Conditions: IA32_STAR[63:48] = 23H; the program has loaded DS and ES with 2BH
 * Trace: SYSCALL NtYieldExecution from 3
 *        SYSRET NtYieldExecution = STATUS_NO_YIELD_PERFORMED */

#include "harness.h"

#define read_selector(name)                                                                        \
    ({                                                                                             \
        uint64_t value;                                                                            \
        __asm__ volatile("movl %%" #name ", %k0" : "=r"(value));                                   \
        value;                                                                                     \
    })

CLAIM()
{
    __asm__ volatile("movl %k0, %%ds\n\tmovl %k0, %%es" : : "r"(KGDT64_R3_DATA | RPL_MASK));
    NtYieldExecution();
    EXPECT_EQUAL(read_selector(cs), 0x33);
    EXPECT_EQUAL(read_selector(ss), 0x2b);
    EXPECT_EQUAL(read_selector(ds), 0x2b);
    EXPECT_EQUAL(read_selector(es), 0x2b);
}
