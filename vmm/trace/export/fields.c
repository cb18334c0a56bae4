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

#define NAMES(table, list) static const char *const table[] = {list(X)};
#define X(name, text) #name,
NAMES(deviations, RS_DEVIATIONS)
NAMES(stops, RS_STOPS)
NAMES(purposes, RS_PURPOSES)
NAMES(vendors, RS_VENDORS)
#undef X
#undef NAMES

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

const char *rs_export_kind(const struct rs_event *event)
{
    return event->kind < RS_EVENT_KIND_COUNT ? kinds[event->kind] : "?";
}

void rs_export_name(const struct rs_event *event, char *buffer, size_t size)
{
    if (rs_event_direction(event->kind) == RS_DIRECTION_POINT && event->kind != RS_EVENT_WRMSR &&
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
    return (rs_event_direction(event->kind) == RS_DIRECTION_RETURN ? event->to_cpl
                                                                   : event->from_cpl)
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

bool rs_export_shown(const char *field)
{
    return strcmp(field, "args_wide") != 0 && strcmp(field, "args_high") != 0;
}

/* Arrays, as they are in the event. */
static void set_array(struct rs_export_field *field, const void *elements, size_t element_size,
                      unsigned length)
{
    field->is_array = true;
    field->elements = elements;
    field->element_size = element_size;
    field->length = length;
}

static void set_args(struct rs_export_field *field, const struct rs_event *event)
{
    set_array(field, event->args, sizeof(event->args[0]), rs_ctf_args(event));
}

/* They are whole already. */
static void set_args_high(struct rs_export_field *field, const struct rs_event *event)
{
    set_array(field, event->args, sizeof(event->args[0]), 0);
}

static void set_data(struct rs_export_field *field, const struct rs_event *event)
{
    set_array(field, event->data, sizeof(event->data[0]), event->data_size);
}

void rs_export_fields(const struct rs_event *event, rs_export_put *put, void *context)
{
    const struct rs_ctf_base base = {.tsc = event->tsc_exit, .sequence = event->sequence};
    struct rs_export_field field;
    uint64_t value;

#define BEGIN(name_, base_)                                                                        \
    field = (struct rs_export_field){.name = (name_),                                              \
                                     .base = RS_EXPORT_##base_,                                    \
                                     .element_size = sizeof(value),                                \
                                     .elements = &value};
#define END()                                                                                      \
    if (rs_export_shown(field.name))                                                               \
        put(context, event, &field);
#define SCALAR(name_, base_, value_)                                                               \
    value = (value_);                                                                              \
    BEGIN(name_, base_)                                                                            \
    END()
#define V(type, name_, base_) SCALAR(#name_, base_, event->name_)
#define D(type, name_, base_) SCALAR(#name_, base_, rs_ctf_derive_##name_(event, &base))
#define A(type, name_, base_)                                                                      \
    BEGIN(#name_, base_)                                                                           \
    set_##name_(&field, event);                                                                    \
    END()
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
#undef BEGIN
#undef END
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

#define NAME(names, value) ((value) < sizeof(names) / sizeof((names)[0]) ? (names)[value] : NULL)

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
        return rs_service_result_name(event->entry_code, (uint32_t)value);
    case RS_EXPORT_MSR:
        return rs_msr_name((uint32_t)value);
    case RS_EXPORT_DEVIATION:
        return NAME(deviations, value);
    case RS_EXPORT_STOP:
        return NAME(stops, value);
    case RS_EXPORT_PURPOSE:
        return NAME(purposes, value);
    case RS_EXPORT_VENDOR:
        return NAME(vendors, value);
    case RS_EXPORT_DEC:
    case RS_EXPORT_HEX:
        break;
    }
    return NULL;
}

const struct rs_export_bits *rs_export_bits(const char *field)
{
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
