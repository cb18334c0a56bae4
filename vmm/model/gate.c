/* SPDX-License-Identifier: MIT
 * Decoding descriptors: gates of the IDT, code and data segments. */
#include "model/internal.h"

/* Bits high..low of value. */
static uint64_t field(uint64_t value, unsigned high, unsigned low)
{
    return value >> low & ((UINT64_C(2) << (high - low)) - 1);
}

void rs_gate_decode(const uint64_t raw[2], struct rs_gate *gate)
{
    *gate = (struct rs_gate){
        .offset = field(raw[0], 15, 0) | field(raw[0], 63, 48) << 16 | raw[1] << 32,
        .selector = (uint16_t)field(raw[0], 31, 16),
        .ist = (uint8_t)field(raw[0], 34, 32),
        .type = (uint8_t)field(raw[0], 43, 40),
        .s = field(raw[0], 44, 44),
        .dpl = (uint8_t)field(raw[0], 46, 45),
        .p = field(raw[0], 47, 47),
        .reserved_set = field(raw[0], 39, 35) != 0 || field(raw[1], 44, 40) != 0,
    };
}

void rs_gate_set_offset(uint64_t raw[2], uint64_t offset)
{
    raw[0] = (raw[0] & UINT64_C(0x0000ffffffff0000)) | field(offset, 15, 0) |
             field(offset, 31, 16) << 48;
    raw[1] = (raw[1] & UINT64_C(0xffffffff00000000)) | offset >> 32;
}

void rs_segment_decode(uint64_t raw, uint16_t selector, struct rs_segment *segment)
{
    uint32_t limit = (uint32_t)(field(raw, 15, 0) | field(raw, 51, 48) << 16);

    *segment = (struct rs_segment){
        .base = field(raw, 39, 16) | field(raw, 63, 56) << 24,
        .selector = selector,
        .type = (uint8_t)field(raw, 43, 40),
        .s = field(raw, 44, 44),
        .dpl = (uint8_t)field(raw, 46, 45),
        .p = field(raw, 47, 47),
        .l = field(raw, 53, 53),
        .db = field(raw, 54, 54),
        .g = field(raw, 55, 55),
    };
    segment->limit = segment->g ? limit << 12 | 0xfff : limit;
}
