/* SPDX-License-Identifier: MIT
 * Requests to other processors. One that waits for the kernel lock answers them there, the others
 * by interrupt. */

#include "apic.h"
#include "cpu.h"
#include "processor.h"

#define FREEZE_PATIENCE RS_U64(2000000) /* 100 ns units: a processor may be far from running */

/* One at a time: the kernel lock's. */
static struct {
    void (*function)(void *context);
    void *context;
    volatile uint64_t targets; /* that have not answered */
} packet;

void KiIpiSend(uint64_t processors, uint32_t request)
{
    uint64_t flags = KiSaveAndDisableInterrupts();

    for (uint32_t n = 0; n < KeNumberProcessors; n++) {
        if (!(processors >> n & 1))
            continue;
        __atomic_fetch_or(&KiProcessorBlock[n]->RequestSummary, request, __ATOMIC_SEQ_CST);
        KiSendIpi(KiProcessorBlock[n]->ApicId, RS_VECTOR_IPI);
    }
    KiRestoreInterrupts(flags);
}

static void answer_packet(const struct kpcr *pcr)
{
    packet.function(packet.context);
    __atomic_fetch_and(&packet.targets, ~KiProcessorMask(pcr), __ATOMIC_RELEASE);
}

/* IF = 0. The rest is done on the way to ring 3, or by the idle loop. */
void KiIpiProcessRequests(void)
{
    struct kpcr *pcr = KeGetPcr();
    uint32_t requests = __atomic_exchange_n(&pcr->RequestSummary, 0, __ATOMIC_ACQUIRE);

    if (requests & IPI_PACKET_READY)
        answer_packet(pcr);
    if (requests & (IPI_APC | IPI_DPC))
        pcr->ExitWork |= EXIT_WORK_PENDING;
}

void KiIpiGenericCall(uint64_t processors, void (*function)(void *context), void *context)
{
    if (!processors)
        return;
    packet.function = function;
    packet.context = context;
    __atomic_store_n(&packet.targets, processors, __ATOMIC_RELEASE);
    KiIpiSend(processors, IPI_PACKET_READY);
    while (packet.targets)
        KiPause();
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
}

uint64_t KiFreezeOthers(void)
{
    uint64_t others = KeQueryActiveProcessors() & ~KiProcessorMask(KeGetPcr()), frozen;
    uint64_t end = KeQueryInterruptTime() + FREEZE_PATIENCE;

    if (!others)
        return 0;
    KiSendNmiToOthers();
    do {
        frozen = 0;
        for (uint32_t n = 0; n < KeNumberProcessors; n++)
            frozen |= (uint64_t)KiProcessorBlock[n]->Frozen << n;
        KiPause();
    } while (frozen != others && KeQueryInterruptTime() < end);
    return frozen;
}
