/* SPDX-License-Identifier: MIT
 * The running thread in the address space of another process. */

#include "ps.h"

struct kprocess *KeAttachProcess(struct kprocess *process)
{
    struct kthread *thread = KeGetCurrentThread();
    struct kprocess *before = thread->ApcProcess;

    if (before != process) {
        thread->ApcProcess = process;
        KiLoadAddressSpace(process);
    }
    return before;
}

void KeDetachProcess(struct kprocess *before)
{
    KeAttachProcess(before);
}
