/* SPDX-License-Identifier: MIT
 * What each vector does: the C half of exception and interrupt entry. */

#include "apic.h"
#include "cpu.h"
#include "io.h"
#include "ke.h"
#include "mm.h"
#include "processor.h"

/* Not an NTSTATUS of ring 3: "this vector has nothing of its own to do, dispatch it". */
#define STATUS_DISPATCH STATUS_UNSUCCESSFUL

static bool in_range(uint64_t rip, const uint8_t *start, const uint8_t *end)
{
    return rip - (uint64_t)start < (uint64_t)(end - start);
}

/*
 * A fault in ring 0 that is the fault of a bad user pointer continues at a known place. The
 * faulting code has pushed nothing, so only RIP and RAX change.
 */
static bool resume_guarded(struct ktrap_frame *frame, NTSTATUS status)
{
    if (KiFromUser(frame))
        return false;
    if (in_range(frame->Rip, KiGuardedStart, KiGuardedEnd)) {
        frame->Rip = (uint64_t)KiGuardedFault;
        return true;
    }
    if (in_range(frame->Rip, KiSystemServiceCopyStart, KiSystemServiceCopyEnd) ||
        frame->Rip == (uint64_t)KiSystemServiceGdiTebAccess) {
        frame->Rip = (uint64_t)KiSystemServiceExit;
        frame->Rax = (uint32_t)status;
        return true;
    }
    return false;
}

static NTSTATUS page_fault(struct ktrap_frame *frame)
{
    NTSTATUS status;
    uint32_t nested;

    frame->FaultAddress = KiReadCr2();
    KeGetPcr()->Counters.PageFaults++;
    nested = KiEnterNestedFault(frame->FaultAddress);
    status = MmAccessFault(frame->ErrorCode, frame->FaultAddress);
    if (nested && NT_SUCCESS(status))
        status = KiLeaveNestedFault(frame->FaultAddress, nested);
    if (status != STATUS_SUCCESS && resume_guarded(frame, status))
        status = STATUS_SUCCESS;
    return status;
}

/*
 * DR6 is not cleared by the processor (SDM Vol. 3B, "Debug Status Register (DR6)"). The kernel
 * can run into a data breakpoint of ring 3 when it copies for it: that is nobody's exception.
 */
static NTSTATUS debug(struct ktrap_frame *frame)
{
    uint64_t dr6 = KiReadDr6();

    KiWriteDr6(0xffff0ff0);
    frame->Dr6 = dr6;
    if (!KiFromUser(frame) && !(dr6 & DR6_BS) && KeGetCurrentThread()->Debug.Dr7)
        return STATUS_SUCCESS;
    KeGetCurrentThread()->Debug.Dr6 = dr6;
    frame->EFlags &= ~RFLAGS_TF;
    return STATUS_DISPATCH;
}

/* No user memory is touched here and nothing can fault: NMIs stay blocked until IRETQ. */
static NTSTATUS nmi(const struct ktrap_frame *frame)
{
    struct kpcr *pcr = KeGetPcr();

    if (KiBugCheckActive)
        KiFreeze();
    if (pcr->NmisExpected == 0)
        KiBugCheckTrap(frame, RS_VECTOR_NMI);
    pcr->NmisExpected--;
    pcr->Counters.Nmis++;
    return STATUS_SUCCESS;
}

/* As an NMI, but that the next one would be a shutdown until MCIP is clear. Where RIPV is not set,
 * or nobody has asked for it, there is no going on. */
static NTSTATUS machine_check(const struct ktrap_frame *frame)
{
    struct kpcr *pcr = KeGetPcr();

    if (pcr->MachineChecksExpected == 0 || !(KiReadMsr(MSR_MCG_STATUS) & MCG_STATUS_RIPV))
        KiBugCheckTrap(frame, RS_VECTOR_MC);
    pcr->MachineChecksExpected--;
    pcr->Counters.MachineChecks++;
    KiWriteMsr(MSR_MC0_STATUS, 0);
    KiWriteMsr(MSR_MCG_STATUS, 0);
    return STATUS_SUCCESS;
}

/* What the handler of either gate finds in RFLAGS: SDM Vol. 3A, "Flag Usage By Exception- or
 * Interrupt-Handler Procedure". INT n in KiTestGates has put it here. */
static NTSTATUS test_gate(struct ktrap_frame *frame)
{
    __asm__ volatile("pushfq\n\tpopq %0" : "=r"(frame->Rax));
    return STATUS_SUCCESS;
}

/* The kernel lock, which deferred calls need, is not waited for here. */
static bool may_retire(const struct kpcr *pcr)
{
    return !KiMultiprocessor || (pcr->ExitWork & EXIT_WORK_LOCKED);
}

/*
 * Back to the level before; what was left for DISPATCH_LEVEL is done on the way, or else on the way
 * to ring 3. What an interrupt leaves that comes here in between, when the level is still high, has
 * an interrupt of its own.
 */
static void end_interrupt(uint8_t before)
{
    struct kpcr *pcr = KeGetPcr();
    bool retires = before < DISPATCH_LEVEL && pcr->DpcHead && may_retire(pcr);

    KiEndOfInterruptAt(retires ? DISPATCH_LEVEL : before);
    if (retires) {
        KiRetireDpcList();
        KiWriteIrql(before);
        KiDisableInterrupts();
    }
    if (!pcr->DpcHead)
        return;
    if (!may_retire(pcr))
        pcr->ExitWork |= EXIT_WORK_PENDING;
    else if (before < DISPATCH_LEVEL)
        KiSendSelf(RS_VECTOR_DPC);
}

/*
 * KiEnableAndHalt() relies on STI, which holds interrupts off until HLT has begun. A hypervisor
 * that loses this when it leaves and enters the guest between the two (KVM on QEMU's emulation of
 * SVM does; the claim interrupt.shadow of `ringscope doctor`) delivers the interrupt before HLT,
 * which would then wait for an event that has been. So HLT is over, as it had been if it had begun.
 */
static void end_halt(struct ktrap_frame *frame)
{
    static const uint8_t sti_hlt[] = {0xfb, 0xf4};
    const uint8_t *rip = (const uint8_t *)frame->Rip;

    if (!KiFromUser(frame) && rip[0] == sti_hlt[1] && rip[-1] == sti_hlt[0])
        frame->Rip++;
}

/*
 * An interrupt raises IRQL to its own level. What it left for DISPATCH_LEVEL is done before the
 * interrupted code goes on, if that was below: one interrupt then does for both. IF is 0 on
 * return, as it was.
 */
static NTSTATUS interrupt(struct ktrap_frame *frame, unsigned vector, void (*handler)(void))
{
    uint8_t before = KeGetCurrentIrql();

    end_halt(frame);
    KiWriteIrqlLettingIn(IRQL_OF_VECTOR(vector));
    frame->PreviousIrql = before;
    if (handler)
        handler();
    end_interrupt(before);
    return STATUS_SUCCESS;
}

static NTSTATUS unexpected(struct ktrap_frame *frame, unsigned vector)
{
    if (vector < 32)
        KiBugCheckTrap(frame, vector);
    KeGetPcr()->Counters.UnexpectedInterrupts++;
    return interrupt(frame, vector, NULL);
}

/* Interrupts have no need of it, and what runs on an IST stack must not wait for it. */
static bool needs_kernel_lock(const struct ktrap_frame *frame, unsigned vector)
{
    if (!KiFromUser(frame) || vector == RS_VECTOR_NMI || vector == RS_VECTOR_DF ||
        vector == RS_VECTOR_MC)
        return false;
    return vector < RS_VECTOR_DPC && vector != RS_VECTOR_APC;
}

NTSTATUS KiTrap(struct ktrap_frame *frame, unsigned vector)
{
    if (KiMultiprocessor && needs_kernel_lock(frame, vector))
        KiAcquireKernelLock();
    switch (vector) {
    case RS_VECTOR_PF:
        return page_fault(frame);
    case RS_VECTOR_GP:
        return resume_guarded(frame, STATUS_ACCESS_VIOLATION) ? STATUS_SUCCESS : STATUS_DISPATCH;
    case RS_VECTOR_DB:
        return debug(frame);
    case RS_VECTOR_NMI:
        return nmi(frame);
    case RS_VECTOR_MC:
        return machine_check(frame);
    case RS_VECTOR_DF:
        KiBugCheckTrap(frame, vector);
    case RS_VECTOR_INTGATE:
    case RS_VECTOR_TRAPGATE:
        return test_gate(frame);
    case RS_VECTOR_CLOCK:
        return interrupt(frame, vector, KiClockTick);
    case RS_VECTOR_IPI:
        return interrupt(frame, vector, KiIpiProcessRequests);
    case RS_VECTOR_SERIAL:
        return interrupt(frame, vector, IoSerialInterrupt);
    case RS_VECTOR_KEYBOARD:
        return interrupt(frame, vector, IoKeyboardInterrupt);
    case RS_VECTOR_DISK:
        return interrupt(frame, vector, IoDiskInterrupt);
    case RS_VECTOR_APC: /* procedures for ring 3 are delivered on the way there */
        return interrupt(frame, vector, NULL);
    case RS_VECTOR_DPC:
        KeGetPcr()->Counters.DispatchInterrupts++;
        return interrupt(frame, vector, NULL);
    case RS_VECTOR_SPURIOUS: /* no end of interrupt: SDM Vol. 3A, "Spurious Interrupt" */
        return STATUS_SUCCESS;
    case RS_VECTOR_FASTFAIL:
    case RS_VECTOR_ASSERT:
    case RS_VECTOR_DBGSVC:
        return STATUS_DISPATCH;
    default:
        break;
    }
    if (vector <= RS_VECTOR_CP && vector != 0x0f)
        return STATUS_DISPATCH;
    return unexpected(frame, vector);
}

void KiDispatchTrap(struct ktrap_frame *frame, struct kexception_frame *exception_frame,
                    unsigned vector, NTSTATUS status)
{
    struct exception_record record;

    if (!KiFromUser(frame)) {
        if (KiModuleTrap(frame, exception_frame, vector))
            return;
        KiBugCheckTrap(frame, vector);
    }
    KiBuildRecord(frame, exception_frame, vector, status, &record);
    frame->Rip = (uint64_t)record.ExceptionAddress;
    if (vector == RS_VECTOR_DBGSVC) /* INT 2D skips the INT3 that follows it */
        frame->Rip++;
    KiDispatchException(&record, exception_frame, frame, vector != RS_VECTOR_FASTFAIL);
}
