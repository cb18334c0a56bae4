/* SPDX-License-Identifier: MIT
 * Frequencies and the time of day from the hardware: CPUID, or the timer chip; the CMOS clock. */

#include "apic.h"
#include "cpu.h"
#include "pvh.h"

/* What days_of() counts before 1601-01-01. */
#define DAYS_TO_1601 RS_U64(584694)
#define UNITS_PER_SECOND RS_U64(10000000) /* 100 ns */

/* Intel 8254 data sheet; port 61 of the PC: bit 0 gate of counter 2, bit 1 speaker, bit 5 output.
 */
#define PIT_HZ RS_U64(1193182)
#define PIT_COUNTER2 0x42
#define PIT_CONTROL 0x43
#define PIT_COUNTER2_MODE0 0xb0 /* low byte, high byte; the output rises at the end */
#define PORT_NOTHING 0xff       /* no chip pulls a line down */
#define PORT_61 0x61
#define PORT_61_GATE 0x01
#define PORT_61_SPEAKER 0x02
#define PORT_61_OUTPUT 0x20
#define PIT_COUNT 11932 /* 10 ms */
#define PIT_PATIENCE 10000000
#define ROUNDS 3

/* MC146818 data sheet; the century is where ACPI's FADT of a PC says. */
#define CMOS_INDEX 0x70
#define CMOS_DATA 0x71
#define CMOS_A_UPDATING 0x80
#define CMOS_B_BINARY 0x04
#define CMOS_B_24_HOURS 0x02
#define CMOS_HOUR_PM 0x80
#define CMOS_PATIENCE 1000000

#define CMOS_SECONDS 0x00
#define CMOS_MINUTES 0x02
#define CMOS_HOURS 0x04
#define CMOS_DAY 0x07
#define CMOS_MONTH 0x08
#define CMOS_YEAR 0x09
#define CMOS_A 0x0a
#define CMOS_B 0x0b
#define CMOS_D 0x0d
#define CMOS_D_ZEROS 0x7f
#define CMOS_CENTURY 0x32

/* CPUID: the hypervisor's own leaves. */
#define CPUID_1_ECX_HYPERVISOR 0x80000000
#define CPUID_HYPERVISOR 0x40000000
#define CPUID_HYPERVISOR_TIMING 0x40000010

static uint64_t measured_tsc;

/* 10 ms. Gives up where the chip is not there: then the frequencies stay unknown. */
static void wait_for_pit(void)
{
    uint32_t patience = PIT_PATIENCE;
    uint64_t start;

    measured_tsc = 0;
    if (KiIn8(PORT_61) == PORT_NOTHING)
        return;
    KiOut8(PORT_61, (uint8_t)((KiIn8(PORT_61) & ~PORT_61_SPEAKER) | PORT_61_GATE));
    KiOut8(PIT_CONTROL, PIT_COUNTER2_MODE0);
    KiOut8(PIT_COUNTER2, PIT_COUNT & 0xff);
    KiOut8(PIT_COUNTER2, PIT_COUNT >> 8);
    start = KiReadTsc();
    while (!(KiIn8(PORT_61) & PORT_61_OUTPUT) && patience)
        patience--;
    measured_tsc = patience ? KiReadTsc() - start : 0;
}

/* The shortest round: whatever comes between makes one longer. */
static void measure(struct rs_boot_info *boot)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t timer = KiCountTimer(wait_for_pit) * PIT_HZ / PIT_COUNT;
        uint64_t tsc = measured_tsc * PIT_HZ / PIT_COUNT;

        if (tsc == 0)
            return;
        if (round == 0 || tsc < boot->tsc_hz) {
            boot->tsc_hz = tsc;
            boot->apic_timer_hz = timer;
        }
    }
}

/* CPUID 40000010h, in kHz: what KVM and others tell when they tell. 15h is left alone: hypervisors
 * pass on a crystal that their LAPIC timer does not run by. */
static bool ask_cpuid(struct rs_boot_info *boot)
{
    uint32_t eax, ebx, ecx, edx;

    KiCpuid(1, &eax, &ebx, &ecx, &edx);
    if (!(ecx & CPUID_1_ECX_HYPERVISOR))
        return false;
    KiCpuid(CPUID_HYPERVISOR, &eax, &ebx, &ecx, &edx);
    if (eax < CPUID_HYPERVISOR_TIMING || eax > CPUID_HYPERVISOR + 0xff)
        return false;
    KiCpuid(CPUID_HYPERVISOR_TIMING, &eax, &ebx, &ecx, &edx);
    boot->tsc_hz = eax * RS_U64(1000);
    boot->apic_timer_hz = ebx * RS_U64(1000);
    return eax && ebx;
}

static uint8_t cmos(uint8_t index)
{
    KiOut8(CMOS_INDEX, index);
    return KiIn8(CMOS_DATA);
}

/* Two decimal digits, unless the chip is in binary mode. */
static uint64_t cmos_number(uint8_t raw)
{
    return cmos(CMOS_B) & CMOS_B_BINARY ? raw : (raw >> 4) * 10 + (raw & 15);
}

static uint64_t cmos_hours(void)
{
    uint8_t raw = cmos(CMOS_HOURS);
    uint64_t hours = cmos_number(raw & (uint8_t)~CMOS_HOUR_PM);

    if (cmos(CMOS_B) & CMOS_B_24_HOURS)
        return hours;
    return hours % 12 + (raw & CMOS_HOUR_PM ? 12 : 0);
}

/* Days since 1601-01-01 in the Gregorian calendar; years begin in March, so that the leap day is
 * the last one. */
static uint64_t days_of(uint64_t year, uint64_t month, uint64_t day)
{
    year -= month <= 2;
    month = (month + 9) % 12;
    return year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1 -
           DAYS_TO_1601;
}

/* Where no chip answers, as in a QEMU microvm, all bits are ones: also those that are always 0. */
static bool has_clock(void)
{
    return !(cmos(CMOS_D) & CMOS_D_ZEROS);
}

/* 100 ns since 1601-01-01; 0, its first moment, without a clock. */
static uint64_t read_clock(void)
{
    uint32_t patience = CMOS_PATIENCE;
    uint64_t century, days;

    if (!has_clock())
        return 0;
    while ((cmos(CMOS_A) & CMOS_A_UPDATING) && patience)
        patience--;
    century = cmos_number(cmos(CMOS_CENTURY));
    if (century < 19 || century > 99)
        century = 20;
    days = days_of(century * 100 + cmos_number(cmos(CMOS_YEAR)), cmos_number(cmos(CMOS_MONTH)),
                   cmos_number(cmos(CMOS_DAY)));
    return (((days * 24 + cmos_hours()) * 60 + cmos_number(cmos(CMOS_MINUTES))) * 60 +
            cmos_number(cmos(CMOS_SECONDS))) *
           UNITS_PER_SECOND;
}

void KiFindTime(struct rs_boot_info *boot)
{
    if (!ask_cpuid(boot))
        measure(boot);
    boot->boot_time = read_clock();
    boot->boot_tsc = KiReadTsc();
}
