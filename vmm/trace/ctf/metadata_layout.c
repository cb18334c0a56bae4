/* SPDX-License-Identifier: MIT
 * The metadata of this version: types, packets and events, from the tables. */
#include "metadata.h"

#include <inttypes.h>
#include <ringscope/nt/services.h>
#include <ringscope/nt/status.h>
#include <ringscope/x86/msr.h>
#include <ringscope/x86/vectors.h>

#define BITS(type) (sizeof(rs_ctf_##type) * RS_CTF_BYTE_BITS)

struct name {
    uint32_t value;
    const char *text;
};

static const struct name kinds[] = {
#define X(kind, group, direction, text) {RS_EVENT_##kind, text},
    RS_EVENT_KINDS(X)
#undef X
};

static const struct name vectors[] = {
#define X(mnemonic, vector, class, error_code, dpl, ist, handler, title) {vector, #mnemonic},
    RS_VECTORS(X)
#undef X
};

static const struct name msrs[] = {
#define X(name, index, hooked, title) {index, #name},
    RS_MSRS(X)
#undef X
};

static const struct name services[] = {
#define X(number, name, args, class, arguments) {number, #name},
    RS_SERVICES(X)
#undef X
};

static const struct name statuses[] = {
#define X(name, value) {value, #name},
    RS_NTSTATUSES(X)
#undef X
};

static const struct name deviations[] = {
#define X(name, text) {RS_DEVIATION_BIT_##name, #name},
    RS_DEVIATIONS(X)
#undef X
};

static const struct name stops[] = {
#define X(name, text) {RS_STOP_##name, #name},
    RS_STOPS(X)
#undef X
};

static const struct name vendors[] = {
#define X(name, text) {RS_VENDOR_##name, text},
    RS_VENDORS(X)
#undef X
};

static const struct name purposes[] = {
#define X(name, text) {RS_PURPOSE_##name, #name},
    RS_PURPOSES(X)
#undef X
};

static void put_integer(FILE *file, const char *name, size_t bits, const char *more)
{
    fprintf(file, "typealias integer { size = %zu; align = 8; signed = false;%s } := %s;\n", bits,
            more, name);
}

static void put_enum(FILE *file, const char *container, const char *name, const struct name *names,
                     size_t count)
{
    fprintf(file, "typealias enum : %s {\n", container);
    for (size_t i = 0; i < count; i++)
        fprintf(file, "    \"%s\" = %" PRIu32 ",\n", names[i].text, names[i].value);
    fprintf(file, "} := %s;\n", name);
}

static void put_types(FILE *file)
{
#define INTEGERS(type)                                                                             \
    put_integer(file, #type "_DEC", BITS(type), "");                                               \
    put_integer(file, #type "_HEX", BITS(type), " base = 16;");
    INTEGERS(u8)
    INTEGERS(u16)
    INTEGERS(u32)
    INTEGERS(u64)
#undef INTEGERS
    put_integer(file, "u32_CLOCK", BITS(u32), " map = clock.tsc.value;");
    put_integer(file, "u64_CLOCK", BITS(u64), " map = clock.tsc.value;");
#define ENUM(container, name, names)                                                               \
    put_enum(file, container, name, names, sizeof(names) / sizeof((names)[0]))
    ENUM("u8_DEC", "u8_KIND", kinds);
    ENUM("u8_DEC", "u8_VECTOR", vectors);
    ENUM("u32_HEX", "u32_MSR", msrs);
    ENUM("u32_HEX", "u32_SERVICE", services);
    ENUM("u32_HEX", "u32_STATUS", statuses);
    ENUM("u32_DEC", "u32_DEVIATION", deviations);
    ENUM("u32_DEC", "u32_STOP", stops);
    ENUM("u32_DEC", "u32_VENDOR", vendors);
    ENUM("u8_DEC", "u8_PURPOSE", purposes);
#undef ENUM
}

static void put_stream(FILE *file)
{
    fprintf(file, "\nstream {\n"
                  "    id = 0;\n"
                  "    packet.context := struct {\n");
#define X(type, name, clock) fprintf(file, "        " #type "_" #clock " " #name ";\n");
    RS_CTF_PACKET_CONTEXT(X)
#undef X
    fprintf(file,
            "    };\n"
            "    event.header := struct {\n"
            "        enum : u8_DEC { compact = 0 ... %d, extended = %d } id;\n"
            "        variant <id> {\n"
            "            struct { u32_CLOCK timestamp; } compact;\n"
            "            struct { u8_DEC id; u64_CLOCK timestamp; } extended;\n"
            "        } v;\n"
            "    };\n"
            "};\n",
            RS_CTF_EXTENDED - 1, RS_CTF_EXTENDED);
}

#define V(type, name, base) "        " #type "_" #base " " #name ";\n"
#define D(type, name, base) V(type, name, base)
#define A(type, name, base)                                                                        \
    "        u8_DEC " #name "_length;\n        " #type "_" #base " " #name "[" #name "_length];\n"

void rs_ctf_metadata_layout(FILE *file)
{
    static const struct {
        const char *name, *fields;
    } events[RS_EVENT_KIND_COUNT] = {
#define X(kind, group, direction, text)                                                            \
    [RS_EVENT_##kind] = {text, RS_FIELDS_COMMON(V, D) RS_FIELDS_##kind(V, D, A)},
        RS_EVENT_KINDS(X)
#undef X
    };

    fprintf(file, RS_CTF_LAYOUT_MARK);
    put_types(file);
    put_stream(file);
    for (size_t i = 0; i < RS_EVENT_KIND_COUNT; i++)
        fprintf(file,
                "\nevent {\n    name = \"%s\";\n    id = %zu;\n    stream_id = 0;\n"
                "    fields := struct {\n%s    };\n};\n",
                events[i].name, i, events[i].fields);
}
