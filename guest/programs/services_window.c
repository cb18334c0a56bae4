/* SPDX-License-Identifier: MIT
 * Test of the second service table: how a thread gets it, what it does, what is counted. */

#include "raw.h"
#include "services.h"

#include <ntdll.h>
#include <ringscope/nt/services.h>
#include <tap.h>

#define NOT_LISTED (RS_SERVICE_WIN32 | 0x400) /* in the table, without a service */

static uint32_t call(uint64_t number)
{
    uint64_t stack[16] = {0};

    return (uint32_t)syscall_with_stack(number, (uint64_t)stack, 0, 0, 0, 0);
}

static uint32_t last_error(void)
{
    return NtCurrentTeb()->LastErrorValue;
}

static uint64_t thread_id(void)
{
    return NtCurrentTeb()->ClientId.UniqueThread;
}

/* A thread that has never called the table. */
static void test_conversion(void)
{
    NtCurrentTeb()->GdiBatchCount = 1;
    tap_equal(call(RS_SERVICE_WIN32 | RS_SERVICE_INDEX_MASK),
              (uint32_t)STATUS_INVALID_SYSTEM_SERVICE, "an index beyond the second table");
    tap_equal(NtCurrentTeb()->GdiBatchCount, 1, "and no batch is flushed for it");
    NtCurrentTeb()->GdiBatchCount = 0;
    tap_equal(call(RS_SERVICE_WIN32 | RS_WIN32_SERVICE_LIMIT),
              (uint32_t)STATUS_INVALID_SYSTEM_SERVICE, "its limit is out of range");
    tap_equal(call(NOT_LISTED), (uint32_t)STATUS_NOT_IMPLEMENTED, "a number without a service");
    tap_equal(call(RS_SERVICE_NtUserCountClipboardFormats), 0,
              "EAX 0x1102: index 0x102 of table 1");
    tap_equal(call(RS_SERVICE_NtUserCountClipboardFormats | 0x2000), 0, "EAX 0x3102 is the same");
    tap_equal(call(RS_SERVICE_NtYieldExecution | 0x2000), STATUS_NO_YIELD_PERFORMED,
              "EAX 0x2046 is index 0x46 of table 0");
}

static NTSTATUS post_to_self(void *unused)
{
    (void)unused;
    return (NTSTATUS)NtUserPostThreadMessage((uint32_t)thread_id(), WM_USER, 0, 0);
}

static void test_messages(void)
{
    struct window_message message = {0};
    uint32_t self = (uint32_t)thread_id();

    tap_equal(NtUserPeekMessage(&message, NULL, 0, 0, PM_REMOVE), 0, "no message");
    tap_equal(NtUserPostThreadMessage(self, WM_USER, 1, 2), 1, "post one");
    tap_equal(NtUserPostThreadMessage(self, WM_USER + 1, 3, 4), 1, "and another");
    tap_equal(NtUserGetQueueStatus(QS_POSTMESSAGE), QS_POSTMESSAGE << 16 | QS_POSTMESSAGE,
              "there is a message, and a new one");
    tap_equal(NtUserGetQueueStatus(QS_POSTMESSAGE), QS_POSTMESSAGE << 16, "not new any more");
    tap_equal(NtUserPeekMessage(&message, NULL, 0, 0, PM_NOREMOVE), 1, "look at the first");
    tap_ok(message.Message == WM_USER && message.WParam == 1 && message.LParam == 2,
           "it is the first");
    tap_equal(NtUserGetMessage(&message, NULL, WM_USER + 1, WM_USER + 1), 1, "take the second");
    tap_ok(message.Message == WM_USER + 1 && message.WParam == 3, "it is the second");
    tap_equal(NtUserGetMessage(&message, NULL, 0, 0), 1, "take what is left");
    tap_equal(message.Message, WM_USER, "it is the first");
    tap_equal(NtUserPostThreadMessage(self, WM_QUIT, 5, 0), 1, "post WM_QUIT");
    tap_equal(NtUserGetMessage(&message, NULL, WM_USER, WM_USER), 0, "it ends the loop");
    tap_equal(NtUserGetMessage(&message, (HANDLE)0x10004, 0, 0), (uint32_t)-1, "no such window");
    tap_equal(last_error(), ERROR_INVALID_WINDOW_HANDLE, "and the reason is in the TEB");
    tap_equal(NtUserPostThreadMessage(4, WM_USER, 0, 0), 0, "post to what is no thread");
    tap_equal(last_error(), ERROR_INVALID_THREAD_ID, "and its reason");
    NtUserPostThreadMessage(self, WM_USER, 0, 0);
    tap_equal(NtUserGetMessage(BAD_ADDRESS, NULL, 0, 0), (uint32_t)-1, "nowhere to put it");
    tap_equal(last_error(), ERROR_NOACCESS, "and its reason");
    tap_equal(NtUserPeekMessage(&message, NULL, 0, 0, PM_REMOVE), 1, "it is still there");
    for (unsigned i = 0; NtUserPostThreadMessage(self, WM_USER, i, 0); i++)
        ;
    tap_equal(last_error(), ERROR_NOT_ENOUGH_QUOTA, "the queue is full at some point");
    while (NtUserPeekMessage(&message, NULL, 0, 0, PM_REMOVE))
        ;
    tap_equal(message.WParam, 31, "after 32 messages");
}

struct receiver {
    struct window_message *message;
    volatile uint32_t id;
    volatile uint32_t result;
};

/* Waits in the kernel for a message, with a buffer that goes away meanwhile. */
static NTSTATUS receive(void *argument)
{
    struct receiver *receiver = argument;

    NtUserCountClipboardFormats(); /* from now on it has a queue */
    receiver->id = (uint32_t)thread_id();
    receiver->result = NtUserGetMessage(receiver->message, NULL, 0, 0);
    if (receiver->result == (uint32_t)-1 && last_error() == ERROR_NOACCESS)
        return NtUserWaitMessage() ? STATUS_ALERTED : STATUS_UNSUCCESSFUL;
    return STATUS_SUCCESS;
}

static void pause_a_little(void)
{
    const int64_t interval = -50000;

    NtDelayExecution(false, &interval);
}

static NTSTATUS join(HANDLE thread)
{
    struct thread_basic_information info = {.ExitStatus = STATUS_UNSUCCESSFUL};

    NtWaitForSingleObject(thread, false, NULL);
    NtQueryInformationThread(thread, ThreadBasicInformation, &info, sizeof(info), NULL);
    NtClose(thread);
    return info.ExitStatus;
}

static void test_unmapped_buffer(void)
{
    struct receiver receiver = {0};
    void *page = NULL;
    uint64_t size = 0x1000;
    HANDLE thread = NULL;

    NtAllocateVirtualMemory(NtCurrentProcess(), &page, 0, &size, MEM_RESERVE | MEM_COMMIT,
                            PAGE_READWRITE);
    *(volatile uint64_t *)page = 1;
    receiver.message = page;
    RtlCreateUserThread(receive, &receiver, false, &thread);
    while (receiver.id == 0)
        pause_a_little();
    pause_a_little();
    size = 0;
    tap_status(NtFreeVirtualMemory(NtCurrentProcess(), &page, &size, MEM_RELEASE), STATUS_SUCCESS,
               "free the buffer of a thread that waits in a service");
    tap_equal(NtUserPostThreadMessage(receiver.id, WM_USER, 0, 0), 1, "end its wait");
    for (unsigned i = 0; i < 1000 && receiver.result == 0; i++)
        pause_a_little();
    tap_equal(receiver.result, (uint32_t)-1, "the service fails, and nothing else happens");
    tap_equal(NtUserPostThreadMessage(receiver.id, WM_USER, 0, 0), 1, "its thread goes on");
    tap_status(join(thread), STATUS_ALERTED, "and a new message ends NtUserWaitMessage");
}

static NTSTATUS open_clipboard(void *keep)
{
    uint32_t opened = NtUserOpenClipboard(NULL, NULL);

    if (!opened)
        return last_error() == ERROR_ACCESS_DENIED ? STATUS_ACCESS_DENIED : STATUS_UNSUCCESSFUL;
    if (!keep)
        NtUserCloseClipboard();
    return STATUS_SUCCESS;
}

static NTSTATUS in_thread(thread_routine *routine, void *argument)
{
    HANDLE thread = NULL;

    RtlCreateUserThread(routine, argument, false, &thread);
    return join(thread);
}

static void test_clipboard(void)
{
    uint32_t empty = 2, sequence = NtUserGetClipboardSequenceNumber();

    tap_equal(NtUserSetClipboardData(CF_TEXT, 0x1234, NULL), 0, "put data into a closed clipboard");
    tap_equal(last_error(), ERROR_CLIPBOARD_NOT_OPEN, "and the reason");
    tap_equal(NtUserOpenClipboard(NULL, &empty), 1, "open it");
    tap_equal(empty, 1, "it is empty");
    tap_status(in_thread(open_clipboard, NULL), STATUS_ACCESS_DENIED, "another thread cannot");
    tap_equal(NtUserEmptyClipboard(), 1, "empty it");
    tap_equal(NtUserSetClipboardData(CF_TEXT, 0x1234, NULL), 0x1234, "put data of one format");
    tap_equal(NtUserSetClipboardData(CF_UNICODETEXT, 0x5678, NULL), 0x5678, "and of another");
    tap_equal(NtUserGetClipboardData(CF_TEXT, NULL), 0x1234, "take the first");
    tap_equal(NtUserGetClipboardData(99, NULL), 0, "take what is not there");
    tap_equal(NtUserCloseClipboard(), 1, "close it");
    tap_equal(NtUserCountClipboardFormats(), 2, "two formats");
    tap_equal(NtUserIsClipboardFormatAvailable(CF_UNICODETEXT), 1, "one that is there");
    tap_equal(NtUserIsClipboardFormatAvailable(3), 0, "one that is not");
    tap_equal(NtUserGetClipboardSequenceNumber() - sequence, 3, "three changes");
    tap_status(in_thread(open_clipboard, (void *)1), STATUS_SUCCESS, "a thread ends with it open");
    tap_status(in_thread(open_clipboard, NULL), STATUS_SUCCESS, "and another one can open it");
}

/* Two calls and one that is cut off. */
static void test_batch(void)
{
    struct teb *teb = NtCurrentTeb();
    struct gdi_batches before, after;

    NtSystemDebugControl(SysDbgQueryBatches, NULL, 0, &before, sizeof(before), NULL);
    teb->GdiTebBatch.Buffer[0] = 8;
    teb->GdiTebBatch.Buffer[2] = 4;
    teb->GdiTebBatch.Buffer[3] = 8;
    teb->GdiTebBatch.Offset = 16;
    teb->GdiBatchCount = 3;
    NtYieldExecution();
    tap_equal(teb->GdiBatchCount, 3, "a service of table 0 leaves a batch of GDI alone");
    tap_equal(NtGdiFlush(), 1, "one of table 1 flushes it");
    tap_ok(teb->GdiBatchCount == 0 && teb->GdiTebBatch.Offset == 0, "it is empty");
    NtSystemDebugControl(SysDbgQueryBatches, NULL, 0, &after, sizeof(after), NULL);
    tap_equal(after.Flushes - before.Flushes, 1, "one batch");
    tap_equal(after.Calls - before.Calls, 2, "two calls that were whole");
}

#define COUNTS_MAX (sizeof(struct system_call_count_information) / 4 + 2 + RS_SERVICE_SLOTS)

static uint32_t counts[COUNTS_MAX];

static uint32_t count_of(uint32_t number)
{
    NtQuerySystemInformation(SystemCallCountInformation, counts, sizeof(counts), NULL);
    return counts[4 + RS_SERVICE_SLOT(number)];
}

static void test_counts(void)
{
    uint32_t size = 0, before, after;

    tap_status(NtQuerySystemInformation(SystemCallCountInformation, counts, 8, &size),
               STATUS_INFO_LENGTH_MISMATCH, "too little room for the counters");
    tap_equal(size, sizeof(counts), "it says how much they need");
    before = count_of(RS_SERVICE_NtTestAlert);
    tap_ok(counts[1] == 2 && counts[2] == RS_SERVICE_LIMIT && counts[3] == RS_WIN32_SERVICE_LIMIT,
           "two tables and their limits");
    for (unsigned i = 0; i < 5; i++)
        NtTestAlert();
    after = count_of(RS_SERVICE_NtTestAlert);
    tap_equal(after - before, 5, "five calls are counted");
    before = count_of(RS_SERVICE_NtGdiFlush);
    NtGdiFlush();
    tap_equal(count_of(RS_SERVICE_NtGdiFlush) - before, 1, "so is one of the second table");
}

static void test_previous_mode(void)
{
    struct kernel_services services = {0};

    tap_status(NtSystemDebugControl(SysDbgCallServices, NULL, 0, &services, sizeof(services), NULL),
               STATUS_SUCCESS, "the kernel calls services itself");
    tap_status(services.NtQuerySystemTime, STATUS_ACCESS_VIOLATION,
               "Nt: a kernel pointer is refused, since ring 3 is the previous mode");
    tap_status(services.ZwQuerySystemTime, STATUS_SUCCESS, "Zw: it is accepted");
    tap_ok(services.Time > 0, "and filled");
    tap_status(services.ZwCreateEvent, STATUS_SUCCESS, "five arguments, one of them on its stack");
    tap_status(services.ZwQueryEvent, STATUS_SUCCESS, "query it");
    tap_equal(services.EventState, 1, "the fifth argument has arrived");
    tap_status(services.ZwClose, STATUS_SUCCESS, "close it");
    tap_status(services.ZwBadPointer, STATUS_ACCESS_VIOLATION, "a bad kernel pointer is a status");
    tap_equal(services.PreviousMode, 1, "the previous mode is ring 3 again");
}

/* Last: the policy cannot be taken back. New threads only: this one is converted already. */
static NTSTATUS try_services(void *result)
{
    uint32_t *results = result;

    results[0] = call(RS_SERVICE_NtUserCountClipboardFormats);
    results[1] = NtUserGetMessage(NULL, NULL, 0, 0);
    results[2] = NtTestArguments0(0, 0, 0, 0);
    results[3] = call(RS_SERVICE_WIN32 | RS_SERVICE_INDEX_MASK);
    return (NTSTATUS)call(RS_SERVICE_NtYieldExecution);
}

static void test_failed_conversion(void)
{
    struct process_mitigation_policy_information policy = {ProcessSystemCallDisablePolicy,
                                                           DISALLOW_WIN32K_SYSTEM_CALLS};
    uint32_t results[4] = {0};

    tap_status(NtSetInformationProcess(NtCurrentProcess(), ProcessMitigationPolicy, &policy,
                                       sizeof(policy)),
               STATUS_SUCCESS, "disallow the second table");
    in_thread(try_services, results);
    tap_equal(results[0], 0, "a service that cannot be had: its byte of the table, here 0");
    tap_equal(results[1], (uint32_t)-1, "or -1");
    tap_equal(results[2], (uint32_t)STATUS_INVALID_SYSTEM_SERVICE, "or a status");
    tap_equal(results[3], (uint32_t)STATUS_INVALID_SYSTEM_SERVICE, "an index beyond the table");
    tap_equal(NtUserPostThreadMessage((uint32_t)thread_id(), WM_USER, 0, 0), 1,
              "a GUI thread stays one");
    policy.Flags = 0;
    tap_status(NtSetInformationProcess(NtCurrentProcess(), ProcessMitigationPolicy, &policy,
                                       sizeof(policy)),
               STATUS_ACCESS_DENIED, "there is no way back");
}

void test_windows(void)
{
    test_conversion();
    tap_status(in_thread(post_to_self, NULL), 1, "a message to itself is a thread's first call");
    test_messages();
    test_unmapped_buffer();
    test_clipboard();
    test_batch();
    test_counts();
    test_previous_mode();
    test_failed_conversion();
}
