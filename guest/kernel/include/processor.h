/* SPDX-License-Identifier: MIT
 * More than one processor: the kernel lock, requests to other processors, what is kept of each. */
#ifndef KERNEL_PROCESSOR_H
#define KERNEL_PROCESSOR_H

#include "cpu.h"
#include "ke.h"

/*
 * The kernel lock belongs to a processor, not to a thread. It is held wherever ring 0 does more
 * than to enter, to leave, to answer an interrupt, or to halt for want of threads; a thread that
 * waits leaves it to the next one. So what holds for one processor holds for several: a thread in
 * ring 0 is disturbed only where it waits.
 *
 * Who waits for the lock has interrupts off, and answers requests meanwhile: its holder may wait
 * for that. Nobody else waits for a processor.
 */
extern bool KiMultiprocessor; /* there is more than one, and the lock is in use */
extern volatile uint32_t KiKernelLock;
extern volatile uint64_t KiWaitingSummary; /* bit n: processor n waits for it */

extern uint32_t KeNumberProcessors;
extern struct kpcr *KiProcessorBlock[RS_CPUS_MAX];
extern uint8_t KiApicIds[RS_CPUS_MAX]; /* by number */
extern uint64_t KiIdleSummary;         /* bit n: processor n halts, or is about to */

static inline uint64_t KiProcessorMask(const struct kpcr *pcr)
{
    return UINT64_C(1) << pcr->Number;
}

static inline uint64_t KeQueryActiveProcessors(void)
{
    return (UINT64_C(1) << KeNumberProcessors) - 1;
}

/* NT's KeAcquireInterruptSpinLock: for what an interrupt handler shares with others. Held for a
 * moment, with IF = 0; the value is for the release. */
static inline uint64_t KeAcquireInterruptSpinLock(volatile uint8_t *lock)
{
    uint64_t flags = KiSaveAndDisableInterrupts();

    while (KiMultiprocessor && __atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
        KiPause();
    return flags;
}

static inline void KeReleaseInterruptSpinLock(volatile uint8_t *lock, uint64_t flags)
{
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
    KiRestoreInterrupts(flags);
}

/* lock.c: with IF = 0. Taking it once more does nothing, and neither does either of them on a
 * single processor. */
void KiAcquireKernelLock(void);
void KiReleaseKernelLock(void);
/* What entry code calls when it has found the lock taken. */
void KiWaitForKernelLock(void);
/* `thread` enters the kernel and stays there until the lock is released, with all its registers in
 * memory. Nothing to do for one that does not run on another processor. */
void KiStopThread(const struct kthread *thread);

/* ipi.c: KPRCB.RequestSummary. */
#define IPI_APC 0x1          /* look at the running thread's exit requests */
#define IPI_DPC 0x2          /* look at NextThread, and whether others wait for their turn */
#define IPI_PACKET_READY 0x8 /* call a function */
void KiIpiSend(uint64_t processors, uint32_t request);
void KiIpiProcessRequests(void);
/* The holder of the kernel lock: `function` is called on each of the processors, in no order and
 * with interrupts off. It has returned everywhere when this returns. */
void KiIpiGenericCall(uint64_t processors, void (*function)(void *context), void *context);
/* A bug check: no other processor goes on. The ones that stopped in time. */
uint64_t KiFreezeOthers(void);
/* bugcheck.c: for the NMI handler of those */
extern volatile bool KiBugCheckActive;
_Noreturn void KiFreeze(void);

/* flush.c: on all processors. After that no stale translation of the page is left or in use. */
void KeFlushSingleTb(uint64_t address);
/* What this processor has missed while it was idle or waited for the kernel lock. */
void KiFlushMissed(void);
/* No other processor keeps the page tables of this process loaded. */
void KiUnloadProcess(const struct kprocess *process);

/* processor.c: starts those that the boot information counts, and waits for them. */
void KeStartAllProcessors(void);

/* mm/processor.c: memory of processor `number`, with its tables and an idle thread in it. NULL: out
 * of memory. */
struct kpcr *MmCreateProcessor(uint32_t number);

/* init.c, shadow.c: of the running processor */
void KiEnableSystemCalls(void);
void KiInitializeShadowProcessor(void);

#endif
