/* SPDX-License-Identifier: MIT
 * Claim: UD2 in compatibility mode raises #UD on the same stack, in a 64-bit frame
 *
 * Reference: SDM Vol. 3A, "64-Bit Mode Stack Frame"
 * Conditions: code of selector 23H
 * Needs: iret.compatibility
 * Trace: SYSCALL NtAllocateVirtualMemory from 3
 *        SYSRET NtAllocateVirtualMemory = STATUS_SUCCESS
 *        SYSCALL NtProtectVirtualMemory from 3
 *        SYSRET NtProtectVirtualMemory = STATUS_SUCCESS
 *        EXC #UD from 3 compatibility on RSP0
 *        IRET #UD to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"
#include "raw.h"

CLAIM()
{
    static const uint8_t instructions[] = {0x0f, 0x0b};
    uint8_t *code = page_alloc(PAGE_EXECUTE_READWRITE);

    REQUIRE(code);
    memcpy(code, instructions, sizeof(instructions));
    resume = enter_compatibility_mode_resume;
    enter_compatibility_mode(code);
    EXPECT_EQUAL(seen_count, 1);
    EXPECT_STATUS(seen[0].record.ExceptionCode, STATUS_ILLEGAL_INSTRUCTION);
    EXPECT_EQUAL(seen[0].context.Rip, (uint64_t)code + 0);
    EXPECT_EQUAL(seen[0].context.SegCs, 0x23);
}
