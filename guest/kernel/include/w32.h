/* SPDX-License-Identifier: MIT
 * The window subsystem: what a thread has that calls the second service table. */
#ifndef KERNEL_W32_H
#define KERNEL_W32_H

#include "ke.h"

#include <nt/window.h>

#define W32_MESSAGES_MAX 32 /* that wait in the queue of one thread */

/* Messages are in the order in which they were posted. `New` and `Changed` belong to the owner of
 * the queue and, like the messages, to who is at DISPATCH_LEVEL. */
struct w32_thread {
    struct kthread *Thread;    /* NULL: free */
    struct object Arrived;     /* a notification event: messages came since it was reset */
    uint32_t Count;            /* of Messages */
    bool New;                  /* since NtUserGetMessage, NtUserPeekMessage or the last wait */
    bool Changed;              /* since NtUserGetQueueStatus */
    uint64_t Batched, Flushes; /* calls of GDI that came in batches, and the batches */
    struct window_message Messages[W32_MESSAGES_MAX];
};

/* thread.c */
/* Makes the running thread a GUI thread, whose table is KeServiceDescriptorTableShadow: the
 * dispatcher calls it for an index that KeServiceDescriptorTable has not. */
NTSTATUS KiConvertToGuiThread(void);
void W32ExitThread(struct kthread *thread);
/* TEB.LastErrorValue. */
void W32SetLastError(uint32_t error);

static inline struct w32_thread *W32Current(void)
{
    return KeGetCurrentThread()->Win32Thread;
}

/* clipboard.c: a thread that ends while it has the clipboard open. */
void W32LeaveClipboard(const struct kthread *thread);

/* gdi.c: called by the dispatcher before a service of the second table, when TEB.GdiBatchCount is
 * not 0. */
void KiFlushGdiBatch(void);

#endif
