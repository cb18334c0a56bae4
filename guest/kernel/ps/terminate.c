/* SPDX-License-Identifier: MIT
 * The end of threads and processes. A thread ends itself, at its way to ring 3, when it has been
 * told to: nobody else knows what it is in the middle of. */

#include "cpu.h"
#include "ex.h"
#include "ps.h"
#include "scheduler.h"
#include "w32.h"

/* A wait does not keep it: the service that waits returns, and the thread is on its way out. */
void PspTerminateThread(struct kthread *thread, NTSTATUS status)
{
    uint8_t irql = KiLockDispatcher();

    if (thread->State != THREAD_TERMINATED && !(thread->ExitRequests & EXIT_TERMINATE)) {
        thread->ExitStatus = status;
        KiRequestExit(thread, EXIT_TERMINATE);
        KiUnwaitThread(thread, STATUS_THREAD_IS_TERMINATING);
    }
    KiUnlockDispatcher(irql);
}

void PspTerminateProcess(struct kprocess *process, struct kthread *except, NTSTATUS status)
{
    struct kthread *thread = NULL;

    if (!except && !process->Exiting) {
        process->Exiting = true;
        process->ExitStatus = status;
    }
    while ((thread = PsNextThread(process, thread)) != NULL)
        if (thread != except)
            PspTerminateThread(thread, status);
}

static void abandon_mutants(struct kthread *thread)
{
    struct list_entry *head = &thread->Mutants;
    int32_t previous;

    while (head->Flink && !IsListEmpty(head))
        KiReleaseMutant(LIST_OWNER(head->Flink, struct kmutant, Owned), thread, true, &previous);
}

/* The machine is there for the first process. */
static void end_process(struct kprocess *process, struct kthread *thread)
{
    if (!process->Exiting)
        process->ExitStatus = thread->ExitStatus;
    process->Exiting = true;
    if (process == &PsInitialProcess)
        KeEndProgram(process->ExitStatus);
    ExCloseAllHandles(process);
    KeAttachProcess(&PsInitialProcess);
    MmDeleteAddressSpace(process);
}

static void signal_end(struct object *object)
{
    object->SignalState = 1;
    KiSignalObject(object);
}

_Noreturn void PspExitThread(void)
{
    struct kthread *thread = KeGetCurrentThread();
    struct kprocess *process = thread->Process;
    bool last = process->ThreadCount == 1;

    KiDiscardApcs(thread);
    W32ExitThread(thread);
    if (last)
        end_process(process, thread);
    else
        MmDeleteThreadMemory(thread);
    KiLockDispatcher();
    abandon_mutants(thread);
    RemoveEntryList(&thread->Siblings);
    process->ThreadCount--;
    thread->State = THREAD_TERMINATED;
    signal_end(&thread->Object);
    if (last) {
        signal_end(&process->Object);
        ExDereference(&process->Object);
    }
    KeGetPcr()->DeadThread = thread;
    KiSwapThread();
    __builtin_unreachable();
}

/* On another thread's stack, at DISPATCH_LEVEL. */
void PspReapThread(void)
{
    struct kpcr *pcr = KeGetPcr();
    struct kthread *thread = pcr->DeadThread;

    pcr->DeadThread = NULL;
    if (pcr->FxOwner == thread)
        pcr->FxOwner = NULL;
    MmDeleteKernelStack(thread->InitialStack);
    ExDereference(&thread->Object);
}

_Noreturn void PsExitProcess(NTSTATUS status)
{
    struct kprocess *process = KeGetCurrentThread()->Process;

    if (process == &PsInitialProcess)
        KeEndProgram(status);
    KiEnableInterrupts();
    PspTerminateProcess(process, NULL, status);
    PspExitThread();
}
