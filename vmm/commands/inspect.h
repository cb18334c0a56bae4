/* SPDX-License-Identifier: MIT
 * What the files of the inspect command share. */
#ifndef RINGSCOPE_COMMANDS_INSPECT_H
#define RINGSCOPE_COMMANDS_INSPECT_H

#include "inspect/breakpoint.h"
#include "inspect/inspect.h"
#include "launch.h"

enum rs_point_kind {
    RS_POINT_BOOT,   /* the first transition from ring 3 */
    RS_POINT_EVENT,  /* the first event that the filter lets through */
    RS_POINT_SYMBOL, /* a function of the kernel */
    RS_POINT_END
};

struct rs_point {
    const char *text; /* as given to --at */
    enum rs_point_kind kind;
    struct rs_filter filter;
    struct rs_breakpoint breakpoint;
    bool has_event;
    struct rs_event event; /* that it stopped at */
};

/* --at. Returns 0, or -1 with the error filled. */
int rs_point_parse(struct rs_point *point, const char *text, struct rs_error *error);
/* What must be hooked; NULL: nothing. */
struct rs_filter *rs_point_filter(struct rs_point *point);
/* Before the machine runs. */
int rs_point_prepare(struct rs_point *point, struct rs_machine *machine,
                     const struct rs_images *images, const struct rs_symbols *symbols,
                     struct rs_error *error);
/* Whether a machine that stopped did so at the point. */
bool rs_point_reached(const struct rs_point *point, const struct rs_stop *stop);

struct rs_inspect_request {
    bool topics[RS_INSPECT_TOPIC_COUNT];
    bool any; /* topics were named: one that is not there is an error */
    bool json;
};

/* Prints the topics to stdout. Returns the exit code. */
int rs_inspect_print(const struct rs_inspection *inspection,
                     const struct rs_inspect_request *request, const struct rs_point *point);

#endif
