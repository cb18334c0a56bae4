/* SPDX-License-Identifier: MIT
 * The local APIC. */
#ifndef KERNEL_APIC_H
#define KERNEL_APIC_H

#include <stdbool.h>
#include <stdint.h>

/* Whose rules CPUID says that the processor follows; false until the APIC is enabled. */
extern bool KiIsAmd;

void KiEnableApic(void);
void KiEndOfInterrupt(void);
/* One clock interrupt after `count` periods of rs_boot_info.apic_timer_hz; 0: none. */
void KiStartTimer(uint32_t count);
/* Periods that go by in `wait`, which is short of 2^32 of them. No interrupt comes of it. */
uint32_t KiCountTimer(void (*wait)(void));
/* The count has come to its end since it was set. */
bool KiTimerHasEnded(void);
/* An interrupt to this processor, for which IRQL and IF must let it through. */
void KiSendSelf(uint8_t vector);
/* An announced NMI to this processor: NmisExpected is 0 when it has been taken. */
void KiPostNmiToSelf(void);
/* To another processor, by the ID of its local APIC. IF = 0, for the two that are one command each.
 */
void KiSendIpi(uint32_t apic_id, uint8_t vector);
/* INIT, and the STARTUP that makes it begin at vector << 12. */
void KiSendInit(uint32_t apic_id);
void KiSendStartup(uint32_t apic_id, uint8_t vector);
void KiSendNmiToOthers(void);
uint32_t KiReadApicId(void);
/* false: the NMI was announced and has not come. */
bool KiSendNmiToSelf(bool expected);

#endif
