/* SPDX-License-Identifier: MIT
 * The fields of an event as tests see them. */
#include <ringscope/nt/services.h>
#include <ringscope/x86/vectors.h>

#include "trace/filter_internal.h"

#define RETURN_BIT(kind) UINT64_C(1) << (kind)
#define ENTRY_BIT(kind) 0
#define POINT_BIT(kind) 0
#define X(kind, group, direction, text) | direction##_BIT(RS_EVENT_##kind)
const uint64_t rs_filter_return_kinds = 0 RS_EVENT_KINDS(X);
#undef X

/* Members of struct rs_event that not all kinds have. Those that a kind has are the ones that a
 * trace keeps of it. */
#define MEMBERS(X)                                                                                 \
    X(value)                                                                                       \
    X(from_cs)                                                                                     \
    X(from_rip)                                                                                    \
    X(cr2)                                                                                         \
    X(error_code)                                                                                  \
    X(ist)

enum member {
#define X(name) HAS_##name,
    MEMBERS(X)
#undef X
};

#define IS_MEMBER(name, member)                                                                    \
    (offsetof(struct rs_event, name) == offsetof(struct rs_event, member) ? 1u << HAS_##member : 0)
#define V(type, name, base)                                                                        \
    | IS_MEMBER(name, value) | IS_MEMBER(name, from_cs) | IS_MEMBER(name, from_rip) |              \
        IS_MEMBER(name, cr2) | IS_MEMBER(name, error_code) | IS_MEMBER(name, ist)
#define D(type, name, base)
#define A(type, name, base)
static const uint8_t members[RS_EVENT_KIND_COUNT] = {
#define X(kind, group, direction, text) [RS_EVENT_##kind] = 0 RS_FIELDS_##kind(V, D, A),
    RS_EVENT_KINDS(X)
#undef X
};
#undef V
#undef D
#undef A

static bool has(const struct rs_event *event, enum member member)
{
    return members[event->kind] >> member & 1;
}

static enum rs_filter_presence known(uint64_t *value, uint64_t number)
{
    *value = number;
    return RS_FILTER_KNOWN;
}

/* What is no key of the event. */
static enum rs_filter_presence other(enum rs_filter_view view, uint64_t *value, uint64_t number)
{
    return view == RS_FILTER_KEY_ONLY ? RS_FILTER_THERE : known(value, number);
}

static enum rs_filter_presence member(const struct rs_event *event, enum member name,
                                      enum rs_filter_view view, uint64_t *value, uint64_t number)
{
    return has(event, name) ? other(view, value, number) : RS_FILTER_ABSENT;
}

/* There when a bit says so. */
static enum rs_filter_presence flag(enum rs_filter_view view, uint64_t *value, uint64_t bits,
                                    uint64_t number)
{
    if (view == RS_FILTER_KEY_ONLY)
        return RS_FILTER_MAYBE;
    return bits ? known(value, number) : RS_FILTER_ABSENT;
}

static enum rs_filter_presence service(const struct rs_event *event, enum rs_filter_view view,
                                       uint64_t *value)
{
    uint32_t number = event->code & (RS_SERVICE_INDEX_MASK | 1u << RS_SERVICE_TABLE_SHIFT);

    if (event->kind == RS_EVENT_SYSCALL)
        return known(value, number);
    if (event->kind == RS_EVENT_INT_N && event->vector == RS_VECTOR_SYSSVC)
        return other(view, value, number);
    return RS_FILTER_ABSENT;
}

static enum rs_filter_presence class_of(const struct rs_event *event, enum rs_filter_view view,
                                        uint64_t *value)
{
    static const uint8_t classes[RS_SERVICE_SLOTS] = {
#define X(number, name, args, class, arguments)                                                    \
    [RS_SERVICE_SLOT(number)] = RS_SERVICE_CLASS_##class + 1,
        RS_SERVICES(X)
#undef X
    };
    uint64_t number;
    enum rs_filter_presence presence = service(event, view, &number);

    if (presence == RS_FILTER_THERE)
        return RS_FILTER_MAYBE;
    if (presence != RS_FILTER_KNOWN || !rs_service_in_table((uint32_t)number) ||
        classes[RS_SERVICE_SLOT(number)] == 0)
        return RS_FILTER_ABSENT;
    return known(value, classes[RS_SERVICE_SLOT(number)] - 1u);
}

static enum rs_filter_presence vector(const struct rs_event *event, bool exceptions,
                                      bool interrupts, uint64_t *value)
{
    unsigned group = rs_event_group(event->kind);

    if (rs_event_direction(event->kind) == RS_DIRECTION_ENTRY &&
        ((exceptions && group == RS_GROUP_EXCEPTION) ||
         (interrupts && group == RS_GROUP_INTERRUPT)))
        return known(value, event->vector);
    return RS_FILTER_ABSENT;
}

/* SYSCALL is traced from ring 3, and only ring 0 has WRMSR and RDMSR. */
static enum rs_filter_presence cpl(const struct rs_event *event, enum rs_filter_view view,
                                   uint64_t *value)
{
    if (event->kind == RS_EVENT_SYSCALL)
        return known(value, 3);
    if (rs_event_group(event->kind) == RS_GROUP_MSR)
        return known(value, 0);
    return member(event, HAS_from_cs, view, value, event->from_cpl);
}

/* Services return one. */
static bool has_status(uint16_t entry_kind, uint8_t entry_vector)
{
    return entry_kind == RS_EVENT_SYSCALL ||
           (entry_kind == RS_EVENT_INT_N && entry_vector == RS_VECTOR_SYSSVC);
}

/* Fields of returns, at an entry: it may get them. */
static enum rs_filter_presence of_return(const struct rs_filter *filter, enum rs_filter_field field,
                                         const struct rs_event *event, uint64_t *value)
{
    uint64_t ticks = rs_event_span(event, filter->empty_span);

    if (rs_event_direction(event->kind) == RS_DIRECTION_ENTRY)
        return field == RS_FILTER_STATUS && !has_status(event->kind, event->vector)
                   ? RS_FILTER_ABSENT
                   : RS_FILTER_MAYBE;
    if (rs_event_direction(event->kind) != RS_DIRECTION_RETURN)
        return RS_FILTER_ABSENT;
    if (field == RS_FILTER_TO)
        return known(value, event->to_rip);
    if (field == RS_FILTER_STATUS)
        return event->kind == RS_EVENT_SYSRET && has_status(event->entry_kind, event->vector)
                   ? known(value, event->code)
                   : RS_FILTER_ABSENT;
    if (filter->tsc_hz == 0)
        return RS_FILTER_ABSENT;
    return known(value, (uint64_t)((unsigned __int128)ticks * 1000000000 / filter->tsc_hz));
}

enum rs_filter_presence rs_filter_get(const struct rs_filter *filter, enum rs_filter_field field,
                                      const struct rs_event *event, enum rs_filter_view view,
                                      uint64_t *value)
{
    switch (field) {
    case RS_FILTER_SYSCALL:
        return event->kind == RS_EVENT_SYSCALL ? service(event, view, value) : RS_FILTER_ABSENT;
    case RS_FILTER_SERVICE:
        return service(event, view, value);
    case RS_FILTER_CLASS:
        return class_of(event, view, value);
    case RS_FILTER_EXCEPTION:
        return vector(event, true, false, value);
    case RS_FILTER_INTERRUPT:
        return vector(event, false, true, value);
    case RS_FILTER_VECTOR:
        return vector(event, true, true, value);
    case RS_FILTER_MSR:
        return rs_event_group(event->kind) == RS_GROUP_MSR ? known(value, event->code)
                                                           : RS_FILTER_ABSENT;
    case RS_FILTER_VALUE:
        return member(event, HAS_value, view, value, event->value);
    case RS_FILTER_CPL:
        return cpl(event, view, value);
    case RS_FILTER_RIP:
        return member(event, HAS_from_rip, view, value, event->from_rip);
    case RS_FILTER_CR2:
        return event->kind == RS_EVENT_EXCEPTION && event->vector == RS_VECTOR_PF
                   ? other(view, value, event->cr2)
                   : RS_FILTER_ABSENT;
    case RS_FILTER_CR3:
        return other(view, value, event->cr3);
    case RS_FILTER_VCPU:
        return other(view, value, event->vcpu);
    case RS_FILTER_ERROR:
        return has(event, HAS_error_code)
                   ? flag(view, value, event->flags & RS_EVENT_HAS_ERROR_CODE, event->error_code)
                   : RS_FILTER_ABSENT;
    case RS_FILTER_IST:
        return member(event, HAS_ist, view, value, event->ist);
    case RS_FILTER_DEPTH:
        return other(view, value, event->depth);
    case RS_FILTER_DEVIATION:
        return flag(view, value, event->deviations, event->deviations);
    case RS_FILTER_REPAIRED:
        return flag(view, value, event->flags & RS_EVENT_REPAIRED, 1);
    default:
        return of_return(filter, field, event, value);
    }
}
