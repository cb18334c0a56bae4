/* SPDX-License-Identifier: MIT
 * Claim: BOUND in compatibility mode raises #BR, a fault, when the index is out of range
 *
 * Reference: SDM Vol. 3A, "Interrupt 5 - BOUND Range Exceeded Exception (#BR)"
 * Conditions: bounds 0 and 1 on the stack, index 2 in EAX
 * Needs: iret.compatibility
 * Trace: SYSCALL NtAllocateVirtualMemory from 3
 *        SYSRET NtAllocateVirtualMemory = STATUS_SUCCESS
 *        SYSCALL NtProtectVirtualMemory from 3
 *        SYSRET NtProtectVirtualMemory = STATUS_SUCCESS
 *        EXC #BR from 3 compatibility on RSP0
 *        IRET #BR to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"
#include "raw.h"

/* The bounds are two words on the stack. */
static void pop_bounds(struct exception_pointers *exception)
{
    exception->ContextRecord->Rsp += 8;
}

CLAIM()
{
    static const uint8_t instructions[] = {0x6a, 0x01, 0x6a, 0x00, 0xb8, 0x02,
                                           0x00, 0x00, 0x00, 0x62, 0x04, 0x24};
    uint8_t *code = page_alloc(PAGE_EXECUTE_READWRITE);

    REQUIRE(code);
    memcpy(code, instructions, sizeof(instructions));
    resume = enter_compatibility_mode_resume;
    on_exception = pop_bounds;
    enter_compatibility_mode(code);
    EXPECT_EQUAL(seen_count, 1);
    EXPECT_STATUS(seen[0].record.ExceptionCode, STATUS_ARRAY_BOUNDS_EXCEEDED);
    EXPECT_EQUAL(seen[0].context.Rip, (uint64_t)code + 9);
    EXPECT_EQUAL(seen[0].context.SegCs, 0x23);
}
