/* SPDX-License-Identifier: MIT
 * Layout of a CTF 1.8 trace: a packet's head, and the sizes that writer and reader agree on. */
#ifndef RINGSCOPE_CTF_FORMAT_H
#define RINGSCOPE_CTF_FORMAT_H

#include <ringscope/event.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A trace is a directory: `metadata` in TSDL, and stream_0, stream_1, ... for each vCPU. A stream
 * is packets one behind the other, each written whole.
 *
 * A packet is a page. The kernel looks for a fatal signal between the pages of a write, and a pipe
 * takes up to PIPE_BUF bytes at once, so a packet is on disk in full or not at all, even when
 * ringscope is killed. Only the last packet of a stream is shorter.
 *
 * The events of a packet have consecutive sequence numbers: where events were dropped, a packet
 * ends.
 */
#define RS_CTF_DEFAULT_DIRECTORY "ringscope.ctf"
#define RS_CTF_PACKET_SIZE 4096
#define RS_CTF_STREAMS_MAX 16
#define RS_CTF_MAGIC UINT32_C(0xc1fc1fc1)
#define RS_CTF_UUID_SIZE 16
#define RS_CTF_BYTE_BITS 8

/* The first bytes of a metadata file: how a trace of ringscope is recognised. */
#define RS_CTF_SIGNATURE "/* CTF 1.8 */\n/* ringscope trace */\n"

/* X(type, name, clock): members of the packet context that are in the metadata in this order. The
 * clock's ones count TSC ticks. */
#define RS_CTF_PACKET_CONTEXT(X)                                                                   \
    X(u64, timestamp_begin, CLOCK)                                                                 \
    X(u64, timestamp_end, CLOCK)                                                                   \
    X(u64, content_size, DEC)                                                                      \
    X(u64, packet_size, DEC)                                                                       \
    X(u64, packet_seq_num, DEC)                                                                    \
    X(u64, events_discarded, DEC)                                                                  \
    X(u64, first_sequence, DEC)                                                                    \
    X(u64, cr3, HEX)                                                                               \
    X(u32, cpu_id, DEC)

typedef uint8_t rs_ctf_u8;
typedef uint16_t rs_ctf_u16;
typedef uint32_t rs_ctf_u32;
typedef uint64_t rs_ctf_u64;

struct rs_ctf_packet_head {
    uint32_t magic;
    uint8_t uuid[RS_CTF_UUID_SIZE];
    uint32_t stream_id; /* of the stream class: 0 */
#define X(type, name, clock) rs_ctf_##type name;
    RS_CTF_PACKET_CONTEXT(X)
#undef X
} __attribute__((packed));

/* Event header: u8 id and u32 low half of the time stamp; when 2^32 ticks or more have passed since
 * the time stamp before, RS_CTF_EXTENDED, u8 id and the whole u64. */
#define RS_CTF_EXTENDED 255
#define RS_CTF_COMPACT_HEADER_SIZE 5
#define RS_CTF_EXTENDED_HEADER_SIZE 10

_Static_assert(RS_EVENT_KIND_COUNT < RS_CTF_EXTENDED, "ids do not reach the extended header's");

#endif
