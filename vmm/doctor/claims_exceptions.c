/* SPDX-License-Identifier: MIT
 * Claims: exceptions that the processor finds. */
#include "kvm/events.h"
#include "probe.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/vectors.h>
#include <sched.h>

/* KVM gives the guest's DR6 as the guest would read it in its handler. */
static void single_step(struct rs_probe *probe, const struct rs_claim *claim,
                        struct rs_finding *finding)
{
    uint64_t dr6 = 0;

    rs_expect_trap(probe, claim, finding);
    if (finding->status != RS_STATUS_OK || rs_vcpu_get_dr6(&probe->vcpu, &dr6) != 0)
        return;
    if (!(dr6 & DR6_BS))
        rs_finding_differ_value(finding, "DR6.BS", 1, 0);
}

/* The guest's own breakpoint 0, set in ring 0, of the kind that DR7 says, at claim->argument. RIP
 * of the frame: that address for an instruction breakpoint, which is a fault; behind the code for
 * one of data. */
static void take_breakpoint(struct rs_probe *probe, const struct rs_claim *claim, uint64_t dr7,
                            uint64_t rip, struct rs_finding *finding)
{
    const struct rs_cause cause = {.kind = RS_CAUSE_EXCEPTION, .vector = RS_VECTOR_DB};
    const struct rs_claim set = {
        .code = RS_CODE("\x0f\x23\xc1\x0f\x23\xf8"), /* mov dr0, rcx; mov dr7, rax */
        .setup = {.from = RS_FROM_RING0, .gprs = {RS_GPR(RCX, claim->argument), RS_GPR(RAX, dr7)}},
    };
    struct rs_observation seen;
    uint64_t dr6 = 0;

    if (!rs_run_claim(probe, &set, finding, &seen))
        return;
    if (!rs_observed(&seen, RS_ARRIVED_DONE)) {
        rs_expect_outcome(finding, "MOV to DR0 and DR7 in ring 0 completes", &seen);
        return;
    }
    if (!rs_run_claim(probe, claim, finding, &seen))
        return;
    probe->before.rip = rip;
    rs_expect_cause(probe, claim, &probe->before, &cause, &seen, finding);
    if (finding->status == RS_STATUS_OK && rs_vcpu_get_dr6(&probe->vcpu, &dr6) == 0 &&
        !(dr6 & DR6_B0))
        rs_finding_differ_value(finding, "DR6.B0", 1, 0);
}

/* And disarmed by the guest as it was set: an emulated processor may keep to what it was told by
 * MOV to DR7, whatever KVM_SET_DEBUGREGS says, and the claims after this one would find it. */
static void breakpoint(struct rs_probe *probe, const struct rs_claim *claim, uint64_t dr7,
                       uint64_t rip, struct rs_finding *finding)
{
    const struct rs_claim clear = {
        .code = RS_CODE("\x0f\x23\xf8"), /* mov dr7, rax */
        .setup = {.from = RS_FROM_RING0, .keeps_debug = true, .gprs = {RS_GPR(RAX, DR7_FIXED)}},
    };
    struct rs_finding ignored = {0};
    struct rs_observation seen;

    take_breakpoint(probe, claim, dr7, rip, finding);
    rs_run_claim(probe, &clear, &ignored, &seen);
}

static void data_breakpoint(struct rs_probe *probe, const struct rs_claim *claim,
                            struct rs_finding *finding)
{
    breakpoint(probe, claim, DR7_FIXED | DR7_L0 | DR7_WRITE_8_0, PROBE_DONE, finding);
}

static void code_breakpoint(struct rs_probe *probe, const struct rs_claim *claim,
                            struct rs_finding *finding)
{
    breakpoint(probe, claim, DR7_FIXED | DR7_L0, claim->argument, finding);
}

/* On each processor of the host that this thread may use: what a host has of its own in the upper
 * half can be another on each. The first that departs decides. */
static void on_each_processor(struct rs_probe *probe, const struct rs_claim *claim,
                              struct rs_finding *finding)
{
    cpu_set_t allowed, one;

    if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
        CPU_ZERO(&allowed);
    for (int cpu = 0; cpu < CPU_SETSIZE && finding->status == RS_STATUS_OK; cpu++) {
        if (!CPU_ISSET(cpu, &allowed))
            continue;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        if (sched_setaffinity(0, sizeof(one), &one) != 0)
            break;
        finding->observed[0] = '\0';
        rs_expect_fault(probe, claim, finding);
    }
    sched_setaffinity(0, sizeof(allowed), &allowed);
    if (finding->observed[0] == '\0') /* it may not choose */
        rs_expect_fault(probe, claim, finding);
}

#define SDM_DE "SDM Vol. 3A, \"Interrupt 0 - Divide Error Exception (#DE)\""
#define SDM_UD "SDM Vol. 3A, \"Interrupt 6 - Invalid Opcode Exception (#UD)\""
#define SDM_NM "SDM Vol. 3A, \"Interrupt 7 - Device Not Available Exception (#NM)\""
#define SDM_NP "SDM Vol. 3A, \"Interrupt 11 - Segment Not Present (#NP)\""
#define SDM_SS "SDM Vol. 3A, \"Interrupt 12 - Stack Fault Exception (#SS)\""
#define SDM_GP "SDM Vol. 3A, \"Interrupt 13 - General Protection Exception (#GP)\""
#define SDM_PF "SDM Vol. 3A, \"Interrupt 14 - Page-Fault Exception (#PF)\""
#define SDM_AC "SDM Vol. 3A, \"Interrupt 17 - Alignment Check Exception (#AC)\""
#define SDM_DATA "SDM Vol. 3B, \"Data Memory and I/O Breakpoint Exception Conditions\""
#define SDM_STEP "SDM Vol. 3B, \"Single-Step Exception Condition\""
#define SDM_RF "SDM Vol. 3B, \"Instruction-Breakpoint Exception Condition\""
#define SDM_COMPATIBILITY "SDM Vol. 3A, \"IA-32e Mode and Compatibility Mode\""
#define SDM_IOPL "SDM Vol. 1, \"I/O Privilege Level\""

#define DIV_R15 RS_CODE("\x49\xf7\xf7") /* R15 is 0 */
#define UD2 RS_CODE("\x0f\x0b")
#define HLT RS_CODE("\xf4")
#define NOP RS_CODE("\x90")
#define READ_RCX RS_CODE("\x48\x8b\x01")  /* mov rax, [rcx] */
#define WRITE_RCX RS_CODE("\x48\x89\x01") /* mov [rcx], rax */
#define JMP_RCX RS_CODE("\xff\xe1")
#define OUT RS_CODE("\xe6\x9a")

/* The code is last: it is a list in braces. */
#define CLAIM(probe_, id_, text_, reference_, vector_, ...)                                        \
    .id = (id_), .text = (text_), .reference = (reference_), .probe = (probe_),                    \
    .vector = (vector_), .code = __VA_ARGS__
#define FAULT(...) CLAIM(rs_expect_fault, __VA_ARGS__)
#define FAULT_RF(id_, text_, ...) FAULT(id_, text_, SDM_RF, __VA_ARGS__), .judges_rf = true

#define RING0 .from = RS_FROM_RING0
#define RCX(value) .gprs = {RS_GPR(RCX, value)}
#define RAX(value) .gprs = {RS_GPR(RAX, value)}

static const struct rs_claim claims[] = {
    {FAULT("de.ring3", "DIV by 0 in ring 3 raises #DE", SDM_DE, RS_VECTOR_DE, DIV_R15)},
    {FAULT("de.ring0", "DIV by 0 in ring 0 raises #DE", SDM_DE, RS_VECTOR_DE, DIV_R15),
     .setup = {RING0}},
    {FAULT("ud.ring3", "UD2 in ring 3 raises #UD", SDM_UD, RS_VECTOR_UD, UD2)},
    {FAULT("ud.ring0", "UD2 in ring 0 raises #UD", SDM_UD, RS_VECTOR_UD, UD2), .setup = {RING0}},
    {
        FAULT("nm.ring3", "x87 with CR0.TS = 1 raises #NM", SDM_NM, RS_VECTOR_NM,
              RS_CODE("\xd9\xe8")),
        .setup = {.cr0 = CR0_TS},
    },
    {FAULT("gp.privileged", "HLT in ring 3 raises #GP(0)", SDM_GP, RS_VECTOR_GP, HLT)},
    {
        FAULT("gp.address.ring3", "a non-canonical address in ring 3 raises #GP(0)", SDM_GP,
              RS_VECTOR_GP, READ_RCX),
        .setup = {RCX(PROBE_NON_CANONICAL)},
    },
    {
        FAULT("gp.address.ring0", "a non-canonical address in ring 0 raises #GP(0)", SDM_GP,
              RS_VECTOR_GP, READ_RCX),
        .setup = {RING0, RCX(PROBE_NON_CANONICAL)},
    },
    {
        FAULT("gp.selector", "a selector outside the GDT raises #GP(selector)", SDM_GP,
              RS_VECTOR_GP, RS_CODE("\x8e\xd8")),
        .setup = {RAX(PROBE_SEL_OUTSIDE | RPL_MASK)},
        .error_code = PROBE_SEL_OUTSIDE,
    },
    {
        FAULT("gp.selector.ldt", "a selector of the LDT raises #GP(selector) while LDTR is null",
              SDM_GP, RS_VECTOR_GP, RS_CODE("\x8e\xd8")),
        .setup = {RAX(PROBE_SEL_LDT | RPL_MASK)},
        .error_code = PROBE_SEL_LDT,
    },
    {
        FAULT("gp.selector.gdt", "DS with NT's selector, past the limit of the GDT: #GP(selector)",
              SDM_GP, RS_VECTOR_GP, RS_CODE("\x8e\xd8")),
        .setup = {.gdt_limit = KGDT64_R3_DATA - 1, RAX(KGDT64_R3_DATA | RPL_MASK)},
        .error_code = KGDT64_R3_DATA,
    },
    {
        FAULT("np.selector", "DS loaded with a segment that is not present raises #NP(selector)",
              SDM_NP, RS_VECTOR_NP, RS_CODE("\x8e\xd8")),
        .setup = {RAX(PROBE_SEL_ABSENT_DATA | RPL_MASK)},
        .error_code = PROBE_SEL_ABSENT_DATA,
    },
    {
        FAULT("ss.selector", "SS loaded with a segment that is not present raises #SS(selector)",
              SDM_SS, RS_VECTOR_SS, RS_CODE("\x8e\xd0")),
        .setup = {RAX(PROBE_SEL_ABSENT_DATA | RPL_MASK)},
        .error_code = PROBE_SEL_ABSENT_DATA,
    },
    {
        FAULT("ss.address", "a non-canonical address of the stack raises #SS(0)", SDM_SS,
              RS_VECTOR_SS, RS_CODE("\x48\x8b\x45\x00")), /* mov rax, [rbp] */
        .setup = {.gprs = {RS_GPR(RBP, PROBE_NON_CANONICAL)}},
    },
    {
        FAULT("pf.read", "read of a page that is not present, ring 3: #PF(U), CR2", SDM_PF,
              RS_VECTOR_PF, READ_RCX),
        .setup = {RCX(PROBE_NOT_PRESENT + 0x123)},
        .error_code = PF_ERROR_U,
        .cr2 = PROBE_NOT_PRESENT + 0x123,
    },
    {
        FAULT("pf.write", "write to a read-only page, ring 3: #PF(P, W, U), CR2", SDM_PF,
              RS_VECTOR_PF, WRITE_RCX),
        .setup = {RCX(PROBE_READ_ONLY + 0x10)},
        .error_code = PF_ERROR_P | PF_ERROR_W | PF_ERROR_U,
        .cr2 = PROBE_READ_ONLY + 0x10,
    },
    {
        FAULT("pf.modify", "INC of a page that is not present, ring 3: #PF(W, U), CR2", SDM_PF,
              RS_VECTOR_PF, RS_CODE("\xff\x01")),
        .setup = {RCX(PROBE_NOT_PRESENT)},
        .error_code = PF_ERROR_W | PF_ERROR_U,
        .cr2 = PROBE_NOT_PRESENT,
    },
    {
        FAULT("pf.supervisor", "read of a supervisor page, ring 3: #PF(P, U), CR2", SDM_PF,
              RS_VECTOR_PF, READ_RCX),
        .setup = {RCX(PROBE_SUPERVISOR)},
        .error_code = PF_ERROR_P | PF_ERROR_U,
        .cr2 = PROBE_SUPERVISOR,
    },
    {
        FAULT("pf.fetch", "fetch from a no-execute page, ring 3: #PF(P, U, I), RIP there", SDM_PF,
              RS_VECTOR_PF, JMP_RCX),
        .setup = {RCX(PROBE_NO_EXECUTE)},
        .argument = PROBE_NO_EXECUTE,
        .error_code = PF_ERROR_P | PF_ERROR_U | PF_ERROR_I,
        .cr2 = PROBE_NO_EXECUTE,
    },
    {
        CLAIM(on_each_processor, "pf.upper",
              "fetch from the upper half, not mapped, ring 3: #PF(U, I), on each processor", SDM_PF,
              RS_VECTOR_PF, JMP_RCX),
        .setup = {RCX(PROBE_UPPER)},
        .argument = PROBE_UPPER,
        .error_code = PF_ERROR_U | PF_ERROR_I,
        .cr2 = PROBE_UPPER,
    },
    {
        FAULT("pf.read.ring0", "read of a page that is not present, ring 0: #PF(0), CR2", SDM_PF,
              RS_VECTOR_PF, READ_RCX),
        .setup = {RING0, RCX(PROBE_NOT_PRESENT)},
        .cr2 = PROBE_NOT_PRESENT,
    },
    {
        FAULT("pf.write.ring0", "write to a read-only page, ring 0, CR0.WP = 1: #PF(P, W), CR2",
              SDM_PF, RS_VECTOR_PF, WRITE_RCX),
        .setup = {RING0, RCX(PROBE_READ_ONLY)},
        .error_code = PF_ERROR_P | PF_ERROR_W,
        .cr2 = PROBE_READ_ONLY,
    },
    {
        FAULT("pf.fetch.ring0", "fetch from a no-execute page, ring 0: #PF(P, I), RIP there",
              SDM_PF, RS_VECTOR_PF, JMP_RCX),
        .setup = {RING0, RCX(PROBE_NO_EXECUTE)},
        .argument = PROBE_NO_EXECUTE,
        .error_code = PF_ERROR_P | PF_ERROR_I,
        .cr2 = PROBE_NO_EXECUTE,
    },
    {
        CLAIM(rs_expect_done, "ac.off", "a misaligned read with RFLAGS.AC but not CR0.AM completes",
              SDM_AC, RS_VECTOR_AC, READ_RCX),
        .setup = {.rflags = RFLAGS_AC, RCX(PROBE_DATA + 1)},
    },
    {
        FAULT("gp.ss.null", "SS loaded with null in ring 0 raises #GP(0) when RPL is not CPL",
              SDM_GP, RS_VECTOR_GP, RS_CODE("\x8e\xd0")),
        .setup = {RING0, RAX(2)},
    },
    {
        FAULT("pf.iret", "IRETQ from a stack that is not mapped, ring 3: #PF(U), CR2", SDM_PF,
              RS_VECTOR_PF, RS_CODE("\x48\xcf")),
        .setup = {.gprs = {RS_GPR(RSP, PROBE_NOT_PRESENT)}},
        .error_code = PF_ERROR_U,
        .cr2 = PROBE_NOT_PRESENT,
    },
    {
        FAULT("compatibility.iret", "IRETD in 32-bit code pops its frame: #PF(U) without a stack",
              SDM_PF, RS_VECTOR_PF, RS_CODE("\xcf")),
        .setup = {.from = RS_FROM_COMPAT, .gprs = {RS_GPR(RSP, PROBE_NOT_PRESENT)}},
        .error_code = PF_ERROR_U,
        .cr2 = PROBE_NOT_PRESENT,
    },
    {
        CLAIM(rs_expect_done, "rsp.ring3", "ring 3 executes with any RSP", SDM_SS, RS_VECTOR_SS,
              NOP),
        .setup = {.gprs = {RS_GPR(RSP, PROBE_NON_CANONICAL)}},
    },
    {
        CLAIM(rs_expect_done, "ss.ring3", "ring 3 executes with any SS that it may load", SDM_SS,
              RS_VECTOR_SS, RS_CODE("\x8e\xd0")),
        .setup = {RAX(KGDT64_R3_CMTEB | RPL_MASK)},
    },
    {
        CLAIM(rs_expect_done, "rsp.ring0", "ring 0 executes with any RSP", SDM_SS, RS_VECTOR_SS,
              NOP),
        .setup = {RING0, .gprs = {RS_GPR(RSP, PROBE_NON_CANONICAL)}},
    },
    {
        CLAIM(rs_expect_done, "compatibility.nop", "ring 3 executes 32-bit code", SDM_COMPATIBILITY,
              RS_VECTOR_UD, NOP),
        .setup = {.from = RS_FROM_COMPAT},
    },
    {
        CLAIM(rs_expect_done, "compatibility.segment", "32-bit code loads a segment register",
              SDM_COMPATIBILITY, RS_VECTOR_UD, RS_CODE("\x8e\xc0")),
        .setup = {.from = RS_FROM_COMPAT, RAX(KGDT64_R3_DATA | RPL_MASK)},
    },
    {
        FAULT("ac.ring3", "a misaligned read with CR0.AM and RFLAGS.AC, ring 3: #AC(0)", SDM_AC,
              RS_VECTOR_AC, RS_CODE("\x8b\x43\x01")), /* mov eax, [rbx + 1] */
        .setup = {.cr0 = CR0_AM, .rflags = RFLAGS_AC},
    },
    {
        CLAIM(single_step, "tf.ring3", "RFLAGS.TF in ring 3: #DB after the instruction, DR6.BS",
              SDM_STEP, RS_VECTOR_DB, NOP),
        .setup = {.rflags = RFLAGS_TF},
    },
    {
        CLAIM(single_step, "tf.ring0", "RFLAGS.TF in ring 0: #DB after the instruction, DR6.BS",
              SDM_STEP, RS_VECTOR_DB, NOP),
        .setup = {RING0, .rflags = RFLAGS_TF},
    },
    {
        CLAIM(data_breakpoint, "dr.data.ring3",
              "DR0 on data that ring 3 writes: #DB after the instruction, DR6.B0", SDM_DATA,
              RS_VECTOR_DB, WRITE_RCX),
        .setup = {.keeps_debug = true, RCX(PROBE_DATA)},
        .argument = PROBE_DATA,
    },
    {
        CLAIM(code_breakpoint, "dr.code.ring3",
              "DR0 on an instruction of ring 3: #DB before it, DR6.B0", SDM_RF, RS_VECTOR_DB,
              RS_CODE("\x90\x90")),
        .setup = {.keeps_debug = true},
        .argument = PROBE_DONE - 1,
    },
    {FAULT_RF("rf.ring3", "a fault in ring 3 pushes RFLAGS with RF = 1", RS_VECTOR_UD, UD2)},
    {
        FAULT_RF("rf.pf.ring3", "#PF in ring 3 pushes RFLAGS with RF = 1", RS_VECTOR_PF, READ_RCX),
        .setup = {RCX(PROBE_NOT_PRESENT)},
        .error_code = PF_ERROR_U,
        .cr2 = PROBE_NOT_PRESENT,
    },
    {FAULT_RF("de.rf.ring3", "#DE in ring 3 pushes RFLAGS with RF = 1", RS_VECTOR_DE, DIV_R15)},
    {
        FAULT_RF("de.rf.ring0", "#DE in ring 0 pushes RFLAGS with RF = 1", RS_VECTOR_DE, DIV_R15),
        .setup = {RING0},
    },
    {
        FAULT_RF("de.rf.ring1", "#DE in ring 1 pushes RFLAGS with RF = 1", RS_VECTOR_DE, DIV_R15),
        .setup = {.from = RS_FROM_RING1},
    },
    {
        FAULT_RF("rf.df", "#DF, an abort, pushes RFLAGS with RF = 0", RS_VECTOR_GP, HLT),
        .setup = {.gate = {.vector = RS_VECTOR_GP, .flip = {RS_U64(1) << 47}}},
    },
    {
        FAULT_RF("rf.df.ud",
                 "#DF that a #UD ends in, whose gate is absent, pushes RFLAGS with RF = 0",
                 RS_VECTOR_UD, UD2),
        .setup = {.idt_limit = (RS_VECTOR_DF + 1) * PROBE_GATE_SIZE - 1,
                  .gate = {.vector = RS_VECTOR_UD, .flip = {RS_U64(1) << 47}}},
    },
    {
        FAULT(
            "gp.df", "the first exception of a machine, through a gate that is not present, is #DF",
            "SDM Vol. 3A, \"Interrupt 8 - Double Fault Exception (#DF)\"", RS_VECTOR_GP, WRITE_RCX),
        .setup = {RCX(PROBE_NON_CANONICAL),
                  .gate = {.vector = RS_VECTOR_GP, .flip = {RS_U64(1) << 47}}},
        .fresh = true,
    },
    {
        FAULT_RF("rf.ring0", "a fault in ring 0 pushes RFLAGS with RF = 1", RS_VECTOR_UD, UD2),
        .setup = {RING0},
    },
    {
        CLAIM(rs_expect_trap, "rf.trap", "a trap pushes RFLAGS with RF = 0", SDM_RF, RS_VECTOR_DB,
              NOP),
        .setup = {.rflags = RFLAGS_TF},
        .judges_rf = true,
    },
    {
        FAULT("io.iopl0", "OUT in ring 3 with IOPL = 0 raises #GP(0)", SDM_IOPL, RS_VECTOR_GP, OUT),
    },
    {
        CLAIM(rs_expect_io, "io.iopl3", "OUT in ring 3 with IOPL = 3 is done", SDM_IOPL,
              RS_VECTOR_GP, OUT),
        .setup = {.rflags = RFLAGS_IOPL},
    },
};

const struct rs_group rs_group_exceptions = {
    .name = "exceptions",
    .title = "Exceptions",
    .claims = claims,
    .count = sizeof(claims) / sizeof(claims[0]),
};
