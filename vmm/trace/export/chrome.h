/* SPDX-License-Identifier: MIT
 * Objects of Chrome trace-event JSON ("Trace Event Format"): one call writes one element of
 * traceEvents. */
#ifndef RINGSCOPE_EXPORT_CHROME_H
#define RINGSCOPE_EXPORT_CHROME_H

#include "internal.h"

#define RS_CHROME_PID 1 /* the guest */

/* Everything but the last members of an object, and its end. */
void rs_chrome_open(struct rs_export *export, const char *phase, unsigned tid);

/* The name and the place of a vCPU's track of this ring. */
void rs_chrome_name_track(struct rs_export *export, uint8_t vcpu, unsigned ring);
/* A slice of that track begins or ends. */
void rs_chrome_begin(struct rs_export *export, const struct rs_nest_step *step, unsigned ring,
                     const char *name);
void rs_chrome_end(struct rs_export *export, const struct rs_nest_step *step, unsigned ring);
/* An arrow's start "s", step "t" or finish "f" in the slice that is open there. */
void rs_chrome_flow(struct rs_export *export, const char *phase, const struct rs_nest_step *step,
                    unsigned ring, uint64_t id);
/* `event` NULL: without arguments. */
void rs_chrome_instant(struct rs_export *export, uint8_t vcpu, unsigned ring, uint64_t ns,
                       const char *name, const struct rs_event *event);
void rs_chrome_counter(struct rs_export *export, const char *name, const char *series,
                       uint64_t value);

#endif
