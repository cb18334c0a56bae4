/* SPDX-License-Identifier: MIT
 * Claims: instructions that a kernel uses execute in ring 0. */
#include "probe.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/msr.h>
#include <ringscope/x86/vectors.h>

#define XCR0_X87_SSE_AVX 7
#define INVPCID_ALL 2
#define DR7_RESET 0x400

/* What LGDT and LIDT read: limit and base in 10 bytes. */
#define TABLE_OPERAND(base, limit) (base) << 16 | (limit), (base) >> 48

#define SDM(volume, title) "SDM Vol. " volume ", \"" title "\""
#define GPRS(...) .gprs = {__VA_ARGS__}
#define ROW(id_, feature_, mnemonic, reference_, code_, ...)                                       \
    {                                                                                              \
        .id = "ring0." id_,                                                                        \
        .text = mnemonic " executes in ring 0",                                                    \
        .reference = (reference_),                                                                 \
        .probe = rs_expect_done,                                                                   \
        .feature = RS_FEATURE_##feature_,                                                          \
        .code = RS_CODE(code_),                                                                    \
        .setup = {.from = RS_FROM_RING0, __VA_ARGS__},                                             \
    },

/* Operands are RAX, RCX and RDX, and memory at [rbx], [rdi] and the stack: prepare.c. */
static const struct rs_claim claims[] = {
    // clang-format off
    ROW("clac", SMAP, "CLAC", SDM("2A", "CLAC - Clear AC Flag in EFLAGS Register"), "\x0f\x01\xca")
    ROW("stac", SMAP, "STAC", SDM("2B", "STAC - Set AC Flag in EFLAGS Register"), "\x0f\x01\xcb")
    ROW("rdtscp", RDTSCP, "RDTSCP", SDM("2B", "RDTSCP - Read Time-Stamp Counter and Processor ID"), "\x0f\x01\xf9")
    ROW("xgetbv", XSAVE, "XGETBV", SDM("2D", "XGETBV - Get Value of Extended Control Register"), "\x0f\x01\xd0", .cr4 = CR4_OSXSAVE, GPRS(RS_GPR(RCX, 0)))
    ROW("lar", NONE, "LAR", SDM("2A", "LAR - Load Access Rights Byte"), "\x0f\x02\xc1", GPRS(RS_GPR(RCX, KGDT64_R0_CODE)))
    ROW("verw", NONE, "VERW", SDM("2C", "VERR/VERW - Verify a Segment for Reading or Writing"), "\x0f\x00\xe9", GPRS(RS_GPR(RCX, KGDT64_R0_DATA)))
    ROW("cmpxchg16b", CX16, "CMPXCHG16B", SDM("2A", "CMPXCHG8B/CMPXCHG16B - Compare and Exchange Bytes"), "\x48\x0f\xc7\x0b")
    ROW("popcnt", POPCNT, "POPCNT", SDM("2B", "POPCNT - Return the Count of Number of Bits Set to 1"), "\xf3\x0f\xb8\xc1")
    ROW("crc32", SSE42, "CRC32", SDM("2A", "CRC32 - Accumulate CRC32 Value"), "\xf2\x48\x0f\x38\xf1\xc1")
    ROW("movbe", MOVBE, "MOVBE", SDM("2B", "MOVBE - Move Data After Swapping Bytes"), "\x48\x0f\x38\xf0\x03")
    ROW("andn", BMI1, "ANDN (BMI1)", SDM("2A", "ANDN - Logical AND NOT"), "\xc4\xe2\xf0\xf2\xc2")
    ROW("adcx", ADX, "ADCX (ADX)", SDM("2A", "ADCX - Unsigned Integer Addition of Two Operands With Carry Flag"), "\x66\x48\x0f\x38\xf6\xc1")
    ROW("monitor", MONITOR, "MONITOR", SDM("2B", "MONITOR - Set Up Monitor Address"), "\x0f\x01\xc8", GPRS(RS_GPR(RAX, PROBE_DATA), RS_GPR(RCX, 0), RS_GPR(RDX, 0)))
    ROW("movaps", SSE2, "MOVAPS", SDM("2B", "MOVAPS - Move Aligned Packed Single Precision Floating-Point Values"), "\x0f\x28\x03")
    ROW("pxor", SSE2, "PXOR", SDM("2B", "PXOR - Logical Exclusive OR"), "\x66\x0f\xef\xc1")
    ROW("paddd", SSE2, "PADDD", SDM("2B", "PADDB/PADDW/PADDD/PADDQ - Add Packed Integers"), "\x66\x0f\xfe\xc1")
    ROW("vpxor", AVX, "VPXOR (AVX)", SDM("2B", "PXOR - Logical Exclusive OR"), "\xc5\xf1\xef\xc2", .cr4 = CR4_OSXSAVE, .xcr0 = XCR0_X87_SSE_AVX)
    ROW("fld1", FPU, "FLD1 (x87)", SDM("2A", "FLD1/FLDL2T/FLDL2E/FLDPI/FLDLG2/FLDLN2/FLDZ - Load Constant"), "\xd9\xe8")
    ROW("faddp", FPU, "FADDP (x87)", SDM("2A", "FADD/FADDP/FIADD - Add"), "\xde\xc1")
    ROW("fninit", FPU, "FNINIT", SDM("2A", "FINIT/FNINIT - Initialize Floating-Point Unit"), "\xdb\xe3")
    ROW("fxsave", FXSR, "FXSAVE", SDM("2A", "FXSAVE - Save x87 FPU, MMX Technology, and SSE State"), "\x0f\xae\x03")
    ROW("invpcid", INVPCID, "INVPCID", SDM("2A", "INVPCID - Invalidate Process-Context Identifier"), "\x66\x0f\x38\x82\x03", GPRS(RS_GPR(RAX, INVPCID_ALL)))
    ROW("wrpkru", PKU, "WRPKRU", SDM("2D", "WRPKRU - Write Data to User Page Key Register"), "\x0f\x01\xef", .cr4 = CR4_PKE, GPRS(RS_GPR(RCX, 0), RS_GPR(RDX, 0)))
    ROW("clwb", CLWB, "CLWB", SDM("2A", "CLWB - Cache Line Write Back"), "\x66\x0f\xae\x33")
    ROW("clflush", CLFSH, "CLFLUSH", SDM("2A", "CLFLUSH - Flush Cache Line"), "\x0f\xae\x3b")
    ROW("rdfsbase", FSGSBASE, "RDFSBASE", SDM("2B", "RDFSBASE/RDGSBASE - Read FS/GS Segment Base"), "\xf3\x48\x0f\xae\xc0", .cr4 = CR4_FSGSBASE)
    ROW("wrgsbase", FSGSBASE, "WRGSBASE", SDM("2D", "WRFSBASE/WRGSBASE - Write FS/GS Segment Base"), "\xf3\x48\x0f\xae\xd8", .cr4 = CR4_FSGSBASE)
    ROW("rdrand", RDRAND, "RDRAND", SDM("2B", "RDRAND - Read Random Number"), "\x48\x0f\xc7\xf0")
    ROW("cpuid", NONE, "CPUID", SDM("2A", "CPUID - CPU Identification"), "\x0f\xa2")
    ROW("rdtsc", NONE, "RDTSC", SDM("2B", "RDTSC - Read Time-Stamp Counter"), "\x0f\x31")
    ROW("rdmsr", NONE, "RDMSR", SDM("2B", "RDMSR - Read From Model Specific Register"), "\x0f\x32", GPRS(RS_GPR(RCX, MSR_EFER)))
    ROW("wrmsr", NONE, "WRMSR", SDM("2D", "WRMSR - Write to Model Specific Register"), "\x0f\x30", GPRS(RS_GPR(RCX, MSR_KERNEL_GS_BASE), RS_GPR(RDX, 0)))
    ROW("mov.from_cr", NONE, "MOV from CR3", SDM("2B", "MOV - Move to/from Control Registers"), "\x0f\x20\xd8")
    ROW("mov.to_cr", NONE, "MOV to CR3", SDM("2B", "MOV - Move to/from Control Registers"), "\x0f\x22\xd8", GPRS(RS_GPR(RAX, PROBE_PML4)))
    ROW("mov.cr8", NONE, "MOV to CR8", SDM("2B", "MOV - Move to/from Control Registers"), "\x44\x0f\x22\xc0", GPRS(RS_GPR(RAX, 2)))
    ROW("mov.from_dr", NONE, "MOV from DR7", SDM("2B", "MOV - Move to/from Debug Registers"), "\x0f\x21\xf8")
    ROW("mov.to_dr", NONE, "MOV to DR7", SDM("2B", "MOV - Move to/from Debug Registers"), "\x0f\x23\xf8", GPRS(RS_GPR(RAX, DR7_RESET)))
    ROW("invlpg", NONE, "INVLPG", SDM("2A", "INVLPG - Invalidate TLB Entries"), "\x0f\x01\x3b")
    ROW("wbinvd", NONE, "WBINVD", SDM("2D", "WBINVD - Write Back and Invalidate Cache"), "\x0f\x09")
    ROW("lgdt", NONE, "LGDT", SDM("2A", "LGDT/LIDT - Load Global/Interrupt Descriptor Table Register"), "\x0f\x01\x14\x24", .stack = {TABLE_OPERAND(PROBE_GDT, PROBE_GDT_SIZE - 1)})
    ROW("lidt", NONE, "LIDT", SDM("2A", "LGDT/LIDT - Load Global/Interrupt Descriptor Table Register"), "\x0f\x01\x1c\x24", .stack = {TABLE_OPERAND(PROBE_IDT, 0xfff)})
    ROW("lldt", NONE, "LLDT", SDM("2A", "LLDT - Load Local Descriptor Table Register"), "\x0f\x00\xd0", GPRS(RS_GPR(RAX, 0)))
    ROW("ltr", NONE, "LTR", SDM("2A", "LTR - Load Task Register"), "\x0f\x00\xd8", GPRS(RS_GPR(RAX, PROBE_SEL_AVAILABLE_TSS)))
    ROW("str", NONE, "STR", SDM("2B", "STR - Store Task Register"), "\x0f\x00\xc8")
    ROW("sldt", NONE, "SLDT", SDM("2B", "SLDT - Store Local Descriptor Table Register"), "\x0f\x00\xc0")
    ROW("sgdt", NONE, "SGDT", SDM("2B", "SGDT - Store Global Descriptor Table Register"), "\x0f\x01\x03")
    ROW("sidt", NONE, "SIDT", SDM("2B", "SIDT - Store Interrupt Descriptor Table Register"), "\x0f\x01\x0b")
    ROW("smsw", NONE, "SMSW", SDM("2B", "SMSW - Store Machine Status Word"), "\x0f\x01\xe0")
    ROW("clts", NONE, "CLTS", SDM("2A", "CLTS - Clear Task-Switched Flag in CR0"), "\x0f\x06")
    ROW("cli", NONE, "CLI", SDM("2A", "CLI - Clear Interrupt Flag"), "\xfa")
    ROW("sti", NONE, "STI", SDM("2B", "STI - Set Interrupt Flag"), "\xfb")
    ROW("pushf", NONE, "PUSHFQ", SDM("2B", "PUSHF/PUSHFD/PUSHFQ - Push EFLAGS Register Onto the Stack"), "\x9c")
    ROW("popf", NONE, "POPFQ", SDM("2B", "POPF/POPFD/POPFQ - Pop Stack Into EFLAGS Register"), "\x9d", .stack = {RFLAGS_FIXED})
    ROW("lfence", SSE2, "LFENCE", SDM("2A", "LFENCE - Load Fence"), "\x0f\xae\xe8")
    ROW("mfence", SSE2, "MFENCE", SDM("2B", "MFENCE - Memory Fence"), "\x0f\xae\xf0")
    ROW("pause", NONE, "PAUSE", SDM("2B", "PAUSE - Spin Loop Hint"), "\xf3\x90")
    ROW("endbr64", NONE, "ENDBR64", SDM("2A", "ENDBR64 - Terminate an Indirect Branch in 64-bit Mode"), "\xf3\x0f\x1e\xfa")
    ROW("cmpxchg", NONE, "LOCK CMPXCHG", SDM("2A", "CMPXCHG - Compare and Exchange"), "\xf0\x48\x0f\xb1\x0b")
    ROW("xadd", NONE, "LOCK XADD", SDM("2D", "XADD - Exchange and Add"), "\xf0\x48\x0f\xc1\x0b")
    ROW("xchg", NONE, "XCHG", SDM("2D", "XCHG - Exchange Register/Memory With Register"), "\x48\x87\x03")
    ROW("bt", NONE, "BT", SDM("2A", "BT - Bit Test"), "\x48\x0f\xa3\xc8")
    ROW("bsf", NONE, "BSF", SDM("2A", "BSF - Bit Scan Forward"), "\x48\x0f\xbc\xc1")
    ROW("imul", NONE, "IMUL", SDM("2A", "IMUL - Signed Multiply"), "\x48\x0f\xaf\xc1")
    ROW("cmov", NONE, "CMOVZ", SDM("2A", "CMOVcc - Conditional Move"), "\x48\x0f\x44\xc1")
    ROW("setcc", NONE, "SETZ", SDM("2B", "SETcc - Set Byte on Condition"), "\x0f\x94\xc0")
    ROW("shld", NONE, "SHLD", SDM("2B", "SHLD - Double Precision Shift Left"), "\x48\x0f\xa4\xc8\x04")
    ROW("stos", NONE, "REP STOSQ", SDM("2B", "STOS/STOSB/STOSW/STOSD/STOSQ - Store String"), "\xf3\x48\xab", GPRS(RS_GPR(RCX, 8)))
    ROW("enter", NONE, "ENTER", SDM("2A", "ENTER - Make Stack Frame for Procedure Parameters"), "\xc8\x20\x00\x00")
    ROW("leave", NONE, "LEAVE", SDM("2A", "LEAVE - High Level Procedure Exit"), "\xc9", GPRS(RS_GPR(RBP, PROBE_STACK0 - 0x80)))
    // clang-format on
    {
        .id = "ring0.xgetbv.osxsave",
        .text = "XGETBV with CR4.OSXSAVE = 0 raises #UD",
        .reference = SDM("2D", "XGETBV - Get Value of Extended Control Register"),
        .probe = rs_expect_fault,
        .code = RS_CODE("\x0f\x01\xd0"),
        .setup = {.from = RS_FROM_RING0, GPRS(RS_GPR(RCX, 0))},
        .vector = RS_VECTOR_UD,
    },
    {
        .id = "ring0.rdpru",
        .text = "RDPRU executes in ring 0",
        .reference = "AMD APM Vol. 3, \"RDPRU\"",
        .probe = rs_expect_done,
        .feature = RS_FEATURE_RDPRU,
        .code = RS_CODE("\x0f\x01\xfd"),
        .setup = {.from = RS_FROM_RING0, GPRS(RS_GPR(RCX, 0))},
    },
    {
        .id = "ring0.vmcall",
        .text = "VMCALL in ring 0 returns or raises #UD",
        .reference = SDM("3C", "VMCALL - Call to VM Monitor"),
        .probe = rs_expect_no_trouble,
        .code = RS_CODE("\x0f\x01\xc1"),
        .setup = {.from = RS_FROM_RING0},
    },
    {
        .id = "ring0.vmmcall",
        .text = "VMMCALL in ring 0 returns or raises #UD",
        .reference = "AMD APM Vol. 3, \"VMMCALL\"",
        .probe = rs_expect_no_trouble,
        .code = RS_CODE("\x0f\x01\xd9"),
        .setup = {.from = RS_FROM_RING0},
    },
};

const struct rs_group rs_group_ring0 = {
    .name = "ring0",
    .title = "Instructions in ring 0",
    .claims = claims,
    .count = sizeof(claims) / sizeof(claims[0]),
};
