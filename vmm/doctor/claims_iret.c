/* SPDX-License-Identifier: MIT
 * Claims: IRET. */
#include "probe.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/vectors.h>

/* It completes, and what comes next at once faults: the fetch, or the instruction. */
static void iret_and_fault(struct rs_probe *probe, const struct rs_claim *claim,
                           struct rs_finding *finding)
{
    const struct rs_cause iret = {.kind = RS_CAUSE_IRET, .length = 2, .operand = 1};
    const struct rs_cause fault = {.kind = RS_CAUSE_EXCEPTION,
                                   .vector = claim->vector,
                                   .has_error_code = rs_exception_has_error_code(claim->vector),
                                   .error_code = claim->error_code,
                                   .cr2 = claim->cr2};
    struct rs_observation seen;
    struct rs_model_result model;

    if (!rs_run_claim(probe, claim, finding, &seen))
        return;
    rs_model_run(&probe->env, &probe->before, &iret, &model);
    if (model.outcome == RS_MODEL_DONE)
        rs_model_run(&probe->env, &model.after, &fault, &model);
    rs_compare(finding, &model, &seen, claim->judges_rf);
}

/* #PF of the frame that is popped: from which page. In which order its words are read, and so which
 * of them it is, is the processor's own affair. */
static void iret_frame_page(struct rs_probe *probe, const struct rs_claim *claim,
                            struct rs_finding *finding)
{
    uint64_t page = claim->cr2 & ~(PAGE_SIZE - 1);
    struct rs_observation seen;

    if (!rs_run_claim(probe, claim, finding, &seen))
        return;
    if (!rs_observed(&seen, RS_ARRIVED_GATE) || seen.vector != RS_VECTOR_PF)
        rs_expect_outcome(finding, "#PF", &seen);
    else if ((seen.state.cr2 & ~(PAGE_SIZE - 1)) != page)
        rs_finding_differ_value(finding, "CR2", page, seen.state.cr2 & ~(PAGE_SIZE - 1));
}

#define IRET "SDM Vol. 2A, \"IRET/IRETD/IRETQ - Interrupt Return\""

#define R3_CODE (KGDT64_R3_CODE | RPL_MASK)
#define R3_CMCODE (KGDT64_R3_CMCODE | RPL_MASK)
#define R3_DATA (KGDT64_R3_DATA | RPL_MASK)
#define USER_RFLAGS (RFLAGS_FIXED | RFLAGS_IF | RFLAGS_PF | RFLAGS_AC | RFLAGS_ID)

/* But TF and VM. */
#define EVERY_RFLAG                                                                                \
    (RFLAGS_FIXED | RFLAGS_ARITHMETIC | RFLAGS_IF | RFLAGS_DF | RFLAGS_IOPL | RFLAGS_NT |          \
     RFLAGS_RF | RFLAGS_AC | RFLAGS_VIF | RFLAGS_VIP | RFLAGS_ID)

#define RESERVED_RFLAGS RS_U64(0xffffffffffc08028)

#define HIGH_HALF RS_U64(0x7f00000000)
#define IRETQ RS_CODE("\x48\xcf")

#define TRANSITION(id_, text_, reference_, code_)                                                  \
    .id = (id_), .text = (text_), .reference = (reference_), .code = code_,                        \
    .probe = rs_expect_transition

static const struct rs_claim claims[] = {
    {
        TRANSITION("iret.ring3", "IRETQ goes to 64-bit code of ring 3", IRET, IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_TARGET, R3_CODE, USER_RFLAGS, PROBE_STACK3 - 0x18, R3_DATA}},
    },
    {
        TRANSITION("iret.compatibility", "IRETQ goes to compatibility mode of ring 3", IRET, IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_TARGET, R3_CMCODE, USER_RFLAGS, PROBE_STACK3 - 0x18, R3_DATA}},
    },
    {
        TRANSITION("iret.ring0", "IRETQ stays in ring 0 and loads RSP and SS", IRET, IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_TARGET, KGDT64_R0_CODE, USER_RFLAGS, PROBE_STACK0 - 0x108,
                            KGDT64_R0_DATA}},
    },
    {
        TRANSITION("iret.gp", "IRETQ to a selector outside the GDT raises #GP(selector)", IRET,
                   IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_TARGET, PROBE_SEL_OUTSIDE | RPL_MASK, USER_RFLAGS,
                            PROBE_STACK3 - 0x18, R3_DATA}},
    },
    {
        TRANSITION("iret.d", "IRETD pops doublewords", IRET, RS_CODE("\xcf")),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_TARGET | (uint64_t)R3_CODE << 32,
                            USER_RFLAGS | (PROBE_STACK3 - 0x18) << 32, R3_DATA}},
    },
    {
        .id = "iret.d.stack",
        .text = "IRETD in 64-bit code pops from all of RSP: #PF, CR2 without a stack",
        .reference = IRET,
        .code = RS_CODE("\xcf"),
        .probe = iret_frame_page,
        .cr2 = HIGH_HALF | (PROBE_NOT_PRESENT + 0x800),
        .setup = {.from = RS_FROM_RING0,
                  .gate = {.vector = RS_VECTOR_PF, .ist = 1},
                  .gprs = {RS_GPR(RSP, HIGH_HALF | (PROBE_NOT_PRESENT + 0x800))}},
    },
    {
        TRANSITION("iret.vm", "IRETD ignores VM in the image of RFLAGS", IRET, RS_CODE("\xcf")),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_TARGET | (uint64_t)R3_CODE << 32,
                            USER_RFLAGS | RFLAGS_VM | (PROBE_STACK3 - 0x18) << 32, R3_DATA}},
    },
    {
        TRANSITION("iret.w", "IRETW pops words", IRET, RS_CODE("\x66\xcf")),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_DONE | (uint64_t)R3_CODE << 16 |
                                (USER_RFLAGS & UINT16_MAX) << 32 | (PROBE_STACK3 - 0x18) << 48,
                            R3_DATA}},
    },
    {
        TRANSITION("iret.reserved", "IRETQ ignores bits of RFLAGS that are reserved", IRET, IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_TARGET, R3_CODE, USER_RFLAGS | RESERVED_RFLAGS,
                            PROBE_STACK3 - 0x18, R3_DATA}},
    },
    {
        TRANSITION("iret.np", "IRETQ to a segment that is not present raises #NP(selector)", IRET,
                   IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_TARGET, PROBE_SEL_ABSENT_CODE | RPL_MASK, USER_RFLAGS,
                            PROBE_STACK3 - 0x18, R3_DATA}},
    },
    {
        TRANSITION("iret.rip", "IRETQ to a non-canonical RIP raises #GP(0)", IRET, IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_NON_CANONICAL, R3_CODE, USER_RFLAGS, PROBE_STACK3 - 0x18,
                            R3_DATA}},
    },
    {
        TRANSITION("iret.limit", "IRETQ to an EIP outside the limit of its CS raises #GP(0)", IRET,
                   IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_TARGET, PROBE_SEL_SHORT_CODE | RPL_MASK, USER_RFLAGS,
                            PROBE_STACK3 - 0x18, R3_DATA}},
    },
    {
        TRANSITION("iret.limit.absent",
                   "IRETQ to an EIP outside the limit, where no page is, raises #GP(0), too", IRET,
                   IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_NOT_PRESENT, PROBE_SEL_SHORT_CODE | RPL_MASK, USER_RFLAGS,
                            PROBE_STACK3 - 0x18, R3_DATA}},
    },
    {
        TRANSITION("iret.ss", "IRETQ with an SS of another privilege raises #GP(selector)", IRET,
                   IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_TARGET, R3_CODE, USER_RFLAGS, PROBE_STACK3 - 0x18,
                            KGDT64_R0_DATA | RPL_MASK}},
    },
    {
        TRANSITION("iret.cs.type", "IRETQ to a CS that is no code segment raises #GP(selector)",
                   IRET, IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_TARGET, R3_DATA, USER_RFLAGS, PROBE_STACK3 - 0x18, R3_DATA}},
    },
    {
        TRANSITION("iret.cs.wide", "IRETQ to code with both L and D raises #GP(selector)", IRET,
                   IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_TARGET, PROBE_SEL_WIDE_CODE | RPL_MASK, USER_RFLAGS,
                            PROBE_STACK3 - 0x18, R3_DATA}},
    },
    {
        TRANSITION("iret.ss.absent", "IRETQ with an SS that is not present raises #SS(selector)",
                   IRET, IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_TARGET, R3_CODE, USER_RFLAGS, PROBE_STACK3 - 0x18,
                            PROBE_SEL_ABSENT_DATA | RPL_MASK}},
    },
    {
        TRANSITION("iret.ss.null", "IRETQ to 64-bit code of ring 0 loads a null SS", IRET, IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_TARGET, KGDT64_R0_CODE, USER_RFLAGS, PROBE_STACK0 - 0x108, 0}},
    },
    {
        TRANSITION("iret.ss.null.rpl",
                   "IRETQ with a null SS whose RPL is not the new CPL raises #GP(0)", IRET, IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_TARGET, KGDT64_R0_CODE, USER_RFLAGS, PROBE_STACK0 - 0x108, 2}},
    },
    {
        TRANSITION("iret.ss.null.32", "IRETQ to 32-bit code of ring 0 with a null SS raises #GP(0)",
                   IRET, IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_TARGET, PROBE_SEL_R0_CODE32, USER_RFLAGS, PROBE_STACK0 - 0x108,
                            0}},
    },
    {
        TRANSITION("iret.flags", "IRETQ in ring 0 loads VIF, VIP, NT, RF, AC, ID, IOPL", IRET,
                   IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_TARGET, R3_CODE, EVERY_RFLAG, PROBE_STACK3 - 0x18, R3_DATA}},
    },
    {
        TRANSITION("iret.flags.ring0",
                   "IRETQ from ring 0 to ring 0 loads the same, and ignores what is reserved", IRET,
                   IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_TARGET, KGDT64_R0_CODE, EVERY_RFLAG | RESERVED_RFLAGS,
                            PROBE_STACK0 - 0x108, KGDT64_R0_DATA}},
    },
    {
        TRANSITION("iret.flags.ring1",
                   "IRETQ in ring 1 with IOPL 0 loads neither IF nor IOPL, VIF, VIP", IRET, IRETQ),
        .setup = {.from = RS_FROM_RING1,
                  .stack = {PROBE_TARGET, R3_CODE, EVERY_RFLAG & ~(RFLAGS_IF | RFLAGS_NT),
                            PROBE_STACK3 - 0x18, R3_DATA}},
    },
    {
        .id = "iret.tf",
        .text = "IRETQ executed with TF = 1 in ring 0 that loads TF = 0: #DB at its target",
        .reference = IRET,
        .code = IRETQ,
        .probe = iret_and_fault,
        .setup = {.from = RS_FROM_RING0,
                  .rflags = RFLAGS_TF,
                  .stack = {PROBE_TARGET, R3_CODE, RFLAGS_FIXED, PROBE_STACK3 - 0x18, R3_DATA}},
        .vector = RS_VECTOR_DB,
    },
    {
        .id = "iret.rf",
        .text = "IRETQ executed with RF = 1 loads RF = 1: #DE behind it pushes that",
        .reference = IRET,
        .code = RS_CODE("\x48\xcf\xf7\xf1"), /* div ecx */
        .probe = iret_and_fault,
        .setup = {.from = RS_FROM_RING0,
                  .rflags = RFLAGS_RF,
                  .gprs = {RS_GPR(RCX, 0)},
                  .stack = {PROBE_DONE - 2, R3_CODE, RFLAGS_FIXED | RFLAGS_RF, PROBE_STACK3 - 0x18,
                            R3_DATA}},
        .vector = RS_VECTOR_DE,
        .judges_rf = true,
    },
    {
        .id = "iret.rf.clear",
        .text = "IRETQ executed with RF = 0 loads RF = 1: #DE behind it pushes that",
        .reference = IRET,
        .code = RS_CODE("\x48\xcf\xf7\xf1"),
        .probe = iret_and_fault,
        .setup = {.from = RS_FROM_RING0,
                  .gprs = {RS_GPR(RCX, 0)},
                  .stack = {PROBE_DONE - 2, R3_CODE, RFLAGS_FIXED | RFLAGS_RF, PROBE_STACK3 - 0x18,
                            R3_DATA}},
        .vector = RS_VECTOR_DE,
        .judges_rf = true,
    },
    {
        TRANSITION("iret.ring3.ring3", "IRETQ in ring 3 returns to ring 3", IRET, IRETQ),
        .setup = {.rflags_clear = RFLAGS_AC,
                  .stack = {PROBE_TARGET, R3_CODE, USER_RFLAGS & ~RFLAGS_AC, PROBE_STACK3 - 0x18,
                            R3_DATA}},
    },
    {
        TRANSITION("iret.ldt", "IRETQ goes to code of the LDT", IRET, IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .ldt = true,
                  .stack = {PROBE_TARGET, R3_CODE | SELECTOR_TI, USER_RFLAGS, PROBE_STACK3 - 0x18,
                            R3_DATA}},
    },
    {
        TRANSITION("iret.ring3.d", "IRETD in ring 3 goes to compatibility mode", IRET,
                   RS_CODE("\xcf")),
        .setup = {.rflags_clear = RFLAGS_AC,
                  .stack = {PROBE_TARGET | (uint64_t)R3_CMCODE << 32,
                            (USER_RFLAGS & ~RFLAGS_AC) | (PROBE_STACK3 - 0x18) << 32, R3_DATA}},
    },
    {
        TRANSITION("iret.ring3.stack", "IRETQ in ring 3 from a non-canonical stack raises #SS(0)",
                   IRET, IRETQ),
        .setup = {.gprs = {RS_GPR(RSP, PROBE_NON_CANONICAL)}},
    },
    {
        TRANSITION("iret.ring1.stack", "IRETQ in ring 1 from a non-canonical stack raises #SS(0)",
                   IRET, IRETQ),
        .setup = {.from = RS_FROM_RING1, .gprs = {RS_GPR(RSP, PROBE_NON_CANONICAL)}},
    },
    {
        TRANSITION("iret.ring3.gp", "IRETQ in ring 3 to ring 0 raises #GP(selector)", IRET, IRETQ),
        .setup = {.stack = {PROBE_TARGET, KGDT64_R0_CODE, USER_RFLAGS, PROBE_STACK3 - 0x18,
                            KGDT64_R0_DATA}},
    },
    {
        TRANSITION("iret.nt", "IRETQ with RFLAGS.NT = 1 raises #GP(0)", IRET, IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .rflags = RFLAGS_NT,
                  .stack = {PROBE_TARGET, R3_CODE, USER_RFLAGS, PROBE_STACK3 - 0x18, R3_DATA}},
    },
    {
        .id = "iret.compatibility.high",
        .text = "IRETQ to compatibility mode loads the low halves of RIP and RSP",
        .reference = IRET,
        .code = IRETQ,
        .probe = iret_and_fault,
        .vector = RS_VECTOR_PF,
        .setup = {.from = RS_FROM_RING0,
                  .stack = {HIGH_HALF | PROBE_NOT_PRESENT, R3_CMCODE, USER_RFLAGS,
                            HIGH_HALF | (PROBE_STACK3 - 0x18), R3_DATA}},
        .error_code = PF_ERROR_U | PF_ERROR_I,
        .cr2 = PROBE_NOT_PRESENT,
    },
    {
        TRANSITION("iret.compatibility.exit",
                   "IRETQ to compatibility mode with a high half in RIP: a fetch without memory "
                   "leaves the guest",
                   IRET, IRETQ),
        .setup = {.from = RS_FROM_RING0,
                  .stack = {PROBE_NON_CANONICAL | PROBE_TARGET, R3_CMCODE, USER_RFLAGS,
                            PROBE_STACK3 - 0x18, R3_DATA}},
    },
};

const struct rs_group rs_group_iret = {
    .name = "iret",
    .title = "IRET",
    .claims = claims,
    .count = sizeof(claims) / sizeof(claims[0]),
};
