/* SPDX-License-Identifier: MIT
 * What the descriptor tables hold: gates, segments, and the selectors that name them. */
#include "decode/internal.h"
#include "decode/tables.h"
#include "model/model.h"

#include <stdio.h>

static const struct {
    uint8_t type;
    const char *name;
} system_types[] = {
#define F(value, name) {value, name},
    RS_SYSTEM_TYPES(F)
#undef F
};

static const char *system_type(uint8_t type)
{
    for (unsigned i = 0; i < sizeof(system_types) / sizeof(system_types[0]); i++)
        if (system_types[i].type == type)
            return system_types[i].name;
    return NULL;
}

const char *rs_gate_type_name(uint8_t type)
{
    return type == DESC_TYPE_INTERRUPT_GATE || type == DESC_TYPE_TRAP_GATE ? system_type(type)
                                                                           : NULL;
}

void rs_segment_type_name(bool s, uint8_t type, char *buffer, size_t size)
{
    const char *accessed = type & SEGMENT_TYPE_ACCESSED ? ", accessed" : "";
    const char *name = system_type(type);

    if (!s)
        snprintf(buffer, size, "%s", name ? name : "reserved in IA-32e mode");
    else if (type & SEGMENT_TYPE_CODE)
        snprintf(buffer, size, "code, execute%s%s%s", type & SEGMENT_TYPE_READABLE ? "/read" : "",
                 type & SEGMENT_TYPE_CONFORMING ? ", conforming" : "", accessed);
    else
        snprintf(buffer, size, "data, read%s%s%s", type & SEGMENT_TYPE_WRITABLE ? "/write" : "",
                 type & SEGMENT_TYPE_EXPAND_DOWN ? ", expand-down" : "", accessed);
}

static void add_selector(struct rs_decoded *decoded, const char *bits, uint16_t selector)
{
    rs_field_mean(rs_decoded_add(decoded, bits, "selector", selector), "%s index %u, RPL %u",
                  selector & SELECTOR_TI ? "LDT" : "GDT", selector >> 3, selector & SELECTOR_RPL);
}

static void add_offset(struct rs_decoded *decoded, uint64_t offset)
{
    struct rs_decoded_field *field = rs_decoded_add(decoded, "95:48,15:0", "offset", offset);

    if (!rs_is_canonical(offset, false))
        rs_field_wrong(field, "not canonical: #GP when the gate is used");
}

static void add_reserved(struct rs_decoded *decoded, const char *bits, uint64_t value)
{
    if (value)
        rs_field_wrong(rs_decoded_add(decoded, bits, "reserved", value), "must be 0");
}

static void add_present(struct rs_decoded *decoded, bool present, const char *when_used)
{
    rs_field_mean(rs_decoded_add(decoded, "47", "P", present), "%s",
                  present ? "present" : when_used);
}

static void add_ist(struct rs_decoded *decoded, uint8_t ist)
{
    struct rs_decoded_field *field = rs_decoded_add(decoded, "34:32", "IST", ist);

    if (ist)
        rs_field_mean(field, "the stack of TSS.IST%u, whatever the CPL was", ist);
    else
        rs_field_mean(field, "none: RSP0-2 when CPL changes, else the same stack");
}

static void add_gate_type(struct rs_decoded *decoded, const struct rs_gate *gate)
{
    struct rs_decoded_field *field = rs_decoded_add(decoded, "43:40", "type", gate->type);
    const char *name = rs_gate_type_name(gate->type);

    if (!name)
        rs_field_wrong(field, "IA-32e mode has no such gate: #GP when it is used");
    else
        rs_field_mean(field, "%s: %s", name,
                      gate->type == DESC_TYPE_INTERRUPT_GATE ? "IF := 0" : "IF stays");
    field = rs_decoded_add(decoded, "44", "S", gate->s);
    if (gate->s)
        rs_field_wrong(field, "a code or data segment, no gate: #GP when it is used");
    else
        rs_field_mean(field, "system");
}

void rs_decode_gate(const struct rs_decode_input *input, struct rs_decoded *decoded)
{
    const uint64_t *raw = input->words;
    const char *type;
    struct rs_gate gate;

    rs_gate_decode(raw, &gate);
    type = gate.s ? NULL : rs_gate_type_name(gate.type);
    decoded->count = 0;
    add_offset(decoded, gate.offset);
    add_selector(decoded, "31:16", gate.selector);
    add_ist(decoded, gate.ist);
    add_reserved(decoded, "39:35", rs_bits(raw[0], 39, 35));
    add_gate_type(decoded, &gate);
    rs_field_mean(rs_decoded_add(decoded, "46:45", "DPL", gate.dpl),
                  "INT n, INT3 and INTO may use it up to CPL %u; all else may always", gate.dpl);
    add_present(decoded, gate.p, "not present: #NP when it is used");
    add_reserved(decoded, "108:104", rs_bits(raw[1], 44, 40));
    rs_decoded_summary(decoded, "%s to %x:%016llx, IST %u, DPL %u, %s",
                       type ? type : "no 64-bit gate", gate.selector,
                       (unsigned long long)gate.offset, gate.ist, gate.dpl,
                       gate.p ? "present" : "not present");
}

static void add_type(struct rs_decoded *decoded, const struct rs_segment *segment)
{
    struct rs_decoded_field *field = rs_decoded_add(decoded, "43:40", "type", segment->type);

    rs_segment_type_name(segment->s, segment->type, field->meaning, sizeof(field->meaning));
    field->wrong = !segment->s && !system_type(segment->type);
    rs_field_mean(rs_decoded_add(decoded, "44", "S", segment->s), "%s",
                  segment->s ? "code or data" : "system");
}

static void add_code_bits(struct rs_decoded *decoded, const struct rs_segment *segment)
{
    bool code = segment->s && (segment->type & SEGMENT_TYPE_CODE);
    struct rs_decoded_field *field = rs_decoded_add(decoded, "53", "L", segment->l);

    if (code)
        rs_field_mean(field, segment->l ? "64-bit code" : "compatibility mode");
    field = rs_decoded_add(decoded, "54", "D/B", segment->db);
    if (code && segment->l && segment->db)
        rs_field_wrong(field, "reserved together with L: #GP when it is loaded");
    else
        rs_field_mean(field, segment->db ? "32-bit default size" : "16-bit default size");
    if (code && segment->l && !segment->db)
        rs_field_mean(field, "must be 0 together with L");
}

static void segment_summary(struct rs_decoded *decoded, const struct rs_segment *segment)
{
    char type[64];

    rs_segment_type_name(segment->s, segment->type, type, sizeof(type));
    rs_decoded_summary(decoded, "%s, base %#llx, limit %#x, DPL %u, %s", type,
                       (unsigned long long)segment->base, segment->limit, segment->dpl,
                       segment->p ? "present" : "not present");
}

void rs_decode_segment(const struct rs_decode_input *input, struct rs_decoded *decoded)
{
    uint64_t high = input->count > 1 ? input->words[1] : 0;
    struct rs_segment segment;
    struct rs_decoded_field *field;

    decoded->count = 0;
    if (input->words[0] == 0 && high == 0) {
        rs_decoded_summary(decoded, "null descriptor");
        return;
    }
    rs_segment_decode(input->words[0], 0, &segment);
    if (!segment.s)
        segment.base |= high << 32;
    field =
        rs_decoded_add(decoded, segment.s ? "63:56,39:16" : "95:56,39:16", "base", segment.base);
    if (!segment.s && input->count < 2)
        rs_field_mean(field, "bits 63:32 are in the second quadword, which was not given");
    else if (segment.s)
        rs_field_mean(field, "64-bit mode takes 0 for all but FS and GS");
    field = rs_decoded_add(decoded, "51:48,15:0", "limit", segment.limit);
    rs_field_mean(field, "bytes - 1%s", segment.s ? "; not checked in 64-bit mode" : "");
    add_type(decoded, &segment);
    rs_decoded_add(decoded, "46:45", "DPL", segment.dpl);
    add_present(decoded, segment.p, "not present: #NP or #SS when it is loaded");
    rs_field_mean(rs_decoded_add(decoded, "52", "AVL", rs_bits(input->words[0], 52, 52)),
                  "for software");
    if (segment.s)
        add_code_bits(decoded, &segment);
    rs_field_mean(rs_decoded_add(decoded, "55", "G", segment.g),
                  segment.g ? "the limit counts pages" : "the limit counts bytes");
    if (segment.s && input->count > 1)
        rs_field_wrong(rs_decoded_add(decoded, "127:64", "next", high),
                       "not of this descriptor: code and data descriptors have one quadword");
    else
        add_reserved(decoded, "108:104", rs_bits(high, 44, 40));
    segment_summary(decoded, &segment);
}

void rs_decode_selector(const struct rs_decode_input *input, struct rs_decoded *decoded)
{
    uint16_t selector = (uint16_t)input->words[0];
    bool null = (selector & (SELECTOR_INDEX | SELECTOR_TI)) == 0;

    decoded->count = 0;
    rs_field_mean(rs_decoded_add(decoded, "1:0", "RPL", selector & SELECTOR_RPL),
                  "requested privilege level; of CS, the CPL");
    rs_field_mean(rs_decoded_add(decoded, "2", "TI", rs_bits(selector, 2, 2)), "%s",
                  selector & SELECTOR_TI ? "LDT" : "GDT");
    rs_field_mean(rs_decoded_add(decoded, "15:3", "index", selector >> 3),
                  "descriptor at table base + %#x", selector & SELECTOR_INDEX);
    if (null)
        rs_decoded_summary(decoded, "null selector, RPL %u", selector & SELECTOR_RPL);
    else
        rs_decoded_summary(decoded, "%s + %#x, RPL %u", selector & SELECTOR_TI ? "LDT" : "GDT",
                           selector & SELECTOR_INDEX, selector & SELECTOR_RPL);
}
