/* SPDX-License-Identifier: MIT
 * Time stamps that a guest takes itself, with no exit: the reading, the area, the points. */
#ifndef RINGSCOPE_STAMP_H
#define RINGSCOPE_STAMP_H

/*
 * For any x86-64 guest, in ring 3 and ring 0, in C, C++ and assembler; it needs this file alone.
 *
 * The VMM reserves pages of RAM (rs_boot_info.stamps_gpa of <ringscope/abi.h>) for struct rs_stamps
 * and fills its head; the guest maps them where it likes, and adds records. A write to
 * RS_PORT_STAMPS tells the VMM: it reads every record once, sets `used` to 0, and leaves its next
 * request. A guest without such pages can still read stamps, and keep them itself.
 *
 * A stamp is LFENCE; RDTSC; LFENCE (SDM Vol. 2B, "RDTSC"): what stands before it has been executed,
 * and nothing behind it has begun. RDTSCP would do without the first fence, but not every host's
 * ring 0 has it; CPUID would serialise, but leaves the guest.
 */
#define RS_STAMPS_MAGIC 0x706d7473 /* "stmp" */

/* Points of one transition, in the order of time. What lies between is for its own code to name:
 * those of a system call are RS_SYSCALL_POINTS. */
#define RS_STAMP_POINTS 8
#define RS_STAMP_BEFORE 0
#define RS_STAMP_AFTER 7

/* X(name, index, title of the phase that begins there) */
#define RS_SYSCALL_POINTS(X)                                                                       \
    X(BEFORE, 0, "SYSCALL")                                                                        \
    X(ENTRY, 1, "stack switch")                                                                    \
    X(STACK, 2, "frame")                                                                           \
    X(DISPATCH, 3, "dispatch")                                                                     \
    X(SERVICE, 4, "service")                                                                       \
    X(EXIT, 5, "exit")                                                                             \
    X(RETURN, 6, "SYSRET")                                                                         \
    X(AFTER, 7, "")

#ifdef __ASSEMBLER__

/* The time stamp counter in EDX:EAX. */
/* clang-format off */
        .macro  RS_STAMP_READ
        lfence
        rdtsc
        lfence
        .endm
/* clang-format on */

#else

#include <stddef.h>
#include <stdint.h>

/* One transition: time stamps of the points that it has, 0 for the others. */
struct rs_stamp_record {
    uint64_t tsc[RS_STAMP_POINTS];
};

struct rs_stamps {
    uint32_t magic;
    uint32_t capacity; /* IN: records that there is room for */
    uint32_t used;     /* OUT: records */
    uint32_t status;   /* OUT: 0, or why there are none: an NTSTATUS */
    /* IN: what the VMM asks for; only its own programs look at these. */
    uint32_t operation; /* enum rs_operation of <ringscope/bench.h> */
    uint32_t count;     /* of records; at most the capacity */
    uint64_t parameter;
    uint64_t reserved[4];
    struct rs_stamp_record records[];
};

#ifdef __cplusplus
static_assert(sizeof(struct rs_stamps) == 64, "records begin at a cache line");
#else
_Static_assert(sizeof(struct rs_stamps) == 64, "records begin at a cache line");
#endif

/* Of the bundled kernel's area. */
#define RS_STAMP_RECORDS_MAX ((0xf000 - sizeof(struct rs_stamps)) / sizeof(struct rs_stamp_record))

static inline uint64_t rs_stamp_read(void)
{
    uint32_t low, high;

    __asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

/* The next record; NULL when there is no room. */
static inline struct rs_stamp_record *rs_stamp_next(struct rs_stamps *stamps)
{
    uint32_t used = stamps->used;

    if (used >= stamps->capacity)
        return NULL;
    stamps->used = used + 1;
    return &stamps->records[used];
}

/* A transition that is its beginning and its end. */
static inline void rs_stamp_keep(struct rs_stamps *stamps, uint64_t before, uint64_t after)
{
    struct rs_stamp_record *record = rs_stamp_next(stamps);

    if (record) {
        struct rs_stamp_record whole = {{before, 0, 0, 0, 0, 0, 0, after}};

        *record = whole;
    }
}

#endif
#endif
