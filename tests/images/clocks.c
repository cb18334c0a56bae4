/* SPDX-License-Identifier: MIT
 * The 8254, the clock of the day, the CMOS memory, and what CPUID says of time. */
#include "selftest.h"

static void cpuid(uint32_t leaf, uint32_t registers[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(registers[0]), "=b"(registers[1]), "=c"(registers[2]),
                       "=d"(registers[3])
                     : "a"(leaf), "c"(0));
}

/* Counter 2 counts down and its output, bit 5 of port 61h, goes up at zero. */
static void check_pit(void)
{
    unsigned polls = 0;
    uint16_t first, second;

    out8(0x61, 0x01); /* gate on, speaker off */
    out8(0x43, 0xb0); /* counter 2, both bytes, mode 0 */
    out8(0x42, 0xff);
    out8(0x42, 0xff);
    out8(0x43, 0x80); /* latch */
    first = in8(0x42);
    first |= (uint16_t)(in8(0x42) << 8);
    while (!(in8(0x61) & 0x20) && ++polls < 10000000)
        ;
    check(in8(0x61) & 0x20, "8254: counter 2 comes to its end");
    out8(0x43, 0x80);
    second = in8(0x42);
    second |= (uint16_t)(in8(0x42) << 8);
    check(first != second, "8254: its count changes");
}

static uint8_t cmos(uint8_t index)
{
    out8(0x70, index);
    return in8(0x71);
}

static int is_bcd(uint8_t value, uint8_t most)
{
    return (value & 0xf) <= 9 && value <= most;
}

static void check_rtc(void)
{
    check(cmos(13) & 0x80, "RTC: register D says that it is valid");
    check(is_bcd(cmos(0), 0x59) && is_bcd(cmos(2), 0x59) && is_bcd(cmos(4), 0x23),
          "RTC: seconds, minutes and hours are BCD");
    check(is_bcd(cmos(8), 0x12) && cmos(8) && cmos(0x32) >= 0x20, "RTC: month and century");
    check(cmos(0x15) + cmos(0x16) * 256 == 640, "CMOS: 640 KiB of base memory");
}

void check_clocks(void)
{
    uint32_t registers[4];

    check_pit();
    check_rtc();
    cpuid(1, registers);
    check(registers[2] >> 31, "CPUID 1: there is a hypervisor");
    cpuid(0x40000000, registers);
    check(registers[1] == 0x4b4d564b, "CPUID 40000000h: KVM");
    cpuid(0x40000001, registers);
    check(registers[0] & 0x9, "CPUID 40000001h: kvmclock");
}
