/* SPDX-License-Identifier: MIT
 * Test of the remaining services: files, time, information, processes. */

#include "services.h"

#include <ntdll.h>
#include <tap.h>

#define MILLISECOND 10000 /* in 100 ns units */

static NTSTATUS write_text(HANDLE file, const void *text, uint32_t length,
                           struct io_status_block *io_status)
{
    return NtWriteFile(file, NULL, NULL, NULL, io_status, text, length, NULL, NULL);
}

void test_files(void)
{
    const struct process_parameters *parameters = RtlGetParameters();
    struct io_status_block io_status = {.Information = 99};
    struct unicode_string line = {.Buffer = (uint16_t[]){'#', ' ', 0x263a, '\n'}, .Length = 8};
    HANDLE event;

    tap_status(write_text(parameters->StandardOutput, "# text\n", 7, &io_status), STATUS_SUCCESS,
               "write: nine arguments");
    tap_ok(io_status.Status == STATUS_SUCCESS && io_status.Information == 7,
           "write: the status block");
    NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, false);
    NtWriteFile(parameters->StandardError, event, NULL, NULL, &io_status, "", 0, NULL, NULL);
    tap_status(NtWaitForSingleObject(event, false, NULL), STATUS_SUCCESS,
               "write: the event is signaled");
    NtClose(event);
    tap_status(write_text(parameters->StandardOutput, BAD_ADDRESS, 1, &io_status),
               STATUS_ACCESS_VIOLATION, "write: text not readable");
    tap_status(write_text(parameters->StandardOutput, KERNEL_ADDRESS, 1, &io_status),
               STATUS_ACCESS_VIOLATION, "write: text in kernel space");
    tap_status(write_text(parameters->StandardOutput, "x", 1, BAD_ADDRESS), STATUS_ACCESS_VIOLATION,
               "write: status block not writable");
    tap_status(write_text(BAD_HANDLE, "x", 1, &io_status), STATUS_INVALID_HANDLE,
               "write: not a handle");
    tap_status(write_text(parameters->StandardInput, "x", 1, &io_status), STATUS_ACCESS_DENIED,
               "write: to the standard input");
    tap_status(write_text(NtCurrentProcess(), "x", 1, &io_status), STATUS_OBJECT_TYPE_MISMATCH,
               "write: to a process");
    tap_status(
        NtReadFile(parameters->StandardOutput, NULL, NULL, NULL, &io_status, &line, 1, NULL, NULL),
        STATUS_ACCESS_DENIED, "read: from the standard output");
    tap_status(NtReadFile(parameters->StandardInput, NULL, NULL, NULL, &io_status, BAD_ADDRESS, 1,
                          NULL, NULL),
               STATUS_ACCESS_VIOLATION, "read: buffer not writable");
    tap_status(NtDisplayString(&line), STATUS_SUCCESS, "display a string");
    tap_status(NtDisplayString(BAD_ADDRESS), STATUS_ACCESS_VIOLATION, "display: not readable");
}

static uint64_t shared_time(void)
{
    return (uint64_t)USER_SHARED_DATA->SystemTime.High1Time << 32 |
           USER_SHARED_DATA->SystemTime.LowPart;
}

void test_time(void)
{
    const int64_t delay = -2 * MILLISECOND;
    int64_t before, after, frequency, start, now;

    tap_status(NtQueryPerformanceCounter(&before, &frequency), STATUS_SUCCESS, "counter");
    tap_ok(frequency > 1000000, "the counter has more than 1 MHz");
    NtQuerySystemTime(&start);
    tap_status(NtDelayExecution(false, &delay), STATUS_SUCCESS, "delay of 2 ms");
    NtQueryPerformanceCounter(&after, NULL);
    tap_status(NtQuerySystemTime(&now), STATUS_SUCCESS, "system time");
    tap_ok((after - before) * 1000 >= frequency, "the counter has gone on by at least 1 ms");
    tap_ok(now - start >= MILLISECOND, "the system time has, too");
    /* 2020-01-01 and 2200-01-01 */
    tap_ok(now > 132223104000000000 && now < 189024000000000000, "the system time is plausible");
    tap_ok(shared_time() <= (uint64_t)now && shared_time() >= (uint64_t)start,
           "the shared page has the time of the query");
    NtQuerySystemTime(&start);
    tap_status(NtDelayExecution(false, &start), STATUS_SUCCESS, "delay until a past time");
    tap_status(NtDelayExecution(false, BAD_ADDRESS), STATUS_ACCESS_VIOLATION,
               "delay: interval not readable");
    tap_status(NtQueryPerformanceCounter(BAD_ADDRESS, NULL), STATUS_ACCESS_VIOLATION,
               "counter: not writable");
    tap_status(NtQuerySystemTime(KERNEL_ADDRESS), STATUS_ACCESS_VIOLATION,
               "system time: in kernel space");
    tap_status(NtYieldExecution(), STATUS_NO_YIELD_PERFORMED, "yield");
    tap_status(NtTestAlert(), STATUS_SUCCESS, "test alert");
    tap_equal((uint64_t)NtGetCurrentProcessorNumber(), 0, "processor number");
}

void test_information(void)
{
    struct system_basic_information basic = {0};
    struct system_performance_information performance = {0};
    struct system_timeofday_information time = {0};
    struct kernel_counters counters = {0};
    uint32_t length = 0;

    tap_status(NtQuerySystemInformation(SystemBasicInformation, &basic, sizeof(basic), &length),
               STATUS_SUCCESS, "system: basic");
    tap_ok(basic.PageSize == 0x1000 && basic.NumberOfProcessors > 0 && length == sizeof(basic),
           "system: basic values");
    tap_status(NtQuerySystemInformation(SystemPerformanceInformation, &performance,
                                        sizeof(performance), NULL),
               STATUS_SUCCESS, "system: performance");
    tap_ok(performance.AvailablePages > 0 && performance.PageFaultCount > 0,
           "system: performance values");
    tap_status(NtQuerySystemInformation(SystemTimeOfDayInformation, &time, sizeof(time), NULL),
               STATUS_SUCCESS, "system: time of day");
    tap_ok(time.CurrentTime >= time.BootTime, "system: booted in the past");
    tap_status(NtQuerySystemInformation(SystemBasicInformation, &basic, 4, &length),
               STATUS_INFO_LENGTH_MISMATCH, "system: too small a buffer");
    tap_status(NtQuerySystemInformation(9999, &basic, sizeof(basic), NULL),
               STATUS_INVALID_INFO_CLASS, "system: a class that is not one");
    tap_status(NtQuerySystemInformation(SystemBasicInformation, BAD_ADDRESS, sizeof(basic), NULL),
               STATUS_ACCESS_VIOLATION, "system: not writable");

    tap_status(
        NtSystemDebugControl(SysDbgQueryCounters, NULL, 0, &counters, sizeof(counters), &length),
        STATUS_SUCCESS, "debug control: counters");
    tap_ok(counters.SystemCalls > 100 && counters.PageFaults > 3 && counters.ClockInterrupts > 1,
           "debug control: counter values");
    tap_status(
        NtSystemDebugControl(SysDbgNestFaults, NULL, 0, NULL, (NEST_FAULTS_MAX + 1) * 0x1000, NULL),
        STATUS_INVALID_PARAMETER, "debug control: too many nested faults");
    tap_status(NtSystemDebugControl(SysDbgNestFaults, NULL, 0, BAD_ADDRESS, 0x1000, NULL),
               STATUS_ACCESS_VIOLATION, "debug control: nested faults where nothing is mapped");
    uint64_t nmis = counters.Nmis;
    tap_status(NtSystemDebugControl(SysDbgSendNmi, NULL, 0, NULL, 0, NULL), STATUS_SUCCESS,
               "debug control: NMI");
    NtSystemDebugControl(SysDbgQueryCounters, NULL, 0, &counters, sizeof(counters), NULL);
    tap_equal(counters.Nmis, nmis + 1, "debug control: the NMI was taken");
    tap_equal(counters.UnexpectedInterrupts, 0, "no interrupt was unexpected");
    tap_status(NtSystemDebugControl(1, NULL, 0, NULL, 0, NULL), STATUS_INVALID_INFO_CLASS,
               "debug control: a command that is not one");
}

void test_processes(void)
{
    struct process_basic_information info = {0};
    struct object_attributes attributes = {.Length = sizeof(attributes)};
    struct client_id cid = {.UniqueProcess = NtCurrentTeb()->ClientId.UniqueProcess};
    HANDLE process = NULL;
    uint32_t length = 0;
    uint64_t done;
    char byte = 1, copy = 0;

    tap_status(NtQueryInformationProcess(NtCurrentProcess(), ProcessBasicInformation, &info,
                                         sizeof(info), &length),
               STATUS_SUCCESS, "process: basic");
    tap_ok(info.PebBaseAddress == NtCurrentTeb()->ProcessEnvironmentBlock &&
               info.UniqueProcessId == cid.UniqueProcess && length == sizeof(info),
           "process: basic values");
    tap_status(NtQueryInformationProcess(NtCurrentProcess(), 99, &info, sizeof(info), NULL),
               STATUS_INVALID_INFO_CLASS, "process: a class that is not one");
    tap_status(
        NtQueryInformationProcess(NtCurrentProcess(), ProcessBasicInformation, &info, 4, NULL),
        STATUS_INFO_LENGTH_MISMATCH, "process: another size");
    tap_status(NtOpenProcess(&process, PROCESS_VM_READ, &attributes, &cid), STATUS_SUCCESS,
               "open the own process");
    tap_status(NtReadVirtualMemory(process, &byte, &copy, 1, &done), STATUS_SUCCESS,
               "its handle reads memory");
    tap_status(NtWriteVirtualMemory(process, &byte, &copy, 1, &done), STATUS_ACCESS_DENIED,
               "its handle has only the rights asked for");
    tap_status(NtTerminateProcess(process, 0), STATUS_ACCESS_DENIED, "terminate: no right to");
    NtClose(process);
    cid.UniqueProcess += 4;
    tap_status(NtOpenProcess(&process, PROCESS_VM_READ, &attributes, &cid),
               STATUS_INVALID_PARAMETER, "open: no such process");
    cid.UniqueThread = 0x1000;
    tap_status(NtOpenProcess(&process, PROCESS_VM_READ, &attributes, &cid), STATUS_INVALID_CID,
               "open: no such thread");
    tap_status(NtTerminateProcess(BAD_HANDLE, 0), STATUS_INVALID_HANDLE, "terminate: not a handle");
    tap_status(NtTerminateProcess(NULL, 0), STATUS_SUCCESS, "terminate: the other threads");
    tap_status(NtTerminateThread(NtCurrentProcess(), 0), STATUS_OBJECT_TYPE_MISMATCH,
               "terminate: not a thread");
    tap_ok(NtCurrentTeb()->StackBase > (void *)&info && NtCurrentTeb()->StackLimit < (void *)&info,
           "the TEB knows the stack");
    tap_ok(USER_SHARED_DATA->NtMajorVersion == 10 && USER_SHARED_DATA->NtBuildNumber == 19041 &&
               USER_SHARED_DATA->SystemCall == 0,
           "the shared page has the version");
}
