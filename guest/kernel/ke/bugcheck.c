/* SPDX-License-Identifier: MIT
 * The end of the machine: bug check screen and exit ports. */

#include "cpu.h"
#include "io.h"
#include "ke.h"
#include "mm.h"
#include "processor.h"
#include "pvh.h"

#define STACK_DEPTH_MAX 32

volatile bool KiBugCheckActive;

static _Noreturn void stop(uint16_t port, uint32_t value)
{
    if (KiBootedByPvh)
        KiStopPvhMachine(port, value);
    KiOut32(port, value);
    for (;;)
        __asm__ volatile("cli\n\thlt");
}

_Noreturn void KeEndProgram(NTSTATUS status)
{
    stop(RS_PORT_PROGRAM_EXIT, (uint32_t)status);
}

/* X(code, name): Microsoft's "Bug Check Code Reference". */
#define BUG_CHECKS(X)                                                                              \
    X(0x12, "TRAP_CAUSE_UNKNOWN")                                                                  \
    X(0x1a, "MEMORY_MANAGEMENT")                                                                   \
    X(0x1e, "KMODE_EXCEPTION_NOT_HANDLED")                                                         \
    X(0x3b, "SYSTEM_SERVICE_EXCEPTION")                                                            \
    X(0x50, "PAGE_FAULT_IN_NONPAGED_AREA")                                                         \
    X(0x7f, "UNEXPECTED_KERNEL_MODE_TRAP")                                                         \
    X(0x80, "NMI_HARDWARE_FAILURE")                                                                \
    X(0x124, "WHEA_UNCORRECTABLE_ERROR")

static const char *bug_check_name(uint32_t code)
{
    switch (code) {
#define X(number, name)                                                                            \
    case number:                                                                                   \
        return name;
        BUG_CHECKS(X)
#undef X
    default:
        return "";
    }
}

static bool in_stack(uint64_t address, uint64_t bottom, uint64_t size)
{
    return address - bottom < size;
}

/* The running thread's. */
static uint64_t stack_size(void)
{
    return KeGetCurrentThread() == KeGetPcr()->IdleThread ? IDLE_STACK_SIZE : KERNEL_STACK_SIZE;
}

static uint64_t stack_bottom(void)
{
    return (uint64_t)KeGetCurrentThread()->InitialStack - stack_size();
}

/* 0 = thread stack, 1-4 = IST, -1 = none. Guard pages belong to the stack above them. */
static int stack_of(uint64_t rsp)
{
    if (in_stack(rsp, stack_bottom() - PAGE_SIZE, stack_size() + PAGE_SIZE))
        return 0;
    for (int ist = 1; ist <= IST_COUNT; ist++)
        if (in_stack(rsp, (uint64_t)KeGetPcr()->IstStacks[ist - 1], sizeof(KiIstStacks[0])))
            return ist;
    return -1;
}

/* A whole quadword: the ends are multiples of 8, too. */
static bool is_readable_stack(uint64_t address)
{
    const struct kthread *thread = KeGetCurrentThread();

    if (address & 7)
        return false;
    if (in_stack(address, stack_bottom(), stack_size()) ||
        in_stack(address, thread->StackLimit, thread->StackBase - thread->StackLimit))
        return true;
    for (int ist = 0; ist < IST_COUNT; ist++)
        if (in_stack(address, (uint64_t)KeGetPcr()->IstStacks[ist] + PAGE_SIZE, IST_STACK_SIZE))
            return true;
    return false;
}

static void print_address(uint64_t address)
{
    uint64_t offset;
    const char *name = KiLookupSymbol(address, &offset);

    if (name)
        KdPrint("  %016lx %s+0x%lx\n", address, name, offset);
    else
        KdPrint("  %016lx\n", address);
}

/*
 * C code keeps frame pointers. Entry code keeps RBP = trap frame + bias instead, so a return
 * address inside it leads to the frame of what was interrupted.
 */
static void print_stack(const struct ktrap_frame *frame)
{
    uint64_t rip = frame->Rip, rbp = frame->Rbp;

    KdPrint("stack:\n");
    print_address(rip);
    for (int depth = 0; depth < STACK_DEPTH_MAX; depth++) {
        uint64_t last = rip;

        if (rip - (uint64_t)KiEntryStart < (uint64_t)(KiEntryEnd - KiEntryStart)) {
            frame = (const struct ktrap_frame *)(rbp - KTRAP_FRAME_RBP_BIAS);
            if (!is_readable_stack((uint64_t)frame) || !is_readable_stack((uint64_t)&frame->SegSs))
                return;
            if (KiFromUser(frame)) {
                KdPrint("  ring 3 %016lx\n", frame->Rip);
                return;
            }
            rip = frame->Rip;
            rbp = frame->Rbp;
        } else {
            const uint64_t *link = (const uint64_t *)rbp;

            if (!is_readable_stack(rbp) || !is_readable_stack(rbp + 8))
                return;
            rip = link[1];
            rbp = link[0];
        }
        /* A recursion is one line. */
        if (rip != last)
            print_address(rip);
        else
            depth--;
    }
}

static void print_registers(const struct ktrap_frame *f)
{
    KdPrint("rip=%016lx rsp=%016lx rfl=%08lx\n", f->Rip, f->Rsp, f->EFlags);
    KdPrint("rax=%016lx rbx=%016lx rcx=%016lx\n", f->Rax, f->Rbx, f->Rcx);
    KdPrint("rdx=%016lx rsi=%016lx rdi=%016lx\n", f->Rdx, f->Rsi, f->Rdi);
    KdPrint("rbp=%016lx r8 =%016lx r9 =%016lx\n", f->Rbp, f->R8, f->R9);
    KdPrint("r10=%016lx r11=%016lx cs =%04lx ss=%04lx\n", f->R10, f->R11, f->SegCs, f->SegSs);
    KdPrint("error code=%lx cr2=%016lx cr3=%016lx\n", f->ErrorCode, KiReadCr2(), KiReadCr3());
}

/* The idle thread has never been in ring 3. */
static bool in_service(const struct kthread *thread)
{
    return thread != KeGetPcr()->IdleThread &&
           KiUserTrapFrame(thread)->ExceptionActive == TRAP_SERVICE;
}

_Noreturn void KiFreeze(void)
{
    KeGetPcr()->Frozen = true;
    for (;;)
        __asm__ volatile("cli\n\thlt");
}

/* One processor tells, the others stop, whatever they do. */
static void stop_others(void)
{
    uint64_t frozen;

    if (__atomic_exchange_n(&KiBugCheckActive, true, __ATOMIC_SEQ_CST) && KiMultiprocessor)
        KiFreeze();
    frozen = KiFreezeOthers();
    if (KiMultiprocessor)
        KdPrint("\n*** processor %u of %u stops the others: 0x%lx of 0x%lx\n", KeGetPcr()->Number,
                KeNumberProcessors, frozen,
                KeQueryActiveProcessors() & ~KiProcessorMask(KeGetPcr()));
}

_Noreturn void KeBugCheck(uint32_t code, const struct ktrap_frame *frame, uint64_t p1, uint64_t p2,
                          uint64_t p3, uint64_t p4)
{
    const struct kthread *thread = KeGetCurrentThread();
    int stack = stack_of((uint64_t)__builtin_frame_address(0));

    stop_others();
    KdPrint("\n*** STOP: 0x%08x (0x%016lx, 0x%016lx, 0x%016lx, 0x%016lx)\n", code, p1, p2, p3, p4);
    KdPrint("%s\n\n", bug_check_name(code));
    print_registers(frame);
    if (stack > 0)
        KdPrint("handler stack: IST %d\n", stack);
    else
        KdPrint("handler stack: thread, IST 0\n");
    if (in_service(thread))
        KdPrint("service: 0x%x\n", thread->SystemCallNumber);
    print_stack(frame);
    stop(RS_PORT_BUG_CHECK, code);
}

/* The status that an exception handler of the kernel would have seen. */
static NTSTATUS kernel_status(unsigned vector)
{
    switch (vector) {
    case RS_VECTOR_DE:
        return STATUS_INTEGER_DIVIDE_BY_ZERO;
    case RS_VECTOR_DB:
        return STATUS_SINGLE_STEP;
    case RS_VECTOR_BP:
        return STATUS_BREAKPOINT;
    case RS_VECTOR_UD:
        return STATUS_ILLEGAL_INSTRUCTION;
    case RS_VECTOR_GP:
    case RS_VECTOR_PF:
        return STATUS_ACCESS_VIOLATION;
    default:
        return STATUS_SUCCESS;
    }
}

_Noreturn void KiBugCheckTrap(const struct ktrap_frame *frame, unsigned vector)
{
    NTSTATUS status = kernel_status(vector);
    uint64_t address = frame->FaultAddress;
    bool service = in_service(KeGetCurrentThread());

    if (vector == RS_VECTOR_NMI)
        KeBugCheck(0x80, frame, 0, 0, 0, 0);
    if (vector == RS_VECTOR_MC)
        KeBugCheck(0x124, frame, 0, 0, KiReadMsr(MSR_MC0_STATUS) >> 32,
                   (uint32_t)KiReadMsr(MSR_MC0_STATUS));
    if (vector == RS_VECTOR_PF && address >= RS_GVA_USER_PROBE)
        KeBugCheck(0x50, frame, address, (frame->ErrorCode >> 1) & 9, frame->Rip, 0);
    if (vector < 32 && status == STATUS_SUCCESS)
        KeBugCheck(vector <= RS_VECTOR_CP && vector != 0x0f ? 0x7f : 0x12, frame, vector,
                   frame->ErrorCode, frame->Rip, 0);
    if (service)
        KeBugCheck(0x3b, frame, (uint32_t)status, frame->Rip, (uint64_t)frame, 0);
    KeBugCheck(0x1e, frame, (uint32_t)status, frame->Rip, 0, address);
}
