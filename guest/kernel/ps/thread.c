/* SPDX-License-Identifier: MIT
 * A thread, from nothing to its first instruction in ring 3. */

#include "ex.h"
#include "ps.h"
#include "scheduler.h"

#define FCW_INITIAL 0x37f /* SDM Vol. 1, "x87 FPU Control Word"; as after FNINIT */
#define MXCSR_INITIAL 0x1f80
#define FXSAVE_MXCSR 0x18
/* What KiSwapContext pops: six registers and the return address. */
#define SWITCH_FRAME_WORDS 7

void KiStartThread(void);

/* Called by KiThreadStartup at DISPATCH_LEVEL, where KiSwapThread would go on. */
void KiStartThread(void)
{
    KiAfterSwap();
    KeLowerIrql(PASSIVE_LEVEL);
}

/* At entry RSP is 8 below a multiple of 16, as after a call. */
static void set_user_frame(struct kthread *thread, const struct thread_start *start)
{
    struct ktrap_frame *frame = KiUserTrapFrame(thread);

    *frame = (struct ktrap_frame){.ExceptionActive = TRAP_INTERRUPT};
    frame->Rcx = start->start;
    frame->Rdx = start->argument;
    frame->Rsp = thread->UserStack + thread->UserStackSize - 0x28;
    frame->Rip = thread->Process->Entry;
    frame->SegCs = KGDT64_R3_CODE | RPL_MASK;
    frame->SegSs = KGDT64_R3_DATA | RPL_MASK;
    frame->EFlags = RFLAGS_IF | RFLAGS_FIXED;
}

static void set_kernel_stack(struct kthread *thread)
{
    uint64_t *stack = (uint64_t *)KiUserTrapFrame(thread) - SWITCH_FRAME_WORDS;

    for (unsigned i = 0; i < SWITCH_FRAME_WORDS - 1; i++)
        stack[i] = 0;
    stack[SWITCH_FRAME_WORDS - 1] = (uint64_t)KiThreadStartup;
    thread->KernelStack = stack;
    thread->StackBase = (uint64_t)thread->InitialStack;
    thread->StackLimit = thread->StackBase - KERNEL_STACK_SIZE;
    *(uint16_t *)thread->FxState = FCW_INITIAL;
    *(uint32_t *)(thread->FxState + FXSAVE_MXCSR) = MXCSR_INITIAL;
}

NTSTATUS PspCreateThread(struct kprocess *process, const struct thread_start *start,
                         struct kthread **created)
{
    struct kthread *thread;
    NTSTATUS status;

    if (process->Exiting)
        return STATUS_PROCESS_IS_TERMINATING;
    thread = PspAllocateThread(process);
    if (!thread)
        return STATUS_INSUFFICIENT_RESOURCES;
    thread->InitialStack = MmCreateKernelStack();
    status = thread->InitialStack ? MmCreateThreadMemory(thread, start->first, start->stack_size)
                                  : STATUS_INSUFFICIENT_RESOURCES;
    if (!NT_SUCCESS(status)) {
        if (thread->InitialStack)
            MmDeleteKernelStack(thread->InitialStack);
        ExDereference(&thread->Object);
        return status;
    }
    thread->StartAddress = start->start ? start->start : process->Entry;
    set_user_frame(thread, start);
    set_kernel_stack(thread);
    InsertTailList(&process->Threads, &thread->Siblings);
    process->ThreadCount++;
    *created = thread;
    return STATUS_SUCCESS;
}
