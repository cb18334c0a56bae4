/* SPDX-License-Identifier: MIT
 * The fields of an event, from the lists in event.h. */
#include "fields.h"

#include "nt/services.h"
#include "trace/counts.h"
#include "trace/ctf/derived.h"

#include <ringscope/x86/vectors.h>
#include <string.h>

static const char *const kinds[] = {
#define X(kind, group, direction, text) text,
    RS_EVENT_KINDS(X)
#undef X
};

static const enum rs_direction directions[] = {
#define X(kind, group, direction, text) RS_DIRECTION_##direction,
    RS_EVENT_KINDS(X)
#undef X
};

enum shape {
    SHAPE_NUMBER,
    SHAPE_HEX
};

static const struct {
    enum shape shape;
    bool named;
} bases[] = {
#define X(base, shape, named) [RS_EXPORT_##base] = {SHAPE_##shape, named},
    RS_EXPORT_BASES(X)
#undef X
};

bool rs_export_decimal(enum rs_export_base base)
{
    return bases[base].shape == SHAPE_NUMBER;
}

bool rs_export_named(enum rs_export_base base)
{
    return bases[base].named;
}

enum rs_direction rs_export_direction(const struct rs_event *event)
{
    return event->kind < RS_EVENT_KIND_COUNT ? directions[event->kind] : RS_DIRECTION_POINT;
}

const char *rs_export_kind(const struct rs_event *event)
{
    return event->kind < RS_EVENT_KIND_COUNT ? kinds[event->kind] : "?";
}

void rs_export_name(const struct rs_event *event, char *buffer, size_t size)
{
    if (rs_export_direction(event) == RS_DIRECTION_POINT && event->kind != RS_EVENT_WRMSR &&
        event->kind != RS_EVENT_RDMSR)
        snprintf(buffer, size, "%s", rs_export_kind(event));
    else
        rs_counts_name(rs_counts_kind(event), rs_counts_key(event), buffer, size);
}

/* SYSCALL is taken from ring 3, and SYSRET goes there. */
unsigned rs_export_ring(const struct rs_event *event)
{
    if (event->kind == RS_EVENT_SYSCALL || event->kind == RS_EVENT_SYSRET)
        return 3;
    return (rs_export_direction(event) == RS_DIRECTION_RETURN ? event->to_cpl : event->from_cpl)
               ? 3
               : 0;
}

uint64_t rs_export_element(const struct rs_export_field *field, unsigned index)
{
    uint64_t value = 0;

    memcpy(&value, (const char *)field->elements + index * field->element_size,
           field->element_size);
    return value;
}

static unsigned args_length(const struct rs_event *event)
{
    unsigned count = rs_service_argument_count(event->code);

    return count < RS_EVENT_ARGS ? count : RS_EVENT_ARGS;
}

void rs_export_fields(const struct rs_event *event, rs_export_put *put, void *context)
{
    const struct rs_ctf_base base = {.tsc = event->tsc_exit, .sequence = event->sequence};
    uint64_t value;

#define PUT(name_, base_, ...)                                                                     \
    put(context, event,                                                                            \
        &(struct rs_export_field){.name = (name_), .base = RS_EXPORT_##base_, __VA_ARGS__});
#define SCALAR(name_, base_, value_)                                                               \
    value = (value_);                                                                              \
    PUT(name_, base_, .element_size = sizeof(value), .elements = &value)
#define V(type, name_, base_) SCALAR(#name_, base_, event->name_)
#define D(type, name_, base_) SCALAR(#name_, base_, rs_ctf_derive_##name_(event, &base))
#define A(type, name_, base_)                                                                      \
    PUT(#name_, base_, .is_array = true, .length = name_##_length(event),                          \
        .element_size = sizeof(event->name_[0]), .elements = event->name_)
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
#undef PUT
#undef SCALAR
#undef V
#undef D
#undef A
}

/* INT 2EH selects a service in EAX, too; other vectors leave there what was there. */
static const char *service_name(const struct rs_event *event, uint32_t eax)
{
    uint16_t kind = rs_counts_kind(event);

    if (kind == RS_EVENT_SYSCALL || (kind == RS_EVENT_INT_N && event->vector == RS_VECTOR_SYSSVC))
        return rs_service_name(eax);
    return NULL;
}

const char *rs_export_value_name(const struct rs_event *event, const struct rs_export_field *field)
{
    uint64_t value = rs_export_element(field, 0);

    switch (field->base) {
    case RS_EXPORT_KIND:
        return value < RS_EVENT_KIND_COUNT ? kinds[value] : NULL;
    case RS_EXPORT_VECTOR: /* of the return from a SYSCALL it is 0 */
        return rs_counts_kind(event) == RS_EVENT_SYSCALL ? NULL : rs_vector_name((uint8_t)value);
    case RS_EXPORT_SERVICE:
        return service_name(event, (uint32_t)value);
    case RS_EXPORT_STATUS:
        return rs_status_name((uint32_t)value);
    case RS_EXPORT_MSR:
        return rs_msr_name((uint32_t)value);
    case RS_EXPORT_DEC:
    case RS_EXPORT_HEX:
        break;
    }
    return NULL;
}

const struct rs_export_bits *rs_export_bits(const char *field)
{
    static const char *const deviations[] = {
#define X(name, text) [RS_DEVIATION_BIT_##name] = #name,
        RS_DEVIATIONS(X)
#undef X
    };
    static const char *const flags[] = {
#define X(name, bit, text) [__builtin_ctz(bit)] = #name,
        RS_EVENT_FLAGS(X)
#undef X
    };
    static const struct rs_export_bits all[] = {
        {"deviations", deviations, sizeof(deviations) / sizeof(deviations[0])},
        {"flags", flags, sizeof(flags) / sizeof(flags[0])},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(all[i].field, field) == 0)
            return &all[i];
    return NULL;
}
