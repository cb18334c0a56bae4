/* SPDX-License-Identifier: MIT
 * Claims: SYSCALL, SYSRET, SWAPGS, SYSENTER. */
#include "hooks/hooks.h"
#include "probe.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/msr.h>
#include <ringscope/x86/vectors.h>

/* Where it arrives only: its flags, and that it gets to ring 0, are claims of their own. */
static void syscall_arrives(struct rs_probe *probe, const struct rs_claim *claim,
                            struct rs_finding *finding)
{
    struct rs_observation seen;

    if (rs_run_claim(probe, claim, finding, &seen) && !rs_observed(&seen, RS_ARRIVED_LSTAR))
        rs_expect_outcome(finding, "enters at LSTAR", &seen);
}

/* Flags only: that SYSCALL gets to ring 0 is a claim of its own. RF is left out: the fetch from the
 * gate is a fault of the host's own, and some report the RF that it sets. */
static void syscall_flags(struct rs_probe *probe, const struct rs_claim *claim,
                          struct rs_finding *finding)
{
    struct rs_observation seen;
    uint64_t flags, masked;

    if (!rs_run_claim(probe, claim, finding, &seen))
        return;
    flags = probe->before.rflags;
    masked = (flags & ~probe->before.fmask) | RFLAGS_FIXED;
    if (!rs_observed(&seen, RS_ARRIVED_LSTAR))
        rs_expect_outcome(finding, "enters at LSTAR", &seen);
    else if ((seen.state.rflags & ~RFLAGS_RF) != masked)
        rs_finding_differ_value(finding, "RFLAGS", masked, seen.state.rflags & ~RFLAGS_RF);
    else if (seen.state.gpr[RS_R11] != flags)
        rs_finding_differ_value(finding, "R11", flags, seen.state.gpr[RS_R11]);
}

static void swapgs(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding)
{
    struct rs_observation seen;
    uint64_t other = 0;

    if (!rs_run_claim(probe, claim, finding, &seen))
        return;
    if (!rs_observed(&seen, RS_ARRIVED_DONE)) {
        rs_expect_outcome(finding, "completes", &seen);
        return;
    }
    rs_vcpu_get_msr(&probe->vcpu, MSR_KERNEL_GS_BASE, &other);
    if (rs_vcpu_sregs(&probe->vcpu)->gs.base != PROBE_KERNEL_GS_BASE)
        rs_finding_differ_value(finding, "GS.base", PROBE_KERNEL_GS_BASE,
                                rs_vcpu_sregs(&probe->vcpu)->gs.base);
    if (other != PROBE_GS_BASE)
        rs_finding_differ_value(finding, "KERNEL_GS_BASE", PROBE_GS_BASE, other);
}

/* With AMD it completes, and the fetch of the next instruction faults. */
static void sysret_rcx(struct rs_probe *probe, const struct rs_claim *claim,
                       struct rs_finding *finding)
{
    const struct rs_cause fetch = {
        .kind = RS_CAUSE_EXCEPTION, .vector = RS_VECTOR_GP, .has_error_code = true};
    const struct rs_cause sysret = {.kind = RS_CAUSE_SYSRET, .length = 3, .operand = 1};
    struct rs_observation seen;
    struct rs_model_result model;

    if (!rs_run_claim(probe, claim, finding, &seen))
        return;
    rs_model_run(&probe->env, &probe->before, &sysret, &model);
    if (model.outcome == RS_MODEL_DONE)
        rs_model_run(&probe->env, &model.after, &fetch, &model);
    rs_compare(finding, &model, &seen, claim->judges_rf);
}

/* RF is gone with the first instruction that completes: INT n shows what it was, unless it clears
 * RF itself, as it should. */
static void sysret_rf(struct rs_probe *probe, const struct rs_claim *claim,
                      struct rs_finding *finding)
{
    struct rs_observation seen;
    uint64_t pushed;

    if (!rs_run_claim(probe, claim, finding, &seen))
        return;
    if (!rs_observed(&seen, RS_ARRIVED_GATE) || seen.vector != claim->setup.gate.vector) {
        rs_finding_set(finding, RS_STATUS_SKIP, "INT n behind it does not go through its gate");
        return;
    }
    pushed = seen.frame[2];
    if (pushed & RFLAGS_RF)
        rs_finding_differ_value(finding, "pushed RFLAGS", pushed & ~RFLAGS_RF, pushed);
}

/* Where it completes, as at CSTAR with AMD only, an exception follows: of the fetch, or #DB. */
static void syscall_and_more(struct rs_probe *probe, const struct rs_claim *claim,
                             struct rs_finding *finding)
{
    const struct rs_cause more = {.kind = RS_CAUSE_EXCEPTION,
                                  .vector = claim->vector,
                                  .has_error_code = rs_exception_has_error_code(claim->vector),
                                  .error_code = claim->error_code,
                                  .cr2 = claim->cr2};
    const struct rs_cause syscall = {.kind = RS_CAUSE_SYSCALL, .length = 2};
    struct rs_observation seen;
    struct rs_model_result model;

    if (!rs_run_claim(probe, claim, finding, &seen))
        return;
    rs_model_run(&probe->env, &probe->before, &syscall, &model);
    if (model.outcome == RS_MODEL_DONE)
        rs_model_run(&probe->env, &model.after, &more, &model);
    rs_compare(finding, &model, &seen, claim->judges_rf);
}

static void compare_sysenter(const struct rs_cpu_state *after, struct rs_finding *finding)
{
    if (after->cs.selector != KGDT64_R0_CODE)
        rs_finding_differ_value(finding, "CS", KGDT64_R0_CODE, after->cs.selector);
    if (after->ss.selector != KGDT64_R0_DATA)
        rs_finding_differ_value(finding, "SS", KGDT64_R0_DATA, after->ss.selector);
    if (after->cpl != 0)
        rs_finding_differ_value(finding, "CPL", 0, after->cpl);
    if (after->gpr[RS_RSP] != PROBE_SYSENTER_STACK)
        rs_finding_differ_value(finding, "RSP", PROBE_SYSENTER_STACK, after->gpr[RS_RSP]);
}

/* AMD APM Vol. 3, "SYSENTER": #UD in long mode. */
static void sysenter(struct rs_probe *probe, const struct rs_claim *claim,
                     struct rs_finding *finding)
{
    struct rs_observation seen;

    if (probe->env.vendor == RS_VENDOR_AMD) {
        rs_expect_fault(probe, claim, finding);
        return;
    }
    if (!rs_run_claim(probe, claim, finding, &seen))
        return;
    if (rs_observed(&seen, RS_ARRIVED_SYSENTER))
        compare_sysenter(&seen.state, finding);
    else
        rs_expect_outcome(finding, "enters at SYSENTER_EIP", &seen);
}

#define SYSCALL "SDM Vol. 2B, \"SYSCALL - Fast System Call\""
#define SYSRET "SDM Vol. 2B, \"SYSRET - Return From Fast System Call\""
#define SWAPGS "SDM Vol. 2B, \"SWAPGS - Swap GS Base Register\""
#define SYSENTER "SDM Vol. 2B, \"SYSENTER - Fast System Call\""

#define ARITHMETIC (RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF)
#define USER_RFLAGS                                                                                \
    (RFLAGS_FIXED | RFLAGS_IF | RFLAGS_PF | RFLAGS_SF | RFLAGS_OF | RFLAGS_AC | RFLAGS_ID)

/* TF is left out: single steps are claims of their own. */
#define EVERY_RFLAG                                                                                \
    (RFLAGS_FIXED | ARITHMETIC | RFLAGS_IF | RFLAGS_DF | RFLAGS_IOPL | RFLAGS_NT | RFLAGS_RF |     \
     RFLAGS_VM | RFLAGS_AC | RFLAGS_VIF | RFLAGS_VIP | RFLAGS_ID)

#define HIGH_CSTAR (RS_U64(0x7f00000000) | PROBE_CSTAR)

#define RESERVED_RFLAGS RS_U64(0xffffffffffc08028)

static const struct rs_claim claims[] = {
    {
        .id = "syscall.entry",
        .text = "SYSCALL in ring 3 enters ring 0 at LSTAR, flags masked",
        .reference = SYSCALL,
        .probe = rs_expect_transition,
        .code = RS_CODE("\x0f\x05"),
        .setup = {.rflags = RFLAGS_DF, .rflags_clear = ARITHMETIC},
        .needs = {{RS_NEED_SYSCALL, "CPL"}},
    },
    {
        .id = "syscall.flags",
        .text = "SYSCALL keeps the flags that FMASK leaves, in RFLAGS and R11",
        .reference = SYSCALL,
        .probe = syscall_flags,
        .code = RS_CODE("\x0f\x05"),
        .setup = {.rflags = ARITHMETIC | RFLAGS_ID},
    },
    {
        .id = "syscall.nt",
        .text = "SYSCALL saves RFLAGS.NT in R11, and clears it as FMASK says",
        .reference = SYSCALL,
        .probe = syscall_flags,
        .code = RS_CODE("\x0f\x05"),
        .setup = {.rflags = RFLAGS_NT},
    },
    {
        .id = "syscall.if",
        .text = "SYSCALL saves RFLAGS.IF = 0 in R11",
        .reference = SYSCALL,
        .probe = syscall_flags,
        .code = RS_CODE("\x0f\x05"),
        .setup = {.rflags_clear = RFLAGS_IF | ARITHMETIC},
    },
    {
        .id = "syscall.tf",
        .text = "SYSCALL with RFLAGS.TF = 1 and TF in FMASK: no #DB in ring 0",
        .reference = SYSCALL,
        .probe = syscall_arrives,
        .code = RS_CODE("\x0f\x05"),
        .setup = {.rflags = RFLAGS_TF},
    },
    {
        .id = "syscall.tf.kept",
        .text = "SYSCALL with RFLAGS.TF = 1 and no TF in FMASK: #DB at LSTAR",
        .reference = SYSCALL,
        .probe = syscall_and_more,
        .vector = RS_VECTOR_DB,
        .code = RS_CODE("\x0f\x05"),
        .setup = {.rflags = RFLAGS_TF, .rflags_clear = ARITHMETIC, .fmask_clear = RFLAGS_TF},
    },
    {
        .id = "syscall.sce",
        .text = "SYSCALL with EFER.SCE = 0 raises #UD",
        .reference = SYSCALL,
        .probe = rs_expect_transition,
        .code = RS_CODE("\x0f\x05"),
        .setup = {.no_sce = true},
    },
    {
        .id = "syscall.compatibility",
        .text = "SYSCALL in compatibility mode: CSTAR with AMD, #UD with Intel",
        .reference = SYSCALL,
        .probe = rs_expect_transition,
        .code = RS_CODE("\x0f\x05"),
        .setup = {.from = RS_FROM_COMPAT, .rflags_clear = ARITHMETIC},
    },
    {
        .id = "syscall.compatibility.high",
        .text = "SYSCALL in compatibility mode: all of CSTAR with AMD, #UD with Intel",
        .reference = SYSCALL,
        .probe = syscall_and_more,
        .vector = RS_VECTOR_PF,
        .error_code = PF_ERROR_I,
        .code = RS_CODE("\x0f\x05"),
        .setup = {.from = RS_FROM_COMPAT, .cstar = HIGH_CSTAR, .rflags_clear = ARITHMETIC},
        .cr2 = HIGH_CSTAR,
    },
    {
        .id = "sysret.64",
        .text = "SYSRETQ goes to 64-bit code of ring 3",
        .reference = SYSRET,
        .probe = rs_expect_transition,
        .code = RS_CODE("\x48\x0f\x07"),
        .setup = {.from = RS_FROM_RING0,
                  .gprs = {RS_GPR(RCX, PROBE_TARGET), RS_GPR(R11, USER_RFLAGS)}},
    },
    {
        .id = "sysret.flags",
        .text = "SYSRETQ loads the flags of R11 that the mask 3C7FD7h has",
        .reference = SYSRET,
        .probe = rs_expect_transition,
        .code = RS_CODE("\x48\x0f\x07"),
        .setup = {.from = RS_FROM_RING0,
                  .gprs = {RS_GPR(RCX, PROBE_TARGET), RS_GPR(R11, EVERY_RFLAG)}},
    },
    {
        .id = "sysret.reserved",
        .text = "SYSRETQ ignores bits of R11 that are reserved in RFLAGS",
        .reference = SYSRET,
        .probe = rs_expect_transition,
        .code = RS_CODE("\x48\x0f\x07"),
        .setup = {.from = RS_FROM_RING0,
                  .gprs = {RS_GPR(RCX, PROBE_TARGET), RS_GPR(R11, USER_RFLAGS | RESERVED_RFLAGS)}},
    },
    {
        .id = "sysret.rpl",
        .text = "SYSRETQ: SS is STAR[63:48] + 8, with RPL 3 with Intel, as it is with AMD",
        .reference = SYSRET,
        .probe = rs_expect_transition,
        .code = RS_CODE("\x48\x0f\x07"),
        .setup = {.from = RS_FROM_RING0,
                  .star = PROBE_STAR & ~(RS_U64(3) << 48),
                  .gprs = {RS_GPR(RCX, PROBE_TARGET), RS_GPR(R11, USER_RFLAGS)}},
    },
    {
        .id = "syscall.rpl",
        .text = "SYSCALL: CS is STAR[47:32] AND FFFCh, SS is STAR[47:32] + 8",
        .reference = SYSCALL,
        .probe = rs_expect_transition,
        .code = RS_CODE("\x0f\x05"),
        .setup = {.star = PROBE_STAR | RS_U64(3) << 32, .rflags_clear = ARITHMETIC},
    },
    {
        .id = "sysret.rcx",
        .text = "SYSRETQ to a non-canonical RCX: #GP(0) in ring 0 with Intel, in ring 3 with AMD",
        .reference = SYSRET,
        .probe = sysret_rcx,
        .code = RS_CODE("\x48\x0f\x07"),
        .setup = {.from = RS_FROM_RING0,
                  .gprs = {RS_GPR(RCX, PROBE_NON_CANONICAL),
                           RS_GPR(R11, EVERY_RFLAG | RESERVED_RFLAGS)}},
    },
    {
        .id = "sysret.rf",
        .text = "INT n behind a SYSRETQ with RF in R11 pushes RFLAGS with RF = 0",
        .reference = SYSRET,
        .probe = sysret_rf,
        .code = RS_CODE("\x48\x0f\x07\xcd\x2e"),
        .setup = {.from = RS_FROM_RING0,
                  .gate = {.vector = RS_VECTOR_SYSSVC, .dpl = 3},
                  .gprs = {RS_GPR(RCX, PROBE_DONE - 2), RS_GPR(R11, USER_RFLAGS | RFLAGS_RF)}},
    },
    {
        .id = "sysret.sce",
        .text = "SYSRETQ with EFER.SCE = 0 raises #UD",
        .reference = SYSRET,
        .probe = rs_expect_transition,
        .code = RS_CODE("\x48\x0f\x07"),
        .setup = {.from = RS_FROM_RING0,
                  .no_sce = true,
                  .gprs = {RS_GPR(RCX, PROBE_TARGET), RS_GPR(R11, USER_RFLAGS)}},
    },
    {
        .id = "sysret.32",
        .text = "SYSRETL goes to compatibility mode of ring 3",
        .reference = SYSRET,
        .probe = rs_expect_transition,
        .code = RS_CODE("\x0f\x07"),
        .setup = {.from = RS_FROM_RING0,
                  .gprs = {RS_GPR(RCX, PROBE_TARGET), RS_GPR(R11, USER_RFLAGS)}},
    },
    {
        .id = "sysret.32.syscall",
        .text = "SYSCALL after SYSRETL: CSTAR with AMD, #UD with Intel",
        .reference = SYSCALL,
        .probe = rs_expect_transition,
        .code = RS_CODE("\x0f\x07\x0f\x05"),
        .setup = {.from = RS_FROM_RING0,
                  .gprs = {RS_GPR(RCX, PROBE_DONE - 2), RS_GPR(R11, USER_RFLAGS & ~ARITHMETIC)}},
    },
    {
        .id = "sysret.ring3",
        .text = "SYSRETQ in ring 3 raises #GP(0)",
        .reference = SYSRET,
        .probe = rs_expect_transition,
        .code = RS_CODE("\x48\x0f\x07"),
    },
    {
        .id = "sysret.ring1",
        .text = "SYSRETQ in ring 1 raises #GP(0)",
        .reference = SYSRET,
        .probe = rs_expect_transition,
        .code = RS_CODE("\x48\x0f\x07"),
        .setup = {.from = RS_FROM_RING1,
                  .gprs = {RS_GPR(RCX, PROBE_TARGET), RS_GPR(R11, USER_RFLAGS)}},
    },
    {
        .id = "swapgs.ring0",
        .text = "SWAPGS exchanges GS.base and KERNEL_GS_BASE",
        .reference = SWAPGS,
        .probe = swapgs,
        .code = RS_CODE("\x0f\x01\xf8"),
        .setup = {.from = RS_FROM_RING0},
    },
    {
        .id = "swapgs.ring3",
        .text = "SWAPGS in ring 3 raises #GP(0)",
        .reference = SWAPGS,
        .probe = rs_expect_fault,
        .code = RS_CODE("\x0f\x01\xf8"),
        .vector = RS_VECTOR_GP,
    },
    {
        .id = "sysenter.ring3",
        .text = "SYSENTER in 64-bit ring 3: SYSENTER_EIP with Intel, #UD with AMD",
        .reference = SYSENTER,
        .probe = sysenter,
        .feature = RS_FEATURE_SEP,
        .code = RS_CODE("\x0f\x34"),
        .vector = RS_VECTOR_UD,
    },
    {
        .id = "sysenter.ring0",
        .text = "SYSENTER in 64-bit ring 0: SYSENTER_EIP with Intel, #UD with AMD",
        .reference = SYSENTER,
        .probe = sysenter,
        .feature = RS_FEATURE_SEP,
        .code = RS_CODE("\x0f\x34"),
        .setup = {.from = RS_FROM_RING0},
        .vector = RS_VECTOR_UD,
    },
};

const struct rs_group rs_group_syscall = {
    .name = "syscall",
    .title = "SYSCALL, SYSRET, SWAPGS, SYSENTER",
    .claims = claims,
    .count = sizeof(claims) / sizeof(claims[0]),
};
