/* SPDX-License-Identifier: MIT
 * Claim: The dispatcher counts the calls of each service, in the order of its table
 *
 * Reference: the published layout of SYSTEM_CALL_COUNT_INFORMATION; KSERVICE_TABLE_DESCRIPTOR.Count
 * Conditions: three calls of one service between two looks at the counters
 * Trace: SYSCALL NtQuerySystemInformation from 3
 *        SYSRET NtQuerySystemInformation = STATUS_SUCCESS
 *        SYSCALL NtTestAlert from 3
 *        SYSRET NtTestAlert = STATUS_SUCCESS
 *        SYSCALL NtTestAlert from 3
 *        SYSRET NtTestAlert = STATUS_SUCCESS
 *        SYSCALL NtTestAlert from 3
 *        SYSRET NtTestAlert = STATUS_SUCCESS
 *        SYSCALL NtQuerySystemInformation from 3
 *        SYSRET NtQuerySystemInformation = STATUS_SUCCESS */

#include "harness.h"

#define TABLES 2

static struct {
    struct system_call_count_information head;
    uint32_t limits[TABLES];
    uint32_t calls[RS_SERVICE_SLOTS];
} counts;

static NTSTATUS look(void)
{
    return NtQuerySystemInformation(SystemCallCountInformation, &counts, sizeof(counts), NULL);
}

CLAIM()
{
    uint32_t alerts, queries;

    EXPECT_STATUS(look(), STATUS_SUCCESS);
    alerts = counts.calls[RS_SERVICE_NtTestAlert];
    queries = counts.calls[RS_SERVICE_NtQuerySystemInformation];
    for (unsigned i = 0; i < 3; i++)
        NtTestAlert();
    EXPECT_STATUS(look(), STATUS_SUCCESS);
    EXPECT_EQUAL(counts.limits[0], RS_SERVICE_LIMIT);
    EXPECT_EQUAL(counts.calls[RS_SERVICE_NtTestAlert] - alerts, 3);
    EXPECT_EQUAL(counts.calls[RS_SERVICE_NtQuerySystemInformation] - queries, 1);
}
