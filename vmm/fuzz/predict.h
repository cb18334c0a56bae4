/* SPDX-License-Identifier: MIT
 * The way of a case through the model. */
#ifndef RINGSCOPE_FUZZ_PREDICT_H
#define RINGSCOPE_FUZZ_PREDICT_H

#include "internal.h"

struct rs_fuzz_path {
    const struct rs_fuzz_case *one;
    struct rs_fuzz_prediction *prediction;
    struct rs_model_env env;
    const struct rs_departing *departing;
    rs_fuzz_mask mask;
    struct rs_fuzz_step *step;
    bool falling; /* past what the SDM is followed for: only with deviations */
    bool stays;   /* the last step did not leave ring 3 */
    bool native;  /* and the processor did it with the host's own GDT */
    bool eip;     /* 32-bit code has a RIP with a high half, which fetches leave out */
    bool traps;   /* the last step ended in a single step */
    bool outside; /* touched what the fuzzer does not keep track of */
    rs_fuzz_trace_fn trace;
    void *context;
};

enum rs_fuzz_page {
    RS_PAGE_RAM,
    RS_PAGE_UNMAPPED,
    RS_PAGE_WITHOUT_MEMORY, /* a fetch leaves the guest */
    RS_PAGE_OTHER
};
enum rs_fuzz_page rs_fuzz_page_of(uint64_t gva);

/* predict_fetch.c: where the next instruction is fetched from, and what that raises. Returns false:
 * it is fetched from the code page, at *code. */
bool rs_fuzz_fetch(struct rs_fuzz_path *run, const struct rs_cpu_state *state,
                   struct rs_cause *cause, const uint8_t **code);

/* relax.c: what the model reads, as a host takes it that leaves out some checks. */
void rs_fuzz_relax(struct rs_fuzz_path *run, uint64_t gva, void *buffer, size_t size);
/* Where it reads that from. */
uint64_t rs_fuzz_relax_address(struct rs_fuzz_path *run, uint64_t gva);

/* rs_model_read_fn; context: the path. */
int rs_fuzz_read(void *context, uint64_t gva, void *buffer, size_t size);

#endif
