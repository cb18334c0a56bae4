/* SPDX-License-Identifier: MIT
 * Explains a transition: the model's steps with the values of this event. */
#ifndef RINGSCOPE_EXPLAIN_H
#define RINGSCOPE_EXPLAIN_H

#include "model/model.h"
#include "symbols/symbols.h"
#include "trace/told.h"

#include <ringscope/event.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * The state before is taken from the event, and from what the marks before it have told: so the
 * model runs again, the same for a guest that runs and for a trace on disk. Tables that were not
 * told, because marks were left out, make an explanation end where the model needs them.
 */
struct rs_explained {
    struct rs_cpu_state before;
    struct rs_cause cause;
    struct rs_model_result model;
    uint64_t missing; /* the first table entry that was not told; valid with is_missing */
    bool is_missing;
};

/* False when the event is no transition, or no state was told before it. Pure. */
bool rs_explain(const struct rs_event *event, const struct rs_told *told,
                struct rs_explained *explained);

/* The steps, the gate, and where the host departed; each line begins with `indent`. */
void rs_explain_print(FILE *file, const char *indent, const struct rs_event *event,
                      const struct rs_told *told, const struct rs_symbols *symbols);

#endif
