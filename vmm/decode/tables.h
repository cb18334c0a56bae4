/* SPDX-License-Identifier: MIT
 * The one set of tables of bits: names as in <ringscope/x86/cpu.h>, and what each means. */
#ifndef RINGSCOPE_DECODE_TABLES_H
#define RINGSCOPE_DECODE_TABLES_H

#include <ringscope/x86/cpu.h>

/* F(name, meaning): the mask is RFLAGS_<name> and so on; in ascending order. */
#define RS_RFLAGS_FIELDS(F)                                                                        \
    F(CF, "carry")                                                                                 \
    F(PF, "parity of the low byte")                                                                \
    F(AF, "carry out of bit 3")                                                                    \
    F(ZF, "zero")                                                                                  \
    F(SF, "sign")                                                                                  \
    F(TF, "trap: #DB after each instruction")                                                      \
    F(IF, "maskable interrupts are taken")                                                         \
    F(DF, "string instructions go down")                                                           \
    F(OF, "overflow")                                                                              \
    F(IOPL, "lowest privilege for IN, OUT, CLI and STI")                                           \
    F(NT, "nested task: IRET in 64-bit mode raises #GP")                                           \
    F(RF, "resume: no instruction breakpoint on the next instruction")                             \
    F(VM, "virtual-8086 mode; none in IA-32e mode")                                                \
    F(AC, "alignment check in ring 3 with CR0.AM; SMAP override in ring 0")                        \
    F(VIF, "virtual interrupt flag")                                                               \
    F(VIP, "virtual interrupt pending")                                                            \
    F(ID, "can be changed: CPUID is there")

#define RS_CR0_FIELDS(F)                                                                           \
    F(PE, "protected mode")                                                                        \
    F(MP, "WAIT obeys TS")                                                                         \
    F(EM, "no x87: #NM, and #UD for SSE")                                                          \
    F(TS, "task switched: x87 and SSE raise #NM")                                                  \
    F(ET, "always 1")                                                                              \
    F(NE, "x87 errors raise #MF")                                                                  \
    F(WP, "ring 0 obeys read-only pages")                                                          \
    F(AM, "RFLAGS.AC asks for alignment checks")                                                   \
    F(NW, "not write-through")                                                                     \
    F(CD, "caches off")                                                                            \
    F(PG, "paging")

#define RS_CR4_FIELDS(F)                                                                           \
    F(VME, "virtual-8086 mode extensions")                                                         \
    F(PVI, "protected-mode virtual interrupts")                                                    \
    F(TSD, "RDTSC in ring 0 alone")                                                                \
    F(DE, "debugging extensions: I/O breakpoints, DR4 and DR5 raise #UD")                          \
    F(PSE, "4 MiB pages in 32-bit paging")                                                         \
    F(PAE, "8-byte paging-structure entries; needed by IA-32e mode")                               \
    F(MCE, "machine-check exceptions")                                                             \
    F(PGE, "global pages")                                                                         \
    F(PCE, "RDPMC in every ring")                                                                  \
    F(OSFXSR, "FXSAVE and SSE")                                                                    \
    F(OSXMMEXCPT, "SIMD errors raise #XM, not #UD")                                                \
    F(UMIP, "SGDT, SIDT, SLDT, SMSW and STR in ring 0 alone")                                      \
    F(LA57, "57-bit linear addresses")                                                             \
    F(VMXE, "VMX")                                                                                 \
    F(SMXE, "SMX")                                                                                 \
    F(FSGSBASE, "RDFSBASE and its like in every ring")                                             \
    F(PCIDE, "process-context identifiers in CR3")                                                 \
    F(OSXSAVE, "XSAVE")                                                                            \
    F(KL, "key locker")                                                                            \
    F(SMEP, "ring 0 does not execute user pages")                                                  \
    F(SMAP, "ring 0 reads user pages with RFLAGS.AC alone")                                        \
    F(PKE, "protection keys for user pages")                                                       \
    F(CET, "control-flow enforcement")                                                             \
    F(PKS, "protection keys for supervisor pages")                                                 \
    F(UINTR, "user interrupts")                                                                    \
    F(LASS, "linear-address-space separation")                                                     \
    F(LAM_SUP, "linear-address masking for supervisor pointers")                                   \
    F(FRED, "flexible return and event delivery: no IDT")

#define RS_EFER_FIELDS(F)                                                                          \
    F(SCE, "SYSCALL and SYSRET")                                                                   \
    F(LME, "IA-32e mode when paging is turned on")                                                 \
    F(LMA, "IA-32e mode is active")                                                                \
    F(NXE, "pages that must not be executed")                                                      \
    F(SVME, "SVM (AMD)")                                                                           \
    F(LMSLE, "segment limits in 64-bit mode (AMD)")                                                \
    F(FFXSR, "FXSAVE without XMM registers (AMD)")                                                 \
    F(TCE, "INVLPG keeps upper-level entries that do not match (AMD)")                             \
    F(MCOMMIT, "MCOMMIT (AMD)")                                                                    \
    F(INTWB, "WBINVD can be interrupted (AMD)")                                                    \
    F(UAIE, "upper address bits are ignored (AMD)")                                                \
    F(AIBRSE, "automatic IBRS (AMD)")

#define RS_DR6_FIELDS(F)                                                                           \
    F(B0, "condition of DR0 met")                                                                  \
    F(B1, "condition of DR1 met")                                                                  \
    F(B2, "condition of DR2 met")                                                                  \
    F(B3, "condition of DR3 met")                                                                  \
    F(BLD, "0: bus lock in ring 3")                                                                \
    F(BD, "a debug register was about to be accessed while DR7.GD was set")                        \
    F(BS, "single step")                                                                           \
    F(BT, "task switch to a TSS with T")                                                           \
    F(RTM, "0: inside a transaction")

#define RS_DR7_FIELDS(F)                                                                           \
    F(L0, "DR0 is on, for this task")                                                              \
    F(G0, "DR0 is on")                                                                             \
    F(L1, "DR1 is on, for this task")                                                              \
    F(G1, "DR1 is on")                                                                             \
    F(L2, "DR2 is on, for this task")                                                              \
    F(G2, "DR2 is on")                                                                             \
    F(L3, "DR3 is on, for this task")                                                              \
    F(G3, "DR3 is on")                                                                             \
    F(LE, "exact data breakpoints, for this task: old processors")                                 \
    F(GE, "exact data breakpoints: old processors")                                                \
    F(RTM, "debugging of transactions")                                                            \
    F(GD, "general detect: MOV to or from a debug register raises #DB")                            \
    F(RW0, "")                                                                                     \
    F(LEN0, "")                                                                                    \
    F(RW1, "")                                                                                     \
    F(LEN1, "")                                                                                    \
    F(RW2, "")                                                                                     \
    F(LEN2, "")                                                                                    \
    F(RW3, "")                                                                                     \
    F(LEN3, "")

/* F(name, set, clear, meaning): PF_ERROR_<name>; the words for a bit that is set and one that is
 * clear, NULL for none. */
#define RS_PF_ERROR_FIELDS(F)                                                                      \
    F(P, "protection", "not-present", "1: the page is there, a right is missing")                  \
    F(W, "write", NULL, "a write")                                                                 \
    F(U, "user", "supervisor", "in ring 3")                                                        \
    F(RSVD, "reserved-bit", NULL, "a reserved bit is set in a paging-structure entry")             \
    F(I, "fetch", NULL, "an instruction fetch")                                                    \
    F(PK, "protection-key", NULL, "refused by a protection key")                                   \
    F(SS, "shadow-stack", NULL, "a shadow-stack access")                                           \
    F(HLAT, "HLAT", NULL, "no translation by HLAT paging")                                         \
    F(SGX, "SGX", NULL, "refused by SGX")                                                          \
    F(RMP, "RMP", NULL, "refused by the reverse map table (AMD)")

/* F(value, name): CPEC of #CP. */
#define RS_CP_ERRORS(F)                                                                            \
    F(1, "near RET")                                                                               \
    F(2, "far RET or IRET")                                                                        \
    F(3, "missing ENDBRANCH")                                                                      \
    F(4, "RSTORSSP")                                                                               \
    F(5, "SETSSBSY")

/* F(value, name): types of system descriptors that IA-32e mode has. */
#define RS_SYSTEM_TYPES(F)                                                                         \
    F(DESC_TYPE_LDT, "LDT")                                                                        \
    F(DESC_TYPE_TSS_AVAILABLE, "64-bit TSS (available)")                                           \
    F(DESC_TYPE_TSS_BUSY, "64-bit TSS (busy)")                                                     \
    F(DESC_TYPE_CALL_GATE, "64-bit call gate")                                                     \
    F(DESC_TYPE_INTERRUPT_GATE, "64-bit interrupt gate")                                           \
    F(DESC_TYPE_TRAP_GATE, "64-bit trap gate")

/*
 * F(name, label, where, meaning): PTE_<name>, in entries that are present.
 *   where  bits of RS_PTE_IN_*: the kinds of entry that have the field
 */
#define RS_PTE_IN_TABLE 1u /* names a table */
#define RS_PTE_IN_PAGE 2u  /* maps 4 KiB */
#define RS_PTE_IN_LARGE 4u /* maps 2 MiB or 1 GiB */
#define RS_PTE_IN_ALL 7u
#define RS_PTE_FIELDS(F)                                                                           \
    F(P, "P", RS_PTE_IN_ALL, "present")                                                            \
    F(W, "W", RS_PTE_IN_ALL, "may be written")                                                     \
    F(U, "U", RS_PTE_IN_ALL, "user: ring 3 may access it")                                         \
    F(PWT, "PWT", RS_PTE_IN_ALL, "write-through; selects the memory type with PCD and PAT")        \
    F(PCD, "PCD", RS_PTE_IN_ALL, "not cached; selects the memory type with PWT and PAT")           \
    F(A, "A", RS_PTE_IN_ALL, "accessed")                                                           \
    F(D, "D", RS_PTE_IN_PAGE | RS_PTE_IN_LARGE, "dirty: written")                                  \
    F(PAT, "PAT", RS_PTE_IN_PAGE, "selects the memory type with PCD and PWT")                      \
    F(PS, "PS", RS_PTE_IN_LARGE, "page size: maps a page, not a table")                            \
    F(G, "G", RS_PTE_IN_PAGE | RS_PTE_IN_LARGE, "global: survives a load of CR3, with CR4.PGE")    \
    F(PAT_LARGE, "PAT", RS_PTE_IN_LARGE, "selects the memory type with PCD and PWT")               \
    F(PK, "PK", RS_PTE_IN_PAGE | RS_PTE_IN_LARGE, "protection key, with CR4.PKE or CR4.PKS")       \
    F(NX, "NX", RS_PTE_IN_ALL, "XD: must not be executed; reserved without EFER.NXE")

#endif
