/* SPDX-License-Identifier: MIT
 * The one table of the MSRs that steer privilege transitions. */
#ifndef RINGSCOPE_X86_MSR_H
#define RINGSCOPE_X86_MSR_H

/*
 * Source: Intel SDM Vol. 4, "Model-Specific Registers (MSRs)"; names as the SDM and KVM use them.
 *
 * X(name, index, hooked, title)
 *   hooked  1 when `trace` watches it unless told otherwise: the registers that steer transitions
 */
#define RS_MSRS(X)                                                                                 \
    X(TSC, 0x00000010, 0, "time-stamp counter")                                                    \
    X(APIC_BASE, 0x0000001b, 0, "local APIC base and state")                                       \
    X(TSC_ADJUST, 0x0000003b, 0, "time-stamp counter adjustment")                                  \
    X(SPEC_CTRL, 0x00000048, 0, "speculation control")                                             \
    X(PRED_CMD, 0x00000049, 0, "prediction command")                                               \
    X(FLUSH_CMD, 0x0000010b, 0, "cache flush command")                                             \
    X(SYSENTER_CS, 0x00000174, 1, "SYSENTER target CS")                                            \
    X(SYSENTER_ESP, 0x00000175, 1, "SYSENTER target RSP")                                          \
    X(SYSENTER_EIP, 0x00000176, 1, "SYSENTER target RIP")                                          \
    X(MCG_CAP, 0x00000179, 0, "machine check: banks and features")                                 \
    X(MCG_STATUS, 0x0000017a, 0, "machine check: state")                                           \
    X(DEBUGCTL, 0x000001d9, 0, "debug control")                                                    \
    X(PAT, 0x00000277, 0, "page attribute table")                                                  \
    X(MC0_STATUS, 0x00000401, 0, "machine check: what bank 0 has to say")                          \
    X(TSC_DEADLINE, 0x000006e0, 0, "LAPIC timer TSC deadline")                                     \
    X(EFER, 0xc0000080, 1, "extended feature enables")                                             \
    X(STAR, 0xc0000081, 1, "SYSCALL and SYSRET selectors")                                         \
    X(LSTAR, 0xc0000082, 1, "SYSCALL target RIP, 64-bit mode")                                     \
    X(CSTAR, 0xc0000083, 1, "SYSCALL target RIP, compatibility mode")                              \
    X(FMASK, 0xc0000084, 1, "SYSCALL RFLAGS mask")                                                 \
    X(FS_BASE, 0xc0000100, 0, "FS base")                                                           \
    X(GS_BASE, 0xc0000101, 0, "GS base")                                                           \
    X(KERNEL_GS_BASE, 0xc0000102, 0, "GS base that SWAPGS exchanges")                              \
    X(TSC_AUX, 0xc0000103, 0, "auxiliary TSC")

#ifdef __ASSEMBLER__
#define MSR_EFER 0xc0000080
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_CSTAR 0xc0000083
#define MSR_FMASK 0xc0000084
#define MSR_GS_BASE 0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#else
enum rs_msr {
#define X(name, index, hooked, title) MSR_##name = (index),
    RS_MSRS(X)
#undef X
};
#endif

#endif
