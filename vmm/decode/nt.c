/* SPDX-License-Identifier: MIT
 * Numbers of the NT design, and of vectors and MSRs: what the tables tell of them. */
#include "decode/internal.h"
#include "nt/services.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/msr.h>
#include <ringscope/x86/vectors.h>
#include <stdio.h>

static void add_arguments(struct rs_decoded *decoded, unsigned count, const char *names)
{
    rs_field_mean(rs_decoded_add(decoded, "", "arguments", count), "%s", names);
    rs_field_mean(
        rs_decoded_add(decoded, "", "on stack",
                       count > RS_SERVICE_REGISTER_ARGS ? count - RS_SERVICE_REGISTER_ARGS : 0),
        "beyond R10, RDX, R8, R9: from [RSP+28h] on");
}

static void decode_number(uint32_t eax, struct rs_decoded *decoded)
{
    uint32_t index = eax & RS_SERVICE_INDEX_MASK, table = eax >> RS_SERVICE_TABLE_SHIFT & 1;
    const char *name = rs_service_name(eax);
    struct rs_decoded_field *field;

    field = rs_decoded_add(decoded, "11:0", "index", index);
    if (!rs_service_in_table(eax))
        rs_field_wrong(field, "the table has %#x entries: STATUS_INVALID_SYSTEM_SERVICE",
                       table ? RS_WIN32_SERVICE_LIMIT : RS_SERVICE_LIMIT);
    else
        rs_field_mean(field, "in the service table");
    rs_field_mean(rs_decoded_add(decoded, "12", "table", table),
                  table ? "windows (win32k), for GUI threads" : "kernel (ntoskrnl)");
    rs_field_mean(rs_decoded_add(decoded, "31:13", "ignored", eax >> 13), "whatever it is");
    if (name) {
        add_arguments(decoded, rs_service_argument_count(eax), rs_service_arguments(eax));
        rs_field_mean(rs_decoded_add(decoded, "", "class", 0), "%s", rs_service_class(eax));
    }
    rs_decoded_summary(
        decoded, "%s",
        name ? name
        : !rs_service_in_table(eax)
            ? "beyond the table"
            : "not among the services of the bundled kernel: STATUS_NOT_IMPLEMENTED");
}

static void decode_entry(uint32_t entry, uint64_t base, struct rs_decoded *decoded)
{
    uint64_t target = rs_service_entry_target(base, entry);
    unsigned count = rs_service_entry_arguments(entry);
    struct rs_decoded_field *field = rs_decoded_add(decoded, "3:0", "on stack", count);

    if (count > RS_SERVICE_ARGS_MAX - RS_SERVICE_REGISTER_ARGS)
        rs_field_wrong(field, "more arguments than any service has");
    else
        rs_field_mean(field, "stack arguments that the dispatcher copies");
    rs_field_mean(rs_decoded_add(decoded, "31:4", "offset", entry >> 4), "%+d bytes from the table",
                  (int32_t)entry >> 4);
    rs_field_mean(rs_decoded_add(decoded, "", "target", target), "base %#llx + offset",
                  (unsigned long long)base);
    rs_decoded_summary(decoded, "service at %016llx, %u stack arguments",
                       (unsigned long long)target, count);
}

void rs_decode_service(const struct rs_decode_input *input, struct rs_decoded *decoded)
{
    uint32_t value = (uint32_t)input->words[0];

    decoded->count = 0;
    if (input->has_base)
        decode_entry(value, input->base, decoded);
    else
        decode_number(value, decoded);
}

void rs_decode_status(const struct rs_decode_input *input, struct rs_decoded *decoded)
{
    static const char *const severities[] = {"success", "information", "warning", "error"};
    uint32_t status = (uint32_t)input->words[0];
    const char *name = rs_status_name(status);

    decoded->count = 0;
    rs_field_mean(rs_decoded_add(decoded, "31:30", "severity", status >> 30), "%s",
                  severities[status >> 30]);
    rs_field_mean(rs_decoded_add(decoded, "29", "customer", status >> 29 & 1),
                  status >> 29 & 1 ? "defined by an application" : "defined by the system");
    if (status >> 28 & 1)
        rs_field_wrong(rs_decoded_add(decoded, "28", "reserved", 1), "must be 0");
    rs_decoded_add(decoded, "27:16", "facility", rs_bits(status, 27, 16));
    rs_decoded_add(decoded, "15:0", "code", status & 0xffff);
    rs_decoded_summary(decoded, "%s", name ? name : "no name in <ringscope/nt/status.h>");
}

struct vector_row {
    const char *title, *handler;
    unsigned class;
    uint8_t error_code, dpl, ist;
};

static const struct vector_row vector_rows[RS_VECTOR_COUNT] = {
#define X(mnemonic, vector, class, error_code, dpl, ist, handler, title)                           \
    [vector] = {title, #handler, RS_VECTOR_CLASS_##class, error_code, dpl, ist},
    RS_VECTORS(X)
#undef X
};

static unsigned gate_type(uint8_t vector)
{
    switch (vector) {
#define X(mnemonic) case RS_VECTOR_##mnemonic:
        RS_TRAP_GATES(X)
#undef X
        return DESC_TYPE_TRAP_GATE;
    default:
        return DESC_TYPE_INTERRUPT_GATE;
    }
}

static const char *const class_names[] = {[RS_VECTOR_CLASS_NONE] = "",
#define X(class, text) [RS_VECTOR_CLASS_##class] = text,
                                          RS_VECTOR_CLASSES(X)
#undef X
};

void rs_decode_vector(const struct rs_decode_input *input, struct rs_decoded *decoded)
{
    uint8_t vector = (uint8_t)input->words[0];
    const struct vector_row *row = &vector_rows[vector];
    const char *name = rs_vector_name(vector);

    decoded->count = 0;
    rs_field_mean(rs_decoded_add(decoded, "7:0", "vector", vector), "IDT entry at base + %#x",
                  vector * 16);
    rs_field_mean(rs_decoded_add(decoded, "7:4", "priority", vector >> 4),
                  "as an interrupt: taken when CR8 is lower");
    rs_field_mean(rs_decoded_add(decoded, "", "error code", row->error_code),
                  row->error_code ? "the processor pushes one" : "none");
    rs_field_mean(rs_decoded_add(decoded, "", "DPL", row->dpl), "of its gate in the NT design%s%s",
                  row->handler ? ": " : ": an 8-byte thunk, KiIsrThunk",
                  row->handler ? row->handler : "");
    rs_field_mean(rs_decoded_add(decoded, "", "IST", row->ist), "of its gate in the NT design");
    rs_field_mean(rs_decoded_add(decoded, "", "type", gate_type(vector)), "%s",
                  gate_type(vector) == DESC_TYPE_TRAP_GATE
                      ? "trap gate: IF stays; this kernel's own, for INT n in ring 0"
                      : "interrupt gate: IF := 0");
    if (name)
        rs_decoded_summary(decoded, "%s, %s, %s", name, row->title, class_names[row->class]);
    else
        rs_decoded_summary(decoded, "%s", vector < 32 ? "reserved by the SDM" : "an interrupt");
}

void rs_decode_msr(const struct rs_decode_input *input, struct rs_decoded *decoded)
{
    static const struct {
        uint32_t index;
        bool hooked;
        const char *name, *title;
    } rows[] = {
#define X(name, index, hooked, title) {index, hooked, #name, title},
        RS_MSRS(X)
#undef X
    };
    uint32_t index = (uint32_t)input->words[0];

    decoded->count = 0;
    rs_decoded_summary(decoded, "no name in <ringscope/x86/msr.h>");
    rs_decoded_add(decoded, "31:0", "index", index);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].index != index)
            continue;
        rs_field_mean(rs_decoded_add(decoded, "", "hooked", rows[i].hooked),
                      rows[i].hooked ? "trace watches it unless told otherwise"
                                     : "trace watches it with -e msr=%s",
                      rows[i].name);
        rs_decoded_summary(decoded, "%s: %s", rows[i].name, rows[i].title);
    }
}
