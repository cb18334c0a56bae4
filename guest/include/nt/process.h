/* SPDX-License-Identifier: MIT
 * TEB, PEB and KUSER_SHARED_DATA: what ring 3 can see of its process without a system call. */
#ifndef NT_PROCESS_H
#define NT_PROCESS_H

#include <ringscope/layout.h>

#define KUSER_SYSTEM_CALL 0x308 /* 0: SYSCALL, 1: INT 2E */
#define TEB_PEB 0x60
#define TEB_GDI_BATCH_COUNT 0x1740

#ifndef __ASSEMBLER__

#include <nt/types.h>

/* High2Time is written first and High1Time last, so a reader can see a torn value. */
struct ksystem_time {
    uint32_t LowPart;
    int32_t High1Time;
    int32_t High2Time;
};

/*
 * There is no periodic clock: InterruptTime and SystemTime are those of the last timer
 * interrupt or time query.
 */
struct kuser_shared_data {
    uint32_t TickCountLowDeprecated;
    uint32_t TickCountMultiplier;
    struct ksystem_time InterruptTime;
    struct ksystem_time SystemTime;
    struct ksystem_time TimeZoneBias;
    uint16_t ImageNumberLow, ImageNumberHigh;
    uint16_t NtSystemRoot[260];
    uint8_t Fill1[0x260 - 0x238];
    uint32_t NtBuildNumber;
    uint32_t NtProductType;
    uint8_t ProductTypeIsValid;
    uint8_t Fill2;
    uint16_t NativeProcessorArchitecture;
    uint32_t NtMajorVersion;
    uint32_t NtMinorVersion;
    uint8_t ProcessorFeatures[64];
    uint8_t Fill3[0x2e8 - 0x2b4];
    uint32_t NumberOfPhysicalPages;
    uint8_t Fill4[0x300 - 0x2ec];
    uint64_t QpcFrequency;
    uint32_t SystemCall;
    uint8_t Fill5[0x3c0 - 0x30c];
    uint32_t ActiveProcessorCount;
};

_Static_assert(offsetof(struct kuser_shared_data, NtSystemRoot) == 0x30, "NtSystemRoot");
_Static_assert(offsetof(struct kuser_shared_data, NtBuildNumber) == 0x260, "NtBuildNumber");
_Static_assert(offsetof(struct kuser_shared_data, NtMajorVersion) == 0x26c, "NtMajorVersion");
_Static_assert(offsetof(struct kuser_shared_data, QpcFrequency) == 0x300, "QpcFrequency");
_Static_assert(offsetof(struct kuser_shared_data, SystemCall) == KUSER_SYSTEM_CALL, "SystemCall");

#define USER_SHARED_DATA                                                                           \
    ((const volatile struct kuser_shared_data *)(uintptr_t)RS_GVA_USER_SHARED_DATA)

/* RTL_USER_PROCESS_PARAMETERS with one departure: CommandLine is argv, 8-bit, NUL-separated. */
struct process_parameters {
    uint32_t MaximumLength;
    uint32_t Length;
    uint32_t Flags;
    uint32_t DebugFlags;
    HANDLE ConsoleHandle;
    uint64_t ConsoleFlags;
    HANDLE StandardInput;
    HANDLE StandardOutput;
    HANDLE StandardError;
    uint8_t Fill[0x70 - 0x38];
    struct string CommandLine;
};

_Static_assert(offsetof(struct process_parameters, StandardInput) == 0x20, "StandardInput");
_Static_assert(offsetof(struct process_parameters, CommandLine) == 0x70, "CommandLine");

/* What NtCreateUserProcess is told beside its arguments. */
struct ps_attribute {
    uint64_t Attribute;
    uint64_t Size; /* bytes at ValuePtr */
    void *ValuePtr;
    uint64_t *ReturnLength;
};

struct ps_attribute_list {
    uint64_t TotalLength; /* bytes of the whole list, with this field */
    struct ps_attribute Attributes[];
};

#define PS_ATTRIBUTE_CLIENT_ID 0x00010003u  /* out: struct client_id of the first thread */
#define PS_ATTRIBUTE_IMAGE_NAME 0x00020005u /* in: UTF-16 */
#define THREAD_CREATE_FLAGS_CREATE_SUSPENDED 0x1u

struct peb {
    uint8_t InheritedAddressSpace;
    uint8_t ReadImageFileExecOptions;
    uint8_t BeingDebugged;
    uint8_t BitField;
    uint32_t Padding0;
    HANDLE Mutant;
    void *ImageBaseAddress;
    void *Ldr;
    struct process_parameters *ProcessParameters;
};

_Static_assert(offsetof(struct peb, ImageBaseAddress) == 0x10, "PEB.ImageBaseAddress");
_Static_assert(offsetof(struct peb, ProcessParameters) == 0x20, "PEB.ProcessParameters");

struct teb {
    void *ExceptionList;
    void *StackBase;
    void *StackLimit;
    void *SubSystemTib;
    void *FiberData;
    void *ArbitraryUserPointer;
    struct teb *Self;
    void *EnvironmentPointer;
    struct client_id ClientId;
    void *ActiveRpcHandle;
    void *ThreadLocalStoragePointer;
    struct peb *ProcessEnvironmentBlock;
    uint32_t LastErrorValue;
    uint8_t Fill1[0x2f0 - 0x6c];
    struct {
        uint32_t Offset; /* bytes of Buffer in use */
        HANDLE HDC;
        uint32_t Buffer[310]; /* struct gdi_batched_call, one behind another */
    } GdiTebBatch;
    uint8_t Fill2[TEB_GDI_BATCH_COUNT - 0x7d8];
    uint32_t GdiBatchCount; /* calls in GdiTebBatch */
};

_Static_assert(offsetof(struct teb, Self) == 0x30, "TEB.Self");
_Static_assert(offsetof(struct teb, ClientId) == 0x40, "TEB.ClientId");
_Static_assert(offsetof(struct teb, ProcessEnvironmentBlock) == TEB_PEB, "TEB.PEB");
_Static_assert(offsetof(struct teb, GdiTebBatch) == 0x2f0, "TEB.GdiTebBatch");
_Static_assert(offsetof(struct teb, GdiBatchCount) == TEB_GDI_BATCH_COUNT, "TEB.GdiBatchCount");

#endif
#endif
