/* SPDX-License-Identifier: MIT
 * What made a vector be delivered: from the frame and the code around its RIP. */
#include "internal.h"

#include <ringscope/x86/cpu.h>
#include <string.h>

#define OPCODE_INT_N 0xcd
#define OPCODE_ICEBP 0xf1

/* The words at RSP. Only an error code tells two layouts apart, and only the vector tells whether
 * there is one: INT n to such a vector pushes none, see rs_diagnose(). */
int rs_frame_read(struct rs_hooks *hooks, uint8_t vector, uint64_t rsp, struct rs_frame *frame)
{
    const uint64_t *words = frame->words;

    frame->error_code = 0;
    frame->has_error_code = rs_exception_has_error_code(vector);
    frame->count = frame->has_error_code ? 6 : 5;
    if (rs_hooks_read(hooks, rsp, frame->words, frame->count * sizeof(uint64_t)) != 0)
        return -1;
    if (frame->has_error_code)
        frame->error_code = *words++;
    frame->rip = words[0];
    frame->cs = words[1];
    frame->rflags = words[2];
    frame->rsp = words[3];
    frame->ss = words[4];
    return 0;
}

struct code {
    uint8_t at[2], before[2]; /* around the frame's RIP; zero where there is no memory */
};

static void read_code(struct rs_hooks *hooks, uint64_t rip, struct code *code)
{
    uint8_t around[4];

    if ((rip & (PAGE_SIZE - 1)) >= 2 && (rip & (PAGE_SIZE - 1)) <= PAGE_SIZE - 2 &&
        rs_hooks_read(hooks, rip - 2, around, sizeof(around)) == 0) {
        memcpy(code->before, around, 2);
        memcpy(code->at, around + 2, 2);
        return;
    }
    memset(code, 0, sizeof(*code));
    if (rs_hooks_read(hooks, rip, code->at, 2) != 0)
        rs_hooks_read(hooks, rip, code->at, 1);
    if (rs_hooks_read(hooks, rip - 2, code->before, 2) != 0)
        rs_hooks_read(hooks, rip - 1, &code->before[1], 1);
}

static uint8_t gate_dpl(struct rs_hooks *hooks, uint8_t vector)
{
    struct rs_gate gate;

    rs_gate_decode(rs_hooks_gate(hooks, vector), &gate);
    return gate.dpl;
}

static void int_n(struct rs_diagnosis *diagnosis, uint8_t vector, uint64_t rip, uint32_t deviations)
{
    diagnosis->cause = (struct rs_cause){.kind = RS_CAUSE_INT_N, .vector = vector, .length = 2};
    diagnosis->rip = rip;
    diagnosis->deviations = deviations;
}

/* #UD at an INT n or ICEBP: the host refused an instruction that always is one. */
static bool diagnose_ud(const struct rs_frame *frame, const struct code *code,
                        struct rs_diagnosis *diagnosis)
{
    if (code->at[0] == OPCODE_INT_N) {
        int_n(diagnosis, code->at[1], frame->rip, RS_DEVIATION_INT_N_UD);
        return true;
    }
    if (code->at[0] == OPCODE_ICEBP) {
        diagnosis->cause = (struct rs_cause){.kind = RS_CAUSE_ICEBP, .length = 1};
        diagnosis->rip = frame->rip;
        diagnosis->deviations = RS_DEVIATION_INT_N_UD;
        return true;
    }
    return false;
}

/* #GP by an INT n that its gate refused. SDM Vol. 3A, "Error Code": 8n + 2, RIP at the instruction.
 */
static bool diagnose_gp(struct rs_hooks *hooks, const struct rs_frame *frame,
                        const struct code *code, struct rs_diagnosis *diagnosis)
{
    uint8_t cpl = frame->cs & 3;
    uint8_t vector = code->at[1];
    uint32_t deviations = RS_DEVIATION_INT_N_RIP;

    if (code->at[0] == OPCODE_INT_N && gate_dpl(hooks, vector) < cpl) {
        int_n(diagnosis, vector, frame->rip,
              frame->error_code == vector * 8u + 2 ? 0 : RS_DEVIATION_INT_N_ERROR_CODE);
        return true;
    }
    vector = code->before[1];
    if (code->before[0] != OPCODE_INT_N || gate_dpl(hooks, vector) >= cpl ||
        (frame->error_code != vector * 8u + 2 && frame->error_code != vector * 16u + 2))
        return false;
    if (frame->error_code != vector * 8u + 2)
        deviations |= RS_DEVIATION_INT_N_ERROR_CODE;
    int_n(diagnosis, vector, frame->rip - 2, deviations);
    return true;
}

/* Delivered through its own gate by an instruction, with RIP behind it. An interrupt that happens
 * to arrive there looks the same, unless ring 3 could not have used the gate. */
static bool diagnose_instruction(struct rs_hooks *hooks, uint8_t vector,
                                 const struct rs_frame *frame, const struct code *code,
                                 struct rs_diagnosis *diagnosis)
{
    if (vector == RS_VECTOR_BP && code->before[1] == RS_OPCODE_INT3) {
        diagnosis->cause = (struct rs_cause){.kind = RS_CAUSE_INT3, .length = 1};
        diagnosis->rip = frame->rip - 1;
        return true;
    }
    if (vector == RS_VECTOR_DB && code->before[1] == OPCODE_ICEBP) {
        diagnosis->cause = (struct rs_cause){.kind = RS_CAUSE_ICEBP, .length = 1};
        diagnosis->rip = frame->rip - 1;
        return true;
    }
    if (frame->has_error_code || code->before[0] != OPCODE_INT_N || code->before[1] != vector ||
        gate_dpl(hooks, vector) < (frame->cs & 3))
        return false;
    int_n(diagnosis, vector, frame->rip - 2, 0);
    return true;
}

void rs_diagnose(struct rs_hooks *hooks, uint8_t vector, const struct rs_frame *frame, uint64_t cr2,
                 struct rs_diagnosis *diagnosis)
{
    struct code code;

    read_code(hooks, frame->rip, &code);
    *diagnosis = (struct rs_diagnosis){.rip = frame->rip};
    if ((vector == RS_VECTOR_UD && diagnose_ud(frame, &code, diagnosis)) ||
        (vector == RS_VECTOR_GP && diagnose_gp(hooks, frame, &code, diagnosis)) ||
        diagnose_instruction(hooks, vector, frame, &code, diagnosis))
        return;
    diagnosis->cause = (struct rs_cause){
        .kind = vector == RS_VECTOR_NMI ? RS_CAUSE_NMI
                : vector < 32           ? RS_CAUSE_EXCEPTION
                                        : RS_CAUSE_INTERRUPT,
        .vector = vector,
        .has_error_code = frame->has_error_code,
        .error_code = (uint32_t)frame->error_code,
        .cr2 = cr2,
    };
}
