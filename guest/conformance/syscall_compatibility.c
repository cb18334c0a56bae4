/* SPDX-License-Identifier: MIT
 * Claim: SYSCALL in compatibility mode gives an illegal-instruction exception: there is no
 *   32-bit service path
 *
 * Reference: SDM Vol. 2B, "SYSCALL - Fast System Call"; AMD APM Vol. 3, "SYSCALL"
 * Conditions: code of selector 23H; Intel raises #UD, AMD enters at CSTAR where the kernel
 *   refuses
 * Needs: iret.compatibility, sysret.32, syscall.compatibility
 * Trace: any */

#include "harness.h"
#include "raw.h"

CLAIM()
{
    static const uint8_t instructions[] = {0x0f, 0x05};
    uint8_t *code = page_alloc(PAGE_EXECUTE_READWRITE);

    REQUIRE(code);
    memcpy(code, instructions, sizeof(instructions));
    resume = enter_compatibility_mode_resume;
    enter_compatibility_mode(code);
    page_free(code);
    EXPECT_EQUAL(seen_count, 1);
    EXPECT_STATUS(seen[0].record.ExceptionCode, STATUS_ILLEGAL_INSTRUCTION);
    EXPECT_EQUAL(seen[0].context.SegCs, 0x23);
}
