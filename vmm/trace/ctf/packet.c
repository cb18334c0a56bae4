/* SPDX-License-Identifier: MIT
 * The events of one packet, which may hold anything. */
#include "packet.h"

#include <string.h>

const char *rs_ctf_check_head(const struct rs_ctf_packet_head *head,
                              const uint8_t uuid[RS_CTF_UUID_SIZE])
{
    uint64_t size_bits = (uint64_t)RS_CTF_PACKET_SIZE * RS_CTF_BYTE_BITS;

    if (head->magic != RS_CTF_MAGIC || head->stream_id != 0)
        return "it does not begin with a packet's head";
    if (memcmp(head->uuid, uuid, RS_CTF_UUID_SIZE) != 0)
        return "it belongs to another trace";
    if (head->packet_size > size_bits || head->content_size > head->packet_size ||
        head->content_size < sizeof(*head) * RS_CTF_BYTE_BITS ||
        head->packet_size % RS_CTF_BYTE_BITS != 0 || head->content_size % RS_CTF_BYTE_BITS != 0)
        return "its sizes are not possible";
    if (head->timestamp_end < head->timestamp_begin)
        return "it ends before it begins";
    if (head->cpu_id >= RS_CTF_STREAMS_MAX)
        return "no trace has that many vCPUs";
    return NULL;
}

void rs_ctf_packet_begin(struct rs_ctf_packet *packet, const uint8_t *bytes)
{
    memcpy(&packet->head, bytes, sizeof(packet->head));
    packet->at = bytes + sizeof(packet->head);
    packet->end = bytes + packet->head.content_size / RS_CTF_BYTE_BITS;
    packet->base.tsc = packet->head.timestamp_begin;
    packet->base.sequence = packet->head.first_sequence;
    packet->base.cr3 = packet->head.cr3;
    packet->base.vcpu = (uint8_t)packet->head.cpu_id;
}

int rs_ctf_packet_next(struct rs_ctf_packet *packet, struct rs_event *event)
{
    uint64_t before = packet->base.tsc;
    const uint8_t *end;

    if (packet->at == packet->end)
        return 0;
    end = rs_ctf_decode(packet->at, packet->end, event, &packet->base);
    if (!end || packet->base.tsc < before || packet->base.tsc > packet->head.timestamp_end)
        return -1;
    packet->base.sequence++;
    packet->at = end;
    return 1;
}
