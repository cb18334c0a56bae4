/* SPDX-License-Identifier: MIT
 * CONTEXT <-> trap frame and the other places where registers of ring 3 are kept. */

#include "cpu.h"
#include "ke.h"
#include "mm.h"
#include "scheduler.h"

#include <rtl.h>

/* CONTEXT between the home area and FltSave: flags, selectors, all general registers. */
#define REGISTERS_START offsetof(struct context, ContextFlags)
#define REGISTERS_SIZE (offsetof(struct context, FltSave) - REGISTERS_START)
#define FXSAVE_MXCSR 0x18
#define MXCSR_DEFINED 0xffffu /* SDM Vol. 1, "MXCSR Control and Status Register" */

#define HAS(context, part) ((context)->ContextFlags & (part) & ~CONTEXT_AMD64)

/* X(register): same name in CONTEXT and in KTRAP_FRAME, or in KEXCEPTION_FRAME. */
// clang-format off
#define TRAP_FRAME_REGISTERS(X)                                                                    \
    X(Rax) X(Rcx) X(Rdx) X(Rbx) X(Rbp) X(Rsi) X(Rdi) X(R8) X(R9) X(R10) X(R11)
#define EXCEPTION_FRAME_REGISTERS(X)                                                               \
    X(R12) X(R13) X(R14) X(R15)
// clang-format on

/* What ring 3 may choose: no IOPL, no NT, no virtual-8086 bits. IF is always on. */
#define USER_RFLAGS                                                                                \
    (RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_TF | RFLAGS_DF |           \
     RFLAGS_OF | RFLAGS_RF | RFLAGS_AC | RFLAGS_ID)

static void get_control(const struct ktrap_frame *frame, struct context *context)
{
    context->SegCs = (uint16_t)frame->SegCs;
    context->SegSs = (uint16_t)frame->SegSs;
    context->EFlags = (uint32_t)frame->EFlags;
    context->Rip = frame->Rip;
    context->Rsp = frame->Rsp;
}

static void get_integer(const struct ktrap_frame *frame,
                        const struct kexception_frame *exception_frame, struct context *context)
{
#define X(reg) context->reg = frame->reg;
    TRAP_FRAME_REGISTERS(X)
#undef X
#define X(reg) context->reg = exception_frame->reg;
    EXCEPTION_FRAME_REGISTERS(X)
#undef X
}

static void get_segments(struct context *context)
{
    context->SegDs = context->SegEs = context->SegGs = KGDT64_R3_DATA | RPL_MASK;
    context->SegFs = KGDT64_R3_CMTEB | RPL_MASK;
}

static void get_debug(const struct kthread *thread, struct context *context)
{
    context->Dr0 = thread->Debug.Dr[0];
    context->Dr1 = thread->Debug.Dr[1];
    context->Dr2 = thread->Debug.Dr[2];
    context->Dr3 = thread->Debug.Dr[3];
    context->Dr6 = thread->Debug.Dr6;
    context->Dr7 = thread->Debug.Dr7;
}

/* The vector registers are still in the processor: the kernel does not use them. */
NTSTATUS KiFramesToContext(const struct ktrap_frame *frame,
                           const struct kexception_frame *exception_frame,
                           struct context *user_context)
{
    struct context context; /* only the registers part is written and copied */

    if (!MmIsUserRange(user_context, sizeof(*user_context)))
        return STATUS_ACCESS_VIOLATION;
    if (!NT_SUCCESS(KiGuardedFxSave(user_context->FltSave)))
        return STATUS_ACCESS_VIOLATION;
    MmReadUser(&context.MxCsr, user_context->FltSave + FXSAVE_MXCSR, sizeof(context.MxCsr));
    context.ContextFlags = CONTEXT_ALL_REGISTERS;
    get_control(frame, &context);
    get_integer(frame, exception_frame, &context);
    get_segments(&context);
    get_debug(KeGetCurrentThread(), &context);
    return MmWriteUser(&user_context->ContextFlags, &context.ContextFlags, REGISTERS_SIZE);
}

void KiGetContext(const struct kthread *thread, struct context *context)
{
    const struct ktrap_frame *frame = KiUserTrapFrame(thread);

    if (HAS(context, CONTEXT_CONTROL))
        get_control(frame, context);
    if (HAS(context, CONTEXT_INTEGER))
        get_integer(frame, &thread->NonVolatile, context);
    if (HAS(context, CONTEXT_SEGMENTS))
        get_segments(context);
    if (HAS(context, CONTEXT_DEBUG_REGISTERS))
        get_debug(thread, context);
    if (HAS(context, CONTEXT_FLOATING_POINT)) {
        memcpy(context->FltSave, thread->FxState, sizeof(context->FltSave));
        memcpy(&context->MxCsr, thread->FxState + FXSAVE_MXCSR, sizeof(context->MxCsr));
    }
}

static void set_integer(const struct context *context, struct ktrap_frame *frame,
                        struct kexception_frame *exception_frame)
{
#define X(reg) frame->reg = context->reg;
    TRAP_FRAME_REGISTERS(X)
#undef X
#define X(reg) exception_frame->reg = context->reg;
    EXCEPTION_FRAME_REGISTERS(X)
#undef X
}

static void set_control(const struct context *context, struct ktrap_frame *frame)
{
    frame->Rip = context->Rip;
    frame->Rsp = context->Rsp;
    frame->EFlags = (context->EFlags & USER_RFLAGS) | RFLAGS_IF | RFLAGS_FIXED;
    frame->SegCs = KGDT64_R3_CODE | RPL_MASK;
    frame->SegSs = KGDT64_R3_DATA | RPL_MASK;
}

/* A service's frame holds no volatile registers; what is in their place is the kernel's. */
void KiClearVolatile(struct ktrap_frame *frame)
{
    frame->Rax = frame->Rcx = frame->Rdx = 0;
    frame->R8 = frame->R9 = frame->R10 = frame->R11 = 0;
}

/*
 * FXRSTOR raises #GP for a reserved bit of MXCSR. Looking first gives a status of its own, and
 * covers processors that do not check.
 */
static NTSTATUS restore_vectors(const struct context *user_context)
{
    uint32_t mxcsr;
    NTSTATUS status;

    if (!MmIsUserRange(user_context, sizeof(*user_context)))
        return STATUS_ACCESS_VIOLATION;
    status = MmReadUser(&mxcsr, user_context->FltSave + FXSAVE_MXCSR, sizeof(mxcsr));
    if (!NT_SUCCESS(status))
        return status;
    if (mxcsr & ~MXCSR_DEFINED)
        return STATUS_INVALID_PARAMETER;
    return KiGuardedFxRestore(user_context->FltSave);
}

/* A RIP that is not in user space would fault in IRETQ, at CPL 0 (SDM Vol. 2A, "IRET"). */
static NTSTATUS check_registers(const struct context *context)
{
    if (!(context->ContextFlags & CONTEXT_AMD64))
        return STATUS_INVALID_PARAMETER;
    if (HAS(context, CONTEXT_CONTROL) && context->Rip >= RS_GVA_USER_PROBE)
        return STATUS_ACCESS_VIOLATION;
    return STATUS_SUCCESS;
}

/*
 * Used by services only. Nothing is changed unless all of the context is acceptable.
 */
NTSTATUS KiContextToFrames(const struct context *user_context, struct ktrap_frame *frame,
                           struct kexception_frame *exception_frame)
{
    struct kthread *thread = KeGetCurrentThread();
    struct context context;
    NTSTATUS status =
        MmReadUser(&context.ContextFlags, &user_context->ContextFlags, REGISTERS_SIZE);

    if (NT_SUCCESS(status))
        status = check_registers(&context);
    if (NT_SUCCESS(status) && HAS(&context, CONTEXT_FLOATING_POINT))
        status = restore_vectors(user_context);
    if (!NT_SUCCESS(status))
        return status;
    if (HAS(&context, CONTEXT_INTEGER))
        set_integer(&context, frame, exception_frame);
    else
        KiClearVolatile(frame);
    if (HAS(&context, CONTEXT_CONTROL))
        set_control(&context, frame);
    if (HAS(&context, CONTEXT_DEBUG_REGISTERS) && (context.Dr7 | thread->Debug.Dr7)) {
        KiSetDebugRegisters(thread, &context);
        KiLoadDebugRegisters(thread);
    }
    return STATUS_SUCCESS;
}

/* Of a context in kernel memory. */
NTSTATUS KiCheckContext(const struct context *context)
{
    uint32_t mxcsr;

    memcpy(&mxcsr, context->FltSave + FXSAVE_MXCSR, sizeof(mxcsr));
    if (HAS(context, CONTEXT_FLOATING_POINT) && (mxcsr & ~MXCSR_DEFINED))
        return STATUS_INVALID_PARAMETER;
    return check_registers(context);
}

/* One that was checked. What it does not have stays as it is. */
void KiSetContext(struct kthread *thread, const struct context *context)
{
    struct ktrap_frame *frame = KiUserTrapFrame(thread);

    if (HAS(context, CONTEXT_INTEGER))
        set_integer(context, frame, &thread->NonVolatile);
    if (HAS(context, CONTEXT_CONTROL))
        set_control(context, frame);
    if (HAS(context, CONTEXT_DEBUG_REGISTERS))
        KiSetDebugRegisters(thread, context);
    if (HAS(context, CONTEXT_FLOATING_POINT))
        memcpy(thread->FxState, context->FltSave, sizeof(thread->FxState));
}
