/* SPDX-License-Identifier: MIT
 * Time: TSC to 100 ns units, the shared page's clocks, and sleeping on one timer interrupt. */

#include "apic.h"
#include "cpu.h"
#include "ke.h"
#include "mm.h"

#include <nt/process.h>

#define UNITS_PER_SECOND RS_U64(10000000) /* 100 ns */
#define NANOSECOND_HZ RS_U64(1000000000)

/* A host that does not know its TSC frequency counts it as nanoseconds. */
uint64_t KeQueryPerformanceFrequency(void)
{
    return KeBootInfo->tsc_hz ? KeBootInfo->tsc_hz : NANOSECOND_HZ;
}

uint64_t KeQueryInterruptTime(void)
{
    return KiMultiplyDivide(KiReadTsc() - KeBootInfo->boot_tsc, UNITS_PER_SECOND,
                            KeQueryPerformanceFrequency());
}

uint64_t KeQuerySystemTime(void)
{
    return KeBootInfo->boot_time + KeQueryInterruptTime();
}

static void set_time(struct ksystem_time *time, uint64_t value)
{
    int32_t high = (int32_t)(value >> 32);

    time->High2Time = high;
    time->LowPart = (uint32_t)value;
    time->High1Time = high;
}

uint64_t KeUpdateSharedTime(void)
{
    uint64_t interrupt_time = KeQueryInterruptTime();
    uint64_t system_time = KeBootInfo->boot_time + interrupt_time;

    set_time(&KiSharedData.InterruptTime, interrupt_time);
    set_time(&KiSharedData.SystemTime, system_time);
    return system_time;
}

/* Waits for one timer interrupt. Another interrupt that ends HLT does not end the wait. */
static void wait_count(uint32_t count)
{
    struct kpcr *pcr = KeGetPcr();

    KiDisableInterrupts();
    pcr->ClockFired = false;
    KiStartTimer(count);
    while (!pcr->ClockFired)
        KiEnableAndHalt();
    KiEnableInterrupts();
}

void KeSleep(uint64_t interval)
{
    uint64_t hz = KeBootInfo->apic_timer_hz ? KeBootInfo->apic_timer_hz : NANOSECOND_HZ;

    /* Whole seconds apart, so that the product cannot overflow; a count has 32 bits. */
    for (; interval > UNITS_PER_SECOND; interval -= UNITS_PER_SECOND)
        wait_count((uint32_t)(hz < UINT32_MAX ? hz : UINT32_MAX));
    if (interval) {
        uint64_t count = interval * hz / UNITS_PER_SECOND;

        wait_count((uint32_t)(count == 0 ? 1 : count < UINT32_MAX ? count : UINT32_MAX));
    }
}

/* For ever: nothing but this thread could end the wait. The VMM's time limit ends the machine. */
_Noreturn void KeSleepForever(void)
{
    for (;;)
        KiEnableAndHalt();
}
