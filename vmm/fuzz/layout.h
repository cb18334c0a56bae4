/* SPDX-License-Identifier: MIT
 * What the fuzzer keeps where in the doctor's little machine, beside what doctor/layout.h says. */
#ifndef RINGSCOPE_FUZZ_LAYOUT_H
#define RINGSCOPE_FUZZ_LAYOUT_H

#include "doctor/layout.h"

/*
 * The code page is divided into slots of 16 bytes, each with an instruction of its own, so that a
 * handler, or what a return goes to, may be the next transition. The first instruction is at the
 * page's end, as the doctor's is.
 */
#define FUZZ_SLOT_SIZE 16
#define FUZZ_SLOTS 32
#define FUZZ_SLOT(n) (PROBE_CODE + (uint64_t)(n)*FUZZ_SLOT_SIZE)

/* Of a Linux host's GDT: ring 3 reads the number of its processor in the limit. */
#define FUZZ_OWN_SELECTOR 0x78

/* Stands for an address that a host does not check. */
#define FUZZ_ANY_RIP (PROBE_ENTRIES + 0xffe)

/* GDT and LDT: NT's descriptors and those of rings 1 and 2, then random ones. */
#define FUZZ_SEL_R1_CODE 0x58
#define FUZZ_SEL_R1_DATA 0x60
#define FUZZ_SEL_R2_CODE 0x68
#define FUZZ_SEL_R2_DATA 0x70
#define FUZZ_GDT_RANDOM 16 /* index of the first */
#define FUZZ_GDT_ENTRIES 32
#define FUZZ_LDT RS_U64(0x18000)
#define FUZZ_LDT_ENTRIES 16

/* A page that ends where none is mapped, and one that begins there: tables and stacks that reach
 * over the edge. */
#define FUZZ_EDGE PROBE_NOT_PRESENT
#define FUZZ_EDGE_BEHIND (PROBE_NOT_PRESENT + PAGE_SIZE)

#endif
