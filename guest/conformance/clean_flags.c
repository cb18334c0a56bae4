/* SPDX-License-Identifier: MIT
 * Claim: A handler starts with DF and NT clear, whatever the program had; the context has them
 *
 * Reference: SDM Vol. 3A, "Flag Usage By Exception- or Interrupt-Handler Procedure"
 * Conditions: DF and NT set at UD2; the gate is an interrupt gate
 * Trace: EXC #UD from 3 on RSP0
 *        IRET #UD to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

static uint64_t handler_flags;

static void read_flags(struct exception_pointers *exception)
{
    (void)exception;
    __asm__ volatile("pushfq\n\tpopq %0" : "=r"(handler_flags));
}

CLAIM()
{
    on_exception = read_flags;
    PROVOKE("pushfq\n\torq $0x4400, (%%rsp)\n\tpopfq", "ud2");
    EXPECT_EQUAL(handler_flags & (RFLAGS_DF | RFLAGS_NT), 0);
    EXPECT_EQUAL(seen[0].context.EFlags & (RFLAGS_DF | RFLAGS_NT), RFLAGS_DF | RFLAGS_NT);
}
