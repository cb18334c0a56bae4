/* SPDX-License-Identifier: MIT
 * A session: one machine run from start to end, its output written as it comes. */
#ifndef RINGSCOPE_SESSION_H
#define RINGSCOPE_SESSION_H

#include "budget.h"
#include "confinement.h"
#include "keys.h"
#include "machine/machine.h"
#include "recording.h"
#include "trace/counts.h"
#include "trace/merge.h"
#include "trace/text.h"

struct rs_session {
    struct rs_machine machine;
    struct rs_typist typist;        /* --keys */
    bool emulated;                  /* this machine is emulated: times are marked */
    bool console_on_stderr;         /* stdout is for something else */
    struct rs_text *text;           /* trace lines; NULL: none */
    struct rs_counts *counts;       /* -c; NULL: none */
    struct rs_recording *recording; /* NULL: none */
    struct rs_stream *streams[RS_CPUS_MAX];
    struct rs_merge merge;
    struct rs_budget budget; /* limits that are 0 get their defaults */
    uint64_t text_begin;     /* bytes that were in the text's file before */
    struct rs_sandbox sandbox;
    struct rs_confinement confinement;
};

/* Runs the machine of a session that rs_machine_create() made: copies the guest console to stdout,
 * feeds stdin to it, or to the keyboard, obeys Ctrl-C, SIGTERM, the time-out, and SIGUSR2: hooks
 * off, hooks on. Returns 0, or -1 when the thread cannot be started; how the guest ended is in
 * machine.stop. */
int rs_session_run(struct rs_session *session, struct rs_error *error);

/* The exit code for how the guest ended; says on stderr what is not a plain exit. */
int rs_session_exit_code(const struct rs_session *session);

#endif
