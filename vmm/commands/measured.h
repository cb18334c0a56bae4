/* SPDX-License-Identifier: MIT
 * Lines of doctor, measured when somebody asks, once. */
#ifndef RINGSCOPE_COMMANDS_MEASURED_H
#define RINGSCOPE_COMMANDS_MEASURED_H

#include "suite/settle.h"

struct rs_measured_lines {
    int kvm_fd;  /* not owned */
    bool repair; /* what repair puts right does not depart */
    struct rs_measured_line {
        const char *id;
        enum rs_measured measured;
        char observed[RS_OBSERVED_MAX];
    } * lines; /* owned */
    size_t count;
};

/* For rs_measurer.measure; the context is a struct rs_measured_lines. */
enum rs_measured rs_measure_line(void *context, const char *id, char observed[RS_OBSERVED_MAX]);
void rs_measured_free(struct rs_measured_lines *lines);

#endif
