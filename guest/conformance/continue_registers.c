/* SPDX-License-Identifier: MIT
 * Claim: Every general register survives an exception that a handler continues
 *
 * Reference: the published design of KiUserExceptionDispatcher, NtContinue and
 *   NtRaiseException
 * Conditions: UD2 with every register loaded with a value of its own
 * Trace: EXC #UD from 3 on RSP0
 *        IRET #UD to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"
#include "raw.h"

static void skip_ud2(struct exception_pointers *exception)
{
    exception->ContextRecord->Rip += 2;
}

CLAIM()
{
    struct raw_registers before, after;

    fill_registers(&before, 0x1234, RFLAGS_FIXED | RFLAGS_CF);
    after = before;
    on_exception = skip_ud2;
    enter_with_registers(&after, RAW_UD2);
    EXPECT_EQUAL(seen_count, 1);
    after.rip = before.rip;
    after.rsp = before.rsp;
    after.rflags = before.rflags;
    EXPECT(memcmp(&after, &before, sizeof(after)) == 0);
}
