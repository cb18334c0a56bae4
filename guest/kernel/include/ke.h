/* SPDX-License-Identifier: MIT
 * Kernel core: processor, thread, trap handling, clock, bug check. */
#ifndef KERNEL_KE_H
#define KERNEL_KE_H

#include "trap.h"

#include <nt/information.h>
#include <ringscope/abi.h>
#include <ringscope/nt/services.h>
#include <ringscope/x86/msr.h>
#include <ringscope/x86/vectors.h>

struct kprocess;

struct kthread {
    uint8_t Fill1[0x28];
    void *InitialStack;
    uint64_t StackLimit, StackBase; /* of the stack that C code runs on now */
    uint8_t Fill2[0x80 - 0x40];
    uint32_t SystemCallNumber;
    uint64_t FirstArgument;
    struct ktrap_frame *TrapFrame;
    uint8_t Fill3[0xf0 - 0x98];
    uint64_t Teb;
    uint8_t Fill4[0x220 - 0xf8];
    struct kprocess *Process;
    uint8_t Fill5[0x232 - 0x228];
    uint8_t PreviousMode;
    struct client_id Cid;
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
    uint8_t Fill3[0x1a8 - 0x190];
    void *RspBase;
    uint8_t Fill4[0x2eb8 - 0x1b0];
    uint32_t KeSystemCalls;

    /* This kernel's own. */
    bool ApicEnabled;
    volatile bool ClockFired;
    volatile uint32_t NmisExpected;
    struct kernel_counters Counters; /* SystemCalls is KeSystemCalls */
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
    uint32_t *Count;
    uint32_t Limit;
    const uint8_t *Number;
};

#define X(field, offset)                                                                           \
    _Static_assert(offsetof(struct kservice_descriptor, field) == (offset), "descriptor " #field);
KSERVICE_DESCRIPTOR_OFFSETS(X)
#undef X

/* With one processor, GS:0 is always this one. */
extern struct kpcr KiInitialPcr;
extern struct kthread KiInitialThread;

static inline struct kpcr *KeGetPcr(void)
{
    struct kpcr *self;

    __asm__("movq %%gs:%c1, %0" : "=r"(self) : "i"(offsetof(struct kpcr, Self)));
    return self;
}

static inline struct kthread *KeGetCurrentThread(void)
{
    struct kthread *thread;

    __asm__("movq %%gs:%c1, %0" : "=r"(thread) : "i"(offsetof(struct kpcr, CurrentThread)));
    return thread;
}

/* The frame of the transition from ring 3 is always the first thing on the thread's stack. */
static inline struct ktrap_frame *KiUserTrapFrame(const struct kthread *thread)
{
    return (struct ktrap_frame *)thread->InitialStack - 1;
}

/* startup.S, init.c */
_Noreturn void KiInitializeKernel(uint64_t boot_info_gpa);
_Noreturn void KiStartUserThread(struct ktrap_frame *frame);
extern const struct rs_boot_info *KeBootInfo;

/* syscall.S, trap.S */
extern uint8_t KiSystemCall64[], KiSystemCall32[];
extern uint8_t KiSystemServiceCopyStart[], KiSystemServiceCopyEnd[], KiSystemServiceExit[];
extern uint8_t KiEntryStart[], KiEntryEnd[];

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
void KeSleep(uint64_t interval); /* 100 ns units */
_Noreturn void KeSleepForever(void);
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
extern uint8_t KiKernelStack[KERNEL_STACK_SIZE], KiIstStacks[IST_COUNT][PAGE_SIZE + IST_STACK_SIZE];
extern uint64_t KiIdt[], KiGdt[];
extern uint8_t KiTss[];
extern const int32_t KiServiceTable[];
extern const uint8_t KiArgumentTable[];
extern uint64_t KiPageTables[][PAGE_SIZE / 8];

#endif
