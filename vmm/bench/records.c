/* SPDX-License-Identifier: MIT
 * Records that a guest has left. */
#include "records.h"

bool rs_bench_record_is_sound(const struct rs_stamp_record *record, uint64_t longest)
{
    uint64_t latest = record->tsc[RS_STAMP_BEFORE];

    for (unsigned point = RS_STAMP_BEFORE + 1; point < RS_STAMP_AFTER; point++) {
        if (record->tsc[point] == 0)
            continue;
        if (record->tsc[point] < latest)
            return false;
        latest = record->tsc[point];
    }
    return record->tsc[RS_STAMP_BEFORE] != 0 && record->tsc[RS_STAMP_AFTER] >= latest &&
           record->tsc[RS_STAMP_AFTER] - record->tsc[RS_STAMP_BEFORE] <= longest;
}

uint32_t rs_bench_keep_sound(struct rs_stamp_record *records, uint32_t count, uint64_t longest)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < count; i++)
        if (rs_bench_record_is_sound(&records[i], longest))
            records[kept++] = records[i];
    return kept;
}
