/* SPDX-License-Identifier: MIT
 * Claim: EAX bit 12 chooses the second table, and bits 31:13 are ignored there, too: 0x1102 and
 *   0x3102 are the same service, and 0x2102 is another
 *
 * Reference: the published service tables of Windows 10 2004, "SSDT"
 * Conditions: SYSCALL with RAX chosen freely
 * Trace: SYSCALL NtUserCountClipboardFormats from 3
 *        SYSRET NtUserCountClipboardFormats = 0x0
 *        SYSCALL NtUserCountClipboardFormats from 3
 *        SYSRET NtUserCountClipboardFormats = 0x0
 *        SYSCALL 0x102 from 3
 *        SYSRET 0x102 = STATUS_NOT_IMPLEMENTED */

#include "harness.h"
#include "raw.h"

static uint32_t call(uint64_t number)
{
    uint64_t stack[8] = {0};

    return (uint32_t)syscall_with_stack(number, (uint64_t)stack, 0, 0, 0, 0);
}

CLAIM()
{
    EXPECT_EQUAL(call(0x1102), 0);
    EXPECT_EQUAL(call(0x3102), 0);
    EXPECT_EQUAL(call(0x2102), (uint32_t)STATUS_NOT_IMPLEMENTED);
}
