/* SPDX-License-Identifier: MIT
 * KUSER_SHARED_DATA: a page that ring 3 can read at a fixed address. */

#include "ke.h"

#include <nt/process.h>

/* Fields without a line are zero: SystemCall = 0 makes the stubs use SYSCALL. */
struct kuser_shared_data KiSharedData __attribute__((aligned(PAGE_SIZE), section(".data.page"))) = {
    .ImageNumberLow = 0x8664, /* AMD64 machine */
    .ImageNumberHigh = 0x8664,
    .NtSystemRoot = {'C', ':', '\\', 'W', 'i', 'n', 'd', 'o', 'w', 's'},
    .NtBuildNumber = 19041,
    .NtProductType = 1,
    .ProductTypeIsValid = 1,
    .NativeProcessorArchitecture = 9,
    .NtMajorVersion = 10,
    .NtMinorVersion = 0,
    .ActiveProcessorCount = 1,
};
