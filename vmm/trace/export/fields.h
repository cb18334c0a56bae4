/* SPDX-License-Identifier: MIT
 * The fields of an event by their names, for every format; what they look like in JSON. */
#ifndef RINGSCOPE_EXPORT_FIELDS_H
#define RINGSCOPE_EXPORT_FIELDS_H

#include <ringscope/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * X(base, shape, named): the bases of the lists in event.h in JSON. docs/export-jsonl.schema.json
 * is made from this table and the lists.
 *   shape  NUMBER: a number; HEX: a string "0x1f"
 *   named  1: <field>_name beside it, null when the number has no name
 */
#define RS_EXPORT_BASES(X)                                                                         \
    X(DEC, NUMBER, 0)                                                                              \
    X(HEX, HEX, 0)                                                                                 \
    X(KIND, NUMBER, 1)                                                                             \
    X(VECTOR, NUMBER, 1)                                                                           \
    X(SERVICE, HEX, 1)                                                                             \
    X(STATUS, HEX, 1)                                                                              \
    X(MSR, HEX, 1)                                                                                 \
    X(DEVIATION, NUMBER, 1)                                                                        \
    X(STOP, NUMBER, 1)                                                                             \
    X(PURPOSE, NUMBER, 1)                                                                          \
    X(VENDOR, NUMBER, 1)

enum rs_export_base {
#define X(base, shape, named) RS_EXPORT_##base,
    RS_EXPORT_BASES(X)
#undef X
};

/* Its shape is a NUMBER; it is named. */
bool rs_export_decimal(enum rs_export_base base);
bool rs_export_named(enum rs_export_base base);

/* A field of one event. */
struct rs_export_field {
    const char *name;
    enum rs_export_base base;
    bool is_array;
    unsigned length;     /* of an array */
    size_t element_size; /* bytes: 1, 2, 4 or 8 */
    const void *elements;
};

/* Element `index`; 0 of a field that is no array. */
uint64_t rs_export_element(const struct rs_export_field *field, unsigned index);

/* False for fields that only say how others lie on disk. */
bool rs_export_shown(const char *field);

/* Calls `put` for each field that the event's kind has, in the order of event.h. */
typedef void rs_export_put(void *context, const struct rs_event *event,
                           const struct rs_export_field *field);
void rs_export_fields(const struct rs_event *event, rs_export_put *put, void *context);

/* The name of a field's value, NULL: it has none. */
const char *rs_export_value_name(const struct rs_event *event, const struct rs_export_field *field);

/* Fields whose bits have names, in JSON an array of those that are set. NULL: the field is none. */
struct rs_export_bits {
    const char *field;
    const char *const *names; /* by bit, NULL where it has none */
    unsigned count;
};
const struct rs_export_bits *rs_export_bits(const char *field);

/* Members of a JSON object, each with a comma before it. */
void rs_export_json_fields(FILE *file, const struct rs_event *event);

/* "SYSCALL" */
const char *rs_export_kind(const struct rs_event *event);
/* What `report` counts it under: "NtClose", "#PF", "WRMSR LSTAR"; of other kinds without a span,
 * the kind. */
void rs_export_name(const struct rs_event *event, char *buffer, size_t size);
/* 3 or 0: the ring that an entry left, or that a return goes to. */
unsigned rs_export_ring(const struct rs_event *event);

#endif
