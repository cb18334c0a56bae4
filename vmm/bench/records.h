/* SPDX-License-Identifier: MIT
 * Records that a guest has left: whether they can be true. Pure. */
#ifndef RINGSCOPE_BENCH_RECORDS_H
#define RINGSCOPE_BENCH_RECORDS_H

#include <ringscope/stamp.h>
#include <stdbool.h>

/* The first and the last point are there, those between that are there lie in order, and all of it
 * took no longer than `longest`. */
bool rs_bench_record_is_sound(const struct rs_stamp_record *record, uint64_t longest);

/* Moves those that are sound to the front. How many they are. */
uint32_t rs_bench_keep_sound(struct rs_stamp_record *records, uint32_t count, uint64_t longest);

#endif
