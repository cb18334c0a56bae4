/* SPDX-License-Identifier: MIT
 * Architectural bits and encodings, under the SDM's names. */
#ifndef RINGSCOPE_X86_CPU_H
#define RINGSCOPE_X86_CPU_H

#ifdef __ASSEMBLER__
#define RS_U64(value) value
#else
#include <stdint.h>
#define RS_U64(value) UINT64_C(value)
#endif

/* RFLAGS: SDM Vol. 1, "EFLAGS Register". */
#define RFLAGS_CF RS_U64(0x00000001)
#define RFLAGS_FIXED RS_U64(0x00000002) /* always reads 1 */
#define RFLAGS_PF RS_U64(0x00000004)
#define RFLAGS_AF RS_U64(0x00000010)
#define RFLAGS_ZF RS_U64(0x00000040)
#define RFLAGS_SF RS_U64(0x00000080)
#define RFLAGS_TF RS_U64(0x00000100)
#define RFLAGS_IF RS_U64(0x00000200)
#define RFLAGS_DF RS_U64(0x00000400)
#define RFLAGS_OF RS_U64(0x00000800)
#define RFLAGS_IOPL RS_U64(0x00003000)
#define RFLAGS_NT RS_U64(0x00004000)
#define RFLAGS_RF RS_U64(0x00010000)
#define RFLAGS_VM RS_U64(0x00020000)
#define RFLAGS_AC RS_U64(0x00040000)
#define RFLAGS_VIF RS_U64(0x00080000)
#define RFLAGS_VIP RS_U64(0x00100000)
#define RFLAGS_ID RS_U64(0x00200000)
/* The result of the last instruction that computes. */
#define RFLAGS_ARITHMETIC (RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF)
#define RFLAGS_IOPL_SHIFT 12

/* Control registers: SDM Vol. 3A, "Control Registers". */
#define CR0_PE RS_U64(0x00000001)
#define CR0_MP RS_U64(0x00000002)
#define CR0_EM RS_U64(0x00000004)
#define CR0_TS RS_U64(0x00000008)
#define CR0_ET RS_U64(0x00000010)
#define CR0_NE RS_U64(0x00000020)
#define CR0_WP RS_U64(0x00010000)
#define CR0_AM RS_U64(0x00040000)
#define CR0_NW RS_U64(0x20000000)
#define CR0_CD RS_U64(0x40000000)
#define CR0_PG RS_U64(0x80000000)
#define CR3_PCID RS_U64(0xfff)                  /* with CR4.PCIDE */
#define CR3_NO_FLUSH RS_U64(0x8000000000000000) /* of a write: keep what is cached for the PCID */
#define CR4_VME RS_U64(0x00000001)
#define CR4_PVI RS_U64(0x00000002)
#define CR4_TSD RS_U64(0x00000004)
#define CR4_DE RS_U64(0x00000008)
#define CR4_PSE RS_U64(0x00000010)
#define CR4_PAE RS_U64(0x00000020)
#define CR4_MCE RS_U64(0x00000040)
#define CR4_PGE RS_U64(0x00000080)
#define CR4_PCE RS_U64(0x00000100)
#define CR4_OSFXSR RS_U64(0x00000200)
#define CR4_OSXMMEXCPT RS_U64(0x00000400)
#define CR4_UMIP RS_U64(0x00000800)
#define CR4_LA57 RS_U64(0x00001000)
#define CR4_VMXE RS_U64(0x00002000)
#define CR4_SMXE RS_U64(0x00004000)
#define CR4_FSGSBASE RS_U64(0x00010000)
#define CR4_PCIDE RS_U64(0x00020000)
#define CPUID_1_ECX_PCID 0x00020000
#define CR4_OSXSAVE RS_U64(0x00040000)
#define CR4_KL RS_U64(0x00080000)
#define CR4_SMEP RS_U64(0x00100000)
#define CR4_SMAP RS_U64(0x00200000)
#define CR4_PKE RS_U64(0x00400000)
#define CR4_CET RS_U64(0x00800000)
#define CR4_PKS RS_U64(0x01000000)
#define CR4_UINTR RS_U64(0x02000000)
#define CR4_LASS RS_U64(0x08000000)
#define CR4_LAM_SUP RS_U64(0x10000000)
#define CR4_FRED RS_U64(0x100000000)

/* IA32_EFER: SDM Vol. 4, "IA32_EFER"; from SVME on: AMD APM Vol. 2, "Extended Feature Enable
 * Register (EFER)". */
#define EFER_SCE RS_U64(0x0001)
#define EFER_LME RS_U64(0x0100)
#define EFER_LMA RS_U64(0x0400)
#define EFER_NXE RS_U64(0x0800)
#define EFER_SVME RS_U64(0x1000)
#define EFER_LMSLE RS_U64(0x2000)
#define EFER_FFXSR RS_U64(0x4000)
#define EFER_TCE RS_U64(0x8000)
#define EFER_MCOMMIT RS_U64(0x20000)
#define EFER_INTWB RS_U64(0x40000)
#define EFER_UAIE RS_U64(0x100000)
#define EFER_AIBRSE RS_U64(0x200000)

/* Paging-structure entries: SDM Vol. 3A, "4-Level Paging and 5-Level Paging". */
#define PTE_P RS_U64(0x001)
#define PTE_W RS_U64(0x002)
#define PTE_U RS_U64(0x004)
#define PTE_PWT RS_U64(0x008)
#define PTE_PCD RS_U64(0x010)
#define PTE_A RS_U64(0x020)
#define PTE_D RS_U64(0x040)
#define PTE_PS RS_U64(0x080)
#define PTE_G RS_U64(0x100)
#define PTE_PAT RS_U64(0x080)        /* of a 4 KiB page; in larger ones this bit is PS */
#define PTE_PAT_LARGE RS_U64(0x1000) /* of a 2 MiB or 1 GiB page */
#define PTE_PK RS_U64(0x7800000000000000)
#define PTE_NX RS_U64(0x8000000000000000)
#define PTE_ADDRESS_MASK RS_U64(0x000ffffffffff000)
#define PAGE_SIZE RS_U64(0x1000)
#define PAGE_SHIFT 12
#define LARGE_PAGE_SIZE RS_U64(0x200000)
#define LARGE_PAGE_SHIFT 21
#define HUGE_PAGE_SHIFT 30

/* Page-fault error code: SDM Vol. 3A, "Page-Fault Exception (#PF)"; RMP: AMD APM Vol. 2, "#PF". */
#define PF_ERROR_P 0x01
#define PF_ERROR_W 0x02
#define PF_ERROR_U 0x04
#define PF_ERROR_RSVD 0x08
#define PF_ERROR_I 0x10
#define PF_ERROR_PK 0x20
#define PF_ERROR_SS 0x40
#define PF_ERROR_HLAT 0x80
#define PF_ERROR_SGX 0x8000
#define PF_ERROR_RMP 0x80000000

/* Selector error code: SDM Vol. 3A, "Error Code". */
#define SELECTOR_ERROR_EXT 0x1
#define SELECTOR_ERROR_IDT 0x2
#define SELECTOR_ERROR_TI 0x4
#define SELECTOR_ERROR_INDEX 0xfff8

/* #CP's error code: SDM Vol. 3A, "Interrupt 21 - Control Protection Exception (#CP)". */
#define CP_ERROR_CPEC 0x7fff
#define CP_ERROR_ENCL 0x8000

/* Selectors: SDM Vol. 3A, "Segment Selectors". */
#define SELECTOR_RPL 0x3
#define SELECTOR_TI 0x4
#define SELECTOR_INDEX 0xfff8

/* Types of code and data segments: SDM Vol. 3A, "Code- and Data-Segment Descriptor Types". */
#define SEGMENT_TYPE_ACCESSED 0x1
#define SEGMENT_TYPE_WRITABLE 0x2    /* data */
#define SEGMENT_TYPE_READABLE 0x2    /* code */
#define SEGMENT_TYPE_EXPAND_DOWN 0x4 /* data */
#define SEGMENT_TYPE_CONFORMING 0x4  /* code */
#define SEGMENT_TYPE_CODE 0x8

/* Descriptor types: SDM Vol. 3A, "Segment Descriptor Types"; IA-32e meaning. */
#define DESC_TYPE_LDT 0x2
#define DESC_TYPE_TSS_AVAILABLE 0x9
#define DESC_TYPE_TSS_BUSY 0xb
#define DESC_TYPE_CALL_GATE 0xc
#define DESC_TYPE_INTERRUPT_GATE 0xe
#define DESC_TYPE_TRAP_GATE 0xf

/* The 64-bit TSS: SDM Vol. 3A, "Task Management in 64-bit Mode". Byte offsets. */
#define TSS64_RSP0 0x04
#define TSS64_IST1 0x24
#define TSS64_IOMAP_BASE 0x66
#define TSS64_SIZE 0x68

/* SDM Vol. 3B, "Machine-Check Architecture"; the code is a simple one, "internal parity error". */
#define MCG_STATUS_RIPV RS_U64(0x1)
#define MCG_STATUS_MCIP RS_U64(0x4)
#define MCI_STATUS_EN RS_U64(0x1000000000000000)
#define MCI_STATUS_UC RS_U64(0x2000000000000000)
#define MCI_STATUS_VAL RS_U64(0x8000000000000000)
#define MCI_INTERNAL_PARITY RS_U64(0x0005)

/* Debug registers: SDM Vol. 3B, "Debug Registers". */
#define DR6_B0 RS_U64(0x0001)
#define DR6_B1 RS_U64(0x0002)
#define DR6_B2 RS_U64(0x0004)
#define DR6_B3 RS_U64(0x0008)
#define DR6_FIXED RS_U64(0xfffe07f0) /* always read 1 */
#define DR6_BLD RS_U64(0x0800)       /* 0 for a bus-lock trap */
#define DR6_BD RS_U64(0x2000)
#define DR6_BS RS_U64(0x4000)
#define DR6_BT RS_U64(0x8000)
#define DR6_RTM RS_U64(0x10000) /* 0 for an event inside a transaction */
#define DR7_L0 RS_U64(0x0001)
#define DR7_G0 RS_U64(0x0002)
#define DR7_L1 RS_U64(0x0004)
#define DR7_G1 RS_U64(0x0008)
#define DR7_L2 RS_U64(0x0010)
#define DR7_G2 RS_U64(0x0020)
#define DR7_L3 RS_U64(0x0040)
#define DR7_G3 RS_U64(0x0080)
#define DR7_LE RS_U64(0x0100)
#define DR7_GE RS_U64(0x0200)
#define DR7_FIXED RS_U64(0x0400) /* always reads 1 */
#define DR7_RTM RS_U64(0x0800)
#define DR7_GD RS_U64(0x2000)
#define DR7_RW0 RS_U64(0x00030000)
#define DR7_LEN0 RS_U64(0x000c0000)
#define DR7_WRITE_8_0 RS_U64(0x00090000) /* in RW0 and LEN0: writes, 8 bytes */
#define DR7_RW1 RS_U64(0x00300000)
#define DR7_LEN1 RS_U64(0x00c00000)
#define DR7_RW2 RS_U64(0x03000000)
#define DR7_LEN2 RS_U64(0x0c000000)
#define DR7_RW3 RS_U64(0x30000000)
#define DR7_LEN3 RS_U64(0xc0000000)

#endif
