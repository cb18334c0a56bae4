/* SPDX-License-Identifier: MIT
 * User APCs: procedures that a thread calls in ring 3 at the end of an alertable wait. */

#include "cpu.h"
#include "ps.h"
#include "scheduler.h"

#include <rtl.h>

#define APCS_MAX 64

struct kapc {
    struct kapc *Next; /* in the thread's queue, oldest first */
    uint64_t Routine;
    uint64_t Arguments[3];
    bool Used;
};

static struct kapc pool[APCS_MAX];

static struct kapc *allocate_apc(void)
{
    for (unsigned i = 0; i < APCS_MAX; i++)
        if (!pool[i].Used)
            return &pool[i];
    return NULL;
}

NTSTATUS KeInsertQueueApc(struct kthread *thread, uint64_t routine, const uint64_t *arguments)
{
    struct kapc **link = &thread->UserApcs;
    uint8_t irql = KiLockDispatcher();
    struct kapc *apc = allocate_apc();

    if (!apc) {
        KiUnlockDispatcher(irql);
        return STATUS_NO_MEMORY;
    }
    *apc = (struct kapc){.Routine = routine, .Used = true};
    memcpy(apc->Arguments, arguments, sizeof(apc->Arguments));
    while (*link)
        link = &(*link)->Next;
    *link = apc;
    if (KiAlertThread(thread, STATUS_USER_APC)) {
        thread->UserApcPending = true;
        KiRequestExit(thread, EXIT_APC);
    }
    KiUnlockDispatcher(irql);
    return STATUS_SUCCESS;
}

void KiDiscardApcs(struct kthread *thread)
{
    while (thread->UserApcs) {
        thread->UserApcs->Used = false;
        thread->UserApcs = thread->UserApcs->Next;
    }
}

/*
 * KiUserApcDispatcher finds a CONTEXT at RSP: P1Home to P3Home are the arguments, P4Home the
 * procedure. It goes on with that context, and with TestAlert, which brings the next one here.
 */
void KiDeliverUserApc(struct ktrap_frame *frame, struct kexception_frame *exception_frame)
{
    struct kthread *thread = KeGetCurrentThread();
    struct kapc *apc = thread->UserApcs;
    uint64_t stack = (frame->Rsp - sizeof(struct context)) & ~UINT64_C(15);
    struct context *context = (struct context *)stack;
    uint64_t dispatcher = thread->Process->ApcDispatcher;
    uint64_t home[4];

    thread->ExitRequests &= ~EXIT_APC;
    thread->UserApcPending = false;
    if (!apc)
        return;
    memcpy(home, apc->Arguments, sizeof(apc->Arguments));
    home[3] = apc->Routine;
    thread->UserApcs = apc->Next;
    apc->Used = false;
    if (!dispatcher || !NT_SUCCESS(KiFramesToContext(frame, exception_frame, context)) ||
        !NT_SUCCESS(MmWriteUser(&context->P1Home, home, sizeof(home))))
        PsExitProcess(STATUS_ACCESS_VIOLATION);
    frame->Rip = dispatcher;
    frame->Rsp = stack;
    frame->EFlags &= ~(RFLAGS_TF | RFLAGS_DF | RFLAGS_NT | RFLAGS_AC | RFLAGS_RF);
    thread->ExitRequests |= EXIT_CONTEXT;
}
