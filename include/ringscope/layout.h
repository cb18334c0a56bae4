/* SPDX-License-Identifier: MIT
 * The address map: every fixed address of the machine and of the bundled guest kernel. */
#ifndef RINGSCOPE_LAYOUT_H
#define RINGSCOPE_LAYOUT_H

#include <ringscope/x86/cpu.h>

/*
 * Guest-physical (GPA):
 *
 *   0000_0000            page 0: never used, so that a stray zero shows
 *   0000_1000            boot information page (struct rs_boot_info)
 *   0000_2000-0001_ffff  boot page tables (the VMM's, until the kernel loads its own CR3)
 *   0000_8000            from then on: the page where the other processors start, in real mode
 *   0020_0000            bundled kernel image; boot modules follow it, page-aligned
 *   ...      -bfff_ffff  RAM, RS_RAM_MIN..RS_RAM_MAX bytes from 0
 *   d000_0000            virtio block device of the paging file
 *   e000_0000            hook page: RAM of the VMM's own: window page tables, pristine instructions
 *   e010_0000            gate window: no memory behind it; a fetch from it exits
 *   e020_0000            snapshots: tables and code of the VMM's own
 *   fec0_0000, fee0_0000 IOAPIC, LAPIC
 *   fffb_c000            KVM's identity-map page and TSS (needed by kvm_intel)
 *
 * Guest-virtual (GVA) of the bundled kernel, the NT shape:
 *
 *   0000_0000_7ffe_0000  KUSER_SHARED_DATA, read-only for ring 3
 *   0000_0000_7ffe_1000  the stamp area, in a process that has asked for it
 *   0000_0001_4000_0000  program image
 *   0000_7fff_ffff_0000  MmUserProbeAddress: the last 64 KiB below the hole are never mapped
 *   ffff_f780_0000_0000  KUSER_SHARED_DATA, kernel view
 *   ffff_f801_4000_0000  kernel image
 *   ffff_f801_4020_0000  kernel stacks of the threads that came after the first
 *   ffff_f801_4400_0000  a module: code of ring 0 that takes the program's place
 *   ffff_fa80_0000_0000  direct map of RAM
 */
/*
 * Guest-physical, when another kernel's image is booted (RAM from 0, as on a PC):
 *
 *   0002_0000-0002_ffff  what its boot protocol says: boot information, command line, page tables
 *   000e_0000            ACPI tables; 0009_fc00-000f_ffff is reserved in its memory map
 *   ff00_0000            memory of the test device
 *
 * The hook page, gate window and what is behind them are the same.
 */
#define RS_GPA_DIRECT_BOOT RS_U64(0x00020000)
#define RS_GPA_DIRECT_BOOT_END RS_U64(0x00030000)
#define RS_GPA_LOW_MEMORY_END RS_U64(0x0009fc00)
#define RS_GPA_ACPI_TABLES RS_U64(0x000e0000)
#define RS_GPA_HIGH_MEMORY RS_U64(0x00100000)
#define RS_RAM_DIRECT_DEFAULT (RS_U64(128) << 20)

#define RS_GPA_BOOT_INFO RS_U64(0x00001000)
#define RS_GPA_BOOT_TABLES RS_U64(0x00002000)
#define RS_GPA_BOOT_TABLES_END RS_U64(0x00020000)
#define RS_GPA_TRAMPOLINE RS_U64(0x00008000)
#define RS_GPA_KERNEL RS_U64(0x00200000)

/* vCPUs of a machine. */
#define RS_CPUS_MAX 16

#define RS_RAM_MIN (RS_U64(8) << 20)
#define RS_RAM_DEFAULT (RS_U64(64) << 20)
#define RS_RAM_MAX (RS_U64(3) << 30)

/* IOAPIC input of the console's UART (edge, active high): the ISA interrupt 4. */
#define RS_GSI_COM1 4

/* IOAPIC input of the keyboard (edge, active high): the ISA interrupt 1. */
#define RS_GSI_KEYBOARD 1

/* Registers, and the IOAPIC input of its interrupt (active high). */
#define RS_GPA_PAGEFILE_DEVICE RS_U64(0xd0000000)
#define RS_GSI_PAGEFILE_DEVICE 16

#define RS_GPA_HOOK_RAM RS_U64(0xe0000000)
#define RS_HOOK_RAM_SIZE RS_U64(0x10000)
#define RS_GPA_GATE_WINDOW RS_U64(0xe0100000)

#define RS_GPA_TOUCH RS_U64(0xe0200000)
#define RS_TOUCH_SIZE RS_U64(0x10000)

#define RS_GPA_IOAPIC RS_U64(0xfec00000)
#define RS_GPA_LAPIC RS_U64(0xfee00000)
#define RS_GPA_IDENTITY_MAP RS_U64(0xfffbc000)
#define RS_GPA_TSS RS_U64(0xfffbd000)

#define RS_GVA_USER_SHARED_DATA RS_U64(0x000000007ffe0000)
#define RS_GVA_USER_STAMPS RS_U64(0x000000007ffe1000)
#define RS_STAMPS_SIZE RS_U64(0xf000) /* to the end of the 64 KiB that no region can have */
#define RS_GVA_PROGRAM RS_U64(0x0000000140000000)
#define RS_GVA_USER_PROBE RS_U64(0x00007fffffff0000)
#define RS_GVA_KERNEL_SHARED_DATA RS_U64(0xfffff78000000000)
#define RS_GVA_KERNEL RS_U64(0xfffff80140000000)
#define RS_GVA_KERNEL_STACKS RS_U64(0xfffff80140200000)
#define RS_GVA_MODULE RS_U64(0xfffff80144000000)
#define RS_MODULE_MAX RS_U64(0x100000) /* bytes of its image in memory */
#define RS_GVA_DIRECT_MAP RS_U64(0xfffffa8000000000)

/* NT's GDT selectors. */
#define KGDT64_R0_CODE 0x10
#define KGDT64_R0_DATA 0x18
#define KGDT64_R3_CMCODE 0x20
#define KGDT64_R3_DATA 0x28
#define KGDT64_R3_CODE 0x30
#define KGDT64_SYS_TSS 0x40
#define KGDT64_R3_CMTEB 0x50
#define RPL_MASK 3

#endif
