/* SPDX-License-Identifier: MIT
 * Test of exception delivery: the context is complete, restored, and sanitised. */

#include "caught.h"
#include "exceptions.h"
#include "raw.h"
#include "snippets.h"

#include <ntdll.h>
#include <ringscope/x86/cpu.h>
#include <tap.h>

static void fill(struct raw_registers *registers)
{
    uint64_t *values = (uint64_t *)registers;

    for (unsigned i = 0; i < sizeof(*registers) / sizeof(*values); i++)
        values[i] = 0x0123456789abc000 + i;
    registers->rflags = RFLAGS_FIXED | RFLAGS_CF | RFLAGS_DF;
}

static long skip_ud2(struct exception_pointers *exception)
{
    caught.count++;
    caught.context = *exception->ContextRecord;
    exception->ContextRecord->Rip += 2;
    return EXCEPTION_CONTINUE_EXECUTION;
}

void test_registers(void)
{
    struct raw_registers before, after;
    void *handle = RtlAddVectoredExceptionHandler(true, skip_ud2);

    fill(&before);
    after = before;
    caught.count = 0;
    enter_with_registers(&after, RAW_UD2);
    RtlRemoveVectoredExceptionHandler(handle);
    tap_equal(caught.count, 1, "UD2 with every register loaded is raised once");
    tap_ok(after.rax == before.rax && after.rcx == before.rcx && after.rdx == before.rdx &&
               after.rsi == before.rsi && after.rdi == before.rdi && after.r8 == before.r8 &&
               after.r9 == before.r9 && after.r10 == before.r10 && after.r11 == before.r11,
           "volatile registers survive an exception");
    tap_ok(after.rbx == before.rbx && after.rbp == before.rbp && after.r12 == before.r12 &&
               after.r13 == before.r13 && after.r14 == before.r14 && after.r15 == before.r15,
           "other registers survive an exception");
    tap_ok(memcmp(after.xmm, before.xmm, sizeof(after.xmm)) == 0, "XMM0-15 survive an exception");
    tap_equal((after.rflags ^ before.rflags) & (RFLAGS_CF | RFLAGS_DF | RFLAGS_TF), 0,
              "flags survive an exception");
    tap_ok(caught.context.R12 == before.r12 && caught.context.R15 == before.r15 &&
               caught.context.Rax == before.rax && caught.context.Rbp == before.rbp,
           "the context has the registers");
    tap_ok(memcmp(caught.context.FltSave + 0xa0, before.xmm, sizeof(before.xmm)) == 0,
           "the context has XMM0-15");
    tap_equal(caught.context.EFlags & RFLAGS_DF, RFLAGS_DF, "the context has DF");
    tap_ok((caught.context.ContextFlags & CONTEXT_FULL) == CONTEXT_FULL,
           "the context says that it is full");
    tap_ok(caught.context.SegCs == 0x33 && caught.context.SegSs == 0x2b,
           "the context has the selectors of ring 3");
}

static long change_context(struct exception_pointers *exception)
{
    struct context *context = exception->ContextRecord;

    context->Rip += 2;
    context->Rbx = 0x1111;
    context->R15 = 0x2222;
    context->EFlags |= RFLAGS_IOPL | RFLAGS_NT | RFLAGS_VIP;
    context->EFlags &= ~(uint32_t)RFLAGS_IF;
    context->SegCs = 0x10;
    context->SegSs = 0x18;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static struct context bad_context;

void test_continue(void)
{
    struct raw_registers registers;
    void *handle = RtlAddVectoredExceptionHandler(true, change_context);

    fill(&registers);
    enter_with_registers(&registers, RAW_UD2);
    RtlRemoveVectoredExceptionHandler(handle);
    tap_equal(registers.rbx, 0x1111, "a handler can change RBX");
    tap_equal(registers.r15, 0x2222, "a handler can change R15");
    tap_equal(registers.rflags & (RFLAGS_IF | RFLAGS_IOPL | RFLAGS_NT | RFLAGS_VIP), RFLAGS_IF,
              "NtContinue forces IF on and drops IOPL, NT and VIP");

    tap_status(NtContinue((const struct context *)SNIPPET_UNMAPPED, false), STATUS_ACCESS_VIOLATION,
               "NtContinue: context not readable");
    tap_status(NtContinue((const struct context *)SNIPPET_KERNEL, false), STATUS_ACCESS_VIOLATION,
               "NtContinue: context in kernel space");
    tap_status(NtContinue(&bad_context, false), STATUS_INVALID_PARAMETER,
               "NtContinue: context without flags");
    bad_context.ContextFlags = CONTEXT_CONTROL;
    bad_context.Rip = SNIPPET_KERNEL;
    tap_status(NtContinue(&bad_context, false), STATUS_ACCESS_VIOLATION,
               "NtContinue: RIP in kernel space");
    bad_context.Rip = SNIPPET_NON_CANONICAL;
    tap_status(NtContinue(&bad_context, false), STATUS_ACCESS_VIOLATION,
               "NtContinue: RIP not canonical");
    bad_context.ContextFlags = CONTEXT_FLOATING_POINT;
    memset(bad_context.FltSave, 0xff, sizeof(bad_context.FltSave));
    tap_status(NtContinue(&bad_context, false), STATUS_INVALID_PARAMETER,
               "NtContinue: reserved bits in MXCSR");
}
