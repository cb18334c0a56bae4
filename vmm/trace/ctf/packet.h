/* SPDX-License-Identifier: MIT
 * One packet of a trace, which may hold anything. Pure. */
#ifndef RINGSCOPE_CTF_PACKET_H
#define RINGSCOPE_CTF_PACKET_H

#include "codec.h"

/* A packet whose head has been checked, and the place in it. */
struct rs_ctf_packet {
    struct rs_ctf_packet_head head;
    const uint8_t *at, *end;
    struct rs_ctf_base base; /* of the event before; base.sequence: of the next one */
};

/* Checks a head of sizeof(struct rs_ctf_packet_head) bytes. Returns NULL when it is sound and of
 * the trace `uuid`, else what is wrong. */
const char *rs_ctf_check_head(const struct rs_ctf_packet_head *head,
                              const uint8_t uuid[RS_CTF_UUID_SIZE]);
/* `bytes` are the whole packet of a head that was checked. */
void rs_ctf_packet_begin(struct rs_ctf_packet *packet, const uint8_t *bytes);
/* 1: *event is filled; 0: the packet has no more; -1: its content is not sound. */
int rs_ctf_packet_next(struct rs_ctf_packet *packet, struct rs_event *event);

#endif
