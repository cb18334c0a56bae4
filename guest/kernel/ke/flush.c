/* SPDX-License-Identifier: MIT
 * TLB shoot-down. It is over before the frame that a translation led to is used for anything else.
 */

#include "cpu.h"
#include "mm.h"
#include "processor.h"

static uint64_t others(void)
{
    return KeQueryActiveProcessors() & ~KiProcessorMask(KeGetPcr());
}

static void flush_page(void *context)
{
    KiInvalidatePage((uint64_t)context);
}

/* Who is idle or waits for the kernel lock uses none of the pages that come and go, and drops all
 * of them before it does. */
void KeFlushSingleTb(uint64_t address)
{
    uint64_t later;

    KiInvalidatePage(address);
    if (!KiMultiprocessor)
        return;
    later = KiIdleSummary | KiWaitingSummary;
    for (uint32_t n = 0; n < KeNumberProcessors; n++)
        if (later >> n & 1)
            KiProcessorBlock[n]->FlushPending = true;
    KiIpiGenericCall(others() & ~later, flush_page, (void *)address);
}

/* CR3 reads without bit 63: writing it back drops what is kept for the kernel's PCID. */
void KiFlushMissed(void)
{
    struct kpcr *pcr = KeGetPcr();

    if (!pcr->FlushPending)
        return;
    pcr->FlushPending = false;
    pcr->ShadowFlags |= SHADOW_FLUSH_PENDING;
    KiWriteCr3(KiReadCr3());
}

static void unload(void *context)
{
    if (KeGetPcr()->LoadedProcess == context)
        KiLoadAddressSpace(&PsInitialProcess);
}

/* An idle processor keeps those of its last thread. */
void KiUnloadProcess(const struct kprocess *process)
{
    uint64_t targets = 0;

    if (!KiMultiprocessor)
        return;
    for (uint32_t n = 0; n < KeNumberProcessors; n++)
        if (KiProcessorBlock[n]->LoadedProcess == process)
            targets |= UINT64_C(1) << n;
    KiIpiGenericCall(targets & others(), unload, (void *)(uintptr_t)process);
}
