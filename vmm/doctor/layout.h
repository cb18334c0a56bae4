/* SPDX-License-Identifier: MIT
 * The address map of the doctor's little machine. */
#ifndef RINGSCOPE_DOCTOR_LAYOUT_H
#define RINGSCOPE_DOCTOR_LAYOUT_H

#include <ringscope/layout.h>

/*
 * RAM is [0, PROBE_RAM_SIZE), mapped one to one by 4 KiB pages of the first 2 MiB, all of it open
 * to ring 3 unless the map says otherwise. The pages marked * have no memory behind them: a fetch
 * from one leaves the guest with every register as it was (a gate hook), so that no handler is
 * needed in the guest. Page 0 is not mapped.
 *
 * The instruction that is measured ends with the last byte of the code page: when it completes, the
 * next fetch is the first byte of the done page, and that is how its completion shows.
 */
#define PROBE_PML4 RS_U64(0x01000)
#define PROBE_PDPT RS_U64(0x02000)
#define PROBE_PD RS_U64(0x03000)
#define PROBE_PT RS_U64(0x04000)
#define PROBE_GDT RS_U64(0x05000)
#define PROBE_IDT RS_U64(0x06000)
#define PROBE_TSS RS_U64(0x07000)
#define PROBE_CODE RS_U64(0x08000)
#define PROBE_DONE RS_U64(0x09000)   /* * */
#define PROBE_STACK3 RS_U64(0x0b000) /* tops: each stack is the page below */
#define PROBE_STACK0 RS_U64(0x0c000)
#define PROBE_RSP0 RS_U64(0x0d000)
#define PROBE_RSP1 RS_U64(0x0ce00) /* below what is pushed at RSP0 */
#define PROBE_RSP2 RS_U64(0x0cc00)
#define PROBE_IST(n) (RS_U64(0x0d000) + (n)*RS_U64(0x200)) /* 1-7, in one page */
#define PROBE_DATA RS_U64(0x0e000)
#define PROBE_READ_ONLY RS_U64(0x0f000)
#define PROBE_NO_EXECUTE RS_U64(0x10000)
#define PROBE_SUPERVISOR RS_U64(0x11000)
#define PROBE_NOT_PRESENT RS_U64(0x12000)
#define PROBE_VECTORS RS_U64(0x14000) /* * IDT gates: 16 bytes each */
#define PROBE_ENTRIES RS_U64(0x15000) /* * targets of SYSCALL and SYSENTER, 16 bytes each */
#define PROBE_MMIO RS_U64(0x16000)    /* * for data */
#define PROBE_LAPIC RS_U64(0x17000)   /* the local APIC */
#define PROBE_RAM_SIZE RS_U64(0x20000)

#define PROBE_GATE_SIZE 16
#define PROBE_LSTAR PROBE_ENTRIES
#define PROBE_CSTAR (PROBE_ENTRIES + 0x10)
#define PROBE_SYSENTER (PROBE_ENTRIES + 0x20)
#define PROBE_TARGET (PROBE_ENTRIES + 0x30) /* of SYSRET, IRET, and of a VMM that sets RIP */
#define PROBE_SYSENTER_STACK PROBE_RSP0
#define PROBE_NON_CANONICAL RS_U64(0x8000000000000000)
#define PROBE_CANONICAL_END RS_U64(0x0000800000000000) /* the first that is not, with 4 levels */
#define PROBE_UPPER RS_U64(0xffff800000000000)         /* and the first that is again; not mapped */

/* Beside NT's selectors: */
#define PROBE_SEL_ABSENT_DATA 0x58   /* ring 3 data, not present */
#define PROBE_SEL_AVAILABLE_TSS 0x60 /* 16 bytes */
#define PROBE_SEL_ABSENT_CODE 0x70   /* 64-bit code of ring 3, not present */
#define PROBE_SEL_OUTSIDE 0x1f0      /* past the GDT's limit */
#define PROBE_SEL_LDT 0x4            /* TI = 1: index 0 of the LDT */
#define PROBE_SEL_R1_CODE 0x78       /* 64-bit code of ring 1 */
#define PROBE_SEL_WIDE_CODE 0x80     /* code of ring 3 with both L and D */
#define PROBE_SEL_R0_CODE32 0x88     /* 32-bit code of ring 0 */
#define PROBE_SEL_SHORT_CODE 0x90    /* 32-bit code of ring 3 with a limit of one page */
#define PROBE_SEL_R1_DATA 0x98
#define PROBE_SEL_R2_CODE 0xa0
#define PROBE_SEL_R2_DATA 0xa8
#define PROBE_GDT_SIZE 0xb0

/* STAR of an NT system, and its FMASK: TF, IF, DF, NT. */
#define PROBE_STAR RS_U64(0x0023001000000000)
#define PROBE_FMASK RS_U64(0x4700)

#define PROBE_GS_BASE RS_U64(0x1111000)
#define PROBE_KERNEL_GS_BASE RS_U64(0x2222000)

#endif
