/* SPDX-License-Identifier: MIT
 * Messages of threads: NtUserPostThreadMessage, NtUserGetMessage, NtUserPeekMessage,
 * NtUserWaitMessage, NtUserGetQueueStatus. */

#include "mm.h"
#include "ps.h"
#include "scheduler.h"
#include "w32.h"

#include <nt/api.h>

#define MESSAGE_MAX 0xffff
#define UNITS_PER_MILLISECOND 10000
#define THREAD_MESSAGES                                                                            \
    ((HANDLE)-1) /* as a window: those of no window, which are all there are                       \
                  */
#define FAILED ((uint32_t)-1)

/* In continue.S the services store R12-R15 and go on here. */
uint32_t NTAPI KiUserGetMessage(struct window_message *Message, HANDLE Window, uint32_t FilterMin,
                                uint32_t FilterMax);
uint32_t NTAPI KiUserWaitMessage(void);

static uint32_t fail(uint32_t error, uint32_t result)
{
    W32SetLastError(error);
    return result;
}

static bool is_window(HANDLE window)
{
    return window == NULL || window == THREAD_MESSAGES;
}

/* Both 0: every message. WM_QUIT is not held back. */
static bool matches(const struct window_message *message, uint32_t min, uint32_t max)
{
    return (min == 0 && max == 0) || message->Message == WM_QUIT ||
           (message->Message >= min && message->Message <= max);
}

static void remove_message(struct w32_thread *queue, uint32_t index)
{
    for (queue->Count--; index < queue->Count; index++)
        queue->Messages[index] = queue->Messages[index + 1];
}

enum found {
    NONE,
    GIVEN,
    UNWRITABLE
};

/* A message that cannot be given to the program stays in the queue. Only its owner takes one out,
 * so an index stays valid while user memory is written. */
static enum found give(struct w32_thread *queue, struct window_message *user, uint32_t min,
                       uint32_t max, bool remove, uint32_t *number)
{
    struct window_message message;
    uint8_t irql = KiLockDispatcher();
    uint32_t index = 0;

    while (index < queue->Count && !matches(&queue->Messages[index], min, max))
        index++;
    queue->New = false;
    if (index == queue->Count) {
        queue->Arrived.SignalState = 0;
        KiUnlockDispatcher(irql);
        return NONE;
    }
    message = queue->Messages[index];
    KiUnlockDispatcher(irql);
    *number = message.Message;
    if (!NT_SUCCESS(MmWriteUser(user, &message, sizeof(message))))
        return UNWRITABLE;
    irql = KiLockDispatcher();
    if (remove)
        remove_message(queue, index);
    KiUnlockDispatcher(irql);
    return GIVEN;
}

static NTSTATUS wait(struct w32_thread *queue)
{
    struct object *const objects[] = {&queue->Arrived};

    return KeWaitForObjects(1, objects, false, false, NULL);
}

/* 0 for WM_QUIT, 1 for any other, -1 for a failure. */
uint32_t NTAPI KiUserGetMessage(struct window_message *Message, HANDLE Window, uint32_t FilterMin,
                                uint32_t FilterMax)
{
    struct w32_thread *queue = W32Current();
    uint32_t number = 0;
    enum found found;

    if (!is_window(Window))
        return fail(ERROR_INVALID_WINDOW_HANDLE, FAILED);
    while ((found = give(queue, Message, FilterMin, FilterMax, true, &number)) == NONE)
        if (wait(queue) != STATUS_SUCCESS) /* the thread is to end */
            return FAILED;
    if (found == UNWRITABLE)
        return fail(ERROR_NOACCESS, FAILED);
    return number != WM_QUIT;
}

uint32_t NTAPI NtUserPeekMessage(struct window_message *Message, HANDLE Window, uint32_t FilterMin,
                                 uint32_t FilterMax, uint32_t Remove)
{
    uint32_t number;
    enum found found;

    if (!is_window(Window))
        return fail(ERROR_INVALID_WINDOW_HANDLE, false);
    found = give(W32Current(), Message, FilterMin, FilterMax, Remove & PM_REMOVE, &number);
    if (found == UNWRITABLE)
        return fail(ERROR_NOACCESS, false);
    return found == GIVEN;
}

/* Until a message comes that the thread has not looked at. */
uint32_t NTAPI KiUserWaitMessage(void)
{
    struct w32_thread *queue = W32Current();
    uint8_t irql = KiLockDispatcher();
    NTSTATUS status = STATUS_SUCCESS;

    while (!queue->New && status == STATUS_SUCCESS) {
        queue->Arrived.SignalState = 0;
        KiUnlockDispatcher(irql);
        status = wait(queue);
        irql = KiLockDispatcher();
    }
    queue->New = false;
    KiUnlockDispatcher(irql);
    return status == STATUS_SUCCESS;
}

static uint32_t post(struct kthread *thread, const struct window_message *message)
{
    struct w32_thread *queue = thread->Win32Thread;
    uint8_t irql = KiLockDispatcher();
    bool room = queue->Count < W32_MESSAGES_MAX;

    if (room) {
        queue->Messages[queue->Count++] = *message;
        queue->New = queue->Changed = true;
        KeSetEvent(&queue->Arrived);
    }
    KiUnlockDispatcher(irql);
    return room;
}

/* To a thread that has called the second table once; before that it has no queue. */
uint32_t NTAPI NtUserPostThreadMessage(uint32_t Thread, uint32_t Message, uint64_t WParam,
                                       uint64_t LParam)
{
    const struct window_message message = {
        .Message = Message,
        .WParam = WParam,
        .LParam = LParam,
        .Time = (uint32_t)(KeQueryInterruptTime() / UNITS_PER_MILLISECOND),
    };
    struct kthread *thread = PsLookupThread(Thread);

    if (Message > MESSAGE_MAX)
        return fail(ERROR_INVALID_PARAMETER, false);
    if (!thread || !thread->Win32Thread)
        return fail(ERROR_INVALID_THREAD_ID, false);
    return post(thread, &message) ? true : fail(ERROR_NOT_ENOUGH_QUOTA, false);
}

/* Low half: what has come since the last call; high half: what is there. */
uint32_t NTAPI NtUserGetQueueStatus(uint32_t Flags)
{
    struct w32_thread *queue = W32Current();
    uint8_t irql = KiLockDispatcher();
    uint32_t changed = queue->Changed ? QS_POSTMESSAGE : 0,
             there = queue->Count ? QS_POSTMESSAGE : 0;

    if (Flags & QS_POSTMESSAGE)
        queue->Changed = false;
    KiUnlockDispatcher(irql);
    return (there & Flags) << 16 | (changed & Flags);
}
