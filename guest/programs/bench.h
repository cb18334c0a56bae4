/* SPDX-License-Identifier: MIT
 * The guest side of `ringscope bench`: what ring 3 can time. */
#ifndef PROGRAM_BENCH_H
#define PROGRAM_BENCH_H

#include <ntdll.h>
#include <ringscope/bench.h>
#include <ringscope/stamp.h>

/* Mapped by SysDbgMapStamps. */
extern struct rs_stamps *stamps;

/* Adds `count` records of an operation of ring 3. */
NTSTATUS measure_in_ring_3(uint32_t operation, uint32_t count, uint64_t parameter);

/* bench_calls.c, bench_faults.c: STATUS_INVALID_PARAMETER for what is not theirs. */
NTSTATUS measure_calls(uint32_t operation, uint32_t count, uint64_t parameter);
NTSTATUS measure_faults(uint32_t operation, uint32_t count);

#define TIME(count, statement)                                                                     \
    do {                                                                                           \
        for (uint32_t turn = 0; turn < (count); turn++) {                                          \
            uint64_t before = rs_stamp_read();                                                     \
                                                                                                   \
            statement;                                                                             \
            rs_stamp_keep(stamps, before, rs_stamp_read());                                        \
        }                                                                                          \
    } while (0)

#endif
