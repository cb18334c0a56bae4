/* SPDX-License-Identifier: MIT
 * Claims: INT n, INT3, INT1, gates, stacks. */
#include "hooks/hooks.h"
#include "probe.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/vectors.h>

#define INT_N "SDM Vol. 2A, \"INT n/INTO/INT3/INT1 - Call to Interrupt Procedure\""
#define ERROR_CODE "SDM Vol. 3A, \"Error Code\""
#define IST "SDM Vol. 3A, \"Interrupt Stack Table\""
#define GATE_FLAGS "SDM Vol. 3A, \"Flag Usage By Exception- or Interrupt-Handler Procedure\""

#define GATE_P (RS_U64(1) << 47)
#define GATE_CALL ((uint64_t)(DESC_TYPE_INTERRUPT_GATE ^ DESC_TYPE_CALL_GATE) << 40)
/* In place of ring 0's code. */
#define GATE_SELECTOR(selector) ((uint64_t)((selector) ^ KGDT64_R0_CODE) << 16)

#define INT_21 RS_CODE("\xcd\x21")
#define INT_2E RS_CODE("\xcd\x2e")
#define INT3 RS_CODE("\xcc")
#define INT1 RS_CODE("\xf1")

#define CLAIM(id_, text_, reference_, code_)                                                       \
    .id = (id_), .text = (text_), .reference = (reference_), .code = code_,                        \
    .probe = rs_expect_transition
/* The stack and the flags of delivery, shown by #UD: an exception that every host delivers. */
#define ON_UD(id_, text_, reference_)                                                              \
    .id = (id_), .text = (text_), .reference = (reference_), .code = RS_CODE("\x0f\x0b"),          \
    .vector = RS_VECTOR_UD, .probe = rs_expect_fault

static const struct rs_claim claims[] = {
    {
        CLAIM("int.ring3.dpl0.first", "the first INT n of a machine on a gate of DPL 0: #GP(8n+2)",
              ERROR_CODE, INT_21),
        .fresh = true,
        .needs = {{RS_NEED_INT_N_UD, RS_FIELD_OUTCOME},
                  {RS_NEED_INT_N_GP, "error code"},
                  {RS_NEED_INT_N_GP, "pushed RIP"}},
    },
    {
        CLAIM("int.ring3.first", "the first INT n of a machine goes through its gate", INT_N,
              INT_2E),
        .setup = {.gate = {.vector = RS_VECTOR_SYSSVC, .dpl = 3}},
        .fresh = true,
    },
    {
        CLAIM("int.ring3", "INT n in ring 3 goes through its gate of DPL 3", INT_N, INT_2E),
        .setup = {.gate = {.vector = RS_VECTOR_SYSSVC, .dpl = 3}},
        .needs = {{RS_NEED_INT_N_UD, RS_FIELD_OUTCOME}},
    },
    {
        CLAIM("int.ring3.dpl0", "INT n in ring 3 on a gate of DPL 0 raises #GP(8n+2)", ERROR_CODE,
              INT_21),
        .needs = {{RS_NEED_INT_N_UD, RS_FIELD_OUTCOME},
                  {RS_NEED_INT_N_GP, "error code"},
                  {RS_NEED_INT_N_GP, "pushed RIP"}},
    },
    {
        CLAIM("int.ring3.ist", "INT n in ring 3 takes the IST stack of its gate", IST, INT_2E),
        .setup = {.gate = {.vector = RS_VECTOR_SYSSVC, .dpl = 3, .ist = 6}},
    },
    {
        CLAIM("int.ring3.1a", "INT 1Ah in ring 3 goes through its gate of DPL 3", INT_N,
              RS_CODE("\xcd\x1a")),
        .setup = {.gate = {.vector = 0x1a, .dpl = 3}},
    },
    {
        CLAIM("int.ring3.17", "INT 17h in ring 3 goes through its gate of DPL 3", INT_N,
              RS_CODE("\xcd\x17")),
        .setup = {.gate = {.vector = 0x17, .dpl = 3}},
    },
    {
        CLAIM("int.ring3.19", "INT 19h in ring 3 goes through its gate of DPL 3", INT_N,
              RS_CODE("\xcd\x19")),
        .setup = {.gate = {.vector = 0x19, .dpl = 3}},
    },
    {
        CLAIM("int.ring0.1a", "INT 1Ah in ring 0 goes through its gate", INT_N,
              RS_CODE("\xcd\x1a")),
        .setup = {.from = RS_FROM_RING0},
    },
    {
        CLAIM("int.ring0.1b", "INT 1Bh in ring 0 goes through its gate", INT_N,
              RS_CODE("\xcd\x1b")),
        .setup = {.from = RS_FROM_RING0},
    },
    {
        CLAIM("int.ring0.17", "INT 17h in ring 0 goes through its gate", INT_N,
              RS_CODE("\xcd\x17")),
        .setup = {.from = RS_FROM_RING0},
    },
    {
        CLAIM("int.ring0.19", "INT 19h in ring 0 goes through its gate", INT_N,
              RS_CODE("\xcd\x19")),
        .setup = {.from = RS_FROM_RING0},
    },
    {
        CLAIM("int.ring0", "INT n in ring 0 goes through its gate", INT_N, INT_2E),
        .setup = {.from = RS_FROM_RING0},
        .needs = {{RS_NEED_RING0_INT, RS_FIELD_OUTCOME}},
    },
    {
        CLAIM("int3.ring3", "INT3 in ring 3 is delivered as #BP, RIP after it", INT_N, INT3),
        .setup = {.gate = {.vector = RS_VECTOR_BP, .dpl = 3}},
    },
    {
        CLAIM("int3.ring3.dpl0", "INT3 in ring 3 on a gate of DPL 0 raises #GP(8n+2)", ERROR_CODE,
              INT3),
    },
    {
        CLAIM("int3.ring0", "INT3 in ring 0 is delivered as #BP, RIP after it", INT_N, INT3),
        .setup = {.from = RS_FROM_RING0},
        .needs = {{RS_NEED_RING0_INT, RS_FIELD_OUTCOME}},
    },
    {
        CLAIM("int1.ring3", "INT1 (ICEBP) in ring 3 is delivered as #DB whatever the DPL", INT_N,
              INT1),
    },
    {
        CLAIM("int1.ring0", "INT1 (ICEBP) in ring 0 is delivered as #DB", INT_N, INT1),
        .setup = {.from = RS_FROM_RING0},
    },
    {
        ON_UD("gate.ist.ring3", "a gate with IST takes that stack in ring 3", IST),
        .setup = {.gate = {.vector = RS_VECTOR_UD, .ist = 1}},
    },
    {
        ON_UD("gate.ist.ring0", "a gate with IST takes that stack in ring 0, too", IST),
        .setup = {.from = RS_FROM_RING0, .gate = {.vector = RS_VECTOR_UD, .ist = 7}},
    },
    {
        ON_UD("gate.trap", "a trap gate leaves RFLAGS.IF as it is", GATE_FLAGS),
        .setup = {.gate = {.vector = RS_VECTOR_UD, .trap = true}},
    },
    {
        ON_UD("gate.ac", "delivery leaves RFLAGS.AC as it is", GATE_FLAGS),
        .setup = {.rflags = RFLAGS_AC},
    },
    {
        ON_UD("gate.absent", "#UD through a gate that is not present raises #NP(8n+3)", ERROR_CODE),
        .setup = {.gate = {.vector = RS_VECTOR_UD, .flip = {GATE_P}}},
    },
    {
        ON_UD("gate.type", "#UD through a call gate raises #GP(8n+3)", ERROR_CODE),
        .setup = {.gate = {.vector = RS_VECTOR_UD, .flip = {GATE_CALL}}},
    },
    {
        ON_UD("gate.selector.null", "#UD through a gate with a null selector raises #GP(1)", INT_N),
        .setup = {.gate = {.vector = RS_VECTOR_UD, .flip = {GATE_SELECTOR(0)}}},
    },
    {
        ON_UD("gate.selector.data", "#UD through a gate to a data segment raises #GP(selector + 1)",
              INT_N),
        .setup = {.gate = {.vector = RS_VECTOR_UD, .flip = {GATE_SELECTOR(KGDT64_R0_DATA)}}},
    },
    {
        ON_UD("gate.selector.32", "#UD through a gate to 32-bit code raises #GP(selector + 1)",
              INT_N),
        .setup = {.gate = {.vector = RS_VECTOR_UD, .flip = {GATE_SELECTOR(KGDT64_R3_CMCODE)}}},
    },
    {
        ON_UD("gate.selector.user",
              "#UD in ring 0 through a gate to code of ring 3 raises #GP(selector + 1)", INT_N),
        .setup = {.from = RS_FROM_RING0,
                  .gate = {.vector = RS_VECTOR_UD, .flip = {GATE_SELECTOR(KGDT64_R3_CODE)}}},
    },
    {
        ON_UD("gate.selector.outside",
              "#UD through a gate to a selector outside the GDT raises #GP(selector + 1)", INT_N),
        .setup = {.gate = {.vector = RS_VECTOR_UD, .flip = {GATE_SELECTOR(PROBE_SEL_OUTSIDE)}}},
    },
    {
        ON_UD("gate.selector.absent",
              "#UD through a gate to code that is not present raises #NP(selector + 1)", INT_N),
        .setup = {.gate = {.vector = RS_VECTOR_UD, .flip = {GATE_SELECTOR(PROBE_SEL_ABSENT_CODE)}}},
    },
    {
        ON_UD("gate.selector.ldt", "#UD through a gate to code of the LDT enters it", INT_N),
        .setup = {.ldt = true,
                  .gate = {.vector = RS_VECTOR_UD,
                           .flip = {GATE_SELECTOR(KGDT64_R0_CODE | SELECTOR_TI)}}},
    },
    {
        ON_UD("gate.rpl",
              "the DPL of a gate's segment is the handler's CPL, not the selector's RPL", INT_N),
        .setup = {.gate = {.vector = RS_VECTOR_UD,
                           .flip = {GATE_SELECTOR(KGDT64_R0_CODE | RPL_MASK)}}},
    },
    {
        ON_UD("gate.ring1", "a gate to code of ring 1 enters it on RSP1, with SS = 1", INT_N),
        .setup = {.gate = {.vector = RS_VECTOR_UD, .flip = {GATE_SELECTOR(PROBE_SEL_R1_CODE | 1)}}},
    },
    {
        ON_UD("gate.offset", "#UD through a gate with a non-canonical offset raises #GP(1)", INT_N),
        .setup = {.gate = {.vector = RS_VECTOR_UD, .flip = {0, RS_U64(0x80000000)}}},
    },
    {
        ON_UD("gate.stack.canonical", "#UD onto a stack at a non-canonical address raises #SS(1)",
              INT_N),
        .setup = {.gate = {.vector = RS_VECTOR_UD, .ist = 7}, .ist7 = PROBE_NON_CANONICAL},
    },
    {
        ON_UD("gate.stack.edge",
              "#UD onto a stack whose top is the first address that is not canonical raises #SS(1)",
              INT_N),
        .setup = {.gate = {.vector = RS_VECTOR_UD, .ist = 7}, .ist7 = PROBE_CANONICAL_END},
    },
    {
        ON_UD("gate.stack.below",
              "#UD onto a stack whose top is canonical, but its frame is not, raises #SS(1)",
              INT_N),
        .setup = {.gate = {.vector = RS_VECTOR_UD, .ist = 7}, .ist7 = PROBE_UPPER},
    },
    {
        ON_UD("gate.stack.same",
              "#UD in ring 0 with a non-canonical RSP raises #SS(1), and that #DF, though #GP has "
              "a stack",
              INT_N),
        .setup = {.from = RS_FROM_RING0,
                  .gate = {.vector = RS_VECTOR_GP, .ist = 1},
                  .df_stack = true,
                  .gprs = {RS_GPR(RSP, PROBE_NON_CANONICAL)}},
    },
    {
        ON_UD("gate.stack.absent", "#UD onto a stack that is not mapped raises #PF(W)", INT_N),
        .setup = {.gate = {.vector = RS_VECTOR_UD, .ist = 7}, .ist7 = PROBE_NOT_PRESENT + 0x800},
    },
    {
        ON_UD("gate.tss", "#UD with an IST outside the TSS's limit raises #TS(TR + 1)", INT_N),
        .setup = {.gate = {.vector = RS_VECTOR_UD, .ist = 7}, .tr_limit = TSS64_IST1 + 8},
    },
    {
        CLAIM("int.rf", "INT n pushes RFLAGS with RF = 0", GATE_FLAGS, INT_2E),
        .setup = {.rflags = RFLAGS_RF, .gate = {.vector = RS_VECTOR_SYSSVC, .dpl = 3}},
        .judges_rf = true,
    },
};

const struct rs_group rs_group_gates = {
    .name = "gates",
    .title = "INT n, gates",
    .claims = claims,
    .count = sizeof(claims) / sizeof(claims[0]),
};
