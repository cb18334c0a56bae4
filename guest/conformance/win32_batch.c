/* SPDX-License-Identifier: MIT
 * Claim: Calls of GDI that ring 3 has kept in its TEB are flushed before a service of the second
 *   table, by the same system call; a service of the first leaves them
 *
 * Reference: the published design of KiSystemServiceRepeat, GdiBatchCount
 * Conditions: a batch of one call
 * Trace: SYSCALL NtYieldExecution from 3
 *        SYSRET NtYieldExecution = STATUS_NO_YIELD_PERFORMED
 *        SYSCALL NtGdiFlush from 3
 *        SYSRET NtGdiFlush = 0x1 */

#include "harness.h"

CLAIM()
{
    struct teb *teb = NtCurrentTeb();

    teb->GdiTebBatch.Buffer[0] = sizeof(struct gdi_batched_call);
    teb->GdiTebBatch.Offset = sizeof(struct gdi_batched_call);
    teb->GdiBatchCount = 1;
    NtYieldExecution();
    EXPECT_EQUAL(teb->GdiBatchCount, 1);
    EXPECT_EQUAL(NtGdiFlush(), 1);
    EXPECT_EQUAL(teb->GdiBatchCount, 0);
    EXPECT_EQUAL(teb->GdiTebBatch.Offset, 0);
}
