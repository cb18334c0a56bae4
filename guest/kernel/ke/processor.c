/* SPDX-License-Identifier: MIT
 * From one processor to several: the others are started one after the other, by INIT and STARTUP.
 */

#include "processor.h"

#include "apic.h"
#include "cpu.h"
#include "io.h"
#include "mm.h"
#include "scheduler.h"

#include <nt/process.h>
#include <rtl.h>

/* 100 ns units. A host may be slow to let a processor run at all. */
#define FIRST_PATIENCE RS_U64(1000000)
#define PATIENCE RS_U64(50000000)

extern const uint8_t KiTrampoline[], KiTrampolineEnd[];
void KiMakeTrampolineTables(void);
_Noreturn void KiInitializeProcessor(struct kpcr *pcr);

uint32_t KeNumberProcessors = 1;
struct kpcr *KiProcessorBlock[RS_CPUS_MAX] = {&KiInitialPcr};
uint8_t KiApicIds[RS_CPUS_MAX] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
extern struct kpcr *KiStartingPcr;
struct kpcr *KiStartingPcr; /* of the one that is being started */

/* On the new processor, on the stack of its idle thread. */
_Noreturn void KiInitializeProcessor(struct kpcr *pcr)
{
    if (KiKvaShadow)
        KiInitializeShadowProcessor();
    KiEnableSystemCalls();
    KiEnableApic();
    KiWriteIrql(DISPATCH_LEVEL);
    pcr->Started = true;
    KiAcquireKernelLock();
    KiEnableInterrupts();
    KiIdleLoop();
}

static bool wait_for(const struct kpcr *pcr, uint64_t patience)
{
    uint64_t end = KeQueryInterruptTime() + patience;

    while (!pcr->Started && KeQueryInterruptTime() < end)
        KiPause();
    return pcr->Started;
}

/* SDM Vol. 3A, "MP Initialization Protocol Algorithm for MP Systems": a second STARTUP for one that
 * has missed the first. */
static bool start(struct kpcr *pcr)
{
    const uint8_t vector = RS_GPA_TRAMPOLINE >> PAGE_SHIFT;

    KiStartingPcr = pcr;
    KiSendInit(pcr->ApicId);
    KiSendStartup(pcr->ApicId, vector);
    if (wait_for(pcr, FIRST_PATIENCE))
        return true;
    KiSendStartup(pcr->ApicId, vector);
    return wait_for(pcr, PATIENCE);
}

static void prepare(void)
{
    struct kpcr *pcr = KeGetPcr();

    KiEnableApic();
    pcr->ApicId = KiApicIds[0];
    memcpy(MmPhysical(RS_GPA_TRAMPOLINE), KiTrampoline, (size_t)(KiTrampolineEnd - KiTrampoline));
    KiMakeTrampolineTables();
    KiMultiprocessor = true;
    KiAcquireKernelLock();
}

/* The programs see how many there are. */
static void announce(void)
{
    uint64_t all = KeQueryActiveProcessors();

    KiSharedData.ActiveProcessorCount = KeNumberProcessors;
    PsInitialProcess.Affinity = KiInitialThread.Affinity = all;
}

void KeStartAllProcessors(void)
{
    uint32_t count = KeBootInfo->cpu_count < RS_CPUS_MAX ? KeBootInfo->cpu_count : RS_CPUS_MAX;

    prepare();
    for (uint32_t n = 1; n < count; n++) {
        struct kpcr *pcr = MmCreateProcessor(n);

        if (!pcr) {
            KdPrint("*** processor %u: no memory\n", n);
            break;
        }
        pcr->ApicId = KiApicIds[n];
        KiProcessorBlock[n] = pcr;
        if (!start(pcr)) {
            KdPrint("*** processor %u, APIC ID %u, does not start\n", n, pcr->ApicId);
            KeBugCheck(0x5c, KiUserTrapFrame(KeGetCurrentThread()), n, pcr->ApicId, 0, 0);
        }
        KeNumberProcessors = n + 1;
    }
    announce();
}
