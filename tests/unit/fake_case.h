/* SPDX-License-Identifier: MIT
 * Cases of the differential fuzzer that are sound in all but one place. */
#ifndef RINGSCOPE_TESTS_FAKE_CASE_H
#define RINGSCOPE_TESTS_FAKE_CASE_H

#include "fuzz/internal.h"

#define UD2 "\x0f\x0b"
#define IRETQ "\x48\xcf"

extern struct rs_fuzz_case fake_case;
extern struct rs_fuzz_prediction fake_prediction; /* of the last fake_predict*() */

/* fake_case: sound in all but these two bytes of code, in ring 3. */
void fake_plain(const char *code);
/* The same in ring 0, with this frame for IRET. */
void fake_return(const char *code, uint64_t rip, uint16_t cs, uint64_t rflags, uint16_t ss);
/* The selector of a gate. */
void fake_set_selector(uint8_t vector, uint16_t selector);
/* The gate gets IST1, which is PROBE_RSP0. */
void fake_set_ist(uint8_t vector);
/* As the first of the GDT's that may be any. Returns its selector. */
uint16_t fake_descriptor(uint64_t raw);

/* Where the case ends, with the SDM's rules alone. */
void fake_predict(void);
/* With what departs in these claims: those of `claim` in `field`, if not NULL, and those of
 * `second`, if not NULL. */
void fake_predict_both(const char *claim, const char *field, const char *second);
void fake_predict_with(const char *claim);

/* The address of a vector's handler. */
uint64_t fake_handler(uint8_t vector);

#endif
