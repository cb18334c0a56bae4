/* SPDX-License-Identifier: MIT
 * Claims: MSRs, control registers and CPUID obey their definitions, and KVM_SET_CPUID2. */
#include "register_probes.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/msr.h>
#include <ringscope/x86/vectors.h>

#define WRMSR "SDM Vol. 2D, \"WRMSR - Write to Model Specific Register\""
#define CONTROL "SDM Vol. 2B, \"MOV - Move to/from Control Registers\""
#define CPUID "SDM Vol. 2A, \"CPUID - CPU Identification\""
#define RESERVED_MSR 0x40000080  /* SDM Vol. 4: 40000000H-400000FFH are not implemented */
#define RESERVED_HIGH 0x80000000 /* bit 63 */
#define CR4_USUAL (CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT)

/* An instruction of ring 0 that must raise #GP(0). */
#define REFUSED(id_, text_, reference_, code_, ...)                                                \
    .id = (id_), .text = (text_), .reference = (reference_), .probe = rs_expect_fault,             \
    .code = RS_CODE(code_), .vector = RS_VECTOR_GP,                                                \
    .setup = {.from = RS_FROM_RING0, .gprs = {__VA_ARGS__}}

/* MOV to CR4 of a bit whose CPUID feature is hidden. */
#define HIDDEN_CR4(id_, bit, feature_)                                                             \
    {                                                                                              \
        .id = "cpuid.hidden." id_,                                                                 \
        .text = "CR4." #bit " cannot be set once CPUID." #feature_ " is cleared",                  \
        .reference = CONTROL, .probe = rs_cpuid_hidden_fault, .code = RS_CODE("\x0f\x22\xe0"),     \
        .argument = RS_FEATURE_##feature_, .vector = RS_VECTOR_GP,                                 \
        .setup = {.from = RS_FROM_RING0, .gprs = {RS_GPR(RAX, CR4_USUAL | CR4_##bit)}},            \
    }

static const struct rs_claim claims[] = {
    {REFUSED("msr.lstar", "WRMSR of a non-canonical LSTAR raises #GP(0)", WRMSR, "\x0f\x30",
             RS_GPR(RCX, MSR_LSTAR), RS_GPR(RDX, RESERVED_HIGH))},
    {REFUSED("msr.reserved", "WRMSR of an MSR that does not exist raises #GP(0)", WRMSR, "\x0f\x30",
             RS_GPR(RCX, RESERVED_MSR))},
    {REFUSED("msr.efer", "WRMSR of reserved bits of EFER raises #GP(0)", WRMSR, "\x0f\x30",
             RS_GPR(RCX, MSR_EFER), RS_GPR(RDX, RESERVED_HIGH))},
    {REFUSED("msr.spec_ctrl", "WRMSR of reserved bits of SPEC_CTRL raises #GP(0)", WRMSR,
             "\x0f\x30", RS_GPR(RCX, MSR_SPEC_CTRL), RS_GPR(RDX, RESERVED_HIGH))},
    {REFUSED("msr.pred_cmd", "WRMSR of reserved bits of PRED_CMD raises #GP(0)", WRMSR, "\x0f\x30",
             RS_GPR(RCX, MSR_PRED_CMD), RS_GPR(RDX, RESERVED_HIGH))},
    {REFUSED("msr.flush_cmd", "WRMSR of reserved bits of FLUSH_CMD raises #GP(0)", WRMSR,
             "\x0f\x30", RS_GPR(RCX, MSR_FLUSH_CMD), RS_GPR(RDX, RESERVED_HIGH))},
    {
        .id = "msr.tsc_adjust",
        .text = "a write to TSC_ADJUST moves the TSC by as much",
        .reference = "SDM Vol. 3B, \"Time-Stamp Counter Adjustment\"",
        .probe = rs_tsc_adjust,
        .feature = RS_FEATURE_TSC_ADJUST,
    },
    {REFUSED("cr4.reserved", "MOV of reserved low bits to CR4 raises #GP(0)", CONTROL,
             "\x0f\x22\xe0", RS_GPR(RAX, CR4_USUAL | RS_U64(1) << 31))},
    {REFUSED("cr4.reserved.high", "MOV of reserved bits above 31 to CR4 raises #GP(0)", CONTROL,
             "\x0f\x22\xe0", RS_GPR(RAX, CR4_USUAL | RS_U64(1) << 63))},
    {
        .id = "cr2.resume",
        .text = "CR2 is the guest's own when it is entered, whatever the host's was",
        .reference = "KVM API, \"KVM_SET_SREGS\"",
        .probe = rs_cr2_as_set,
        .code = RS_CODE("\x0f\x20\xd0"), /* mov %cr2, %rax */
        .setup = {.from = RS_FROM_RING0},
    },
    {
        .id = "cpuid.ring0",
        .text = "CPUID in ring 0 answers what KVM_SET_CPUID2 set",
        .reference = CPUID,
        .probe = rs_cpuid_as_set,
        .setup = {.from = RS_FROM_RING0},
    },
    {
        .id = "cpuid.ring3",
        .text = "CPUID in ring 3 answers what KVM_SET_CPUID2 set",
        .reference = CPUID,
        .probe = rs_cpuid_as_set,
    },
    HIDDEN_CR4("umip", UMIP, UMIP),
    HIDDEN_CR4("fsgsbase", FSGSBASE, FSGSBASE),
    HIDDEN_CR4("pke", PKE, PKU),
    {
        .id = "cpuid.hidden.rdtscp",
        .text = "RDTSCP in ring 0 raises #UD once CPUID.RDTSCP is cleared",
        .reference = "SDM Vol. 2B, \"RDTSCP - Read Time-Stamp Counter and Processor ID\"",
        .probe = rs_cpuid_hidden_fault,
        .argument = RS_FEATURE_RDTSCP,
        .code = RS_CODE("\x0f\x01\xf9"),
        .setup = {.from = RS_FROM_RING0},
        .vector = RS_VECTOR_UD,
    },
    {
        .id = "cpuid.hidden.invpcid",
        .text = "INVPCID in ring 0 raises #UD once CPUID.INVPCID is cleared",
        .reference = "SDM Vol. 2A, \"INVPCID - Invalidate Process-Context Identifier\"",
        .probe = rs_cpuid_hidden_fault,
        .argument = RS_FEATURE_INVPCID,
        .code = RS_CODE("\x66\x0f\x38\x82\x03"),
        .setup = {.from = RS_FROM_RING0, .gprs = {RS_GPR(RAX, 2)}},
        .vector = RS_VECTOR_UD,
    },
    {
        .id = "cpuid.hidden.rdfsbase",
        .text = "RDFSBASE in ring 0 raises #UD once CPUID.FSGSBASE is cleared",
        .reference = "SDM Vol. 2B, \"RDFSBASE/RDGSBASE - Read FS/GS Segment Base\"",
        .probe = rs_cpuid_hidden_fault,
        .argument = RS_FEATURE_FSGSBASE,
        .code = RS_CODE("\xf3\x48\x0f\xae\xc0"),
        .setup = {.from = RS_FROM_RING0},
        .vector = RS_VECTOR_UD,
    },
};

const struct rs_group rs_group_registers = {
    .name = "registers",
    .title = "MSRs, control registers, CPUID",
    .claims = claims,
    .count = sizeof(claims) / sizeof(claims[0]),
};
