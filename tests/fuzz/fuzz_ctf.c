/* SPDX-License-Identifier: MIT
 * Packets of a trace with arbitrary heads and arbitrary events in them. */
#include <string.h>

#include "fuzz.h"
#include "trace/ctf/packet.h"

static const uint8_t uuid[RS_CTF_UUID_SIZE];
static uint8_t bytes[RS_CTF_PACKET_SIZE];

/* What was decoded is encoded, and then comes back the same. */
static void check_round_trip(const struct rs_event *event, uint64_t previous_tsc)
{
    uint8_t encoded[RS_CTF_EVENT_SIZE_MAX], again[RS_CTF_EVENT_SIZE_MAX];
    struct rs_ctf_base base = {
        .tsc = event->tsc_exit, .sequence = event->sequence, .vcpu = event->vcpu};
    uint8_t *end = rs_ctf_encode(encoded, event, &base, previous_tsc);
    struct rs_event second;

    FUZZ_CHECK(end <= encoded + sizeof(encoded));
    base.tsc = previous_tsc;
    FUZZ_CHECK(rs_ctf_decode(encoded, end, &second, &base) == end);
    FUZZ_CHECK(second.tsc_exit == event->tsc_exit && second.code == event->code);
    FUZZ_CHECK(rs_ctf_encode(again, &second, &base, previous_tsc) - again == end - encoded);
    FUZZ_CHECK(memcmp(encoded, again, (size_t)(end - encoded)) == 0);
}

static void read_packet(void)
{
    struct rs_ctf_packet packet;
    struct rs_event event;
    uint64_t tsc;

    rs_ctf_packet_begin(&packet, bytes);
    tsc = packet.base.tsc;
    while (rs_ctf_packet_next(&packet, &event) > 0) {
        FUZZ_CHECK(packet.at <= packet.end && packet.end <= bytes + sizeof(bytes));
        FUZZ_CHECK(event.kind < RS_EVENT_KIND_COUNT);
        FUZZ_CHECK(event.tsc_exit >= tsc && event.tsc_exit <= packet.head.timestamp_end);
        check_round_trip(&event, tsc);
        tsc = event.tsc_exit;
    }
}

/* The first byte says whether a sound head is put before the input or the input has its own. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_ctf_packet_head head = {.magic = RS_CTF_MAGIC, .timestamp_end = UINT64_MAX};
    size_t start;

    if (size == 0)
        return 0;
    start = data[0] & 1 ? sizeof(head) : 0;
    data++;
    size--;
    if (size > sizeof(bytes) - start)
        size = sizeof(bytes) - start;
    memset(bytes, 0, sizeof(bytes));
    memcpy(bytes + start, data, size);
    if (start > 0) {
        head.content_size = head.packet_size = (start + size) * RS_CTF_BYTE_BITS;
        memcpy(bytes, &head, sizeof(head));
    }
    memcpy(&head, bytes, sizeof(head));
    if (!rs_ctf_check_head(&head, uuid))
        read_packet();
    return 0;
}
