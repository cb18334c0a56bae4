/* SPDX-License-Identifier: MIT
 * Information classes of the query services, and the private commands of NtSystemDebugControl. */
#ifndef NT_INFORMATION_H
#define NT_INFORMATION_H

#include <nt/types.h>

#define SystemBasicInformation 0u
#define SystemPerformanceInformation 2u
#define SystemTimeOfDayInformation 3u
#define SystemCallCountInformation 6u
#define SystemKernelVaShadowInformation 196u
#define ProcessBasicInformation 0u
#define ProcessAffinityMask 21u
#define ProcessMitigationPolicy 52u
#define ThreadBasicInformation 0u
#define ThreadPriority 2u
#define ThreadBasePriority 3u
#define ThreadAffinityMask 4u
#define ThreadQuerySetWin32StartAddress 9u
#define ThreadAmILastThread 12u
#define ThreadIsTerminated 20u
#define ThreadSuspendCount 35u
#define ObjectBasicInformation 0u
#define ObjectHandleFlagInformation 4u
#define EventBasicInformation 0u
#define SemaphoreBasicInformation 0u
#define MutantBasicInformation 0u
#define TimerBasicInformation 0u

struct system_basic_information {
    uint32_t Reserved;
    uint32_t TimerResolution; /* 100 ns units */
    uint32_t PageSize;
    uint32_t NumberOfPhysicalPages;
    uint32_t LowestPhysicalPageNumber;
    uint32_t HighestPhysicalPageNumber;
    uint32_t AllocationGranularity;
    uint64_t MinimumUserModeAddress;
    uint64_t MaximumUserModeAddress;
    uint64_t ActiveProcessorsAffinityMask;
    uint8_t NumberOfProcessors;
};

struct system_timeofday_information {
    int64_t BootTime;
    int64_t CurrentTime;
    int64_t TimeZoneBias;
    uint32_t TimeZoneId;
    uint32_t Reserved;
    uint64_t BootTimeBias;
    uint64_t SleepTimeBias;
};

/* SYSTEM_CALL_COUNT_INFORMATION: behind it, for each table, how many services it has; behind those
 * the calls of each service, table after table. All of uint32_t. */
struct system_call_count_information {
    uint32_t Length; /* bytes of it all */
    uint32_t NumberOfTables;
};

/* PROCESS_MITIGATION_POLICY_INFORMATION */
#define ProcessSystemCallDisablePolicy 4u
#define DISALLOW_WIN32K_SYSTEM_CALLS 0x1u
struct process_mitigation_policy_information {
    uint32_t Policy;
    uint32_t Flags;
};

/* SYSTEM_KERNEL_VA_SHADOW_INFORMATION */
#define KVA_SHADOW_ENABLED 0x1u
#define KVA_SHADOW_PCID 0x4u

/* SYSTEM_PERFORMANCE_INFORMATION up to the fields that this kernel counts. */
struct system_performance_information {
    int64_t IdleProcessTime;
    int64_t IoReadTransferCount, IoWriteTransferCount, IoOtherTransferCount;
    uint32_t IoReadOperationCount, IoWriteOperationCount, IoOtherOperationCount;
    uint32_t AvailablePages;
    uint32_t CommittedPages;
    uint32_t CommitLimit;
    uint32_t PeakCommitment;
    uint32_t PageFaultCount;
    uint32_t CopyOnWriteCount, TransitionCount, CacheTransitionCount, DemandZeroCount;
    uint32_t PageReadCount, PageReadIoCount, CacheReadCount, CacheIoCount;
    uint32_t DirtyPagesWriteCount, DirtyWriteIoCount;
};

struct process_basic_information {
    NTSTATUS ExitStatus;
    uint32_t Pad;
    void *PebBaseAddress;
    uint64_t AffinityMask;
    int32_t BasePriority;
    uint32_t Pad2;
    uint64_t UniqueProcessId;
    uint64_t InheritedFromUniqueProcessId;
};

struct thread_basic_information {
    NTSTATUS ExitStatus;
    uint32_t Pad;
    void *TebBaseAddress;
    struct client_id ClientId;
    uint64_t AffinityMask;
    int32_t Priority;
    int32_t BasePriority; /* relative to the process's */
};

struct object_basic_information {
    uint32_t Attributes;
    uint32_t GrantedAccess;
    uint32_t HandleCount;
    uint32_t PointerCount;
    uint32_t Reserved[8];
    int64_t CreationTime;
};

struct object_handle_flag_information {
    uint8_t Inherit;
    uint8_t ProtectFromClose;
};

struct event_basic_information {
    uint32_t EventType;
    int32_t EventState;
};

struct semaphore_basic_information {
    uint32_t CurrentCount;
    uint32_t MaximumCount;
};

struct mutant_basic_information {
    int32_t CurrentCount;
    uint8_t OwnedByCaller;
    uint8_t AbandonedState;
};

struct timer_basic_information {
    int64_t RemainingTime;
    uint8_t TimerState;
};

_Static_assert(sizeof(struct thread_basic_information) == 0x30, "THREAD_BASIC_INFORMATION");
_Static_assert(sizeof(struct object_basic_information) == 0x38, "OBJECT_BASIC_INFORMATION");
_Static_assert(sizeof(struct mutant_basic_information) == 8, "MUTANT_BASIC_INFORMATION");
_Static_assert(sizeof(struct timer_basic_information) == 0x10, "TIMER_BASIC_INFORMATION");
_Static_assert(sizeof(struct system_basic_information) == 0x40, "SYSTEM_BASIC_INFORMATION");
_Static_assert(sizeof(struct system_timeofday_information) == 0x30, "SYSTEM_TIMEOFDAY_INFORMATION");
_Static_assert(sizeof(struct process_basic_information) == 0x30, "PROCESS_BASIC_INFORMATION");

/*
 * Commands of NtSystemDebugControl that are this kernel's own:
 *   SysDbgSendNmi        no buffers. An NMI by the LAPIC to this processor; it has been taken
 *                        when the service returns.
 *   SysDbgKernelFault    input: uint32_t enum kernel_fault. Faults in ring 0; does not return.
 *   SysDbgQueryCounters  output: struct kernel_counters.
 *   SysDbgNestFaults     output: whole pages that have not been touched, at most
 *                        NEST_FAULTS_MAX. The kernel touches the first; while it handles that
 *                        page fault it touches the second, and so on. Then the faults end in
 *                        reverse order. Each page that was served begins with struct
 *                        nested_fault; ReturnLength is how deep the faults nested: less than
 *                        asked for when a page could be used already.
 *   SysDbgQueueDpc       no buffers. A DPC, by vector 2f; it has run when the service returns.
 *   SysDbgQueryFault     output: struct fault_information of the caller's last page fault in
 *                        ring 3.
 *   SysDbgWalkUserRoot   output: array of struct shadow_range. With KVA shadow: what of kernel
 *                        space is mapped while the caller is in ring 3. More than the
 *                        transition area is a bug check. ReturnLength: bytes.
 *                        STATUS_NOT_SUPPORTED without KVA shadow.
 *   SysDbgMachineCheck   no buffers. A machine check of this processor, which has been taken
 *                        when the service returns. STATUS_NOT_SUPPORTED where the machine has
 *                        none to give.
 *   SysDbgTestGates      output: struct gate_flags.
 *   SysDbgTestIrql       output: struct irql_test. Sends vector 2f to this processor while CR8
 *                        holds it off, then lowers CR8.
 *   SysDbgCallServices   output: struct kernel_services. The kernel calls services itself.
 *   SysDbgQueryBatches   output: struct gdi_batches of the caller.
 *   SysDbgQueryProcessor output: struct processor_information of the processor that runs the
 *                        caller.
 */
#define SysDbgSendNmi 0x52530001u
#define SysDbgKernelFault 0x52530002u
#define SysDbgQueryCounters 0x52530003u
#define SysDbgNestFaults 0x52530004u
#define SysDbgQueueDpc 0x52530005u
#define SysDbgQueryFault 0x52530006u
#define SysDbgWalkUserRoot 0x52530007u
#define SysDbgCallServices 0x52530008u
#define SysDbgQueryBatches 0x52530009u
#define SysDbgMachineCheck 0x5253000au
#define SysDbgTestGates 0x5253000bu
#define SysDbgTestIrql 0x5253000cu
#define SysDbgQueryProcessor 0x5253000du

/*
 * For measurements, see <ringscope/stamp.h> and <ringscope/bench.h>. STATUS_NOT_SUPPORTED: the VMM
 * has given no stamp area.
 *   SysDbgMapStamps        output: uint64_t, where the area is now, for ring 3 to read and write.
 *   SysDbgHandOverStamps   no buffers. The VMM takes the records before the service returns.
 *   SysDbgMeasure          input: struct measure_request. Records of an operation of ring 0.
 *   SysDbgStampEntry       input: uint32_t STAMPED_*: by which entry SYSCALL comes from now on.
 *                          On one processor only, else STATUS_NOT_SUPPORTED.
 *   SysDbgTakeEntryStamps  no buffers; by INT 2E. What the last SYSCALL left, into the last record.
 *   SysDbgSpin             input: uint64_t ticks of the TSC, at most SPIN_TICKS_MAX. output:
 * uint64_t, the ticks from before the first to after the last look at the TSC.
 */
#define SysDbgMapStamps 0x52530010u
#define SysDbgHandOverStamps 0x52530011u
#define SysDbgMeasure 0x52530012u
#define SysDbgStampEntry 0x52530013u
#define SysDbgTakeEntryStamps 0x52530014u
#define SysDbgSpin 0x52530015u

#define STAMPED_OFF 0u
#define STAMPED_SYSRETQ 1u
#define STAMPED_IRETQ 2u
#define SPIN_TICKS_MAX RS_U64(1000000000000)

struct measure_request {
    uint32_t Operation; /* enum rs_operation, of ring 0 */
    uint32_t Count;     /* records */
    uint64_t Parameter;
};

enum kernel_fault {
    KERNEL_FAULT_READ,           /* read of an unmapped kernel address: #PF */
    KERNEL_FAULT_WRITE_CODE,     /* write to the kernel's own code: #PF */
    KERNEL_FAULT_INVALID_OPCODE, /* UD2: #UD */
    KERNEL_FAULT_DIVIDE,         /* #DE */
    KERNEL_FAULT_NON_CANONICAL,  /* read of a non-canonical address: #GP */
    KERNEL_FAULT_STACK_OVERFLOW, /* #PF that cannot be delivered: #DF on IST 1 */
    KERNEL_FAULT_NMI,            /* an NMI that nobody announced */
    KERNEL_FAULT_MACHINE_CHECK,  /* the same with a machine check */
    KERNEL_FAULT_SHUTDOWN,       /* a triple fault */
    KERNEL_FAULT_USER_ROOT,      /* with KVA shadow: kernel space in the user's page tables */
    KERNEL_FAULT_COUNT
};

struct kernel_counters {
    uint64_t SystemCalls;
    uint64_t PageFaults;
    uint64_t Exceptions; /* dispatched to ring 3 */
    uint64_t ClockInterrupts;
    uint64_t Nmis;
    uint64_t UnexpectedInterrupts;
    uint64_t ContextSwitches;
    uint64_t DeferredCalls;      /* of SysDbgQueueDpc */
    uint64_t DispatchInterrupts; /* of vector 2f */
    uint64_t MachineChecks;
};

struct processor_information {
    uint32_t Number;
    uint32_t ApicId;
    uint64_t Pcr;
    uint64_t Gdt, Idt; /* GDTR and IDTR */
    uint64_t Tr;       /* selector */
    uint64_t Tss;
    uint64_t KernelStack; /* top of the caller's */
};

struct fault_information {
    uint64_t Address;
    uint64_t ErrorCode;
};

/* What services that the kernel called with pointers of its own said. */
struct kernel_services {
    NTSTATUS NtQuerySystemTime; /* called as a function: the previous mode is still ring 3's */
    NTSTATUS ZwQuerySystemTime;
    NTSTATUS ZwCreateEvent; /* five arguments: the last one, the initial state, is 1 */
    NTSTATUS ZwQueryEvent;
    NTSTATUS ZwClose;
    NTSTATUS ZwBadPointer; /* ZwQuerySystemTime to an address of the kernel's that is not mapped */
    uint32_t EventState;   /* that ZwQueryEvent gave */
    uint32_t PreviousMode; /* afterwards: 1, ring 3 */
    int64_t Time;          /* that ZwQuerySystemTime gave */
};

/* RFLAGS: around two INT n of ring 0, and in the handler of each. */
struct gate_flags {
    uint64_t Before, InterruptGate, TrapGate, After;
};

/* How many interrupts of vector 2f had come since the command began. */
struct irql_test {
    uint32_t Raised;  /* while CR8 held them off */
    uint32_t Lowered; /* after that */
};

struct gdi_batches {
    uint64_t Calls;   /* that came in batches and were whole */
    uint64_t Flushes; /* of batches */
};

#define SHADOW_RANGES_MAX 32u

struct shadow_range {
    uint64_t Address;
    uint64_t Pages;
    uint64_t Rights; /* bits of the page-table entries: 2 write, 4 ring 3, 63 no execution */
};

#define NEST_FAULTS_MAX 4000u

struct nested_fault {
    uint32_t Depth; /* from 1: how many of these faults were being handled, this one included */
    uint32_t Order; /* from 1: how many of them had ended, this one included */
};

#endif
