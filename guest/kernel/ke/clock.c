/* SPDX-License-Identifier: MIT
 * Time: TSC to 100 ns units, the shared page's clocks, and when the clock interrupts. */

#include "apic.h"
#include "cpu.h"
#include "ke.h"
#include "mm.h"
#include "processor.h"

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

static uint64_t update_shared_time(void)
{
    uint64_t interrupt_time = KeQueryInterruptTime();
    uint64_t system_time = KeBootInfo->boot_time + interrupt_time;

    set_time(&KiSharedData.InterruptTime, interrupt_time);
    set_time(&KiSharedData.SystemTime, system_time);
    return system_time;
}

/* Interrupts do it, too, without the kernel lock. */
uint64_t KeUpdateSharedTime(void)
{
    static volatile uint8_t busy;
    uint64_t flags, time;

    if (!KiMultiprocessor)
        return update_shared_time();
    flags = KeAcquireInterruptSpinLock(&busy);
    time = update_shared_time();
    KeReleaseInterruptSpinLock(&busy, flags);
    return time;
}

uint64_t KeSystemToInterruptTime(uint64_t system_time)
{
    return system_time > KeBootInfo->boot_time ? system_time - KeBootInfo->boot_time : 0;
}

/*
 * A count has 32 bits: a clock that is due later comes early, and is set again. Whole seconds are
 * taken off first, so that the product cannot overflow.
 */
void KiSetClock(uint64_t due)
{
    uint64_t hz = KeBootInfo->apic_timer_hz ? KeBootInfo->apic_timer_hz : NANOSECOND_HZ;
    uint64_t longest = UINT32_MAX / hz * UNITS_PER_SECOND;
    uint64_t now, interval, flags, count = 0;

    if (longest == 0)
        longest = UINT32_MAX * UNITS_PER_SECOND / hz;
    if (due) {
        now = KeQueryInterruptTime();
        interval = due > now ? due - now : 0;
        if (interval > longest) {
            interval = longest;
            due = now + longest;
        }
        count = interval * hz / UNITS_PER_SECOND;
        count += count == 0;
    }
    /* The end of an earlier count must not be taken for this one's, in between. */
    flags = KiSaveAndDisableInterrupts();
    KeGetPcr()->ClockDue = due;
    KiStartTimer((uint32_t)count);
    KiRestoreInterrupts(flags);
}
