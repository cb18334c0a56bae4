/* SPDX-License-Identifier: MIT
 * Stamps of entry code: no register and no memory but the KPCR can be used yet. */
#ifndef KERNEL_STAMPS_H
#define KERNEL_STAMPS_H

#include "frame.h"

#include <ringscope/stamp.h>

#ifdef __ASSEMBLER__
/* GS is the kernel's. All registers keep their values, and so do the flags. */
/* clang-format off */
        .macro  ENTRY_STAMP point
        movq    %rax, %gs:PCR_StampRax
        movq    %rdx, %gs:PCR_StampRdx
        RS_STAMP_READ
        movl    %eax, %gs:PCR_Stamps + 8 * \point
        movl    %edx, %gs:PCR_Stamps + 8 * \point + 4
        movq    %gs:PCR_StampRax, %rax
        movq    %gs:PCR_StampRdx, %rdx
        .endm
/* clang-format on */

#define X(name, index, title) .set RS_POINT_##name, index;
        RS_SYSCALL_POINTS(X)
#undef X
#else

#include <nt/types.h>
#include <stdint.h>

/* stamped.S: entries for LSTAR that take stamps, and two adjacent ones, for what they cost. */
extern uint8_t KiSystemCall64Stamped[], KiSystemCall64ShadowStamped[];
extern uint8_t KiStampedReturnByIret;
void KiStampTwice(void);

/* measure.c: the commands of NtSystemDebugControl. */
NTSTATUS KiMapStamps(void *output, uint32_t length);
NTSTATUS KiHandOverStamps(void);
NTSTATUS KiMeasure(const void *input, uint32_t length);
NTSTATUS KiSetStampedEntry(const void *input, uint32_t length);
NTSTATUS KiTakeEntryStamps(void);
NTSTATUS KiSpin(const void *input, uint32_t length, void *output, uint32_t output_length);

#endif
#endif
