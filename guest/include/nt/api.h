/* SPDX-License-Identifier: MIT
 * Prototypes of the system services: the kernel defines them, ntdll has a stub of each. */
#ifndef NT_API_H
#define NT_API_H

#include <nt/context.h>
#include <nt/information.h>
#include <nt/memory.h>
#include <nt/object.h>
#include <nt/types.h>
#include <nt/window.h>

struct process_parameters;
struct ps_attribute_list;

NTSTATUS NTAPI NtWaitForSingleObject(HANDLE Handle, uint8_t Alertable, const int64_t *Timeout);
NTSTATUS NTAPI NtReadFile(HANDLE FileHandle, HANDLE Event, void *ApcRoutine, void *ApcContext,
                          struct io_status_block *IoStatusBlock, void *Buffer, uint32_t Length,
                          const int64_t *ByteOffset, const uint32_t *Key);
NTSTATUS NTAPI NtWriteFile(HANDLE FileHandle, HANDLE Event, void *ApcRoutine, void *ApcContext,
                           struct io_status_block *IoStatusBlock, const void *Buffer,
                           uint32_t Length, const int64_t *ByteOffset, const uint32_t *Key);
NTSTATUS NTAPI NtSetEvent(HANDLE EventHandle, int32_t *PreviousState);
NTSTATUS NTAPI NtClose(HANDLE Handle);
NTSTATUS NTAPI NtAllocateVirtualMemory(HANDLE ProcessHandle, void **BaseAddress, uint64_t ZeroBits,
                                       uint64_t *RegionSize, uint32_t AllocationType,
                                       uint32_t Protect);
NTSTATUS NTAPI NtQueryInformationProcess(HANDLE ProcessHandle, uint32_t InformationClass,
                                         void *Information, uint32_t Length,
                                         uint32_t *ReturnLength);
NTSTATUS NTAPI NtFreeVirtualMemory(HANDLE ProcessHandle, void **BaseAddress, uint64_t *RegionSize,
                                   uint32_t FreeType);
NTSTATUS NTAPI NtQueryVirtualMemory(HANDLE ProcessHandle, const void *BaseAddress,
                                    uint32_t InformationClass, void *Information, uint64_t Length,
                                    uint64_t *ReturnLength);
NTSTATUS NTAPI NtOpenProcess(HANDLE *ProcessHandle, uint32_t DesiredAccess,
                             const struct object_attributes *ObjectAttributes,
                             const struct client_id *ClientId);
NTSTATUS NTAPI NtTerminateProcess(HANDLE ProcessHandle, NTSTATUS ExitStatus);
NTSTATUS NTAPI NtQueryPerformanceCounter(int64_t *PerformanceCounter,
                                         int64_t *PerformanceFrequency);
NTSTATUS NTAPI NtDelayExecution(uint8_t Alertable, const int64_t *DelayInterval);
NTSTATUS NTAPI NtQuerySystemInformation(uint32_t InformationClass, void *Information,
                                        uint32_t Length, uint32_t *ReturnLength);
NTSTATUS NTAPI NtWriteVirtualMemory(HANDLE ProcessHandle, void *BaseAddress, const void *Buffer,
                                    uint64_t Size, uint64_t *BytesWritten);
NTSTATUS NTAPI NtDuplicateObject(HANDLE SourceProcess, HANDLE SourceHandle, HANDLE TargetProcess,
                                 HANDLE *TargetHandle, uint32_t DesiredAccess,
                                 uint32_t HandleAttributes, uint32_t Options);
NTSTATUS NTAPI NtClearEvent(HANDLE EventHandle);
NTSTATUS NTAPI NtReadVirtualMemory(HANDLE ProcessHandle, const void *BaseAddress, void *Buffer,
                                   uint64_t Size, uint64_t *BytesRead);
NTSTATUS NTAPI NtContinue(const struct context *Context, uint8_t TestAlert);
NTSTATUS NTAPI NtYieldExecution(void);
NTSTATUS NTAPI NtCreateEvent(HANDLE *EventHandle, uint32_t DesiredAccess,
                             const struct object_attributes *ObjectAttributes, uint32_t EventType,
                             uint8_t InitialState);
NTSTATUS NTAPI NtProtectVirtualMemory(HANDLE ProcessHandle, void **BaseAddress,
                                      uint64_t *RegionSize, uint32_t NewProtect,
                                      uint32_t *OldProtect);
NTSTATUS NTAPI NtTerminateThread(HANDLE ThreadHandle, NTSTATUS ExitStatus);
NTSTATUS NTAPI NtQuerySystemTime(int64_t *SystemTime);
NTSTATUS NTAPI NtWaitForMultipleObjects(uint32_t Count, const HANDLE *Handles, uint32_t WaitType,
                                        uint8_t Alertable, const int64_t *Timeout);
NTSTATUS NTAPI NtContinueEx(const struct context *Context, const void *ContinueArgument);
NTSTATUS NTAPI NtDisplayString(const struct unicode_string *String);
NTSTATUS NTAPI NtGetCurrentProcessorNumber(void);
NTSTATUS NTAPI NtRaiseException(const struct exception_record *ExceptionRecord,
                                const struct context *Context, uint8_t FirstChance);
NTSTATUS NTAPI NtResetEvent(HANDLE EventHandle, int32_t *PreviousState);
NTSTATUS NTAPI NtSystemDebugControl(uint32_t Command, const void *InputBuffer, uint32_t InputLength,
                                    void *OutputBuffer, uint32_t OutputLength,
                                    uint32_t *ReturnLength);
NTSTATUS NTAPI NtTestAlert(void);

NTSTATUS NTAPI NtCreateFile(HANDLE *FileHandle, uint32_t DesiredAccess,
                            const struct object_attributes *ObjectAttributes,
                            struct io_status_block *IoStatusBlock, const int64_t *AllocationSize,
                            uint32_t FileAttributes, uint32_t ShareAccess,
                            uint32_t CreateDisposition, uint32_t CreateOptions,
                            const void *EaBuffer, uint32_t EaLength);
NTSTATUS NTAPI NtOpenFile(HANDLE *FileHandle, uint32_t DesiredAccess,
                          const struct object_attributes *ObjectAttributes,
                          struct io_status_block *IoStatusBlock, uint32_t ShareAccess,
                          uint32_t OpenOptions);
NTSTATUS NTAPI NtQueryInformationFile(HANDLE FileHandle, struct io_status_block *IoStatusBlock,
                                      void *Information, uint32_t Length,
                                      uint32_t InformationClass);
NTSTATUS NTAPI NtSetInformationFile(HANDLE FileHandle, struct io_status_block *IoStatusBlock,
                                    const void *Information, uint32_t Length,
                                    uint32_t InformationClass);
NTSTATUS NTAPI NtQueryAttributesFile(const struct object_attributes *ObjectAttributes,
                                     struct file_basic_information *Information);
NTSTATUS NTAPI NtQueryDirectoryFile(HANDLE FileHandle, HANDLE Event, void *ApcRoutine,
                                    void *ApcContext, struct io_status_block *IoStatusBlock,
                                    void *Information, uint32_t Length, uint32_t InformationClass,
                                    uint8_t ReturnSingleEntry,
                                    const struct unicode_string *FileName, uint8_t RestartScan);
NTSTATUS NTAPI NtDeleteFile(const struct object_attributes *ObjectAttributes);
NTSTATUS NTAPI NtFlushBuffersFile(HANDLE FileHandle, struct io_status_block *IoStatusBlock);
NTSTATUS NTAPI NtCreateSection(HANDLE *SectionHandle, uint32_t DesiredAccess,
                               const struct object_attributes *ObjectAttributes,
                               const int64_t *MaximumSize, uint32_t SectionPageProtection,
                               uint32_t AllocationAttributes, HANDLE FileHandle);
NTSTATUS NTAPI NtOpenSection(HANDLE *SectionHandle, uint32_t DesiredAccess,
                             const struct object_attributes *ObjectAttributes);
NTSTATUS NTAPI NtMapViewOfSection(HANDLE SectionHandle, HANDLE ProcessHandle, void **BaseAddress,
                                  uint64_t ZeroBits, uint64_t CommitSize, int64_t *SectionOffset,
                                  uint64_t *ViewSize, uint32_t InheritDisposition,
                                  uint32_t AllocationType, uint32_t Protect);
NTSTATUS NTAPI NtUnmapViewOfSection(HANDLE ProcessHandle, void *BaseAddress);
NTSTATUS NTAPI NtUnmapViewOfSectionEx(HANDLE ProcessHandle, void *BaseAddress, uint32_t Flags);
NTSTATUS NTAPI NtQuerySection(HANDLE SectionHandle, uint32_t InformationClass, void *Information,
                              uint64_t Length, uint64_t *ReturnLength);
NTSTATUS NTAPI NtExtendSection(HANDLE SectionHandle, int64_t *NewSectionSize);
NTSTATUS NTAPI NtFlushVirtualMemory(HANDLE ProcessHandle, void **BaseAddress, uint64_t *RegionSize,
                                    struct io_status_block *IoStatus);
NTSTATUS NTAPI NtLockVirtualMemory(HANDLE ProcessHandle, void **BaseAddress, uint64_t *RegionSize,
                                   uint32_t MapType);
NTSTATUS NTAPI NtUnlockVirtualMemory(HANDLE ProcessHandle, void **BaseAddress, uint64_t *RegionSize,
                                     uint32_t MapType);
NTSTATUS NTAPI NtPulseEvent(HANDLE EventHandle, int32_t *PreviousState);
NTSTATUS NTAPI NtQueryEvent(HANDLE EventHandle, uint32_t InformationClass, void *Information,
                            uint32_t Length, uint32_t *ReturnLength);
NTSTATUS NTAPI NtCreateSemaphore(HANDLE *SemaphoreHandle, uint32_t DesiredAccess,
                                 const struct object_attributes *ObjectAttributes,
                                 int32_t InitialCount, int32_t MaximumCount);
NTSTATUS NTAPI NtReleaseSemaphore(HANDLE SemaphoreHandle, int32_t ReleaseCount,
                                  int32_t *PreviousCount);
NTSTATUS NTAPI NtQuerySemaphore(HANDLE SemaphoreHandle, uint32_t InformationClass,
                                void *Information, uint32_t Length, uint32_t *ReturnLength);
NTSTATUS NTAPI NtCreateMutant(HANDLE *MutantHandle, uint32_t DesiredAccess,
                              const struct object_attributes *ObjectAttributes,
                              uint8_t InitialOwner);
NTSTATUS NTAPI NtReleaseMutant(HANDLE MutantHandle, int32_t *PreviousCount);
NTSTATUS NTAPI NtQueryMutant(HANDLE MutantHandle, uint32_t InformationClass, void *Information,
                             uint32_t Length, uint32_t *ReturnLength);
NTSTATUS NTAPI NtCreateTimer(HANDLE *TimerHandle, uint32_t DesiredAccess,
                             const struct object_attributes *ObjectAttributes, uint32_t TimerType);
NTSTATUS NTAPI NtSetTimer(HANDLE TimerHandle, const int64_t *DueTime, void *TimerApcRoutine,
                          void *TimerContext, uint8_t ResumeTimer, int32_t Period,
                          uint8_t *PreviousState);
NTSTATUS NTAPI NtCancelTimer(HANDLE TimerHandle, uint8_t *CurrentState);
NTSTATUS NTAPI NtQueryTimer(HANDLE TimerHandle, uint32_t InformationClass, void *Information,
                            uint32_t Length, uint32_t *ReturnLength);
NTSTATUS NTAPI NtSignalAndWaitForSingleObject(HANDLE SignalHandle, HANDLE WaitHandle,
                                              uint8_t Alertable, const int64_t *Timeout);
NTSTATUS NTAPI NtQueryObject(HANDLE Handle, uint32_t InformationClass, void *Information,
                             uint32_t Length, uint32_t *ReturnLength);
NTSTATUS NTAPI NtSetInformationObject(HANDLE Handle, uint32_t InformationClass,
                                      const void *Information, uint32_t Length);
NTSTATUS NTAPI NtCompareObjects(HANDLE FirstHandle, HANDLE SecondHandle);
NTSTATUS NTAPI NtCreateThreadEx(HANDLE *ThreadHandle, uint32_t DesiredAccess,
                                const struct object_attributes *ObjectAttributes,
                                HANDLE ProcessHandle, void *StartRoutine, void *Argument,
                                uint32_t CreateFlags, uint64_t ZeroBits, uint64_t StackSize,
                                uint64_t MaximumStackSize,
                                const struct ps_attribute_list *AttributeList);
NTSTATUS NTAPI NtOpenThread(HANDLE *ThreadHandle, uint32_t DesiredAccess,
                            const struct object_attributes *ObjectAttributes,
                            const struct client_id *ClientId);
NTSTATUS NTAPI NtSuspendThread(HANDLE ThreadHandle, uint32_t *PreviousSuspendCount);
NTSTATUS NTAPI NtResumeThread(HANDLE ThreadHandle, uint32_t *PreviousSuspendCount);
NTSTATUS NTAPI NtAlertThread(HANDLE ThreadHandle);
NTSTATUS NTAPI NtAlertResumeThread(HANDLE ThreadHandle, uint32_t *PreviousSuspendCount);
NTSTATUS NTAPI NtQueueApcThread(HANDLE ThreadHandle, void *ApcRoutine, void *ApcArgument1,
                                void *ApcArgument2, void *ApcArgument3);
NTSTATUS NTAPI NtQueryInformationThread(HANDLE ThreadHandle, uint32_t InformationClass,
                                        void *Information, uint32_t Length, uint32_t *ReturnLength);
NTSTATUS NTAPI NtSetInformationThread(HANDLE ThreadHandle, uint32_t InformationClass,
                                      const void *Information, uint32_t Length);
NTSTATUS NTAPI NtGetContextThread(HANDLE ThreadHandle, struct context *Context);
NTSTATUS NTAPI NtSetContextThread(HANDLE ThreadHandle, const struct context *Context);
NTSTATUS NTAPI NtCreateUserProcess(HANDLE *ProcessHandle, HANDLE *ThreadHandle,
                                   uint32_t ProcessDesiredAccess, uint32_t ThreadDesiredAccess,
                                   const struct object_attributes *ProcessObjectAttributes,
                                   const struct object_attributes *ThreadObjectAttributes,
                                   uint32_t ProcessFlags, uint32_t ThreadFlags,
                                   const struct process_parameters *ProcessParameters,
                                   void *CreateInfo, const struct ps_attribute_list *AttributeList);
NTSTATUS NTAPI NtSuspendProcess(HANDLE ProcessHandle);
NTSTATUS NTAPI NtResumeProcess(HANDLE ProcessHandle);
NTSTATUS NTAPI NtSetInformationProcess(HANDLE ProcessHandle, uint32_t InformationClass,
                                       const void *Information, uint32_t Length);

/* The second table: numbers, not statuses. nt/window.h has what they are about. */
uint32_t NTAPI NtUserPeekMessage(struct window_message *Message, HANDLE Window, uint32_t FilterMin,
                                 uint32_t FilterMax, uint32_t Remove);
uint32_t NTAPI NtUserGetMessage(struct window_message *Message, HANDLE Window, uint32_t FilterMin,
                                uint32_t FilterMax);
uint32_t NTAPI NtUserWaitMessage(void);
uint32_t NTAPI NtUserPostThreadMessage(uint32_t Thread, uint32_t Message, uint64_t WParam,
                                       uint64_t LParam);
uint32_t NTAPI NtUserGetQueueStatus(uint32_t Flags);
uint32_t NTAPI NtUserOpenClipboard(HANDLE Window, uint32_t *EmptyClient);
uint32_t NTAPI NtUserCloseClipboard(void);
uint32_t NTAPI NtUserEmptyClipboard(void);
uint32_t NTAPI NtUserSetClipboardData(uint32_t Format, uint32_t Data, const void *Parameters);
uint32_t NTAPI NtUserGetClipboardData(uint32_t Format, void *Parameters);
uint32_t NTAPI NtUserIsClipboardFormatAvailable(uint32_t Format);
uint32_t NTAPI NtUserCountClipboardFormats(void);
uint32_t NTAPI NtUserGetClipboardSequenceNumber(void);
uint32_t NTAPI NtGdiFlush(void);
/* The sum of argument k times k; NtTestArguments1-14, with as many more, have no prototype. */
uint32_t NTAPI NtTestArguments0(uint64_t A1, uint64_t A2, uint64_t A3, uint64_t A4);

#endif
