/* SPDX-License-Identifier: MIT
 * The one table of system services: the kernel's packed service table, ntdll's stubs, the
 * filter's names and the trace's arguments come from it. */
#ifndef RINGSCOPE_NT_SERVICES_H
#define RINGSCOPE_NT_SERVICES_H

/*
 * Numbers and argument counts: Windows 10 2004 (x64), from the published service tables and
 * prototypes. There are two tables, of RS_SERVICE_LIMIT and RS_WIN32_SERVICE_LIMIT entries without
 * holes; a number without a row here reaches KiServiceNotImplemented and returns
 * STATUS_NOT_IMPLEMENTED. Numbers of the second table have bit 12 set. Behind its last number of
 * Windows are services of this kernel's own, one for each count of stack arguments.
 *
 * X(number, name, args, class, arguments)
 *   args       C parameters, 0-18; the packed entry holds max(0, args - 4) stack arguments
 *   class      what it is about: a row of RS_SERVICE_CLASSES, `class=` of a filter
 *   arguments  "Name:kind" separated by blanks, one for each parameter. Kinds:
 *              h handle  p pointer  x hexadecimal  d signed decimal  u unsigned decimal
 *              s NTSTATUS  b boolean
 *              Pointers whose target a trace shows, at the entry:
 *              w buffer that is read, its size in bytes is the next argument
 *              S UNICODE_STRING  O OBJECT_ATTRIBUTES (their name)  L LARGE_INTEGER
 *              and at the return:
 *              r buffer that is filled, its size is the next argument  I IO_STATUS_BLOCK
 *              H HANDLE  T 64-bit number  U ULONG
 *              P 64-bit number that is read and written
 */
#define RS_SERVICE_KINDS_INPUT "wSOLP"
#define RS_SERVICE_KINDS_OUTPUT "rIHTUP"

#define RS_KERNEL_SERVICES(X)                                                                      \
    X(0x004, NtWaitForSingleObject, 3, SYNC, "Handle:h Alertable:b Timeout:L")                     \
    X(0x006, NtReadFile, 9, FILE,                                                                  \
      "FileHandle:h Event:h ApcRoutine:p ApcContext:p IoStatusBlock:I Buffer:r Length:u "          \
      "ByteOffset:L Key:p")                                                                        \
    X(0x008, NtWriteFile, 9, FILE,                                                                 \
      "FileHandle:h Event:h ApcRoutine:p ApcContext:p IoStatusBlock:I Buffer:w Length:u "          \
      "ByteOffset:L Key:p")                                                                        \
    X(0x00a, NtReleaseSemaphore, 3, SYNC, "SemaphoreHandle:h ReleaseCount:d PreviousCount:U")      \
    X(0x00d, NtSetInformationThread, 4, THREAD,                                                    \
      "ThreadHandle:h InformationClass:u Information:p Length:u")                                  \
    X(0x00e, NtSetEvent, 2, SYNC, "EventHandle:h PreviousState:U")                                 \
    X(0x00f, NtClose, 1, OBJECT, "Handle:h")                                                       \
    X(0x010, NtQueryObject, 5, OBJECT,                                                             \
      "Handle:h InformationClass:u Information:p Length:u ReturnLength:U")                         \
    X(0x011, NtQueryInformationFile, 5, FILE,                                                      \
      "FileHandle:h IoStatusBlock:I Information:p Length:u InformationClass:u")                    \
    X(0x018, NtAllocateVirtualMemory, 6, MEMORY,                                                   \
      "ProcessHandle:h BaseAddress:P ZeroBits:x RegionSize:P AllocationType:x Protect:x")          \
    X(0x019, NtQueryInformationProcess, 5, PROCESS,                                                \
      "ProcessHandle:h InformationClass:u Information:p Length:u ReturnLength:U")                  \
    X(0x01c, NtSetInformationProcess, 4, PROCESS,                                                  \
      "ProcessHandle:h InformationClass:u Information:p Length:u")                                 \
    X(0x01e, NtFreeVirtualMemory, 4, MEMORY,                                                       \
      "ProcessHandle:h BaseAddress:P RegionSize:P FreeType:x")                                     \
    X(0x020, NtReleaseMutant, 2, SYNC, "MutantHandle:h PreviousCount:U")                           \
    X(0x023, NtQueryVirtualMemory, 6, MEMORY,                                                      \
      "ProcessHandle:h BaseAddress:p InformationClass:u Information:p Length:u ReturnLength:U")    \
    X(0x025, NtQueryInformationThread, 5, THREAD,                                                  \
      "ThreadHandle:h InformationClass:u Information:p Length:u ReturnLength:U")                   \
    X(0x026, NtOpenProcess, 4, PROCESS,                                                            \
      "ProcessHandle:H DesiredAccess:x ObjectAttributes:O ClientId:p")                             \
    X(0x027, NtSetInformationFile, 5, FILE,                                                        \
      "FileHandle:h IoStatusBlock:I Information:p Length:u InformationClass:u")                    \
    X(0x028, NtMapViewOfSection, 10, MEMORY,                                                       \
      "SectionHandle:h ProcessHandle:h BaseAddress:P ZeroBits:x CommitSize:x SectionOffset:P "     \
      "ViewSize:P InheritDisposition:u AllocationType:x Protect:x")                                \
    X(0x02a, NtUnmapViewOfSection, 2, MEMORY, "ProcessHandle:h BaseAddress:p")                     \
    X(0x02c, NtTerminateProcess, 2, PROCESS, "ProcessHandle:h ExitStatus:s")                       \
    X(0x031, NtQueryPerformanceCounter, 2, TIME, "PerformanceCounter:T PerformanceFrequency:T")    \
    X(0x033, NtOpenFile, 6, FILE,                                                                  \
      "FileHandle:H DesiredAccess:x ObjectAttributes:O IoStatusBlock:I ShareAccess:x "             \
      "OpenOptions:x")                                                                             \
    X(0x034, NtDelayExecution, 2, TIME, "Alertable:b DelayInterval:L")                             \
    X(0x035, NtQueryDirectoryFile, 11, FILE,                                                       \
      "FileHandle:h Event:h ApcRoutine:p ApcContext:p IoStatusBlock:I Information:p Length:u "     \
      "InformationClass:u ReturnSingleEntry:b FileName:S RestartScan:b")                           \
    X(0x036, NtQuerySystemInformation, 4, SYSTEM,                                                  \
      "InformationClass:u Information:p Length:u ReturnLength:U")                                  \
    X(0x037, NtOpenSection, 3, MEMORY, "SectionHandle:H DesiredAccess:x ObjectAttributes:O")       \
    X(0x038, NtQueryTimer, 5, TIME,                                                                \
      "TimerHandle:h InformationClass:u Information:p Length:u ReturnLength:U")                    \
    X(0x03a, NtWriteVirtualMemory, 5, MEMORY,                                                      \
      "ProcessHandle:h BaseAddress:p Buffer:w Size:u BytesWritten:T")                              \
    X(0x03c, NtDuplicateObject, 7, OBJECT,                                                         \
      "SourceProcess:h SourceHandle:h TargetProcess:h TargetHandle:H DesiredAccess:x "             \
      "HandleAttributes:x Options:x")                                                              \
    X(0x03d, NtQueryAttributesFile, 2, FILE, "ObjectAttributes:O Information:p")                   \
    X(0x03e, NtClearEvent, 1, SYNC, "EventHandle:h")                                               \
    X(0x03f, NtReadVirtualMemory, 5, MEMORY,                                                       \
      "ProcessHandle:h BaseAddress:p Buffer:r Size:u BytesRead:T")                                 \
    X(0x043, NtContinue, 2, EXCEPTION, "Context:p TestAlert:b")                                    \
    X(0x045, NtQueueApcThread, 5, THREAD,                                                          \
      "ThreadHandle:h ApcRoutine:p ApcArgument1:x ApcArgument2:x ApcArgument3:x")                  \
    X(0x046, NtYieldExecution, 0, THREAD, "")                                                      \
    X(0x048, NtCreateEvent, 5, SYNC,                                                               \
      "EventHandle:H DesiredAccess:x ObjectAttributes:O EventType:u InitialState:b")               \
    X(0x04a, NtCreateSection, 7, MEMORY,                                                           \
      "SectionHandle:H DesiredAccess:x ObjectAttributes:O MaximumSize:L "                          \
      "SectionPageProtection:x AllocationAttributes:x FileHandle:h")                               \
    X(0x04b, NtFlushBuffersFile, 2, FILE, "FileHandle:h IoStatusBlock:I")                          \
    X(0x050, NtProtectVirtualMemory, 5, MEMORY,                                                    \
      "ProcessHandle:h BaseAddress:P RegionSize:P NewProtect:x OldProtect:U")                      \
    X(0x051, NtQuerySection, 5, MEMORY,                                                            \
      "SectionHandle:h InformationClass:u Information:p Length:u ReturnLength:T")                  \
    X(0x052, NtResumeThread, 2, THREAD, "ThreadHandle:h PreviousSuspendCount:U")                   \
    X(0x053, NtTerminateThread, 2, THREAD, "ThreadHandle:h ExitStatus:s")                          \
    X(0x055, NtCreateFile, 11, FILE,                                                               \
      "FileHandle:H DesiredAccess:x ObjectAttributes:O IoStatusBlock:I AllocationSize:L "          \
      "FileAttributes:x ShareAccess:x CreateDisposition:u CreateOptions:x EaBuffer:p EaLength:u")  \
    X(0x056, NtQueryEvent, 5, SYNC,                                                                \
      "EventHandle:h InformationClass:u Information:p Length:u ReturnLength:U")                    \
    X(0x05a, NtQuerySystemTime, 1, TIME, "SystemTime:T")                                           \
    X(0x05b, NtWaitForMultipleObjects, 5, SYNC,                                                    \
      "Count:u Handles:p WaitType:u Alertable:b Timeout:L")                                        \
    X(0x05c, NtSetInformationObject, 4, OBJECT,                                                    \
      "Handle:h InformationClass:u Information:w Length:u")                                        \
    X(0x061, NtCancelTimer, 2, TIME, "TimerHandle:h CurrentState:p")                               \
    X(0x062, NtSetTimer, 7, TIME,                                                                  \
      "TimerHandle:h DueTime:L TimerApcRoutine:p TimerContext:p ResumeTimer:b Period:d "           \
      "PreviousState:U")                                                                           \
    X(0x06e, NtAlertResumeThread, 2, THREAD, "ThreadHandle:h PreviousSuspendCount:U")              \
    X(0x06f, NtAlertThread, 1, THREAD, "ThreadHandle:h")                                           \
    X(0x09b, NtCompareObjects, 2, OBJECT, "FirstHandle:h SecondHandle:h")                          \
    X(0x0a1, NtContinueEx, 2, EXCEPTION, "Context:p ContinueArgument:p")                           \
    X(0x0b3, NtCreateMutant, 4, SYNC,                                                              \
      "MutantHandle:H DesiredAccess:x ObjectAttributes:O InitialOwner:b")                          \
    X(0x0bf, NtCreateSemaphore, 5, SYNC,                                                           \
      "SemaphoreHandle:H DesiredAccess:x ObjectAttributes:O InitialCount:d MaximumCount:d")        \
    X(0x0c1, NtCreateThreadEx, 11, THREAD,                                                         \
      "ThreadHandle:H DesiredAccess:x ObjectAttributes:O ProcessHandle:h StartRoutine:p "          \
      "Argument:p CreateFlags:x ZeroBits:x StackSize:x MaximumStackSize:x AttributeList:p")        \
    X(0x0c2, NtCreateTimer, 4, TIME,                                                               \
      "TimerHandle:H DesiredAccess:x ObjectAttributes:O TimerType:u")                              \
    X(0x0c8, NtCreateUserProcess, 11, PROCESS,                                                     \
      "ProcessHandle:H ThreadHandle:H ProcessDesiredAccess:x ThreadDesiredAccess:x "               \
      "ProcessObjectAttributes:O ThreadObjectAttributes:O ProcessFlags:x ThreadFlags:x "           \
      "ProcessParameters:p CreateInfo:p AttributeList:p")                                          \
    X(0x0d2, NtDeleteFile, 1, FILE, "ObjectAttributes:O")                                          \
    X(0x0db, NtDisplayString, 1, SYSTEM, "String:S")                                               \
    X(0x0e2, NtExtendSection, 2, MEMORY, "SectionHandle:h NewSectionSize:P")                       \
    X(0x0eb, NtFlushVirtualMemory, 4, MEMORY,                                                      \
      "ProcessHandle:h BaseAddress:P RegionSize:P IoStatus:I")                                     \
    X(0x0f2, NtGetContextThread, 2, THREAD, "ThreadHandle:h Context:p")                            \
    X(0x0f3, NtGetCurrentProcessorNumber, 0, SYSTEM, "")                                           \
    X(0x10d, NtLockVirtualMemory, 4, MEMORY,                                                       \
      "ProcessHandle:h BaseAddress:P RegionSize:P MapType:u")                                      \
    X(0x12e, NtOpenThread, 4, THREAD,                                                              \
      "ThreadHandle:H DesiredAccess:x ObjectAttributes:O ClientId:p")                              \
    X(0x13d, NtPulseEvent, 2, SYNC, "EventHandle:h PreviousState:U")                               \
    X(0x155, NtQueryMutant, 5, SYNC,                                                               \
      "MutantHandle:h InformationClass:u Information:p Length:u ReturnLength:U")                   \
    X(0x15d, NtQuerySemaphore, 5, SYNC,                                                            \
      "SemaphoreHandle:h InformationClass:u Information:p Length:u ReturnLength:U")                \
    X(0x166, NtRaiseException, 3, EXCEPTION, "ExceptionRecord:p Context:p FirstChance:b")          \
    X(0x178, NtResetEvent, 2, SYNC, "EventHandle:h PreviousState:U")                               \
    X(0x17b, NtResumeProcess, 1, PROCESS, "ProcessHandle:h")                                       \
    X(0x18b, NtSetContextThread, 2, THREAD, "ThreadHandle:h Context:p")                            \
    X(0x1b6, NtSignalAndWaitForSingleObject, 4, SYNC,                                              \
      "SignalHandle:h WaitHandle:h Alertable:b Timeout:L")                                         \
    X(0x1bb, NtSuspendProcess, 1, PROCESS, "ProcessHandle:h")                                      \
    X(0x1bc, NtSuspendThread, 2, THREAD, "ThreadHandle:h PreviousSuspendCount:U")                  \
    X(0x1bd, NtSystemDebugControl, 6, DEBUG,                                                       \
      "Command:x InputBuffer:w InputLength:u OutputBuffer:p OutputLength:u ReturnLength:U")        \
    X(0x1c0, NtTestAlert, 0, THREAD, "")                                                           \
    X(0x1cb, NtUnlockVirtualMemory, 4, MEMORY,                                                     \
      "ProcessHandle:h BaseAddress:P RegionSize:P MapType:u")                                      \
    X(0x1cc, NtUnmapViewOfSectionEx, 3, MEMORY, "ProcessHandle:h BaseAddress:p Flags:x")

/*
 * The second table, which NT has in win32k: what it returns is a number (BOOL, a count, a handle),
 * not an NTSTATUS, and its reasons are in TEB.LastErrorValue. Those of class DEBUG return a sum.
 */
#define RS_WIN32_SERVICES(X)                                                                       \
    X(0x1001, NtUserPeekMessage, 5, WINDOW, "Message:p Window:h FilterMin:x FilterMax:x Remove:x") \
    X(0x1006, NtUserGetMessage, 4, WINDOW, "Message:p Window:h FilterMin:x FilterMax:x")           \
    X(0x100c, NtUserWaitMessage, 0, WINDOW, "")                                                    \
    X(0x1012, NtGdiFlush, 0, WINDOW, "")                                                           \
    X(0x102f, NtUserIsClipboardFormatAvailable, 1, WINDOW, "Format:u")                             \
    X(0x1055, NtUserGetClipboardSequenceNumber, 0, WINDOW, "")                                     \
    X(0x105e, NtUserPostThreadMessage, 4, WINDOW, "Thread:u Message:x WParam:x LParam:x")          \
    X(0x10c2, NtUserCloseClipboard, 0, WINDOW, "")                                                 \
    X(0x10c3, NtUserOpenClipboard, 2, WINDOW, "Window:h EmptyClient:U")                            \
    X(0x10c4, NtUserSetClipboardData, 3, WINDOW, "Format:u Data:h Parameters:p")                   \
    X(0x10eb, NtUserEmptyClipboard, 0, WINDOW, "")                                                 \
    X(0x10ec, NtUserGetClipboardData, 2, WINDOW, "Format:u Parameters:p")                          \
    X(0x1102, NtUserCountClipboardFormats, 0, WINDOW, "")                                          \
    X(0x1432, NtUserGetQueueStatus, 1, WINDOW, "Flags:x")                                          \
    X(0x1524, NtTestArguments0, 4, DEBUG, "A1:x A2:x A3:x A4:x")                                   \
    X(0x1525, NtTestArguments1, 5, DEBUG, "A1:x A2:x A3:x A4:x A5:x")                              \
    X(0x1526, NtTestArguments2, 6, DEBUG, "A1:x A2:x A3:x A4:x A5:x A6:x")                         \
    X(0x1527, NtTestArguments3, 7, DEBUG, "A1:x A2:x A3:x A4:x A5:x A6:x A7:x")                    \
    X(0x1528, NtTestArguments4, 8, DEBUG, "A1:x A2:x A3:x A4:x A5:x A6:x A7:x A8:x")               \
    X(0x1529, NtTestArguments5, 9, DEBUG, "A1:x A2:x A3:x A4:x A5:x A6:x A7:x A8:x A9:x")          \
    X(0x152a, NtTestArguments6, 10, DEBUG, "A1:x A2:x A3:x A4:x A5:x A6:x A7:x A8:x A9:x A10:x")   \
    X(0x152b, NtTestArguments7, 11, DEBUG,                                                         \
      "A1:x A2:x A3:x A4:x A5:x A6:x A7:x A8:x A9:x A10:x A11:x")                                  \
    X(0x152c, NtTestArguments8, 12, DEBUG,                                                         \
      "A1:x A2:x A3:x A4:x A5:x A6:x A7:x A8:x A9:x A10:x A11:x A12:x")                            \
    X(0x152d, NtTestArguments9, 13, DEBUG,                                                         \
      "A1:x A2:x A3:x A4:x A5:x A6:x A7:x A8:x A9:x A10:x A11:x A12:x A13:x")                      \
    X(0x152e, NtTestArguments10, 14, DEBUG,                                                        \
      "A1:x A2:x A3:x A4:x A5:x A6:x A7:x A8:x A9:x A10:x A11:x A12:x A13:x A14:x")                \
    X(0x152f, NtTestArguments11, 15, DEBUG,                                                        \
      "A1:x A2:x A3:x A4:x A5:x A6:x A7:x A8:x A9:x A10:x A11:x A12:x A13:x A14:x A15:x")          \
    X(0x1530, NtTestArguments12, 16, DEBUG,                                                        \
      "A1:x A2:x A3:x A4:x A5:x A6:x A7:x A8:x A9:x A10:x A11:x A12:x A13:x A14:x A15:x A16:x")    \
    X(0x1531, NtTestArguments13, 17, DEBUG,                                                        \
      "A1:x A2:x A3:x A4:x A5:x A6:x A7:x A8:x A9:x A10:x A11:x A12:x A13:x A14:x A15:x A16:x "    \
      "A17:x")                                                                                     \
    X(0x1532, NtTestArguments14, 18, DEBUG,                                                        \
      "A1:x A2:x A3:x A4:x A5:x A6:x A7:x A8:x A9:x A10:x A11:x A12:x A13:x A14:x A15:x A16:x "    \
      "A17:x A18:x")

#define RS_SERVICES(X)                                                                             \
    RS_KERNEL_SERVICES(X)                                                                          \
    RS_WIN32_SERVICES(X)

/*
 * What a service of the second table returns when its caller cannot become a GUI thread: a signed
 * byte of the table behind the packed one, 0 for those of class WINDOW without a row here. All
 * others have 1: above 0 stands for STATUS_INVALID_SYSTEM_SERVICE.
 * X(name, value)
 */
#define RS_CONVERSION_RESULTS(X) X(NtUserGetMessage, -1)

/* Classes of services. X(class, name, title) */
#define RS_SERVICE_CLASSES(X)                                                                      \
    X(MEMORY, "memory", "virtual memory")                                                          \
    X(PROCESS, "process", "processes")                                                             \
    X(THREAD, "thread", "threads")                                                                 \
    X(FILE, "file", "files and devices")                                                           \
    X(OBJECT, "object", "handles, whatever their type")                                            \
    X(SYNC, "sync", "waits, and the objects that are waited for")                                  \
    X(TIME, "time", "clocks and delays")                                                           \
    X(EXCEPTION, "exception", "dispatching exceptions")                                            \
    X(WINDOW, "window", "messages, the clipboard, graphics")                                       \
    X(SYSTEM, "system", "the system as a whole")                                                   \
    X(DEBUG, "debug", "debugging")

/*
 * Services of NT that this kernel does not have, of known number and argument count: the dispatcher
 * copies what the packed entry says, and then returns STATUS_NOT_IMPLEMENTED at once. No other row
 * is so near to doing nothing: `ringscope bench` calls them.
 *
 * X(number, name, args)
 */
#define RS_SERVICES_WITHOUT_BODY(X)                                                                \
    X(0x000, NtAccessCheck, 8)                                                                     \
    X(0x001, NtWorkerFactoryWorkerReady, 1)                                                        \
    X(0x00b, NtReplyWaitReceivePort, 4)                                                            \
    X(0x0ea, NtFlushProcessWriteBuffers, 0)                                                        \
    X(0x11a, NtNotifyChangeMultipleKeys, 12)

#define RS_SERVICE_LIMIT 0x1d7
#define RS_WIN32_SERVICE_LIMIT 0x533

/* EAX of a system call: bits 11:0 index, bit 12 table; all other bits are ignored. */
#define RS_SERVICE_INDEX_MASK 0xfff
#define RS_SERVICE_TABLE_SHIFT 12
#define RS_SERVICE_WIN32 0x1000 /* the bit that chooses the second table */
#define RS_SERVICE_REGISTER_ARGS 4
#define RS_SERVICE_ARGS_MAX 18

/* A place for each service of both tables, in arrays: RS_SERVICE_SLOT() of what EAX selects. */
#define RS_SERVICE_SLOTS (RS_SERVICE_LIMIT + RS_WIN32_SERVICE_LIMIT)
#define RS_SERVICE_SLOT(number)                                                                    \
    (((number)&RS_SERVICE_INDEX_MASK) + ((number)&RS_SERVICE_WIN32 ? RS_SERVICE_LIMIT : 0))

#ifndef __ASSEMBLER__
enum rs_service_class {
#define X(class, name, title) RS_SERVICE_CLASS_##class,
    RS_SERVICE_CLASSES(X)
#undef X
    RS_SERVICE_CLASS_COUNT
};

/* Is the index that EAX selects within its table? */
static inline _Bool rs_service_in_table(unsigned eax)
{
    return (eax & RS_SERVICE_INDEX_MASK) <
           (eax & RS_SERVICE_WIN32 ? RS_WIN32_SERVICE_LIMIT : RS_SERVICE_LIMIT);
}

enum rs_service {
#define X(number, name, args, class, arguments) RS_SERVICE_##name = (number),
    RS_SERVICES(X)
#undef X
#define X(number, name, args) RS_SERVICE_##name = (number),
    RS_SERVICES_WITHOUT_BODY(X)
#undef X
};
#endif

#endif
