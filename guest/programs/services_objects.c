/* SPDX-License-Identifier: MIT
 * Test of events, waits and handles. */

#include "services.h"

#include <ntdll.h>
#include <tap.h>

static const int64_t no_time = 0;
static const int64_t one_ms = -10000;

static HANDLE create(uint32_t type, bool signaled)
{
    HANDLE handle = NULL;

    NtCreateEvent(&handle, EVENT_ALL_ACCESS, NULL, type, signaled);
    return handle;
}

void test_events(void)
{
    struct object_attributes attributes = {.Length = sizeof(attributes)};
    HANDLE event = NULL;
    int32_t previous = 99;

    tap_status(NtCreateEvent(&event, EVENT_ALL_ACCESS, &attributes, NotificationEvent, false),
               STATUS_SUCCESS, "create an event");
    tap_ok(event && ((uint64_t)event & 3) == 0, "a handle is a multiple of 4");
    tap_status(NtWaitForSingleObject(event, false, &no_time), STATUS_TIMEOUT,
               "the event is not signaled");
    tap_status(NtSetEvent(event, &previous), STATUS_SUCCESS, "set the event");
    tap_equal((uint64_t)previous, 0, "set: it was not signaled");
    tap_status(NtWaitForSingleObject(event, false, NULL), STATUS_SUCCESS, "wait without limit");
    tap_status(NtWaitForSingleObject(event, false, NULL), STATUS_SUCCESS,
               "a notification event stays signaled");
    tap_status(NtResetEvent(event, &previous), STATUS_SUCCESS, "reset the event");
    tap_equal((uint64_t)previous, 1, "reset: it was signaled");
    NtSetEvent(event, NULL);
    tap_status(NtClearEvent(event), STATUS_SUCCESS, "clear the event");
    tap_status(NtWaitForSingleObject(event, false, &no_time), STATUS_TIMEOUT, "it is clear");
    tap_status(NtClose(event), STATUS_SUCCESS, "close the event");
    tap_status(NtSetEvent(event, NULL), STATUS_INVALID_HANDLE, "set: closed");

    tap_status(NtCreateEvent(BAD_ADDRESS, EVENT_ALL_ACCESS, NULL, NotificationEvent, false),
               STATUS_ACCESS_VIOLATION, "create: handle not writable");
    tap_status(NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, 2, false), STATUS_INVALID_PARAMETER,
               "create: a type that is not one");
    attributes.Length = 1;
    tap_status(NtCreateEvent(&event, EVENT_ALL_ACCESS, &attributes, NotificationEvent, false),
               STATUS_INVALID_PARAMETER, "create: attributes of another size");
    NtCreateEvent(&event, SYNCHRONIZE, NULL, NotificationEvent, false);
    tap_status(NtSetEvent(event, NULL), STATUS_ACCESS_DENIED, "set: without the right to");
    NtClose(event);
    tap_status(NtSetEvent(RtlGetParameters()->StandardOutput, NULL), STATUS_OBJECT_TYPE_MISMATCH,
               "set: not an event");
}

void test_waits(void)
{
    HANDLE handles[2] = {create(SynchronizationEvent, true), create(NotificationEvent, false)};

    tap_status(NtWaitForSingleObject(handles[0], false, &no_time), STATUS_SUCCESS,
               "a signaled synchronization event");
    tap_status(NtWaitForSingleObject(handles[0], false, &one_ms), STATUS_TIMEOUT,
               "a wait resets it; the next one times out");
    tap_status(NtWaitForMultipleObjects(2, handles, WaitAny, false, &no_time), STATUS_TIMEOUT,
               "wait for any of two: none");
    NtSetEvent(handles[1], NULL);
    tap_status(NtWaitForMultipleObjects(2, handles, WaitAny, false, &no_time), STATUS_WAIT_1,
               "wait for any of two: the second");
    tap_status(NtWaitForMultipleObjects(2, handles, WaitAll, false, &no_time), STATUS_TIMEOUT,
               "wait for both: one");
    NtSetEvent(handles[0], NULL);
    tap_status(NtWaitForMultipleObjects(2, handles, WaitAll, false, NULL), STATUS_SUCCESS,
               "wait for both: both");
    tap_status(NtWaitForSingleObject(handles[0], false, &no_time), STATUS_TIMEOUT,
               "waiting for both has reset the first");
    tap_status(NtWaitForMultipleObjects(0, handles, WaitAll, false, NULL),
               STATUS_INVALID_PARAMETER_1, "wait for none");
    tap_status(NtWaitForMultipleObjects(2, BAD_ADDRESS, WaitAll, false, NULL),
               STATUS_ACCESS_VIOLATION, "wait: handles not readable");
    NtClose(handles[1]);
    tap_status(NtWaitForMultipleObjects(2, handles, WaitAny, false, NULL), STATUS_INVALID_HANDLE,
               "wait: one handle is closed");
    tap_status(NtWaitForSingleObject(handles[0], false, BAD_ADDRESS), STATUS_ACCESS_VIOLATION,
               "wait: timeout not readable");
    NtClose(handles[0]);
}

void test_handles(void)
{
    const HANDLE self = NtCurrentProcess();
    HANDLE event = create(NotificationEvent, false), copy = NULL;

    tap_status(NtDuplicateObject(self, event, self, &copy, 0, 0, DUPLICATE_SAME_ACCESS),
               STATUS_SUCCESS, "duplicate a handle");
    tap_ok(copy && copy != event, "it is another handle");
    NtSetEvent(event, NULL);
    NtClose(event);
    tap_status(NtWaitForSingleObject(copy, false, &no_time), STATUS_SUCCESS,
               "it is the same object, and outlives the first handle");
    tap_status(NtDuplicateObject(self, copy, self, &event, SYNCHRONIZE, 0, DUPLICATE_CLOSE_SOURCE),
               STATUS_SUCCESS, "duplicate with fewer rights and close the source");
    tap_status(NtClose(copy), STATUS_INVALID_HANDLE, "the source is closed");
    tap_status(NtSetEvent(event, NULL), STATUS_ACCESS_DENIED, "the copy has fewer rights");
    tap_status(NtDuplicateObject(self, BAD_HANDLE, self, &copy, 0, 0, DUPLICATE_SAME_ACCESS),
               STATUS_INVALID_HANDLE, "duplicate: not a handle");
    tap_status(NtDuplicateObject(self, event, self, BAD_ADDRESS, 0, 0, DUPLICATE_SAME_ACCESS),
               STATUS_ACCESS_VIOLATION, "duplicate: result not writable");
    NtClose(event);
    tap_status(NtClose(NULL), STATUS_INVALID_HANDLE, "close: 0");
    tap_status(NtClose((HANDLE)0x123456789abcdef0), STATUS_INVALID_HANDLE, "close: out of range");
    tap_status(NtClose(self), STATUS_SUCCESS, "close: the pseudo handle does nothing");

    unsigned count = 0;
    HANDLE all[300];
    while (count < 300 && (all[count] = create(NotificationEvent, false)) != NULL)
        count++;
    tap_ok(count >= 64 && count < 300, "handles run out, with a status");
    while (count--)
        NtClose(all[count]);
    event = create(NotificationEvent, false);
    tap_ok(event != NULL, "closed handles can be used again");
    NtClose(event);
}
