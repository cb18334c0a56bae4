/* SPDX-License-Identifier: MIT
 * A trace being recorded by a session: its writer, and what is said of it meanwhile. */
#ifndef RINGSCOPE_RECORDING_H
#define RINGSCOPE_RECORDING_H

#include "machine/machine.h"
#include "options.h"
#include "trace/ctf/writer.h"

#define RS_RECORDING_RING_HELP                                                                     \
    "Keep the last SIZE of the trace: the oldest events give way to newer ones. K, M or G may "    \
    "follow the number; at least 256K for each vCPU"

struct rs_recording {
    const char *path;   /* of the directory; NULL: nothing is recorded */
    uint64_t ring_size; /* bytes; 0: the trace grows */
    bool progress;      /* tell on a terminal how it goes */
    int argc;           /* ringscope's own command line */
    char **argv;
    struct rs_ctf_writer writer;
    uint64_t started_ns, flushed_ns, shown_ns; /* CLOCK_MONOTONIC; shown_ns 0: never */
};

int rs_recording_open(struct rs_recording *recording, const struct rs_machine *machine,
                      bool emulated, const struct rs_images *images, struct rs_error *error);

/* --ring-size: takes the value; and, when all options are known, whether it goes with them. */
bool rs_recording_parse_ring(struct rs_recording *recording, const char *value,
                             struct rs_error *error);
int rs_recording_check(const struct rs_recording *recording, unsigned cpus, struct rs_error *error);

/* False: the trace cannot be written. */
bool rs_recording_event(struct rs_recording *recording, const struct rs_event *event);
/* To be called every few milliseconds: unfinished packets and the progress line. */
bool rs_recording_tick(struct rs_recording *recording);

/* Ends the trace, with how many events the rings had no room for, and says how large it is. Returns
 * -1 when it could not be written in full; `error` may be NULL. */
int rs_recording_close(struct rs_recording *recording, const struct rs_machine *machine,
                       struct rs_error *error);

#endif
