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

/*
 * First the APIC's, then IRQL: what comes next waits for IRET, so that interrupts do not nest
 * without an end. Not so on AMD's processors, where CR8 needs IF = 1 (KiWriteIrql()): there IRQL
 * falls first, while the APIC still has the vector in service, which holds off those that are not
 * higher. Nor may that be done everywhere: with Intel's TPR shadow but no virtual-interrupt
 * delivery KVM asks for an exit when the TPR falls below the class of the highest request, and does
 * not take that back while the vector in service holds the request off. The processor then exits
 * again at each entry, for ever (SDM Vol. 3C, "VM Exits Induced by the TPR Threshold"; Linux 6.1).
 */
void KiEndOfInterruptAt(uint8_t irql)
{
    if (KiIsAmd) {
        KiWriteIrqlLettingIn(irql);
        KiEndOfInterrupt();
    } else {
        KiEndOfInterrupt();
        KiWriteIrql(irql);
    }
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
