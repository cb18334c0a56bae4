/* SPDX-License-Identifier: MIT
 * NtGetContextThread and NtSetContextThread. */

#include "cpu.h"
#include "ex.h"
#include "processor.h"
#include "ps.h"
#include "scheduler.h"

#include <nt/api.h>
#include <rtl.h>

/* In continue.S the services store R12-R15 and go on here. */
NTSTATUS NTAPI KiGetContextThread(HANDLE ThreadHandle, struct context *Context);
NTSTATUS NTAPI KiSetContextThread(HANDLE ThreadHandle, const struct context *Context);

/*
 * A thread that does not run has been left in a service that waits, or on its way to ring 3: the
 * frame of its way in is complete, R12-R15 and the vector registers are in KTHREAD. So are those
 * of the caller, but for the vector registers. One that runs on another processor is stopped first.
 */
static NTSTATUS find(HANDLE handle, uint32_t access, struct kthread **thread)
{
    NTSTATUS status = ExReferenceThread(handle, access, thread);

    if (NT_SUCCESS(status) && (*thread)->State == THREAD_TERMINATED)
        return STATUS_THREAD_IS_TERMINATING;
    return status;
}

/* In a service's frame the kernel's own values are where the volatile registers would be. */
static void clear_kernel_values(struct kthread *thread)
{
    struct ktrap_frame *frame = KiUserTrapFrame(thread);

    if (frame->ExceptionActive == TRAP_SERVICE && !(thread->ExitRequests & EXIT_CONTEXT) &&
        !thread->InExitWork)
        KiClearVolatile(frame);
}

static bool has(const struct context *context, uint32_t part)
{
    return context->ContextFlags & part & ~(uint32_t)CONTEXT_AMD64;
}

static bool is_current(const struct kthread *thread)
{
    return thread == KeGetCurrentThread();
}

NTSTATUS NTAPI KiGetContextThread(HANDLE ThreadHandle, struct context *Context)
{
    struct context context;
    struct kthread *thread;
    NTSTATUS status = find(ThreadHandle, THREAD_GET_CONTEXT, &thread);

    if (NT_SUCCESS(status))
        status = MmReadUser(&context, Context, sizeof(context));
    if (!NT_SUCCESS(status))
        return status;
    if (!(context.ContextFlags & CONTEXT_AMD64))
        return STATUS_INVALID_PARAMETER;
    KiStopThread(thread);
    if (is_current(thread))
        KiFxSave(thread->FxState);
    clear_kernel_values(thread);
    KiGetContext(thread, &context);
    return MmWriteUser(Context, &context, sizeof(context));
}

NTSTATUS NTAPI KiSetContextThread(HANDLE ThreadHandle, const struct context *Context)
{
    struct context context;
    struct kthread *thread;
    NTSTATUS status = find(ThreadHandle, THREAD_SET_CONTEXT, &thread);

    if (NT_SUCCESS(status))
        status = MmReadUser(&context, Context, sizeof(context));
    if (NT_SUCCESS(status))
        status = KiCheckContext(&context);
    if (!NT_SUCCESS(status))
        return status;
    KiStopThread(thread);
    clear_kernel_values(thread);
    KiSetContext(thread, &context);
    if (is_current(thread) && has(&context, CONTEXT_FLOATING_POINT))
        KiFxRestore(thread->FxState);
    if (is_current(thread))
        KiLoadDebugRegisters(thread);
    if (has(&context, CONTEXT_CONTROL) || has(&context, CONTEXT_INTEGER))
        KiRequestExit(thread, EXIT_CONTEXT);
    return STATUS_SUCCESS;
}
