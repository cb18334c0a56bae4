/* SPDX-License-Identifier: MIT
 * Processes and threads: from creation to the last reference. */
#ifndef KERNEL_PS_H
#define KERNEL_PS_H

#include "ke.h"
#include "mm.h"

/* object.c. A new one has one reference: its own, which ends with it. NULL: too many. */
struct kthread *PspAllocateThread(struct kprocess *process);
struct kprocess *PspAllocateProcess(void);
void PspDeleteThread(struct object *object);
void PspDeleteProcess(struct object *object);
/* In order of creation; NULL begins and ends. */
struct kprocess *PsNextProcess(struct kprocess *after);
struct kthread *PsNextThread(struct kprocess *process, struct kthread *after);
struct kprocess *PsLookupProcess(uint64_t id);
struct kthread *PsLookupThread(uint64_t id);

/* thread.c: Initialized, with everything but a right to run. */
struct thread_start {
    uint64_t start, argument; /* RCX and RDX of its first instruction */
    uint64_t stack_size;
    bool first;
};
NTSTATUS PspCreateThread(struct kprocess *process, const struct thread_start *start,
                         struct kthread **thread);

/* terminate.c */
void PspTerminateThread(struct kthread *thread, NTSTATUS status);
void PspTerminateProcess(struct kprocess *process, struct kthread *except, NTSTATUS status);
_Noreturn void PspExitThread(void);
void PspReapThread(void);
/* The running thread's process ends. Of the first process: the machine stops. */
_Noreturn void PsExitProcess(NTSTATUS status);

/* suspend.c: at DISPATCH_LEVEL. STATUS_SUSPEND_COUNT_EXCEEDED, or the count before. */
NTSTATUS PsSuspendThread(struct kthread *thread, uint32_t *previous);
NTSTATUS PsResumeThread(struct kthread *thread, uint32_t *previous);
void PsStaySuspended(struct kthread *thread);

/* process.c: the identity that the open services take. */
NTSTATUS PsReadClientId(const struct object_attributes *user_attributes,
                        const struct client_id *user_id, struct client_id *id);

/* attach.c: the running thread in the address space of another process. */
struct kprocess *KeAttachProcess(struct kprocess *process);
void KeDetachProcess(struct kprocess *before);

#endif
