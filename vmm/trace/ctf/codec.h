/* SPDX-License-Identifier: MIT
 * An event as bytes in a packet, there and back. Pure. */
#ifndef RINGSCOPE_CTF_CODEC_H
#define RINGSCOPE_CTF_CODEC_H

#include "derived.h"

#include <stdbool.h>

/* No event takes more bytes. */
#define RS_CTF_EVENT_SIZE_MAX 256

/* Writes header and fields at `at`; returns the end. `previous_tsc` is the time stamp before. */
uint8_t *rs_ctf_encode(uint8_t *at, const struct rs_event *event, const struct rs_ctf_base *base,
                       uint64_t previous_tsc);

/* Reads one event of the bytes at..end, which may hold anything. Returns its end; NULL when they
 * are no event. base->tsc is the time stamp before, and then this event's;
 * base->sequence is this event's. */
const uint8_t *rs_ctf_decode(const uint8_t *at, const uint8_t *end, struct rs_event *event,
                             struct rs_ctf_base *base);

#endif
