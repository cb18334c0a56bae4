/* SPDX-License-Identifier: MIT
 * Prints docs/export-jsonl.schema.json from the lists that make the lines. */
#include "trace/ctf/format.h"
#include "trace/export/fields.h"

#include <ringscope/event.h>
#include <stdio.h>

#define SHAPE_NUMBER "integer"
#define SHAPE_HEX "hex"

static const char *const kinds[] = {
#define X(kind, group, direction, text) text,
    RS_EVENT_KINDS(X)
#undef X
};

static unsigned properties;

static void property(const char *name, const char *definition)
{
    printf(",\n        \"%s\": {\"$ref\": \"#/definitions/%s\"}", name, definition);
    properties++;
}

static void field(const char *name, enum rs_export_base base, int is_array, size_t element_size)
{
    static const char *const definitions[] = {
#define X(base, shape, named) [RS_EXPORT_##base] = SHAPE_##shape,
        RS_EXPORT_BASES(X)
#undef X
    };
    char text[64];

    if (!rs_export_shown(name))
        return;
    if (is_array && element_size == 1) {
        property(name, "bytes");
        snprintf(text, sizeof(text), "%s_text", name);
        property(text, "bytes_text");
        return;
    }
    snprintf(text, sizeof(text), "%s%s", definitions[base], is_array ? "_array" : "");
    property(name, rs_export_bits(name) ? name : text);
    snprintf(text, sizeof(text), "%s_name", name);
    if (rs_export_named(base) && !is_array)
        property(text, "value_name");
}

static void begin(const char *kind)
{
    printf(",\n    {\n"
           "      \"type\": \"object\",\n"
           "      \"properties\": {\n"
           "        \"kind\": {\"const\": \"%s\"}",
           kind);
    properties = 1;
}

/* Nothing is left out: an object has as many members as it has properties. */
static void end(void)
{
    printf("\n      },\n"
           "      \"additionalProperties\": false,\n"
           "      \"minProperties\": %u\n"
           "    }",
           properties);
}

#define V(type, name, base) field(#name, RS_EXPORT_##base, 0, 0);
#define D(type, name, base) V(type, name, base)
#define A(type, name, base) field(#name, RS_EXPORT_##base, 1, sizeof(rs_ctf_##type));

static void put_kind(uint16_t kind)
{
    const struct rs_event event = {.kind = kind};

    begin(kinds[kind]);
    property("ts", "integer");
    property("time", "time");
    property("vcpu", "integer");
    property("sequence", "integer");
    property("name", "text");
    RS_FIELDS_COMMON(V, D)
    switch (kind) {
#define X(kind, group, direction, text)                                                            \
    case RS_EVENT_##kind:                                                                          \
        RS_FIELDS_##kind(V, D, A) break;
        RS_EVENT_KINDS(X)
#undef X
    default:
        break;
    }
    if (rs_event_direction(event.kind) == RS_DIRECTION_RETURN)
        property("duration_ns", "integer");
    end();
}

static void put_bits(const char *field)
{
    const struct rs_export_bits *bits = rs_export_bits(field);
    const char *separator = "";

    printf("    \"%s\": {\"type\": \"array\", \"uniqueItems\": true, \"items\": {\"enum\": [",
           field);
    for (unsigned bit = 0; bit < bits->count; bit++) {
        if (!bits->names[bit])
            continue;
        printf("%s\n      \"%s\"", separator, bits->names[bit]);
        separator = ",";
    }
    printf("\n    ]}},\n");
}

static const char definitions[] =
    "    \"integer\": {\n"
    "      \"description\": \"decimal; above 2^53 - 1 a string of its digits\",\n"
    "      \"anyOf\": [\n"
    "        {\"type\": \"integer\", \"minimum\": 0, \"maximum\": 9007199254740991},\n"
    "        {\"type\": \"string\", \"pattern\": \"^[1-9][0-9]{15,19}$\"}\n"
    "      ]\n"
    "    },\n"
    "    \"hex\": {\"type\": \"string\", \"pattern\": \"^0x(0|[1-9a-f][0-9a-f]{0,15})$\"},\n"
    "    \"integer_array\": {\"type\": \"array\", \"items\": {\"$ref\": "
    "\"#/definitions/integer\"}},\n"
    "    \"hex_array\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/definitions/hex\"}},\n"
    "    \"bytes\": {\"type\": \"string\", \"pattern\": \"^([0-9a-f]{2})*$\"},\n"
    "    \"bytes_text\": {\"type\": \"string\"},\n"
    "    \"text\": {\"type\": \"string\", \"minLength\": 1},\n"
    "    \"value_name\": {\"description\": \"null: the value has none\", "
    "\"type\": [\"string\", \"null\"], \"minLength\": 1},\n"
    "    \"time\": {\n"
    "      \"type\": \"string\",\n"
    "      \"pattern\": \"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{9}Z$\"\n"
    "    }\n";

static const char header[] = "    {\n"
                             "      \"type\": \"object\",\n"
                             "      \"properties\": {\n"
                             "        \"kind\": {\"const\": \"HEADER\"},\n"
                             "        \"schema\": {\"const\": 1},\n"
                             "        \"emulated\": {\"type\": \"boolean\"},\n"
                             "        \"tsc_hz\": {\"$ref\": \"#/definitions/integer\"},\n"
                             "        \"environment\": {\"type\": \"object\", "
                             "\"additionalProperties\": {\"type\": \"string\"}}\n"
                             "      },\n"
                             "      \"additionalProperties\": false,\n"
                             "      \"minProperties\": 5\n"
                             "    }";

int main(void)
{
    printf("{\n"
           "  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
           "  \"title\": \"One line of ringscope export --to jsonl\",\n"
           "  \"definitions\": {\n");
    put_bits("deviations");
    put_bits("flags");
    printf("%s  },\n  \"oneOf\": [\n%s", definitions, header);
    for (unsigned kind = 0; kind < RS_EVENT_KIND_COUNT; kind++)
        put_kind((uint16_t)kind);
    printf("\n  ]\n}\n");
    return 0;
}
