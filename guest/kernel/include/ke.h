/* SPDX-License-Identifier: MIT
 * Kernel core: processor, thread, trap handling, clock, bug check. */
#ifndef KERNEL_KE_H
#define KERNEL_KE_H

#include "irql.h"
#include "object.h"
#include "trap.h"

#include <nt/information.h>
#include <ringscope/abi.h>
#include <ringscope/nt/services.h>
#include <ringscope/stamp.h>
#include <ringscope/x86/msr.h>
#include <ringscope/x86/vectors.h>

#define PRIORITIES 32
#define PRIORITY_NORMAL 8

struct kprocess;
struct kthread;

/* A place in the queue of what the clock has to do. */
struct ktimer {
    struct ktimer *Next; /* by time */
    uint64_t Due;        /* interrupt time; 0: not in the queue */
    void (*Expired)(struct ktimer *timer);
    uint32_t Processor; /* in whose queue it is or was */
};

struct kmutant {
    struct object Object;
    struct list_entry Owned; /* in its owner's list, while it is owned */
    struct kthread *Owner;
    bool Abandoned;
};

/* One object that a thread waits for. */
struct kwait_block {
    struct list_entry Entry; /* in the object's list */
    struct kthread *Thread;
    struct object *Object;
    uint16_t Key; /* its index, the status of a wait for any */
};

/* Debug registers of ring 3. Dr7 = 0: not in use. */
struct kdebug_registers {
    uint64_t Dr[4], Dr6, Dr7;
};

struct kthread {
    struct object Object;
    uint8_t Fill0[0x28 - 0x20];
    void *InitialStack;
    uint64_t StackLimit, StackBase; /* of the stack that C code runs on now */
    uint8_t Fill1[0x58 - 0x40];
    void *KernelStack; /* while it does not run */
    uint8_t Fill2[0x78 - 0x60];
    uint32_t ThreadFlags; /* THREAD_GUI */
    uint8_t Fill12[0x80 - 0x7c];
    uint32_t SystemCallNumber;
    uint64_t FirstArgument;
    struct ktrap_frame *TrapFrame;
    uint8_t Fill3[0xa8 - 0x98];
    struct kapc *UserApcs;
    uint8_t Fill4[0xb8 - 0xb0];
    struct kprocess *ApcProcess; /* whose address space it uses */
    uint8_t Fill5[0xc2 - 0xc0];
    bool UserApcPending; /* the queue is open: deliver at the next way out */
    int8_t Priority;
    uint8_t Fill6[0xc8 - 0xc4];
    int64_t WaitStatus;
    uint8_t Fill7[0xf0 - 0xd0];
    uint64_t Teb;
    uint8_t Fill8[0x184 - 0xf8];
    uint8_t State; /* enum thread_state */
    uint8_t Fill9[0x1c8 - 0x185];
    struct w32_thread *Win32Thread; /* of a GUI thread */
    uint8_t Fill13[0x220 - 0x1d0];
    struct kprocess *Process; /* that it belongs to */
    uint8_t Fill10[0x232 - 0x228];
    uint8_t PreviousMode;
    uint8_t Fill11[0x240 - 0x233];
    struct kexception_frame NonVolatile; /* R12-R15 of ring 3, while it does not run */
    uint8_t FxState[0x200] __attribute__((aligned(16)));

    /* This kernel's own. */
    struct client_id Cid;
    struct list_entry Siblings; /* in the process */
    struct list_entry Queue;    /* of the ready threads */
    struct list_entry Mutants;  /* that it owns; no head before the first one */
    uint8_t ExitRequests;
    uint8_t BasePriority;
    bool InExitWork;
    bool Alerted;
    bool WaitsForAll;
    bool WaitAlertable;
    bool StaysReady;  /* pre-empted: goes to the head of its queue */
    bool SuspendWait; /* it waits for being resumed */
    uint8_t SuspendCount;
    uint8_t WaitCount;
    struct kwait_block *WaitBlocks;
    struct ktimer WaitTimer;
    struct kdebug_registers Debug;
    uint64_t Affinity;                 /* bit n: it may run on processor n */
    uint8_t Processor;                 /* where it runs, is going to run, or ran last */
    uint8_t FxProcessor;               /* where its vector registers were loaded last */
    uint64_t UserStack, UserStackSize; /* lowest address; size 0: not the kernel's to free */
    uint64_t StartAddress;
    NTSTATUS ExitStatus;
};

struct kpcr {
    uint64_t *GdtBase;
    uint8_t *TssBase;
    uint64_t UserRsp;
    struct kpcr *Self;
    void *CurrentPrcb;
    uint8_t Fill1[0x38 - 0x28];
    uint64_t *IdtBase;
    uint8_t Fill2[0x180 - 0x40];
    uint32_t MxCsr;
    struct kthread *CurrentThread;
    struct kthread *NextThread; /* chosen to run next, before the ready queues are looked at */
    struct kthread *IdleThread;
    uint8_t Fill3[0x1a4 - 0x1a0];
    uint32_t Number;
    void *RspBase;
    uint8_t Fill4[0x2eb8 - 0x1b0];
    uint32_t KeSystemCalls;
    uint8_t ExitWork; /* EXIT_WORK_*; not 0: look before ring 3 is entered */

    /* This kernel's own. */
    bool ApicEnabled;
    volatile uint32_t NmisExpected, MachineChecksExpected;
    uint32_t ApicId;
    uint8_t (*IstStacks)[PAGE_SIZE + IST_STACK_SIZE]; /* IST_COUNT of them */
    struct kthread *FxOwner;    /* whose vector registers are in the processor */
    struct kthread *DeadThread; /* off its stack as soon as another one runs */
    struct kdpc *volatile DpcHead;
    struct kdpc *DpcTail;
    struct ktimer *Timers;
    uint64_t QuantumEnd; /* interrupt time; 0: nobody waits for this thread's turn to end */
    uint64_t ClockDue;   /* interrupt time for which the clock is set; 0: it is not */
    volatile uint64_t ClockReached;  /* ClockDue of the clock interrupt that has come */
    struct kernel_counters Counters; /* SystemCalls is KeSystemCalls */
    struct kdpc ClockDpc;
    const struct kprocess *LoadedProcess; /* whose page tables are in use */
    volatile uint32_t RequestSummary;     /* IPI_*: what other processors want of this one */
    volatile bool Started;
    volatile bool Frozen;        /* by a bug check on another one */
    volatile bool StopRequested; /* the running thread is to stop where it enters the kernel */
    struct kthread *volatile StoppedThread; /* it has: all its registers are in memory */
    bool FlushPending; /* translations have changed while it used none of ring 3 */

    /* Also there while ring 3 runs with KVA shadow; alone on its page. */
    uint8_t Fill5[KPCR_SHADOW - 0x3000] __attribute__((aligned(PAGE_SIZE)));
    uint64_t KernelDirectoryTableBase; /* values for CR3 */
    void *RspBaseShadow;               /* RspBase, where TSS.RSP0 is the transition stack */
    uint64_t UserRspShadow;
    uint32_t ShadowFlags;
    uint64_t UserDirectoryTableBase;
    uint64_t StampRax, StampRdx;      /* while one of the registers holds a time stamp */
    uint64_t Stamps[RS_STAMP_POINTS]; /* of the last system call by a stamped entry */
};

#define X(field, offset) _Static_assert(offsetof(struct kpcr, field) == (offset), "KPCR." #field);
KPCR_OFFSETS(X)
#undef X
#define X(field, offset)                                                                           \
    _Static_assert(offsetof(struct kthread, field) == (offset), "KTHREAD." #field);
KTHREAD_OFFSETS(X)
#undef X

struct kservice_descriptor {
    const int32_t *Base;
    uint32_t *Count; /* calls of each */
    uint32_t Limit;
    const uint8_t *Number;
};

#define X(field, offset)                                                                           \
    _Static_assert(offsetof(struct kservice_descriptor, field) == (offset), "descriptor " #field);
KSERVICE_DESCRIPTOR_OFFSETS(X)
#undef X

/* services.c: of a thread, and of one that has called the second table; calls of each service. */
extern uint32_t KiServiceCounts[RS_SERVICE_LIMIT], W32pServiceCounts[RS_WIN32_SERVICE_LIMIT];
extern const struct kservice_descriptor KeServiceDescriptorTable[2],
    KeServiceDescriptorTableShadow[2];

/* Of the processor that starts the others. */
extern struct kpcr KiInitialPcr;
extern struct kthread KiInitialThread, KiIdleThread;

static inline struct kpcr *KeGetPcr(void)
{
    struct kpcr *self;

    /* A thread may go on on another processor where it has waited. */
    __asm__ volatile("movq %%gs:%c1, %0" : "=r"(self) : "i"(offsetof(struct kpcr, Self)));
    return self;
}

static inline struct kthread *KeGetCurrentThread(void)
{
    struct kthread *thread;

    /* Not volatile: to the code of one thread it never changes. */
    __asm__("movq %%gs:%c1, %0" : "=r"(thread) : "i"(offsetof(struct kpcr, CurrentThread)));
    return thread;
}

/* Whose service this is: ring 3's, or the kernel's own (zw.S). */
static inline uint8_t KeGetPreviousMode(void)
{
    return KeGetCurrentThread()->PreviousMode;
}

/* Whose address space is in use. */
static inline struct kprocess *PsGetCurrentProcess(void)
{
    return KeGetCurrentThread()->ApcProcess;
}

/* The frame of the transition from ring 3 is always the first thing on the thread's stack. */
static inline struct ktrap_frame *KiUserTrapFrame(const struct kthread *thread)
{
    return (struct ktrap_frame *)thread->InitialStack - 1;
}

/* startup.S, init.c */
_Noreturn void KiInitializeKernel(uint64_t boot_info_gpa);
_Noreturn void KiStartUserThread(struct ktrap_frame *frame, uint64_t rip, uint64_t rsp);
extern const struct rs_boot_info *KeBootInfo;

/* syscall.S, trap.S */
extern uint8_t KiSystemCall64[], KiSystemCall32[];
extern uint8_t KiSystemServiceCopyStart[], KiSystemServiceCopyEnd[], KiSystemServiceExit[];
extern uint8_t KiSystemServiceGdiTebAccess[];
extern uint8_t KiEntryStart[], KiEntryEnd[];

/* shadow.S, shadow.c: KVA shadow, when the boot information asks for it. */
extern bool KiKvaShadow;
extern uint8_t KiSystemCall64Shadow[], KiSystemCall32Shadow[];
extern uint8_t KiKvasCodeStart[], KiKvasCodeEnd[];
void KiInitializeKvaShadow(void);
/* What the next way to ring 3 and the next way back will load, and CR3. */
void KiLoadAddressSpace(const struct kprocess *process);
bool KiPcidInUse(void);
/* Walks the user root of the caller's process: what of kernel space ring 3 runs with. More than the
 * transition area is a bug check. The number of ranges. */
struct shadow_range;
unsigned KiCheckUserRoot(struct shadow_range *ranges, unsigned max);
_Noreturn void KiSpoilUserRoot(void);

/* module.c: calls the entry of a module that MmLoadModule() has mapped, which is the end. */
struct rs_boot_module;
_Noreturn void KiRunModule(const struct rs_boot_module *module);
/* An exception in ring 0. True: the module's, which has said where to go on. */
bool KiModuleTrap(struct ktrap_frame *frame, struct kexception_frame *exception_frame,
                  unsigned vector);

/* trap.c: what entry code calls. Not STATUS_SUCCESS: KiDispatchTrap must follow. */
NTSTATUS KiTrap(struct ktrap_frame *frame, unsigned vector);
void KiDispatchTrap(struct ktrap_frame *frame, struct kexception_frame *exception_frame,
                    unsigned vector, NTSTATUS status);

/* exception.c, decode.c */
void KiBuildRecord(const struct ktrap_frame *frame, const struct kexception_frame *exception_frame,
                   unsigned vector, NTSTATUS status, struct exception_record *record);
NTSTATUS KiDecodeInvalidOpcode(const struct ktrap_frame *frame);
NTSTATUS KiDecodeGeneralProtection(const struct ktrap_frame *frame);
NTSTATUS KiDecodeDivide(const struct ktrap_frame *frame,
                        const struct kexception_frame *exception_frame);

/* dispatch.c */
void KiDispatchException(const struct exception_record *record,
                         struct kexception_frame *exception_frame, struct ktrap_frame *frame,
                         bool first_chance);

/* context.c */
NTSTATUS KiContextToFrames(const struct context *user_context, struct ktrap_frame *frame,
                           struct kexception_frame *exception_frame);
/* Of a thread that does not run, or of the caller: the parts that ContextFlags name. */
void KiGetContext(const struct kthread *thread, struct context *context);
NTSTATUS KiCheckContext(const struct context *context);
void KiSetContext(struct kthread *thread, const struct context *context);
void KiSetDebugRegisters(struct kthread *thread, const struct context *context); /* debug.c */
void KiClearVolatile(struct ktrap_frame *frame);
NTSTATUS KiFramesToContext(const struct ktrap_frame *frame,
                           const struct kexception_frame *exception_frame,
                           struct context *user_context);

/* guarded.S: the user range is not checked here, see mm.h. 0 or STATUS_ACCESS_VIOLATION. */
extern uint8_t KiGuardedStart[], KiGuardedEnd[], KiGuardedFault[];
NTSTATUS KiGuardedCopy(void *to, const void *from, size_t size);
NTSTATUS KiGuardedTouch(void *byte);
NTSTATUS KiGuardedOut(const void *from, size_t size, uint16_t port);
NTSTATUS KiGuardedFxSave(void *image);
NTSTATUS KiGuardedFxRestore(const void *image);

/* clock.c */
uint64_t KeSystemToInterruptTime(uint64_t system_time);
/* The clock interrupts once at this interrupt time, or not at all: 0. */
void KiSetClock(uint64_t due);
void KiClockTick(void);
uint64_t KeQuerySystemTime(void);
uint64_t KeQueryInterruptTime(void);
uint64_t KeQueryPerformanceFrequency(void);
uint64_t KeUpdateSharedTime(void); /* the system time that it has set */
extern struct kuser_shared_data KiSharedData;

/* expand.c: runs `callout` on a stack of its own, `size` bytes of whole pages above a guard page.
 * One at a time: what the callout calls must not expand the stack again. */
typedef void kernel_callout(void *parameter);
NTSTATUS KeExpandKernelStackAndCallout(kernel_callout *callout, void *parameter, uint64_t size);
/* callout.S */
void KiSwitchKernelStackAndCallout(kernel_callout *callout, void *parameter, void *stack);

/* test_traps.c: SysDbgMachineCheck and SysDbgTestGates of information.h. */
NTSTATUS KiSendMachineCheck(bool expected);
struct gate_flags;
void KiTestGates(struct gate_flags *flags);
struct irql_test;
void KiTestIrql(struct irql_test *test);
_Noreturn void KiShutDown(void);

/* call_services.c: SysDbgCallServices of information.h. */
void KiCallServices(struct kernel_services *result);

/* nest.c: SysDbgNestFaults of information.h. page_fault() calls the other two: before the fault is
 * served, for its depth or 0 if it is none of these; and once it is. */
NTSTATUS KiNestFaults(void *buffer, uint32_t length, uint32_t *depth);
uint32_t KiEnterNestedFault(uint64_t address);
NTSTATUS KiLeaveNestedFault(uint64_t address, uint32_t depth);

/* bugcheck.c, symbols.c */
_Noreturn void KeBugCheck(uint32_t code, const struct ktrap_frame *frame, uint64_t p1, uint64_t p2,
                          uint64_t p3, uint64_t p4);
_Noreturn void KiBugCheckTrap(const struct ktrap_frame *frame, unsigned vector);
const char *KiLookupSymbol(uint64_t address, uint64_t *offset);
_Noreturn void KeEndProgram(NTSTATUS status);

/* stacks.S, and tables written by mktables */
extern uint8_t KiKernelStack[KERNEL_STACK_SIZE], KiIdleStack[IDLE_STACK_SIZE];
extern uint8_t KiIstStacks[IST_COUNT][PAGE_SIZE + IST_STACK_SIZE];
extern uint64_t KiIdt[], KiGdt[];
/* For the IDTs of other processors: nobody has put anything of his own into these. */
extern const uint64_t KiIdtTemplate[], KiIdtShadowTemplate[];
extern uint8_t KiTss[];
extern const int32_t KiServiceTable[], W32pServiceTable[];
extern const uint8_t KiArgumentTable[], W32pArgumentTable[];
extern uint64_t KiPageTables[][PAGE_SIZE / 8], KiUserPageTables[][PAGE_SIZE / 8];
extern uint8_t KiProcessorArea[AREA_SIZE];

#endif
