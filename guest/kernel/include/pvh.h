/* SPDX-License-Identifier: MIT
 * Boot without ringscope: by the "x86/HVM direct boot ABI" (PVH) of Xen, which `qemu -kernel` uses.
 * What ringscope's boot information says is found out here instead. */
#ifndef KERNEL_PVH_H
#define KERNEL_PVH_H

#include <ringscope/abi.h>
#include <stdbool.h>

/* Set before KiSystemStartup: the exit ports of abi.h are not there, and a UART takes its time. */
extern bool KiBootedByPvh;

/* pvh.S calls it, with the address of struct hvm_start_info; the GPA of the boot information. */
uint64_t KiBuildBootInfo(uint32_t start_info_gpa);

/* pvh_processors.c: their number, and their APIC IDs into KiApicIds; 1 without ACPI tables. */
uint32_t KiFindProcessors(uint64_t rsdp_gpa);

/* pvh_time.c: frequencies, system time. */
void KiFindTime(struct rs_boot_info *boot);

/* pvh_stop.c: `port` is one of abi.h's. */
_Noreturn void KiStopPvhMachine(uint16_t port, uint32_t value);
_Noreturn void KiRefuseBoot(const char *reason);

#endif
