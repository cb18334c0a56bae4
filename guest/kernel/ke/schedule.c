/* SPDX-License-Identifier: MIT
 * Which thread runs: ready queues, pre-emption, quantum, the switch itself. */

#include "cpu.h"
#include "mm.h"
#include "ps.h"
#include "scheduler.h"

#include <ringscope/x86/cpu.h>

static void set_exit_work(struct kpcr *pcr)
{
    pcr->ExitWork = pcr->NextThread || pcr->CurrentThread->ExitRequests;
}

static void enqueue(struct kpcr *pcr, struct kthread *thread, bool at_head)
{
    struct list_entry *queue = &pcr->ReadyQueues[thread->Priority];
    uint32_t bit = 1u << thread->Priority;

    thread->State = THREAD_READY;
    if (!(pcr->ReadySummary & bit))
        InitializeListHead(queue);
    pcr->ReadySummary |= bit;
    if (at_head)
        InsertHeadList(queue, &thread->Queue);
    else
        InsertTailList(queue, &thread->Queue);
}

static void dequeue(struct kpcr *pcr, struct kthread *thread)
{
    RemoveEntryList(&thread->Queue);
    if (IsListEmpty(&pcr->ReadyQueues[thread->Priority]))
        pcr->ReadySummary &= ~(1u << thread->Priority);
}

static int highest_ready(const struct kpcr *pcr)
{
    return pcr->ReadySummary ? 31 - __builtin_clz(pcr->ReadySummary) : -1;
}

static struct kthread *take_ready(struct kpcr *pcr, unsigned priority)
{
    struct kthread *thread = LIST_OWNER(pcr->ReadyQueues[priority].Flink, struct kthread, Queue);

    dequeue(pcr, thread);
    return thread;
}

/* Nobody else of its priority: the running thread needs no clock. */
static void set_quantum(struct kpcr *pcr)
{
    const struct kthread *running = pcr->CurrentThread;
    bool shared = running != pcr->IdleThread && (pcr->ReadySummary >> running->Priority & 1);

    if (!shared)
        pcr->QuantumEnd = 0;
    else if (pcr->QuantumEnd == 0)
        pcr->QuantumEnd = KeQueryInterruptTime() + QUANTUM;
    else
        return;
    KiUpdateClock();
}

static void set_next(struct kpcr *pcr, struct kthread *thread)
{
    if (pcr->NextThread)
        enqueue(pcr, pcr->NextThread, true);
    thread->State = THREAD_STANDBY;
    pcr->NextThread = thread;
    pcr->ExitWork = true;
}

/* The idle loop looks for itself; a running thread is pre-empted before it enters ring 3. */
void KiReadyThread(struct kthread *thread)
{
    struct kpcr *pcr = KeGetPcr();
    const struct kthread *rival = pcr->NextThread ? pcr->NextThread : pcr->CurrentThread;

    if (pcr->CurrentThread != pcr->IdleThread && thread->Priority > rival->Priority) {
        if (!pcr->NextThread)
            pcr->CurrentThread->StaysReady = true;
        set_next(pcr, thread);
        return;
    }
    enqueue(pcr, thread, false);
    set_quantum(pcr);
}

void KiQuantumEnd(void)
{
    struct kpcr *pcr = KeGetPcr();
    uint8_t priority = (uint8_t)pcr->CurrentThread->Priority;

    pcr->QuantumEnd = 0;
    if (pcr->NextThread || !(pcr->ReadySummary >> priority & 1))
        return;
    pcr->CurrentThread->StaysReady = false;
    set_next(pcr, take_ready(pcr, priority));
}

void KiSetPriorityThread(struct kthread *thread, int8_t priority)
{
    struct kpcr *pcr = KeGetPcr();

    if (thread->State == THREAD_READY) {
        dequeue(pcr, thread);
        thread->Priority = priority;
        KiReadyThread(thread);
        return;
    }
    thread->Priority = priority;
    if (pcr->NextThread) { /* chosen before the priorities changed */
        struct kthread *next = pcr->NextThread;

        pcr->NextThread = NULL;
        KiReadyThread(next);
    }
    if (thread == pcr->CurrentThread && highest_ready(pcr) > priority) {
        thread->StaysReady = true;
        set_next(pcr, take_ready(pcr, (unsigned)highest_ready(pcr)));
    }
    set_quantum(pcr);
    set_exit_work(pcr);
}

typedef uint64_t tss_word __attribute__((aligned(4)));

static struct kthread *select_next(struct kpcr *pcr)
{
    struct kthread *next = pcr->NextThread;

    pcr->NextThread = NULL;
    if (next)
        return next;
    return pcr->ReadySummary ? take_ready(pcr, (unsigned)highest_ready(pcr)) : pcr->IdleThread;
}

/*
 * Vector registers are switched eagerly: saved when a thread is left, loaded when another one
 * comes. The idle thread has none, nor an address space or a TEB: it keeps those of the last
 * thread.
 */
static void load_thread(struct kpcr *pcr, const struct kthread *from, struct kthread *to)
{
    pcr->RspBase = to->InitialStack;
    if (KiKvaShadow)
        pcr->RspBaseShadow = to->InitialStack;
    else
        *(tss_word *)(pcr->TssBase + TSS64_RSP0) = (uint64_t)to->InitialStack;
    if (from->Debug.Dr7 | to->Debug.Dr7)
        KiLoadDebugRegisters(to);
    if (to == pcr->IdleThread || to == pcr->FxOwner)
        return;
    pcr->FxOwner = to;
    KiFxRestore(to->FxState);
    KiWriteMsr(MSR_KERNEL_GS_BASE, to->Teb);
    if ((KiReadCr3() & PTE_ADDRESS_MASK) != to->ApcProcess->DirectoryTableBase)
        KiLoadAddressSpace(to->ApcProcess);
}

/* The state of the running thread says already what becomes of it. IF = 1. */
void KiSwapThread(void)
{
    struct kpcr *pcr = KeGetPcr();
    struct kthread *from = pcr->CurrentThread, *to = select_next(pcr);

    to->State = THREAD_RUNNING;
    if (to != from) {
        KiDisableInterrupts();
        if (from == pcr->FxOwner && from != pcr->IdleThread)
            KiFxSave(from->FxState);
        load_thread(pcr, from, to);
        pcr->CurrentThread = to;
        pcr->Counters.ContextSwitches++;
        KiSwapContext(from, to);
        KiEnableInterrupts();
    }
    KiAfterSwap();
}

/* In the thread that was switched to. */
void KiAfterSwap(void)
{
    struct kpcr *pcr = KeGetPcr();

    pcr->QuantumEnd = 0;
    set_quantum(pcr);
    set_exit_work(pcr);
    if (pcr->DeadThread)
        PspReapThread();
}

/* NextThread is there. */
void KiPreempt(void)
{
    struct kpcr *pcr = KeGetPcr();
    struct kthread *thread = pcr->CurrentThread;

    enqueue(pcr, thread, thread->StaysReady);
    KiSwapThread();
}

/* To another thread of the same priority or a higher one. */
bool KiYield(void)
{
    struct kpcr *pcr = KeGetPcr();
    struct kthread *thread = pcr->CurrentThread;

    if (!pcr->NextThread && highest_ready(pcr) < thread->Priority)
        return false;
    enqueue(pcr, thread, false);
    KiSwapThread();
    return true;
}

void KiRequestExit(struct kthread *thread, uint8_t requests)
{
    struct kpcr *pcr = KeGetPcr();

    thread->ExitRequests |= requests;
    if (thread == pcr->CurrentThread)
        pcr->ExitWork = true;
}
