/* SPDX-License-Identifier: MIT
 * Claim: NtRaiseException dispatches the record that it is given, and NtContinue goes on at
 *   the context
 *
 * Reference: the published design of KiUserExceptionDispatcher, NtContinue and
 *   NtRaiseException
 * Conditions: a status of the program's own
 * Trace: SYSCALL NtRaiseException from 3
 *        IRET NtRaiseException to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    static struct exception_record record = {.ExceptionCode = (NTSTATUS)0xe0525301,
                                             .NumberParameters = 1,
                                             .ExceptionInformation = {0x1234}};
    static struct context context;
    static volatile bool raised;

    raised = false;
    RtlCaptureContext(&context); /* the handler goes on here */
    if (!raised) {
        raised = true;
        NtRaiseException(&record, &context, true);
    }
    EXPECT_EQUAL(seen_count, 1);
    EXPECT_STATUS(seen[0].record.ExceptionCode, (NTSTATUS)0xe0525301);
    EXPECT_EQUAL(seen[0].record.ExceptionInformation[0], 0x1234);
    EXPECT_EQUAL(seen[0].context.Rip, context.Rip);
}
