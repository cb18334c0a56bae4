/* SPDX-License-Identifier: MIT
 * The fields of an event as members of a JSON object. */
#include "fields.h"
#include "json.h"

static void put_value(FILE *file, enum rs_export_base base, uint64_t value)
{
    if (rs_export_decimal(base))
        rs_json_integer(file, value);
    else
        rs_json_hex(file, value);
}

/* What the guest had in memory: its bytes, and beside it what they are as UTF-8. */
static void put_bytes(FILE *file, const struct rs_export_field *field)
{
    fputc('"', file);
    for (unsigned i = 0; i < field->length; i++)
        fprintf(file, "%02x", (unsigned)rs_export_element(field, i));
    fprintf(file, "\",\"%s_text\":", field->name);
    rs_json_bytes(file, field->elements, field->length);
}

static void put_array(FILE *file, const struct rs_export_field *field)
{
    fputc('[', file);
    for (unsigned i = 0; i < field->length; i++) {
        fputs(i ? "," : "", file);
        put_value(file, field->base, rs_export_element(field, i));
    }
    fputc(']', file);
}

static void put_name(FILE *file, const struct rs_event *event, const struct rs_export_field *field)
{
    const char *name = rs_export_value_name(event, field);

    fprintf(file, ",\"%s_name\":", field->name);
    if (name)
        rs_json_string(file, name);
    else
        fputs("null", file);
}

static void put_bits(FILE *file, const struct rs_export_bits *bits, uint64_t value)
{
    const char *separator = "";

    fputc('[', file);
    for (unsigned bit = 0; bit < bits->count; bit++) {
        if (!(value >> bit & 1) || !bits->names[bit])
            continue;
        fputs(separator, file);
        rs_json_string(file, bits->names[bit]);
        separator = ",";
    }
    fputc(']', file);
}

static void put_field(void *context, const struct rs_event *event,
                      const struct rs_export_field *field)
{
    const struct rs_export_bits *bits = rs_export_bits(field->name);
    uint64_t value = field->is_array ? 0 : rs_export_element(field, 0);
    FILE *file = context;

    fprintf(file, ",\"%s\":", field->name);
    if (field->is_array && field->element_size == 1) {
        put_bytes(file, field);
    } else if (field->is_array) {
        put_array(file, field);
    } else if (bits) {
        put_bits(file, bits, value);
    } else {
        put_value(file, field->base, value);
        if (rs_export_named(field->base))
            put_name(file, event, field);
    }
}

void rs_export_json_fields(FILE *file, const struct rs_event *event)
{
    rs_export_fields(event, put_field, file);
}
