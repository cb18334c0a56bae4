/* SPDX-License-Identifier: MIT
 * IRQL, and the procedures that interrupts leave for DISPATCH_LEVEL. */

#include "apic.h"
#include "cpu.h"
#include "ke.h"

/* The queue is the interrupt handlers' too: with IF = 0. */
static struct kdpc *remove_dpc(struct kpcr *pcr)
{
    struct kdpc *dpc;

    KiDisableInterrupts();
    dpc = pcr->DpcHead;
    if (dpc) {
        pcr->DpcHead = dpc->Next;
        dpc->Queued = false;
    }
    KiEnableInterrupts();
    return dpc;
}

/* IF is 1 on return. */
void KiRetireDpcList(void)
{
    struct kpcr *pcr = KeGetPcr();
    struct kdpc *dpc;

    while ((dpc = remove_dpc(pcr)) != NULL)
        dpc->Routine(dpc->Context);
}

void KeLowerIrql(uint8_t irql)
{
    const struct kpcr *pcr = KeGetPcr();

    if (irql < DISPATCH_LEVEL && pcr->DpcHead)
        KiRetireDpcList();
    KiWriteIrql(irql);
    if (irql < DISPATCH_LEVEL && pcr->DpcHead) /* an interrupt has come between the two */
        KiSendSelf(RS_VECTOR_DPC);
}

void KeInsertQueueDpc(struct kdpc *dpc)
{
    struct kpcr *pcr = KeGetPcr();
    uint64_t flags = KiSaveAndDisableInterrupts();

    if (!dpc->Queued) {
        dpc->Queued = true;
        dpc->Next = NULL;
        if (pcr->DpcHead)
            pcr->DpcTail->Next = dpc;
        else
            pcr->DpcHead = dpc;
        pcr->DpcTail = dpc;
    }
    KiRestoreInterrupts(flags);
    if (KeGetCurrentIrql() < DISPATCH_LEVEL)
        KiSendSelf(RS_VECTOR_DPC);
}
