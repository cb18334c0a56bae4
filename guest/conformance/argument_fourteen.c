/* SPDX-License-Identifier: MIT
 * Claim: Fourteen stack arguments arrive, each in its place: no service can have more
 *
 * Reference: the published design of KiSystemServiceCopyStart
 * Conditions: argument k is 1 << k; the service returns the sum of argument k times k
 * Trace: SYSCALL NtTestArguments14 from 3
 *        SYSRET NtTestArguments14 = 0x880002 */

#include "harness.h"
#include "raw.h"

#define STACK_ARGUMENTS 14
#define HOME 5 /* quadwords: return address, home of the first four */

CLAIM()
{
    uint64_t stack[HOME + STACK_ARGUMENTS] = {0};
    uint32_t expected = 0;

    for (uint32_t k = 1; k <= 4 + STACK_ARGUMENTS; k++)
        expected += (1u << k) * k;
    for (unsigned k = 0; k < STACK_ARGUMENTS; k++)
        stack[HOME + k] = 1u << (k + 5);
    EXPECT_EQUAL(expected, 0x880002);
    EXPECT_EQUAL((uint32_t)syscall_with_stack(RS_SERVICE_NtTestArguments14, (uint64_t)stack,
                                              1u << 1, 1u << 2, 1u << 3, 1u << 4),
                 expected);
}
