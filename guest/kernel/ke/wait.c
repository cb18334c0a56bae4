/* SPDX-License-Identifier: MIT
 * Waiting for objects, and what ends a wait. */

#include "mm.h"

#include "scheduler.h"

#include <nt/object.h>

/* A mutant is signaled to its owner, whatever its state. */
static bool is_signaled(const struct object *object, const struct kthread *thread)
{
    return object->SignalState > 0 ||
           (object->Type == OBJECT_MUTANT && ((const struct kmutant *)object)->Owner == thread);
}

/* True: the mutant's last owner ended without releasing it. */
static bool take_mutant(struct kmutant *mutant, struct kthread *thread)
{
    bool abandoned = mutant->Abandoned;

    mutant->Abandoned = false;
    if (mutant->Object.SignalState-- == 1) {
        if (!thread->Mutants.Flink)
            InitializeListHead(&thread->Mutants);
        InsertTailList(&thread->Mutants, &mutant->Owned);
        mutant->Owner = thread;
    }
    return abandoned;
}

/* What a satisfied wait does to the object. */
static bool satisfy(struct object *object, struct kthread *thread)
{
    if (object->Type == OBJECT_MUTANT)
        return take_mutant((struct kmutant *)object, thread);
    if (object->Type == OBJECT_SEMAPHORE)
        object->SignalState--;
    else if (object->Synchronization)
        object->SignalState = 0;
    return false;
}

/* STATUS_PENDING: not now. */
static NTSTATUS try_objects(uint32_t count, struct object *const *objects, bool all,
                            struct kthread *thread)
{
    bool abandoned = false;
    uint32_t i = 0;

    while (i < count && is_signaled(objects[i], thread) == all)
        i++;
    if (all ? i < count : i == count)
        return STATUS_PENDING;
    if (!all)
        return (satisfy(objects[i], thread) ? STATUS_ABANDONED_WAIT_0 : STATUS_SUCCESS) +
               (NTSTATUS)i;
    for (i = 0; i < count; i++)
        abandoned |= satisfy(objects[i], thread);
    return abandoned ? STATUS_ABANDONED_WAIT_0 : STATUS_SUCCESS;
}

bool KiUnwaitThread(struct kthread *thread, NTSTATUS status)
{
    if (thread->State != THREAD_WAITING)
        return false;
    for (unsigned i = 0; i < thread->WaitCount; i++)
        RemoveEntryList(&thread->WaitBlocks[i].Entry);
    KiCancelTimer(&thread->WaitTimer);
    thread->WaitCount = 0;
    thread->WaitStatus = status;
    KiReadyThread(thread);
    return true;
}

static NTSTATUS try_blocks(struct kthread *thread, const struct kwait_block *block)
{
    struct object *objects[MAXIMUM_WAIT_OBJECTS];

    if (!thread->WaitsForAll) {
        objects[0] = block->Object;
        return try_objects(1, objects, false, thread) + block->Key;
    }
    for (unsigned i = 0; i < thread->WaitCount; i++)
        objects[i] = thread->WaitBlocks[i].Object;
    return try_objects(thread->WaitCount, objects, true, thread);
}

/* The object is signaled: ends the waits that it satisfies, in the order in which they began. */
void KiSignalObject(struct object *object)
{
    struct list_entry *entry = object->Waits.Flink;

    while (object->SignalState > 0 && entry != &object->Waits) {
        const struct kwait_block *block = LIST_OWNER(entry, struct kwait_block, Entry);
        struct kthread *thread = block->Thread;
        NTSTATUS status = try_blocks(thread, block);

        entry = entry->Flink;
        if (status == STATUS_PENDING) /* it waits for others, too */
            continue;
        KiUnwaitThread(thread, status);
        entry = object->Waits.Flink; /* that wait may have had more than one block in this list */
    }
}

/* An alert, or a queued procedure, ends an alertable wait before it begins. */
NTSTATUS KeTestAlert(bool alertable)
{
    struct kthread *thread = KeGetCurrentThread();

    if (thread->ExitRequests & EXIT_TERMINATE)
        return STATUS_THREAD_IS_TERMINATING;
    if (alertable && thread->Alerted) {
        thread->Alerted = false;
        return STATUS_ALERTED;
    }
    if (!alertable || !thread->UserApcs)
        return STATUS_SUCCESS;
    thread->UserApcPending = true;
    KiRequestExit(thread, EXIT_APC);
    return STATUS_USER_APC;
}

static void time_out(struct ktimer *timer)
{
    KiUnwaitThread(LIST_OWNER(timer, struct kthread, WaitTimer), STATUS_TIMEOUT);
}

static NTSTATUS block(struct kthread *thread, bool alertable, const int64_t *timeout)
{
    thread->State = THREAD_WAITING;
    thread->WaitAlertable = alertable;
    if (timeout) {
        thread->WaitTimer.Expired = time_out;
        KiInsertTimer(&thread->WaitTimer, KiDueTime(*timeout));
    }
    KiSwapThread();
    return (NTSTATUS)thread->WaitStatus;
}

static void insert_blocks(struct kthread *thread, struct kwait_block *blocks, uint32_t count,
                          struct object *const *objects)
{
    thread->WaitBlocks = blocks;
    thread->WaitCount = (uint8_t)count;
    for (uint32_t i = 0; i < count; i++) {
        blocks[i].Thread = thread;
        blocks[i].Object = objects[i];
        blocks[i].Key = (uint16_t)i;
        InsertTailList(&objects[i]->Waits, &blocks[i].Entry);
    }
}

/* The wait blocks are on the stack: nobody returns from here before they are out of all lists. */
NTSTATUS KeWaitForObjects(uint32_t count, struct object *const *objects, bool all, bool alertable,
                          const int64_t *timeout)
{
    struct kwait_block blocks[MAXIMUM_WAIT_OBJECTS];
    struct kthread *thread = KeGetCurrentThread();
    uint8_t irql = KiLockDispatcher();
    NTSTATUS status = try_objects(count, objects, all, thread);

    if (status == STATUS_PENDING) {
        status = KeTestAlert(alertable);
        if (status == STATUS_SUCCESS && timeout && *timeout == 0)
            status = STATUS_TIMEOUT;
        if (status == STATUS_SUCCESS) {
            insert_blocks(thread, blocks, count, objects);
            thread->WaitsForAll = all;
            status = block(thread, alertable, timeout);
        }
    }
    KiUnlockDispatcher(irql);
    return status;
}

/* STATUS_SUCCESS when the time has passed. */
NTSTATUS KeDelay(bool alertable, const int64_t *timeout)
{
    uint8_t irql = KiLockDispatcher();
    NTSTATUS status = KeTestAlert(alertable);

    if (status == STATUS_SUCCESS && timeout && *timeout == 0)
        KiYield();
    else if (status == STATUS_SUCCESS)
        status = block(KeGetCurrentThread(), alertable, timeout);
    KiUnlockDispatcher(irql);
    return status == STATUS_TIMEOUT ? STATUS_SUCCESS : status;
}

/* Only an alertable wait of ring 3 is ended by it; the others see it later. */
bool KiAlertThread(struct kthread *thread, NTSTATUS status)
{
    return thread->State == THREAD_WAITING && thread->WaitAlertable &&
           KiUnwaitThread(thread, status);
}

NTSTATUS KiReleaseMutant(struct kmutant *mutant, struct kthread *thread, bool abandoned,
                         int32_t *previous)
{
    struct object *object = &mutant->Object;

    if (mutant->Owner != thread)
        return STATUS_MUTANT_NOT_OWNED;
    *previous = object->SignalState;
    object->SignalState = abandoned ? 1 : object->SignalState + 1;
    if (object->SignalState == 1) {
        RemoveEntryList(&mutant->Owned);
        mutant->Owner = NULL;
        mutant->Abandoned = abandoned;
        KiSignalObject(object);
    }
    return STATUS_SUCCESS;
}
