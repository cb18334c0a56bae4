/* SPDX-License-Identifier: MIT
 * One command in the machine, from START to EXIT: streams and signals. */
#ifndef RINGSCOPE_HOST_RELAY_H
#define RINGSCOPE_HOST_RELAY_H

#include "emulated.h"
#include "host_machine.h"

struct rs_relay {
    struct rs_host_machine *machine;
    struct rs_wait *wait;
    const struct rs_emulated_command *command;

    int sinks[RS_STREAM_COUNT];                 /* where a stream goes; -1: nowhere any more */
    struct rs_ctf_ring *rings[RS_STREAM_COUNT]; /* its files in rotation; NULL: none */
    const uint8_t *pending; /* data that its sink has not taken: nothing is received meanwhile, */
    size_t pending_size;    /* so a slow reader slows the command down */
    uint8_t pending_stream;
    int output_errno; /* of the first output that could not be written */

    bool stdin_open, stdin_terminal;
    uint32_t credit; /* bytes of stdin that may be sent */

    unsigned signals;
    int64_t deadline; /* -1: none */
    bool ended;
    int status;
};

/* Forwards until the command ends; returns like rs_emulated_run(). */
int rs_relay_serve(struct rs_relay *relay, struct rs_host_machine *machine,
                   const struct rs_emulated_command *command, struct rs_error *error);

/* relay_streams.c: one step each. They return -1 when the machine is lost. */
int rs_relay_data(struct rs_relay *relay, const struct rs_frame *frame, struct rs_error *error);
int rs_relay_write(struct rs_relay *relay, struct rs_error *error);
int rs_relay_read_stdin(struct rs_relay *relay, struct rs_error *error);

#endif
