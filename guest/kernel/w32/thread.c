/* SPDX-License-Identifier: MIT
 * GUI threads: how a thread becomes one, and its end. */

#include "mm.h"
#include "w32.h"

#include <nt/process.h>

#define GUI_THREADS_MAX 16

static struct w32_thread pool[GUI_THREADS_MAX];

static struct w32_thread *allocate(struct kthread *thread)
{
    for (unsigned i = 0; i < GUI_THREADS_MAX; i++) {
        if (pool[i].Thread)
            continue;
        pool[i] = (struct w32_thread){.Thread = thread};
        KeInitializeObject(&pool[i].Arrived, OBJECT_EVENT, 0);
        return &pool[i];
    }
    return NULL;
}

NTSTATUS KiConvertToGuiThread(void)
{
    struct kthread *thread = KeGetCurrentThread();

    if (thread->ThreadFlags & THREAD_GUI)
        return STATUS_ALREADY_WIN32;
    if (thread->Process->NoWin32)
        return STATUS_ACCESS_DENIED;
    thread->Win32Thread = allocate(thread);
    if (!thread->Win32Thread)
        return STATUS_NO_MEMORY;
    thread->ThreadFlags |= THREAD_GUI;
    return STATUS_SUCCESS;
}

void W32ExitThread(struct kthread *thread)
{
    if (!thread->Win32Thread)
        return;
    W32LeaveClipboard(thread);
    thread->ThreadFlags &= ~(uint32_t)THREAD_GUI;
    thread->Win32Thread->Thread = NULL;
    thread->Win32Thread = NULL;
}

/* A TEB that cannot be written is the program's own doing. */
void W32SetLastError(uint32_t error)
{
    struct teb *teb = (struct teb *)KeGetCurrentThread()->Teb;

    MmWriteUser(&teb->LastErrorValue, &error, sizeof(error));
}
