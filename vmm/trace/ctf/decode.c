/* SPDX-License-Identifier: MIT
 * An event's fields, read from a packet that may hold anything. */
#include "codec.h"

#include <string.h>

#define GET(type)                                                                                  \
    static uint64_t get_##type(const uint8_t **at)                                                 \
    {                                                                                              \
        rs_ctf_##type field;                                                                       \
                                                                                                   \
        memcpy(&field, *at, sizeof(field));                                                        \
        *at += sizeof(field);                                                                      \
        return field;                                                                              \
    }
GET(u8)
GET(u16)
GET(u32)
GET(u64)
#undef GET

/* Bytes of a kind's fields, without the elements of its arrays. */
#define V(type, name, base) +sizeof(rs_ctf_##type)
#define D(type, name, base) +sizeof(rs_ctf_##type)
#define A(type, name, base) +sizeof(rs_ctf_u8)
static const size_t sizes[RS_EVENT_KIND_COUNT] = {
#define X(kind, group, direction, text)                                                            \
    [RS_EVENT_##kind] = 0 RS_FIELDS_COMMON(V, D) RS_FIELDS_##kind(V, D, A),
    RS_EVENT_KINDS(X)
#undef X
};

#define X(kind, group, direction, text)                                                            \
    _Static_assert(RS_CTF_EXTENDED_HEADER_SIZE + RS_EVENT_DATA_MAX RS_FIELDS_COMMON(V, D)          \
                                                     RS_FIELDS_##kind(V, D, A) <=                  \
                       RS_CTF_EVENT_SIZE_MAX,                                                      \
                   "RS_CTF_EVENT_SIZE_MAX");
RS_EVENT_KINDS(X)
#undef X
#undef V
#undef D
#undef A

static const uint8_t *get_header(const uint8_t *at, const uint8_t *end, uint16_t *kind,
                                 uint64_t *tsc)
{
    if (end - at < RS_CTF_COMPACT_HEADER_SIZE)
        return NULL;
    *kind = (uint16_t)get_u8(&at);
    if (*kind != RS_CTF_EXTENDED) {
        *tsc += (uint32_t)(get_u32(&at) - *tsc);
        return at;
    }
    if (end - at < RS_CTF_EXTENDED_HEADER_SIZE - 1)
        return NULL;
    *kind = (uint16_t)get_u8(&at);
    *tsc = get_u64(&at);
    return at;
}

/* The length of an array, when as many elements are there; else more than any array has. */
static unsigned get_length(const uint8_t **at, const uint8_t *end, size_t element)
{
    unsigned length;

    if (*at == end)
        return UINT8_MAX + 1;
    length = (unsigned)get_u8(at);
    return length * element <= (size_t)(end - *at) ? length : UINT8_MAX + 1;
}

static bool get_args(const uint8_t **at, const uint8_t *end, struct rs_event *event,
                     const struct rs_ctf_base *base)
{
    unsigned length = get_length(at, end, sizeof(rs_ctf_u32));

    (void)base;
    if (length > RS_EVENT_ARGS)
        return false;
    for (unsigned i = 0; i < length; i++)
        event->args[i] = get_u32(at);
    return true;
}

static bool get_args_high(const uint8_t **at, const uint8_t *end, struct rs_event *event,
                          const struct rs_ctf_base *base)
{
    unsigned length = get_length(at, end, sizeof(rs_ctf_u32));

    if (base->args_wide >> RS_EVENT_ARGS || length != (unsigned)__builtin_popcount(base->args_wide))
        return false;
    for (unsigned wide = base->args_wide; wide; wide &= wide - 1)
        event->args[__builtin_ctz(wide)] |= get_u32(at) << 32;
    return true;
}

static bool get_data(const uint8_t **at, const uint8_t *end, struct rs_event *event,
                     const struct rs_ctf_base *base)
{
    unsigned length = get_length(at, end, sizeof(rs_ctf_u8));

    (void)base;
    if (length > RS_EVENT_DATA_MAX)
        return false;
    memcpy(event->data, *at, length);
    event->data_size = (uint8_t)length;
    *at += length;
    return true;
}

/* What is not on disk, because it follows from what is. */
static void complete(struct rs_event *event, struct rs_ctf_base *base)
{
    event->from_cpl = event->from_cs & 3;
    event->to_cpl = event->to_cs & 3;
    if (event->kind == RS_EVENT_CR3)
        base->cr3 = event->cr3;
    event->cr3 = base->cr3;
}

/* What the compiler makes of memset() alone, "rep stos", takes longer than all the rest. */
static void clear(struct rs_event *event)
{
    typedef uint64_t chunk __attribute__((vector_size(16), aligned(8), may_alias));
    size_t done = 0;

#pragma GCC unroll 32
    for (; done + sizeof(chunk) <= sizeof(*event); done += sizeof(chunk))
        *(chunk *)((uint8_t *)event + done) = (chunk){0};
    memset((uint8_t *)event + done, 0, sizeof(*event) - done);
}

const uint8_t *rs_ctf_decode(const uint8_t *at, const uint8_t *end, struct rs_event *event,
                             struct rs_ctf_base *base)
{
#define V(type, name, base_) event->name = (__typeof__(event->name))get_##type(&at);
#define D(type, name, base_) rs_ctf_restore_##name(event, base, get_##type(&at));
#define A(type, name, base_)                                                                       \
    if (!get_##name(&at, end, event, base))                                                        \
        return NULL;
    clear(event);
    at = get_header(at, end, &event->kind, &base->tsc);
    if (!at || event->kind >= RS_EVENT_KIND_COUNT || sizes[event->kind] > (size_t)(end - at))
        return NULL;
    event->tsc_exit = base->tsc;
    event->sequence = base->sequence;
    event->vcpu = base->vcpu;
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
    if (event->entry_vcpu >= RS_CTF_STREAMS_MAX)
        return NULL;
    complete(event, base);
    return at;
#undef V
#undef D
#undef A
}
