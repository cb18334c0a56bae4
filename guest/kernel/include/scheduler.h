/* SPDX-License-Identifier: MIT
 * Threads on a processor: states, queues, waits, timers, and the way back to ring 3. */
#ifndef KERNEL_SCHEDULER_H
#define KERNEL_SCHEDULER_H

#include "ke.h"

#include <ringscope/layout.h>

/*
 * The dispatcher's data belongs to who is at DISPATCH_LEVEL and, with several processors, has the
 * kernel lock (processor.h). A thread in ring 0 is switched only where it waits, yields, or is
 * about to enter ring 3: what a service has looked up stays valid until then.
 */
static inline uint8_t KiLockDispatcher(void)
{
    return KeRaiseIrql(DISPATCH_LEVEL);
}

static inline void KiUnlockDispatcher(uint8_t irql)
{
    KeLowerIrql(irql);
}

/* KTHREAD.State; the numbers of NT. */
enum thread_state {
    THREAD_INITIALIZED,
    THREAD_READY,
    THREAD_RUNNING,
    THREAD_STANDBY,
    THREAD_TERMINATED,
    THREAD_WAITING
};

/* KTHREAD.ExitRequests: what a thread has to do before it enters ring 3. */
#define EXIT_TERMINATE 0x01
#define EXIT_SUSPEND 0x02
#define EXIT_APC 0x04
#define EXIT_CONTEXT 0x08 /* its context was set: leave by IRETQ with all of it */

#define NO_PROCESSOR 0xff

#define QUANTUM 312500 /* 100 ns units: two ticks of NT's clock */

/* schedule.c: at DISPATCH_LEVEL */
void KiReadyThread(struct kthread *thread);
void KiSetPriorityThread(struct kthread *thread, int8_t priority);
void KiSwapThread(void);
void KiAfterSwap(void);
void KiPreempt(void);
void KiQuantumEnd(void);
void KiUpdateQuantum(void);
void KiSetAffinityThread(struct kthread *thread, uint64_t affinity);
/* The running thread, to a processor that it may run on. */
void KiMoveThread(void);
/* A thread that this processor may run now. */
bool KiHasReadyThread(void);
bool KiYield(void);
void KiRequestExit(struct kthread *thread, uint8_t requests);
_Noreturn void KiIdleLoop(void);

/* swap.S */
void KiSwapContext(struct kthread *from, struct kthread *to);
extern uint8_t KiThreadStartup[];

/* wait.c. `timeout`: NULL for ever, negative relative, else a system time. */
NTSTATUS KeWaitForObjects(uint32_t count, struct object *const *objects, bool all, bool alertable,
                          const int64_t *timeout);
NTSTATUS KeDelay(bool alertable, const int64_t *timeout);
NTSTATUS KeTestAlert(bool alertable);
/* At DISPATCH_LEVEL. Ends a thread's wait; a thread that does not wait is left alone. */
bool KiUnwaitThread(struct kthread *thread, NTSTATUS status);
void KiSignalObject(struct object *object);
/* Ends the wait of a thread that is to go and look at its exit requests. */
bool KiAlertThread(struct kthread *thread, NTSTATUS status);
NTSTATUS KiReleaseMutant(struct kmutant *mutant, struct kthread *thread, bool abandoned,
                         int32_t *previous);

/* timer.c: at DISPATCH_LEVEL */
uint64_t KiDueTime(int64_t timeout); /* in interrupt time */
void KiInsertTimer(struct ktimer *timer, uint64_t due);
bool KiCancelTimer(struct ktimer *timer);
void KiUpdateClock(void);

/* exit.c */
bool KiExitWork(struct ktrap_frame *frame, struct kexception_frame *exception_frame);
bool KiServiceExitWork(struct ktrap_frame *frame, struct kexception_frame *exception_frame,
                       NTSTATUS status);

/* apc.c: `arguments` are three */
NTSTATUS KeInsertQueueApc(struct kthread *thread, uint64_t routine, const uint64_t *arguments);
void KiDiscardApcs(struct kthread *thread);
void KiDeliverUserApc(struct ktrap_frame *frame, struct kexception_frame *exception_frame);

void KeSetEvent(struct object *event); /* event.c */

/* debug.c: into the processor */
void KiLoadDebugRegisters(const struct kthread *thread);

#endif
