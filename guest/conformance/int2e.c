/* SPDX-License-Identifier: MIT
 * Claim: INT 2EH is a system call on the stack of TSS.RSP0
 *
 * Reference: SDM Vol. 3A, "64-Bit Mode Stack Frame"
 * Conditions: the gate of INT 2EH has DPL 3 and no IST
 * Needs: int.ring3
 * Trace: INT 0x2e NtTestAlert from 3 on RSP0
 *        SYSRET 0x2e = STATUS_SUCCESS */

#include "harness.h"

CLAIM()
{
    uint32_t status;

    __asm__ volatile("int $0x2e"
                     : "=a"(status)
                     : "0"(RS_SERVICE_NtTestAlert)
                     : "rcx", "rdx", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3",
                       "xmm4", "xmm5", "cc", "memory");
    EXPECT_STATUS((NTSTATUS)status, STATUS_SUCCESS);
}
