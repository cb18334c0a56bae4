/* SPDX-License-Identifier: MIT
 * The local APIC in xAPIC mode: one-shot timer, NMI to itself, end of interrupt. */

#include "apic.h"
#include "cpu.h"
#include "ke.h"
#include "mm.h"

/* SDM Vol. 3A, "Local APIC Register Address Map". */
#define APIC_ID 0x020
#define APIC_EOI 0x0b0
#define APIC_SVR 0x0f0
#define APIC_ICR_LOW 0x300
#define APIC_ICR_HIGH 0x310
#define APIC_LVT_TIMER 0x320
#define APIC_TIMER_INITIAL 0x380
#define APIC_TIMER_CURRENT 0x390
#define APIC_TIMER_DIVIDE 0x3e0

#define APIC_SVR_ENABLE 0x100
#define APIC_LVT_MASKED 0x10000
#define APIC_ICR_NMI 0x400
#define APIC_ICR_INIT 0x500
#define APIC_ICR_STARTUP 0x600
#define APIC_ICR_PENDING 0x1000
#define APIC_ICR_ASSERT 0x4000
#define APIC_ICR_SELF 0x40000   /* destination shorthand; delivery mode fixed */
#define APIC_ICR_OTHERS 0xc0000 /* all but self */
#define APIC_ID_SHIFT 24
#define APIC_TIMER_DIVIDE_BY_1 0xb

#define VENDOR_AMD 0x68747541 /* "Auth" */

bool KiIsAmd;

static volatile uint32_t *apic_register(unsigned offset)
{
    return (volatile uint32_t *)((uint8_t *)MmPhysical(RS_GPA_LAPIC) + offset);
}

/* At first use, not at boot. A divide configuration of 1 counts at the input frequency. */
void KiEnableApic(void)
{
    struct kpcr *pcr = KeGetPcr();
    uint32_t eax, ebx, ecx, edx;

    if (pcr->ApicEnabled)
        return;
    pcr->ApicEnabled = true;
    KiCpuid(0, &eax, &ebx, &ecx, &edx);
    KiIsAmd = ebx == VENDOR_AMD;
    *apic_register(APIC_SVR) = APIC_SVR_ENABLE | RS_VECTOR_SPURIOUS;
    *apic_register(APIC_TIMER_DIVIDE) = APIC_TIMER_DIVIDE_BY_1;
    *apic_register(APIC_LVT_TIMER) = RS_VECTOR_CLOCK; /* one-shot, not masked */
}

void KiStartTimer(uint32_t count)
{
    KiEnableApic();
    *apic_register(APIC_TIMER_INITIAL) = count;
}

uint32_t KiCountTimer(void (*wait)(void))
{
    uint32_t periods;

    *apic_register(APIC_TIMER_DIVIDE) = APIC_TIMER_DIVIDE_BY_1;
    *apic_register(APIC_LVT_TIMER) = APIC_LVT_MASKED | RS_VECTOR_CLOCK;
    *apic_register(APIC_TIMER_INITIAL) = UINT32_MAX;
    wait();
    periods = UINT32_MAX - *apic_register(APIC_TIMER_CURRENT);
    *apic_register(APIC_TIMER_INITIAL) = 0; /* stops it */
    return periods;
}

bool KiTimerHasEnded(void)
{
    return *apic_register(APIC_TIMER_CURRENT) == 0;
}

void KiSendSelf(uint8_t vector)
{
    KiEnableApic();
    *apic_register(APIC_ICR_LOW) = APIC_ICR_SELF | vector;
}

/* SDM Vol. 3A, "Interrupt Command Register (ICR)": writing the lower half sends. */
static void send(uint32_t apic_id, uint32_t command)
{
    while (*apic_register(APIC_ICR_LOW) & APIC_ICR_PENDING)
        KiPause();
    *apic_register(APIC_ICR_HIGH) = apic_id << APIC_ID_SHIFT;
    *apic_register(APIC_ICR_LOW) = command;
}

void KiSendIpi(uint32_t apic_id, uint8_t vector)
{
    send(apic_id, vector | APIC_ICR_ASSERT);
}

void KiSendInit(uint32_t apic_id)
{
    send(apic_id, APIC_ICR_INIT | APIC_ICR_ASSERT);
}

void KiSendStartup(uint32_t apic_id, uint8_t vector)
{
    send(apic_id, APIC_ICR_STARTUP | APIC_ICR_ASSERT | vector);
}

void KiSendNmiToOthers(void)
{
    send(0, APIC_ICR_OTHERS | APIC_ICR_NMI | APIC_ICR_ASSERT);
}

uint32_t KiReadApicId(void)
{
    return *apic_register(APIC_ID) >> APIC_ID_SHIFT;
}

void KiEndOfInterrupt(void)
{
    *apic_register(APIC_EOI) = 0;
}

static void send_nmi(void)
{
    *apic_register(APIC_ICR_HIGH) = *apic_register(APIC_ID);
    *apic_register(APIC_ICR_LOW) = APIC_ICR_NMI;
}

void KiPostNmiToSelf(void)
{
    KeGetPcr()->NmisExpected++;
    send_nmi();
}

/* One instruction, so that an NMI that comes meanwhile is always taken at the same RIP. */
static void wait_a_little(void)
{
    uint64_t count = 64;

    __asm__ volatile("1: loop 1b" : "+c"(count));
}

/*
 * An NMI is taken at an instruction boundary soon after, even with IF = 0, but a host may need
 * an exit for it: wait until KiNmiInterrupt has run.
 */
bool KiSendNmiToSelf(bool expected)
{
    struct kpcr *pcr = KeGetPcr();
    unsigned patience = 2000;

    KiEnableApic();
    pcr->NmisExpected += expected;
    send_nmi();
    while (patience-- && !(expected && pcr->NmisExpected == 0))
        wait_a_little();
    return expected && pcr->NmisExpected == 0;
}
