/* SPDX-License-Identifier: MIT
 * Fetches of a case, and what they raise. */
#include "deviations.h"
#include "predict.h"

/* SDM Vol. 3A, "Limit Checking"; what expands down is above its limit: only with deviations. */
static bool is_past_limit(const struct rs_segment *cs, uint64_t rip)
{
    bool down =
        (cs->type & (SEGMENT_TYPE_CODE | SEGMENT_TYPE_EXPAND_DOWN)) == SEGMENT_TYPE_EXPAND_DOWN;

    return down ? rip <= cs->limit || rip > (cs->db ? UINT32_MAX : UINT16_MAX) : rip > cs->limit;
}

/* But where it fetches by itself: where there is no memory. */
static bool ignores_limit(const struct rs_fuzz_path *run, uint64_t address)
{
    for (unsigned i = 0; run->departing && i < rs_deviation_count; i++)
        if (run->mask >> i & 1 && rs_deviations[i].before == rs_deviate_fetch_past_limit)
            return rs_fuzz_page_of(address) != RS_PAGE_WITHOUT_MEMORY;
    return false;
}

static bool is_no_execute(uint64_t address)
{
    return address - PROBE_NO_EXECUTE < PAGE_SIZE;
}

bool rs_fuzz_fetch(struct rs_fuzz_path *run, const struct rs_cpu_state *state,
                   struct rs_cause *cause, const uint8_t **code)
{
    uint64_t address = state->rip;

    *cause = (struct rs_cause){.kind = RS_CAUSE_EXCEPTION, .has_error_code = true};
    if (!state->cs.l)
        address = (state->cs.base + (state->rip & UINT32_MAX)) & UINT32_MAX;
    if (!state->cs.l &&
        (!state->cs.p ||
         (is_past_limit(&state->cs, run->eip ? state->rip & UINT32_MAX : state->rip) &&
          !ignores_limit(run, address)))) {
        cause->vector = RS_VECTOR_GP;
        return true;
    }
    if (!rs_is_canonical(address, false)) {
        cause->vector = RS_VECTOR_GP;
        return true;
    }
    if (rs_fuzz_page_of(address) == RS_PAGE_UNMAPPED || is_no_execute(address)) {
        cause->vector = RS_VECTOR_PF;
        cause->error_code = PF_ERROR_I | (is_no_execute(address) ? PF_ERROR_P : 0u) |
                            (state->cpl == 3 ? PF_ERROR_U : 0u);
        cause->cr2 = address;
        return true;
    }
    if (rs_fuzz_page_of(address) == RS_PAGE_WITHOUT_MEMORY)
        run->prediction->end = RS_FUZZ_FETCH;
    else if (address - PROBE_CODE >= PAGE_SIZE ||
             (address - PROBE_CODE >= FUZZ_SLOTS * FUZZ_SLOT_SIZE &&
              address != run->one->before.rip))
        run->outside = true;
    else
        *code = run->one->memory + address;
    return false;
}
