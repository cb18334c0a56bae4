/* SPDX-License-Identifier: MIT
 * Test of the register contract of a system call, by SYSCALL and by INT 2E. */

#include "raw.h"
#include "services.h"

#include <ntdll.h>
#include <ringscope/nt/services.h>
#include <ringscope/x86/cpu.h>
#include <tap.h>

/* TF is left out: single steps are in the program `exceptions`. */
#define FLAGS (RFLAGS_CF | RFLAGS_SF | RFLAGS_OF | RFLAGS_DF)

static bool is_zero(const uint8_t *bytes, size_t size)
{
    while (size && *bytes == 0)
        size--, bytes++;
    return size == 0;
}

static void test_contract(const char *name, int by)
{
    struct raw_registers before, after;
    uint64_t *values = (uint64_t *)&before;

    for (unsigned i = 0; i < sizeof(before) / sizeof(*values); i++)
        values[i] = 0xfedcba9876540000 + i;
    before.rax = RS_SERVICE_NtYieldExecution;
    before.rflags = RFLAGS_FIXED | FLAGS;
    after = before;
    enter_with_registers(&after, by);

    tap_status((NTSTATUS)after.rax, STATUS_NO_YIELD_PERFORMED, "%s: EAX is the status", name);
    tap_equal(after.rcx, after.rip, "%s: RCX is the return address", name);
    tap_equal(after.r11, after.rflags, "%s: R11 is RFLAGS", name);
    tap_equal(after.rflags & (FLAGS | RFLAGS_IF | RFLAGS_TF | RFLAGS_IOPL), FLAGS | RFLAGS_IF,
              "%s: RFLAGS are kept", name);
    tap_equal(after.r8, after.rsp, "%s: R8 is RSP", name);
    tap_equal(after.r9, after.rbp, "%s: R9 is RBP", name);
    tap_equal(after.rdx, 0, "%s: RDX is 0", name);
    tap_equal(after.r10, 0, "%s: R10 is 0", name);
    tap_ok(after.rbx == before.rbx && after.rbp == before.rbp && after.rsi == before.rsi &&
               after.rdi == before.rdi,
           "%s: RBX, RBP, RSI, RDI are kept", name);
    tap_ok(after.r12 == before.r12 && after.r13 == before.r13 && after.r14 == before.r14 &&
               after.r15 == before.r15,
           "%s: R12-R15 are kept", name);
    tap_ok(is_zero(after.xmm[0], 6 * sizeof(after.xmm[0])), "%s: XMM0-5 are 0", name);
    tap_ok(memcmp(after.xmm[6], before.xmm[6], 10 * sizeof(after.xmm[0])) == 0,
           "%s: XMM6-15 are kept", name);
}

void test_registers(void)
{
    test_contract("SYSCALL", RAW_SYSCALL);
    test_contract("INT 2E", RAW_INT2E);
}
