/* SPDX-License-Identifier: MIT
 * Test of processes. It is its own child: what a child does is its first argument. */

#include <ntdll.h>
#include <tap.h>

static volatile uint64_t mark = 1;
static char *self;

static HANDLE spawn(const char *what, const char *value, bool suspended, HANDLE *thread)
{
    char *arguments[] = {self, (char *)(uintptr_t)what, (char *)(uintptr_t)value, NULL};
    HANDLE process = NULL;
    NTSTATUS status = RtlCreateUserProcess(arguments, suspended, &process, thread);

    if (!NT_SUCCESS(status)) {
        tap_status(status, STATUS_SUCCESS, "create the process '%s'", what);
        exit(2);
    }
    return process;
}

static NTSTATUS exit_status(HANDLE process)
{
    struct process_basic_information info = {.ExitStatus = STATUS_UNSUCCESSFUL};

    NtQueryInformationProcess(process, ProcessBasicInformation, &info, sizeof(info), NULL);
    return info.ExitStatus;
}

static void sleep_ms(unsigned milliseconds)
{
    const int64_t interval = -10000 * (int64_t)milliseconds;

    NtDelayExecution(false, &interval);
}

static NTSTATUS join(HANDLE process)
{
    NTSTATUS status;

    NtWaitForSingleObject(process, false, NULL);
    status = exit_status(process);
    NtClose(process);
    return status;
}

static NTSTATUS nothing(void *argument)
{
    (void)argument;
    return STATUS_SUCCESS;
}

/* Ends after the thread that is its argument. */
static NTSTATUS end_last(void *argument)
{
    NtWaitForSingleObject(argument, false, NULL);
    return 44;
}

/* A child. */
static int act(const char *what, const char *value)
{
    HANDLE thread = NULL;

    if (strcmp(what, "exit") == 0)
        return (int)strtol(value, NULL, 10);
    if (strcmp(what, "mark") == 0) { /* the parent reads it, writes it, and lets it go on */
        mark = 2;
        while (mark != 3)
            sleep_ms(1);
        return 33;
    }
    if (strcmp(what, "event") == 0)
        return NtSetEvent((HANDLE)strtoul(value, NULL, 0), NULL);
    if (strcmp(what, "crash") == 0)
        __asm__ volatile("ud2");
    if (strcmp(what, "threads") == 0) { /* ends with the last of its threads */
        RtlCreateUserThread(nothing, NULL, false, &thread);
        NtWaitForSingleObject(thread, false, NULL);
        NtDuplicateObject(NtCurrentProcess(), NtCurrentThread(), NtCurrentProcess(), &thread, 0, 0,
                          DUPLICATE_SAME_ACCESS);
        RtlCreateUserThread(end_last, thread, false, &thread);
        RtlExitUserThread(55);
    }
    for (;;) /* "spin" */
        ;
}

static void test_life(void)
{
    struct process_basic_information info;
    struct object_attributes attributes = {.Length = sizeof(attributes)};
    struct client_id cid = {0};
    HANDLE thread = NULL, opened = NULL, process = spawn("exit", "7", true, &thread);

    tap_status(exit_status(process), STATUS_PENDING, "a new process has not ended");
    NtQueryInformationProcess(process, ProcessBasicInformation, &info, sizeof(info), NULL);
    tap_ok(info.InheritedFromUniqueProcessId == NtCurrentTeb()->ClientId.UniqueProcess &&
               info.UniqueProcessId != info.InheritedFromUniqueProcessId,
           "it has an identity of its own and a parent");
    cid.UniqueProcess = info.UniqueProcessId;
    tap_status(NtOpenProcess(&opened, PROCESS_ALL_ACCESS, &attributes, &cid), STATUS_SUCCESS,
               "it can be opened");
    tap_status(NtCompareObjects(opened, process), STATUS_SUCCESS, "it is the same process");
    tap_status(NtCompareObjects(opened, thread), STATUS_NOT_SAME_OBJECT, "its thread is not");
    NtClose(opened);
    NtResumeThread(thread, NULL);
    tap_status(NtWaitForSingleObject(process, false, NULL), STATUS_SUCCESS, "wait for its end");
    tap_status(NtWaitForSingleObject(thread, false, NULL), STATUS_SUCCESS, "its thread has ended");
    tap_status(exit_status(process), 7, "its exit status is what its main returned");
    tap_status(NtOpenProcess(&opened, PROCESS_ALL_ACCESS, &attributes, &cid),
               STATUS_INVALID_PARAMETER, "it cannot be opened any more");
    tap_status(NtTerminateProcess(process, 1), STATUS_PROCESS_IS_TERMINATING, "nor terminated");
    NtClose(thread);
    NtClose(process);
    tap_status(join(spawn("threads", "", false, &thread)), 44,
               "a process ends with its last thread");
    NtClose(thread);
    tap_status(join(spawn("crash", "", false, &thread)), STATUS_ILLEGAL_INSTRUCTION,
               "an exception that nobody handles ends the child alone");
    NtClose(thread);
    self = (char *)(uintptr_t) "no-such-program";
    char *arguments[] = {self, NULL};
    tap_status(RtlCreateUserProcess(arguments, false, &process, &thread),
               STATUS_OBJECT_NAME_NOT_FOUND, "a program that was not loaded");
}

static void test_spaces(void)
{
    HANDLE thread = NULL, process = spawn("mark", "", false, &thread);
    void *base = NULL;
    uint64_t seen = 0, done, size = 0x3000, other = 3, big[300] = {[299] = 5}, back[300];

    while (seen != 2) {
        sleep_ms(1);
        NtReadVirtualMemory(process, (void *)(uintptr_t)&mark, &seen, sizeof(seen), &done);
    }
    tap_ok(true, "the parent reads what the child has written");
    tap_equal(mark, 1, "at the same address the parent has its own memory");
    tap_status(
        NtAllocateVirtualMemory(process, &base, 0, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE),
        STATUS_SUCCESS, "allocate in the child");
    tap_status(NtWriteVirtualMemory(process, base, big, sizeof(big), &done), STATUS_SUCCESS,
               "write there");
    NtReadVirtualMemory(process, base, back, sizeof(back), &done);
    tap_ok(done == sizeof(back) && back[299] == 5, "and read it back");
    tap_status(NtReadVirtualMemory(NtCurrentProcess(), base, back, sizeof(back), &done),
               STATUS_ACCESS_VIOLATION, "the parent has nothing there");
    tap_status(NtReadVirtualMemory(process, (uint8_t *)base + 0x2ff8, back, 16, &done),
               STATUS_PARTIAL_COPY, "a copy that runs out of the range stops at its end");
    tap_equal(done, 8, "and tells how far it came");
    NtWriteVirtualMemory(process, (void *)(uintptr_t)&mark, &other, sizeof(other), &done);
    tap_status(join(process), 33, "what the parent has written makes the child go on");
    NtClose(thread);
}

static void test_handles(void)
{
    struct object_handle_flag_information flags = {.ProtectFromClose = true};
    struct object_basic_information info;
    HANDLE event = NULL, copy = NULL, thread = NULL, process;
    const int64_t limit = -10000000;
    char text[20];

    NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, false);
    /* Handles are numbered in order: the child's first free one is known before it runs. */
    process = spawn("event", "0x10", true, &thread);
    tap_status(
        NtDuplicateObject(NtCurrentProcess(), event, process, &copy, 0, 0, DUPLICATE_SAME_ACCESS),
        STATUS_SUCCESS, "duplicate a handle into the child");
    snprintf(text, sizeof(text), "%p", copy);
    tap_ok(strcmp(text, "0x10") == 0, "it is a handle of the child's own");
    NtQueryObject(event, ObjectBasicInformation, &info, sizeof(info), NULL);
    tap_equal(info.HandleCount, 2, "the event has two handles");
    NtResumeProcess(process);
    tap_status(NtWaitForSingleObject(event, false, &limit), STATUS_SUCCESS,
               "the child signals the parent's event");
    join(process);
    NtClose(thread);
    NtQueryObject(event, ObjectBasicInformation, &info, sizeof(info), NULL);
    tap_equal(info.HandleCount, 1, "the child's handles are closed at its end");
    NtSetInformationObject(event, ObjectHandleFlagInformation, &flags, sizeof(flags));
    tap_status(NtClose(event), STATUS_HANDLE_NOT_CLOSABLE, "a handle protected from closing");
    flags.ProtectFromClose = false;
    NtSetInformationObject(event, ObjectHandleFlagInformation, &flags, sizeof(flags));
    tap_status(NtClose(event), STATUS_SUCCESS, "closed when it is no longer");
}

static void test_control(void)
{
    HANDLE thread = NULL, process = spawn("spin", "", false, &thread);
    struct system_performance_information before, after;
    uint32_t number = 0;

    sleep_ms(2);
    tap_status(NtSuspendProcess(process), STATUS_SUCCESS, "suspend a process");
    NtQueryInformationThread(thread, ThreadSuspendCount, &number, sizeof(number), NULL);
    tap_equal(number, 1, "its threads are suspended");
    tap_status(NtResumeProcess(process), STATUS_SUCCESS, "resume it");
    tap_status(NtTerminateProcess(process, 0x77), STATUS_SUCCESS, "terminate it");
    tap_status(join(process), 0x77, "it ends with that status");
    NtClose(thread);

    join(spawn("exit", "0", false, &thread));
    NtClose(thread);
    NtQuerySystemInformation(SystemPerformanceInformation, &before, sizeof(before), NULL);
    for (unsigned i = 0; i < 20; i++) {
        join(spawn("exit", "0", false, &thread));
        NtClose(thread);
    }
    NtQuerySystemInformation(SystemPerformanceInformation, &after, sizeof(after), NULL);
    tap_equal(after.AvailablePages, before.AvailablePages,
              "twenty processes later, all memory is back");
}

int main(int argc, char **argv)
{
    self = argv[0];
    if (argc > 2)
        return act(argv[1], argv[2]);
    test_spaces();
    test_handles();
    test_control();
    test_life();
    return tap_done();
}
