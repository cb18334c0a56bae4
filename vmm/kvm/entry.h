/* SPDX-License-Identifier: MIT
 * The states in which boot protocols other than ringscope's own enter a kernel. */
#ifndef RINGSCOPE_KVM_ENTRY_H
#define RINGSCOPE_KVM_ENTRY_H

#include "vcpu.h"

/*
 * Multiboot 1, "I386 machine state", and PVH, "x86/HVM direct boot ABI": protected mode, paging
 * off, flat segments of 4 GiB, a TSS of 32 bits without memory, IF = 0, EAX and EBX as given, every
 * other general register 0.
 */
int rs_vcpu_enter_protected(struct rs_vcpu *vcpu, uint32_t eip, uint32_t eax, uint32_t ebx,
                            struct rs_error *error);

/* "The Linux/x86 Boot Protocol", "64-bit Boot Protocol": rs_vcpu_set_long_mode() with RSI = the
 * boot parameters, and a GDT at `gdt` with __BOOT_CS and __BOOT_DS in it. */
#define RS_LINUX_BOOT_CS KGDT64_R0_CODE
#define RS_LINUX_BOOT_DS KGDT64_R0_DATA
#define RS_LINUX_GDT_ENTRIES 4
extern const uint64_t rs_linux_gdt[RS_LINUX_GDT_ENTRIES];
int rs_vcpu_enter_linux(struct rs_vcpu *vcpu, uint64_t rip, uint64_t rsi, uint64_t cr3,
                        uint64_t gdt, struct rs_error *error);

/* Real mode at CS:IP, interrupts off, what a processor has after INIT otherwise; for waking from
 * S3: ACPI specification, "Waking and Restoring from Sleep States". At an exit: counts from the
 * next KVM_RUN on. */
void rs_vcpu_enter_real(struct rs_vcpu *vcpu, uint16_t cs, uint16_t ip);

#endif
