/* SPDX-License-Identifier: MIT
 * User APCs. */

#include "ntdll.h"

extern const char KiUserApcDispatcher[];

_Noreturn void RtlDispatchApc(struct context *context);

/* A program that queues procedures has a dispatcher: this reference links it, and its note, in. */
static const char *volatile dispatcher = KiUserApcDispatcher;

NTSTATUS RtlQueueApc(HANDLE thread, apc_routine *routine, void *argument)
{
    if (!dispatcher)
        return STATUS_NOT_SUPPORTED;
    return NtQueueApcThread(thread, (void *)(uintptr_t)routine, argument, NULL, NULL);
}

/* With TestAlert the next procedure follows before the thread goes on. */
_Noreturn void RtlDispatchApc(struct context *context)
{
    apc_routine *routine = (apc_routine *)context->P4Home;

    routine((void *)context->P1Home, (void *)context->P2Home, (void *)context->P3Home);
    exit(NtContinue(context, true));
}
