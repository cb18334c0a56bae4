/* SPDX-License-Identifier: MIT
 * Claim: The first call of the second table makes its caller a GUI thread, within the one call: a
 *   message can be sent to it from then on
 *
 * Reference: the published design of KiConvertToGuiThread
 * Conditions: a thread that has not called the table yet; KeServiceDescriptorTable has no second
 *   table, KeServiceDescriptorTableShadow has
 * Trace: any */

#include "harness.h"

static NTSTATUS convert(void *argument)
{
    uint32_t *results = argument;

    results[0] = NtUserGetQueueStatus(0);
    results[1] =
        NtUserPostThreadMessage((uint32_t)NtCurrentTeb()->ClientId.UniqueThread, WM_USER, 0, 0);
    return STATUS_SUCCESS;
}

CLAIM()
{
    uint32_t results[2] = {1, 0};
    HANDLE thread = NULL;

    REQUIRE(RtlCreateUserThread(convert, results, true, &thread) == STATUS_SUCCESS);
    struct thread_basic_information info = {0};
    NtQueryInformationThread(thread, ThreadBasicInformation, &info, sizeof(info), NULL);
    EXPECT_EQUAL(NtUserPostThreadMessage((uint32_t)info.ClientId.UniqueThread, WM_USER, 0, 0), 0);
    NtResumeThread(thread, NULL);
    EXPECT_STATUS(NtWaitForSingleObject(thread, false, NULL), STATUS_SUCCESS);
    NtClose(thread);
    EXPECT_EQUAL(results[0], 0);
    EXPECT_EQUAL(results[1], 1);
}
