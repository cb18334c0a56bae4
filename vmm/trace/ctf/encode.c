/* SPDX-License-Identifier: MIT
 * An event's fields, put into a packet. */
#include "codec.h"

#include <string.h>

#define PUT(type)                                                                                  \
    static uint8_t *put_##type(uint8_t *at, uint64_t value)                                        \
    {                                                                                              \
        rs_ctf_##type field = (rs_ctf_##type)value;                                                \
                                                                                                   \
        memcpy(at, &field, sizeof(field));                                                         \
        return at + sizeof(field);                                                                 \
    }
PUT(u8)
PUT(u16)
PUT(u32)
PUT(u64)
#undef PUT

static uint8_t *put_header(uint8_t *at, uint16_t kind, uint64_t tsc, uint64_t previous_tsc)
{
    if (tsc - previous_tsc <= UINT32_MAX)
        return put_u32(put_u8(at, kind), tsc);
    return put_u64(put_u8(put_u8(at, RS_CTF_EXTENDED), kind), tsc);
}

static uint8_t *put_args(uint8_t *at, const struct rs_event *event)
{
    unsigned count = rs_ctf_args(event);

    at = put_u8(at, count);
    for (unsigned i = 0; i < count; i++)
        at = put_u32(at, event->args[i]);
    return at;
}

static uint8_t *put_args_high(uint8_t *at, const struct rs_event *event)
{
    unsigned count = rs_ctf_args(event);
    uint8_t *length = at++;

    for (unsigned i = 0; i < count; i++)
        if (event->args[i] > UINT32_MAX)
            at = put_u32(at, event->args[i] >> 32);
    *length = (uint8_t)((size_t)(at - length - 1) / sizeof(rs_ctf_u32));
    return at;
}

static uint8_t *put_data(uint8_t *at, const struct rs_event *event)
{
    size_t size = event->data_size < RS_EVENT_DATA_MAX ? event->data_size : RS_EVENT_DATA_MAX;

    at = put_u8(at, size);
    memcpy(at, event->data, size);
    return at + size;
}

uint8_t *rs_ctf_encode(uint8_t *at, const struct rs_event *event, const struct rs_ctf_base *base,
                       uint64_t previous_tsc)
{
#define V(type, name, base_) at = put_##type(at, event->name);
#define D(type, name, base_) at = put_##type(at, rs_ctf_derive_##name(event, base));
#define A(type, name, base_) at = put_##name(at, event);
    at = put_header(at, event->kind, base->tsc, previous_tsc);
    RS_FIELDS_COMMON(V, D)
    switch (event->kind) {
#define X(kind, group, direction, text)                                                            \
    case RS_EVENT_##kind:                                                                          \
        RS_FIELDS_##kind(V, D, A) break;
        RS_EVENT_KINDS(X)
#undef X
    default:
        break;
    }
    return at;
#undef V
#undef D
#undef A
}
