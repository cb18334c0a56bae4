/* SPDX-License-Identifier: MIT
 * Structures that assembler and C share: each offset is written once and checked against C. */
#ifndef KERNEL_FRAME_H
#define KERNEL_FRAME_H

/*
 * KTRAP_FRAME: one layout for SYSCALL, INT n, exceptions and interrupts. 168-18f is what the
 * processor pushes, 160 its error code. Handlers keep RBP = frame + KTRAP_FRAME_RBP_BIAS.
 */
#define KTRAP_FRAME_OFFSETS(X)                                                                     \
    X(P1Home, 0x000)                                                                               \
    X(PreviousMode, 0x028)                                                                         \
    X(ExceptionActive, 0x02b)                                                                      \
    X(MxCsr, 0x02c)                                                                                \
    X(Rax, 0x030)                                                                                  \
    X(Rcx, 0x038)                                                                                  \
    X(Rdx, 0x040)                                                                                  \
    X(R8, 0x048)                                                                                   \
    X(R9, 0x050)                                                                                   \
    X(R10, 0x058)                                                                                  \
    X(R11, 0x060)                                                                                  \
    X(GsBase, 0x068)                                                                               \
    X(Xmm, 0x070)                                                                                  \
    X(FaultAddress, 0x0d0)                                                                         \
    X(Dr0, 0x0d8)                                                                                  \
    X(SegDs, 0x130)                                                                                \
    X(TrapFrame, 0x138)                                                                            \
    X(Rbx, 0x140)                                                                                  \
    X(Rdi, 0x148)                                                                                  \
    X(Rsi, 0x150)                                                                                  \
    X(Rbp, 0x158)                                                                                  \
    X(ErrorCode, 0x160)                                                                            \
    X(Rip, 0x168)                                                                                  \
    X(SegCs, 0x170)                                                                                \
    X(EFlags, 0x178)                                                                               \
    X(Rsp, 0x180)                                                                                  \
    X(SegSs, 0x188)
#define KTRAP_FRAME_SIZE 0x190
#define KTRAP_FRAME_RBP_BIAS 0x80

/* KTHREAD.PreviousMode, and KTRAP_FRAME's while a Zw service runs: who asked for the service. */
#define KERNEL_MODE 0
#define USER_MODE 1

/* KTRAP_FRAME.ExceptionActive */
#define TRAP_INTERRUPT 0
#define TRAP_EXCEPTION 1
#define TRAP_SERVICE 2

/* KEXCEPTION_FRAME: the registers that only a full context needs. XMM6-15 stay in the CPU. */
#define KEXCEPTION_FRAME_OFFSETS(X)                                                                \
    X(TrapFrame, 0x0d0)                                                                            \
    X(R12, 0x118)                                                                                  \
    X(R13, 0x120)                                                                                  \
    X(R14, 0x128)                                                                                  \
    X(R15, 0x130)                                                                                  \
    X(Return, 0x138)
#define KEXCEPTION_FRAME_SIZE 0x140

/* KPCR, with the KPRCB at 180. Offsets of build 19041. */
#define KPCR_OFFSETS(X)                                                                            \
    X(GdtBase, 0x000)                                                                              \
    X(TssBase, 0x008)                                                                              \
    X(UserRsp, 0x010)                                                                              \
    X(Self, 0x018)                                                                                 \
    X(CurrentPrcb, 0x020)                                                                          \
    X(IdtBase, 0x038)                                                                              \
    X(MxCsr, 0x180)                                                                                \
    X(CurrentThread, 0x188)                                                                        \
    X(NextThread, 0x190)                                                                           \
    X(IdleThread, 0x198)                                                                           \
    X(Number, 0x1a4)                                                                               \
    X(RspBase, 0x1a8)                                                                              \
    X(KeSystemCalls, 0x2eb8)                                                                       \
    X(ExitWork, 0x2ebc)                                                                            \
    X(KernelDirectoryTableBase, KPCR_SHADOW)                                                       \
    X(RspBaseShadow, KPCR_SHADOW + 0x08)                                                           \
    X(UserRspShadow, KPCR_SHADOW + 0x10)                                                           \
    X(ShadowFlags, KPCR_SHADOW_FLAGS)                                                              \
    X(UserDirectoryTableBase, KPCR_SHADOW + 0x20)                                                  \
    X(StampRax, KPCR_SHADOW + 0x28)                                                                \
    X(StampRdx, KPCR_SHADOW + 0x30)                                                                \
    X(Stamps, KPCR_SHADOW + 0x38)
#define KPCR_PRCB 0x180
/* KPCR.ExitWork. LOCKED: this processor holds the kernel lock, and gives it back. */
#define EXIT_WORK_PENDING 0x01
#define EXIT_WORK_LOCKED 0x80
/* The one page of it that is there while ring 3 runs. */
#define KPCR_SHADOW 0x9000
#define KPCR_SHADOW_FLAGS (KPCR_SHADOW + 0x18)
/* KPCR.ShadowFlags: translations of ring 3 have changed, the next way there drops them. */
#define SHADOW_FLUSH_PENDING 0x1

#define KTHREAD_OFFSETS(X)                                                                         \
    X(InitialStack, 0x028)                                                                         \
    X(StackLimit, 0x030)                                                                           \
    X(StackBase, 0x038)                                                                            \
    X(KernelStack, 0x058)                                                                          \
    X(ThreadFlags, 0x078)                                                                          \
    X(SystemCallNumber, 0x080)                                                                     \
    X(FirstArgument, 0x088)                                                                        \
    X(TrapFrame, 0x090)                                                                            \
    X(ApcProcess, 0x0b8)                                                                           \
    X(UserApcPending, 0x0c2)                                                                       \
    X(Priority, 0x0c3)                                                                             \
    X(WaitStatus, 0x0c8)                                                                           \
    X(Teb, 0x0f0)                                                                                  \
    X(State, 0x184)                                                                                \
    X(Win32Thread, 0x1c8)                                                                          \
    X(Process, 0x220)                                                                              \
    X(PreviousMode, 0x232)                                                                         \
    X(NonVolatile, 0x240)                                                                          \
    X(FxState, 0x380)

/* KTHREAD.ThreadFlags: KeServiceDescriptorTableShadow is its table. */
#define THREAD_GUI 0x80

#define KSERVICE_DESCRIPTOR_OFFSETS(X)                                                             \
    X(Base, 0x00)                                                                                  \
    X(Count, 0x08)                                                                                 \
    X(Limit, 0x10)                                                                                 \
    X(Number, 0x18)
#define KSERVICE_DESCRIPTOR_SIZE 0x20

/* The descriptor tables, built at link time. */
#define KGDT64_SIZE 0x58
#define KIDT64_SIZE 0x1000

/*
 * KPROCESSOR_DESCRIPTOR_AREA: what a processor with KVA shadow reads and writes before CR3 is the
 * kernel's. Transition stack 0 is RSP0's and whole; of stack n the top is the frame that IST n
 * starts below.
 */
#define AREA_IDT 0x0000
#define AREA_TSS 0x1000
#define AREA_GDT 0x2fb0
#define AREA_STACKS 0x4000
#define AREA_STACK_SIZE 0x200
#define AREA_SIZE 0x5000
#define AREA_RSP0 (AREA_STACKS + AREA_STACK_SIZE)
#define AREA_IST(n) (AREA_STACKS + (n)*AREA_STACK_SIZE + AREA_STACK_SIZE - IST_FRAME_SIZE)

#define IST_FRAME_OFFSETS(X)                                                                       \
    X(KernelGsBase, 0x00) /* KPCR */                                                               \
    X(Link, 0x08)         /* top of the stack that the handler runs on */                          \
    X(PreviousCr3, 0x18)
#define IST_FRAME_SIZE 0x30

/* Kernel stacks. Each has an unmapped page below it. */
#define KERNEL_STACK_SIZE 0x6000
#define IDLE_STACK_SIZE 0x2000
#define IST_STACK_SIZE 0x2000
#define IST_COUNT 4

#ifdef __ASSEMBLER__
#define X(field, offset) .set TRAP_##field, offset;
KTRAP_FRAME_OFFSETS(X)
#undef X
#define X(field, offset) .set EXCEPTION_##field, offset;
KEXCEPTION_FRAME_OFFSETS(X)
#undef X
#define X(field, offset) .set PCR_##field, offset;
KPCR_OFFSETS(X)
#undef X
#define X(field, offset) .set THREAD_##field, offset;
KTHREAD_OFFSETS(X)
#undef X
#define X(field, offset) .set SERVICE_##field, offset;
KSERVICE_DESCRIPTOR_OFFSETS(X)
#undef X
#define X(field, offset) .set IST_##field, offset;
IST_FRAME_OFFSETS(X)
#undef X
#endif

#endif
