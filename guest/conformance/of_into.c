/* SPDX-License-Identifier: MIT
 * Claim: INTO in compatibility mode raises #OF when OF is set, RIP behind it
 *
 * Reference: SDM Vol. 3A, "Interrupt 4 - Overflow Exception (#OF)"
 * Conditions: MOV AL, 7FH; ADD AL, 1; INTO
 * Needs: iret.compatibility
 * Trace: SYSCALL NtAllocateVirtualMemory from 3
 *        SYSRET NtAllocateVirtualMemory = STATUS_SUCCESS
 *        SYSCALL NtProtectVirtualMemory from 3
 *        SYSRET NtProtectVirtualMemory = STATUS_SUCCESS
 *        EXC #OF from 3 compatibility on RSP0
 *        IRET #OF to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"
#include "raw.h"

CLAIM()
{
    static const uint8_t instructions[] = {0xb0, 0x7f, 0x04, 0x01, 0xce};
    uint8_t *code = page_alloc(PAGE_EXECUTE_READWRITE);

    REQUIRE(code);
    memcpy(code, instructions, sizeof(instructions));
    resume = enter_compatibility_mode_resume;
    enter_compatibility_mode(code);
    EXPECT_EQUAL(seen_count, 1);
    EXPECT_STATUS(seen[0].record.ExceptionCode, STATUS_INTEGER_OVERFLOW);
    EXPECT_EQUAL(seen[0].context.Rip, (uint64_t)code + 5);
    EXPECT_EQUAL(seen[0].context.SegCs, 0x23);
}
