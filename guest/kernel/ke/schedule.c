/* SPDX-License-Identifier: MIT
 * Which thread runs: ready queues, pre-emption, quantum, the switch itself. */

#include "cpu.h"
#include "mm.h"
#include "processor.h"
#include "ps.h"
#include "scheduler.h"

#include <ringscope/x86/cpu.h>

uint64_t KiIdleSummary;

/* Of all processors. Bit n of the summary: there are ready threads of priority n. */
static uint32_t ready_summary;
static struct list_entry ready_queues[PRIORITIES];

static bool may_run(const struct kthread *thread, const struct kpcr *pcr)
{
    return thread->Affinity & KiProcessorMask(pcr);
}

/* Of the running processor: others look when they are told to. */
static void set_exit_work(struct kpcr *pcr)
{
    pcr->ExitWork &= EXIT_WORK_LOCKED;
    if (pcr->NextThread || pcr->CurrentThread->ExitRequests)
        pcr->ExitWork |= EXIT_WORK_PENDING;
}

static void notify(struct kpcr *pcr)
{
    if (pcr == KeGetPcr())
        pcr->ExitWork |= EXIT_WORK_PENDING;
    else
        KiIpiSend(KiProcessorMask(pcr), IPI_DPC);
}

static void enqueue(struct kthread *thread, bool at_head)
{
    struct list_entry *queue = &ready_queues[thread->Priority];
    uint32_t bit = 1u << thread->Priority;

    thread->State = THREAD_READY;
    if (!(ready_summary & bit))
        InitializeListHead(queue);
    ready_summary |= bit;
    if (at_head)
        InsertHeadList(queue, &thread->Queue);
    else
        InsertTailList(queue, &thread->Queue);
}

static void dequeue(struct kthread *thread)
{
    RemoveEntryList(&thread->Queue);
    if (IsListEmpty(&ready_queues[thread->Priority]))
        ready_summary &= ~(1u << thread->Priority);
}

/* The first one of the highest of these priorities. */
static struct kthread *find_ready(const struct kpcr *pcr, uint32_t priorities)
{
    for (priorities &= ready_summary; priorities;) {
        unsigned priority = 31 - (unsigned)__builtin_clz(priorities);
        const struct list_entry *queue = &ready_queues[priority];

        for (struct list_entry *entry = queue->Flink; entry != queue; entry = entry->Flink) {
            struct kthread *thread = LIST_OWNER(entry, struct kthread, Queue);

            if (may_run(thread, pcr))
                return thread;
        }
        priorities &= ~(1u << priority);
    }
    return NULL;
}

static int highest_ready(const struct kpcr *pcr)
{
    const struct kthread *thread = find_ready(pcr, UINT32_MAX);

    return thread ? thread->Priority : -1;
}

static struct kthread *take_ready(const struct kpcr *pcr, uint32_t priorities)
{
    struct kthread *thread = find_ready(pcr, priorities);

    if (thread)
        dequeue(thread);
    return thread;
}

/* Nobody else of its priority: the running thread needs no clock. */
static void set_quantum(struct kpcr *pcr)
{
    const struct kthread *running = pcr->CurrentThread;
    bool shared = running != pcr->IdleThread && find_ready(pcr, 1u << running->Priority);

    if (!shared)
        pcr->QuantumEnd = 0;
    else if (pcr->QuantumEnd == 0)
        pcr->QuantumEnd = KeQueryInterruptTime() + QUANTUM;
    else
        return;
    KiUpdateClock();
}

void KiUpdateQuantum(void)
{
    set_quantum(KeGetPcr());
}

/* A clock is set by its own processor. */
static void notify_of_rival(const struct kthread *thread)
{
    for (uint32_t n = 0; n < KeNumberProcessors; n++) {
        struct kpcr *pcr = KiProcessorBlock[n];

        if (pcr == KeGetPcr() && pcr->CurrentThread != thread)
            set_quantum(pcr);
        else if (pcr != KeGetPcr() && may_run(thread, pcr) &&
                 pcr->CurrentThread != pcr->IdleThread &&
                 pcr->CurrentThread->Priority == thread->Priority && pcr->QuantumEnd == 0)
            notify(pcr);
    }
}

/* What a new thread would have to beat there; below all priorities when that is nobody. */
static int rival_of(const struct kpcr *pcr)
{
    if (pcr->NextThread)
        return pcr->NextThread->Priority;
    return pcr->CurrentThread == pcr->IdleThread ? -1 : pcr->CurrentThread->Priority;
}

/* Where the least is lost: of equals the one where the thread ran last, then this one. */
static struct kpcr *choose_processor(const struct kthread *thread)
{
    struct kpcr *current = KeGetPcr(), *best = NULL;
    int least = PRIORITIES;

    for (uint32_t n = 0; n < KeNumberProcessors; n++) {
        struct kpcr *pcr = KiProcessorBlock[n];
        int rival = rival_of(pcr);

        if (!may_run(thread, pcr) || rival > least)
            continue;
        if (rival < least || n == thread->Processor ||
            (pcr == current && best && best->Number != thread->Processor))
            best = pcr;
        least = rival;
    }
    return best;
}

static void make_ready(struct kthread *thread, bool at_head);

static void set_next(struct kpcr *pcr, struct kthread *thread)
{
    struct kthread *displaced = pcr->NextThread;

    thread->State = THREAD_STANDBY;
    thread->Processor = (uint8_t)pcr->Number;
    pcr->NextThread = thread;
    notify(pcr);
    if (displaced)
        make_ready(displaced, true);
}

static void make_ready(struct kthread *thread, bool at_head)
{
    struct kpcr *pcr = KiMultiprocessor ? choose_processor(thread) : KeGetPcr();

    if (thread->Priority > rival_of(pcr) && pcr->CurrentThread != thread) {
        if (!pcr->NextThread)
            pcr->CurrentThread->StaysReady = true;
        set_next(pcr, thread);
        return;
    }
    enqueue(thread, at_head);
    notify_of_rival(thread);
}

/* An idle processor, or the one that runs the thread of the lowest priority, if that is lower, is
 * to run it. A running thread is pre-empted before it enters ring 3. */
void KiReadyThread(struct kthread *thread)
{
    make_ready(thread, false);
}

bool KiHasReadyThread(void)
{
    const struct kpcr *pcr = KeGetPcr();

    return pcr->NextThread || find_ready(pcr, UINT32_MAX);
}

void KiQuantumEnd(void)
{
    struct kpcr *pcr = KeGetPcr();
    uint32_t priority = 1u << pcr->CurrentThread->Priority;
    struct kthread *next;

    pcr->QuantumEnd = 0;
    if (pcr->NextThread || pcr->CurrentThread == pcr->IdleThread)
        return;
    next = take_ready(pcr, priority);
    if (!next)
        return;
    pcr->CurrentThread->StaysReady = false;
    set_next(pcr, next);
}

/* Where the thread runs, or is to run next; NULL: nowhere. */
static struct kpcr *processor_of(const struct kthread *thread)
{
    return thread->State == THREAD_RUNNING || thread->State == THREAD_STANDBY
               ? KiProcessorBlock[thread->Processor]
               : NULL;
}

/* What was chosen before something changed is chosen again. */
static void choose_again(struct kpcr *pcr)
{
    struct kthread *next = pcr->NextThread;

    pcr->NextThread = NULL;
    if (next)
        KiReadyThread(next);
}

void KiSetPriorityThread(struct kthread *thread, int8_t priority)
{
    struct kpcr *pcr = processor_of(thread);

    if (thread->State == THREAD_READY) {
        dequeue(thread);
        thread->Priority = priority;
        KiReadyThread(thread);
        return;
    }
    thread->Priority = priority;
    if (!pcr)
        return;
    choose_again(pcr);
    if (!pcr->NextThread && highest_ready(pcr) > rival_of(pcr)) {
        pcr->CurrentThread->StaysReady = true;
        set_next(pcr, take_ready(pcr, UINT32_MAX));
    }
    if (pcr != KeGetPcr()) {
        notify(pcr);
        return;
    }
    set_quantum(pcr);
    set_exit_work(pcr);
}

void KiSetAffinityThread(struct kthread *thread, uint64_t affinity)
{
    struct kpcr *pcr = processor_of(thread);

    thread->Affinity = affinity;
    if (thread->State == THREAD_READY) {
        dequeue(thread);
        KiReadyThread(thread);
    } else if (pcr && !may_run(thread, pcr)) {
        if (thread == pcr->NextThread)
            choose_again(pcr);
        else
            notify(pcr);
    }
}

typedef uint64_t tss_word __attribute__((aligned(4)));

static struct kthread *select_next(struct kpcr *pcr)
{
    struct kthread *next = pcr->NextThread;

    pcr->NextThread = NULL;
    if (!next)
        next = take_ready(pcr, UINT32_MAX);
    return next ? next : pcr->IdleThread;
}

/*
 * Vector registers are switched eagerly: saved when a thread is left, loaded when another one
 * comes. The idle thread has none, nor an address space or a TEB: it keeps those of the last
 * thread, and loads them again if that has run elsewhere meanwhile.
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
    if (to == pcr->IdleThread || (to == pcr->FxOwner && to->FxProcessor == pcr->Number))
        return;
    pcr->FxOwner = to;
    to->FxProcessor = (uint8_t)pcr->Number;
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
    to->Processor = (uint8_t)pcr->Number;
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
    struct kthread *thread = KeGetCurrentThread();

    make_ready(thread, thread->StaysReady);
    KiSwapThread();
}

void KiMoveThread(void)
{
    KiReadyThread(KeGetCurrentThread());
    KiSwapThread();
}

/* To another thread of the same priority or a higher one. */
bool KiYield(void)
{
    struct kpcr *pcr = KeGetPcr();
    struct kthread *thread = pcr->CurrentThread;

    if (!pcr->NextThread && highest_ready(pcr) < thread->Priority)
        return false;
    KiReadyThread(thread);
    KiSwapThread();
    return true;
}

void KiRequestExit(struct kthread *thread, uint8_t requests)
{
    struct kpcr *pcr = KeGetPcr();

    thread->ExitRequests |= requests;
    if (thread == pcr->CurrentThread)
        pcr->ExitWork |= EXIT_WORK_PENDING;
    else if (thread->State == THREAD_RUNNING)
        KiIpiSend(KiProcessorMask(KiProcessorBlock[thread->Processor]), IPI_APC);
}
