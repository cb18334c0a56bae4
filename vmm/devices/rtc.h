/* SPDX-License-Identifier: MIT
 * The PC's clock and its CMOS memory. */
#ifndef RINGSCOPE_RTC_H
#define RINGSCOPE_RTC_H

#include "ports.h"

#include <time.h>

/*
 * Source: Motorola MC146818A data sheet, "Address Map" and "Registers"; IBM PC AT Technical
 * Reference, "Real-Time Clock/CMOS RAM". The time of day is the host's, UTC, in BCD and 24 hours
 * unless register B says otherwise; it cannot be set. No interrupt is raised: the alarm is asked
 * for with rs_rtc_alarm() by what wakes the machine.
 */
#define RS_PORT_RTC 0x70
#define RS_RTC_PORTS 2
#define RS_CMOS_SIZE 128

struct rs_rtc {
    void (*now)(void *context, struct timespec *now); /* seconds since 1970, UTC */
    void *context;
    uint8_t index;
    uint8_t cmos[RS_CMOS_SIZE];
};

/* memory_size: bytes of RAM, which CMOS tells as the BIOS of a PC does. */
void rs_rtc_init(struct rs_rtc *device, uint64_t memory_size,
                 void (*now)(void *context, struct timespec *now), void *context);
void rs_rtc_io(void *device, struct rs_port_io *io); /* an rs_port_fn */

/* Whether the alarm is enabled and what it is set to fits this second. */
bool rs_rtc_alarm(const struct rs_rtc *device, time_t second);

#endif
