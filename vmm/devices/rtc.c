/* SPDX-License-Identifier: MIT
 * The PC's clock and its CMOS memory. */
#include "rtc.h"

#include <string.h>

enum {
    SECONDS,
    SECONDS_ALARM,
    MINUTES,
    MINUTES_ALARM,
    HOURS,
    HOURS_ALARM,
    DAY_OF_WEEK,
    DAY_OF_MONTH,
    MONTH,
    YEAR,
    REGISTER_A,
    REGISTER_B,
    REGISTER_C,
    REGISTER_D,
    CMOS_BASE_MEMORY = 0x15,     /* KiB below 640 KiB, 2 bytes */
    CMOS_EXTENDED_MEMORY = 0x17, /* KiB above 1 MiB, 2 bytes; also at 0x30 */
    CMOS_CENTURY = 0x32,
    CMOS_EXTENDED_COPY = 0x30,
    CMOS_HIGH_MEMORY = 0x34 /* units of 64 KiB above 16 MiB, 2 bytes */
};
#define A_UPDATE_IN_PROGRESS 0x80
#define A_32768_HZ 0x26
#define B_24_HOURS 0x02
#define B_BINARY 0x04
#define B_ALARM 0x20
#define D_VALID 0x80
#define PM 0x80          /* of an hour of 12 */
#define DONT_CARE 0xc0   /* of an alarm: both bits set */
#define UPDATE_NS 244141 /* 8 cycles of 32,768 Hz before the second changes */
#define NS_PER_S 1000000000L

static uint16_t at_most_16_bits(uint64_t value)
{
    return value < UINT16_MAX ? (uint16_t)value : UINT16_MAX;
}

static void put_16(struct rs_rtc *device, unsigned at, uint16_t value)
{
    device->cmos[at] = (uint8_t)value;
    device->cmos[at + 1] = (uint8_t)(value >> 8);
}

void rs_rtc_init(struct rs_rtc *device, uint64_t memory_size,
                 void (*now)(void *context, struct timespec *now), void *context)
{
    const uint64_t mib = UINT64_C(1) << 20;
    uint16_t extended = at_most_16_bits((memory_size - mib) >> 10);

    memset(device, 0, sizeof(*device));
    device->now = now;
    device->context = context;
    device->cmos[REGISTER_A] = A_32768_HZ;
    device->cmos[REGISTER_B] = B_24_HOURS;
    put_16(device, CMOS_BASE_MEMORY, 640);
    put_16(device, CMOS_EXTENDED_MEMORY, extended);
    put_16(device, CMOS_EXTENDED_COPY, extended);
    if (memory_size > 16 * mib)
        put_16(device, CMOS_HIGH_MEMORY, at_most_16_bits((memory_size - 16 * mib) >> 16));
}

static uint8_t encode(const struct rs_rtc *device, int value)
{
    if (device->cmos[REGISTER_B] & B_BINARY)
        return (uint8_t)value;
    return (uint8_t)(value / 10 % 10 << 4 | value % 10);
}

static uint8_t encode_hour(const struct rs_rtc *device, int hour)
{
    int twelve = hour % 12 ? hour % 12 : 12;

    if (device->cmos[REGISTER_B] & B_24_HOURS)
        return encode(device, hour);
    return (uint8_t)(encode(device, twelve) | (hour >= 12 ? PM : 0));
}

static uint8_t read_time(const struct rs_rtc *device, unsigned index)
{
    struct timespec now;
    struct tm utc;

    device->now(device->context, &now);
    if (index == REGISTER_A)
        return (uint8_t)(device->cmos[REGISTER_A] |
                         (now.tv_nsec >= NS_PER_S - UPDATE_NS ? A_UPDATE_IN_PROGRESS : 0));
    if (!gmtime_r(&now.tv_sec, &utc))
        return 0;
    switch (index) {
    case SECONDS:
        return encode(device, utc.tm_sec);
    case MINUTES:
        return encode(device, utc.tm_min);
    case HOURS:
        return encode_hour(device, utc.tm_hour);
    case DAY_OF_WEEK:
        return encode(device, utc.tm_wday + 1);
    case DAY_OF_MONTH:
        return encode(device, utc.tm_mday);
    case MONTH:
        return encode(device, utc.tm_mon + 1);
    case YEAR:
        return encode(device, utc.tm_year % 100);
    default:
        return encode(device, 19 + utc.tm_year / 100);
    }
}

static uint8_t read_byte(const struct rs_rtc *device)
{
    switch (device->index) {
    case SECONDS:
    case MINUTES:
    case HOURS:
    case DAY_OF_WEEK:
    case DAY_OF_MONTH:
    case MONTH:
    case YEAR:
    case REGISTER_A:
    case CMOS_CENTURY:
        return read_time(device, device->index);
    case REGISTER_C:
        return 0;
    case REGISTER_D:
        return D_VALID;
    default:
        return device->cmos[device->index];
    }
}

static void write_byte(struct rs_rtc *device, uint8_t value)
{
    if (device->index == REGISTER_A)
        value &= (uint8_t)~A_UPDATE_IN_PROGRESS;
    device->cmos[device->index] = value;
}

/* A wide access is so many bytes at ascending ports. Bit 7 of the index masks NMIs on a PC. */
void rs_rtc_io(void *context, struct rs_port_io *io)
{
    struct rs_rtc *device = context;

    if (!io->out)
        io->value = io->size == 4 ? 0xffff0000u : 0;
    for (unsigned i = 0; i < io->size && i < RS_RTC_PORTS; i++) {
        bool data = (unsigned)(io->port - RS_PORT_RTC) + i == 1;

        if (!io->out)
            io->value |= (uint32_t)(data ? read_byte(device) : 0xff) << (8 * i);
        else if (data)
            write_byte(device, (uint8_t)(io->value >> (8 * i)));
        else
            device->index = (uint8_t)(io->value >> (8 * i)) % RS_CMOS_SIZE;
    }
}

static bool fits(uint8_t alarm, uint8_t now)
{
    return (alarm & DONT_CARE) == DONT_CARE || alarm == now;
}

bool rs_rtc_alarm(const struct rs_rtc *device, time_t second)
{
    struct tm utc;

    return (device->cmos[REGISTER_B] & B_ALARM) && gmtime_r(&second, &utc) &&
           fits(device->cmos[SECONDS_ALARM], encode(device, utc.tm_sec)) &&
           fits(device->cmos[MINUTES_ALARM], encode(device, utc.tm_min)) &&
           fits(device->cmos[HOURS_ALARM], encode_hour(device, utc.tm_hour));
}
