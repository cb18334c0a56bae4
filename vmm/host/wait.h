/* SPDX-License-Identifier: MIT
 * Waiting: every wait of the emulated host goes through here, so that signals end all of them. */
#ifndef RINGSCOPE_HOST_WAIT_H
#define RINGSCOPE_HOST_WAIT_H

#include "error.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * While it is open, SIGINT, SIGTERM, SIGHUP and SIGQUIT (those that the caller does not ignore) are
 * taken by rs_wait_poll(), and a write to a closed pipe only fails.
 */
struct rs_wait {
    int signal_fd;
    int signal; /* that came and was not taken yet; 0: none */
    sigset_t saved;
    bool verbose;
    bool terminal; /* stderr is one */
    int64_t begin_ms;
    const char *stage; /* what the user waits for; NULL: nothing to tell */
    bool told;
};

int rs_wait_open(struct rs_wait *wait, bool verbose, struct rs_error *error);
void rs_wait_close(struct rs_wait *wait);

/* Told on stderr when it takes long and a person waits, or with `verbose`. NULL: nothing. */
void rs_wait_stage(struct rs_wait *wait, const char *stage);

/* Told with `verbose`, at once. */
void rs_wait_note(const struct rs_wait *wait, const char *text);

#define RS_WAIT_SLOTS_MAX 16

/* poll() of at most RS_WAIT_SLOTS_MAX slots that ends early on a signal: returns -1 with
 * wait->signal set. `timeout_ms` < 0: none. */
int rs_wait_poll(struct rs_wait *wait, struct pollfd *slots, nfds_t count, int64_t timeout_ms);

/* Fills *error for a wait that a signal ended; returns -1. */
int rs_wait_interrupted(const struct rs_wait *wait, struct rs_error *error);

int64_t rs_now_ms(void);

#endif
