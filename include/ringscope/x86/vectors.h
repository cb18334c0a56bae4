/* SPDX-License-Identifier: MIT
 * The one table of interrupt vectors: IDT, stubs, names, trace labels and docs come from it. */
#ifndef RINGSCOPE_X86_VECTORS_H
#define RINGSCOPE_X86_VECTORS_H

/*
 * Sources: Intel SDM Vol. 3A, "Protected-Mode Exceptions and Interrupts" (mnemonic, class, error
 * code); AMD APM Vol. 2, "Vectors" (0x1C-0x1E). Handler names, DPL and IST are those of the NT
 * design: IST 1 = #DF, 2 = #MC, 3 = NMI, 4 = #DB; every gate is a 64-bit interrupt gate but those
 * of RS_TRAP_GATES. INTGATE and TRAPGATE are this kernel's own, for INT n in ring 0. (Ring 3 must
 * not come through a trap gate here: an interrupt before SWAPGS would find ring 0 on the user's GS
 * base.)
 *
 * X(mnemonic, vector, class, error_code, dpl, ist, handler, title)
 *   class       one of RS_VECTOR_CLASSES below
 *   error_code  1 when the processor pushes one
 *   dpl         descriptor privilege level of the gate, 0 or 3
 *   ist         0 = none, 1-7 = TSS.ISTn
 *   handler     symbol that the kernel's IDT entry points at
 *
 * Vectors without a row are 8-byte thunks, KiIsrThunk + 8 * vector: DPL 0, no IST, no error code.
 */
#define RS_VECTORS(X)                                                                              \
    X(DE, 0x00, FAULT, 0, 0, 0, KiDivideErrorFault, "divide error")                                \
    X(DB, 0x01, FAULT_OR_TRAP, 0, 0, 4, KiDebugTrapOrFault, "debug")                               \
    X(NMI, 0x02, INTERRUPT, 0, 0, 3, KiNmiInterrupt, "non-maskable interrupt")                     \
    X(BP, 0x03, TRAP, 0, 3, 0, KiBreakpointTrap, "breakpoint")                                     \
    X(OF, 0x04, TRAP, 0, 3, 0, KiOverflowTrap, "overflow")                                         \
    X(BR, 0x05, FAULT, 0, 0, 0, KiBoundFault, "BOUND range exceeded")                              \
    X(UD, 0x06, FAULT, 0, 0, 0, KiInvalidOpcodeFault, "invalid opcode")                            \
    X(NM, 0x07, FAULT, 0, 0, 0, KiNpxNotAvailableFault, "device not available")                    \
    X(DF, 0x08, ABORT, 1, 0, 1, KiDoubleFaultAbort, "double fault")                                \
    X(CSO, 0x09, FAULT, 0, 0, 0, KiNpxSegmentOverrunAbort, "coprocessor segment overrun")          \
    X(TS, 0x0a, FAULT, 1, 0, 0, KiInvalidTssFault, "invalid TSS")                                  \
    X(NP, 0x0b, FAULT, 1, 0, 0, KiSegmentNotPresentFault, "segment not present")                   \
    X(SS, 0x0c, FAULT, 1, 0, 0, KiStackFault, "stack-segment fault")                               \
    X(GP, 0x0d, FAULT, 1, 0, 0, KiGeneralProtectionFault, "general protection")                    \
    X(PF, 0x0e, FAULT, 1, 0, 0, KiPageFault, "page fault")                                         \
    X(MF, 0x10, FAULT, 0, 0, 0, KiFloatingErrorFault, "x87 floating-point error")                  \
    X(AC, 0x11, FAULT, 1, 0, 0, KiAlignmentFault, "alignment check")                               \
    X(MC, 0x12, ABORT, 0, 0, 2, KiMcheckAbort, "machine check")                                    \
    X(XM, 0x13, FAULT, 0, 0, 0, KiXmmException, "SIMD floating-point exception")                   \
    X(VE, 0x14, FAULT, 0, 0, 0, KiVirtualizationException, "virtualization exception")             \
    X(CP, 0x15, FAULT, 1, 0, 0, KiControlProtectionFault, "control protection")                    \
    X(APC, 0x1f, INTERRUPT, 0, 0, 0, KiApcInterrupt, "APC self-IPI")                               \
    X(FASTFAIL, 0x29, SOFTWARE, 0, 3, 0, KiRaiseSecurityCheckFailure, "__fastfail")                \
    X(ASSERT, 0x2c, SOFTWARE, 0, 3, 0, KiRaiseAssertion, "assertion failure")                      \
    X(DBGSVC, 0x2d, SOFTWARE, 0, 3, 0, KiDebugServiceTrap, "debug service")                        \
    X(INTGATE, 0x2a, SOFTWARE, 0, 0, 0, KiInterruptGateTest, "test of an interrupt gate")          \
    X(TRAPGATE, 0x2b, SOFTWARE, 0, 0, 0, KiTrapGateTest, "test of a trap gate")                    \
    X(SYSSVC, 0x2e, SOFTWARE, 0, 3, 0, KiSystemService, "system service")                          \
    X(DPC, 0x2f, INTERRUPT, 0, 0, 0, KiDpcInterrupt, "DPC/dispatch self-IPI")                      \
    X(SERIAL, 0x71, INTERRUPT, 0, 0, 0, KiSerialInterrupt, "serial port of the console")           \
    X(KEYBOARD, 0x81, INTERRUPT, 0, 0, 0, KiKeyboardInterrupt, "keyboard")                         \
    X(DISK, 0x91, INTERRUPT, 0, 0, 0, KiDiskInterrupt, "disk of the paging file")                  \
    X(CLOCK, 0xd1, INTERRUPT, 0, 0, 0, KiClockInterrupt, "clock (LAPIC timer)")                    \
    X(SPURIOUS, 0xdf, INTERRUPT, 0, 0, 0, KiSpuriousInterrupt, "LAPIC spurious interrupt")         \
    X(IPI, 0xe1, INTERRUPT, 0, 0, 0, KiIpiInterrupt, "interprocessor interrupt")

/* Those whose gate leaves IF as it is. X(mnemonic) */
#define RS_TRAP_GATES(X) X(TRAPGATE)

/* X(class, text) */
#define RS_VECTOR_CLASSES(X)                                                                       \
    X(FAULT, "fault")                                                                              \
    X(TRAP, "trap")                                                                                \
    X(FAULT_OR_TRAP, "fault or trap")                                                              \
    X(ABORT, "abort")                                                                              \
    X(INTERRUPT, "interrupt")                                                                      \
    X(SOFTWARE, "software interrupt")

#define RS_VECTOR_COUNT 256

#ifndef __ASSEMBLER__
enum rs_vector {
#define X(mnemonic, vector, class, error_code, dpl, ist, handler, title)                           \
    RS_VECTOR_##mnemonic = (vector),
    RS_VECTORS(X)
#undef X
};

enum rs_vector_class {
    RS_VECTOR_CLASS_NONE, /* a vector without a row */
#define X(class, text) RS_VECTOR_CLASS_##class,
    RS_VECTOR_CLASSES(X)
#undef X
};
#endif

#endif
