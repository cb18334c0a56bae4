/* SPDX-License-Identifier: MIT
 * Known deviations of a host: what fails because of one that doctor has measured is expected. */
#ifndef RINGSCOPE_SUITE_SETTLE_H
#define RINGSCOPE_SUITE_SETTLE_H

#include "suite.h"

/* What doctor finds of one of its lines now, on this host. */
enum rs_measured {
    RS_MEASURED_OK,      /* as it should be, or repaired */
    RS_MEASURED_DEPARTS, /* departs from the SDM, or is absent */
    RS_MEASURED_UNKNOWN, /* it has no such line */
    RS_MEASURED_FAILED,  /* it could not be measured; `observed` says why */
};

#define RS_OBSERVED_MAX 160

struct rs_measurer {
    enum rs_measured (*measure)(void *context, const char *id, char observed[RS_OBSERVED_MAX]);
    void *context;
};

/* Before it is run: a test that needs what departs here is skipped, and settled. One that names a
 * line that doctor does not have is an error. */
void rs_settle_needs(struct rs_test *test, struct rs_result *result,
                     const struct rs_measurer *measurer);

/* Afterwards: claims that name lines of doctor, and a test that does as a whole. */
void rs_settle_result(const struct rs_test *test, struct rs_result *result,
                      const struct rs_measurer *measurer);

#endif
