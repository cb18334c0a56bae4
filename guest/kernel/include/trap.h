/* SPDX-License-Identifier: MIT
 * C view of the frames that entry code builds. */
#ifndef KERNEL_TRAP_H
#define KERNEL_TRAP_H

#include "frame.h"

#include <nt/context.h>
#include <ringscope/layout.h>

struct ktrap_frame {
    uint64_t P1Home, P2Home, P3Home, P4Home, P5;
    uint8_t PreviousMode, PreviousIrql, FaultIndicator, ExceptionActive;
    uint32_t MxCsr;
    uint64_t Rax, Rcx, Rdx, R8, R9, R10, R11;
    uint64_t GsBase;
    uint8_t Xmm[6][16];
    uint64_t FaultAddress;
    uint64_t Dr0, Dr1, Dr2, Dr3, Dr6, Dr7;
    uint64_t DebugControl, LastBranch[4];
    uint16_t SegDs, SegEs, SegFs, SegGs;
    uint64_t TrapFrame;
    uint64_t Rbx, Rdi, Rsi, Rbp;
    uint64_t ErrorCode;
    uint64_t Rip;
    uint64_t SegCs;
    uint64_t EFlags;
    uint64_t Rsp;
    uint64_t SegSs;
};

struct kexception_frame {
    uint64_t Home[6];
    uint8_t Xmm[10][16];
    uint64_t TrapFrame;
    uint64_t Fill[8];
    uint64_t R12, R13, R14, R15;
    uint64_t Return;
};

#define X(field, offset)                                                                           \
    _Static_assert(offsetof(struct ktrap_frame, field) == (offset), "KTRAP_FRAME." #field);
KTRAP_FRAME_OFFSETS(X)
#undef X
_Static_assert(sizeof(struct ktrap_frame) == KTRAP_FRAME_SIZE, "KTRAP_FRAME");

#define X(field, offset)                                                                           \
    _Static_assert(offsetof(struct kexception_frame, field) == (offset), "KEXCEPTION_FRAME");
KEXCEPTION_FRAME_OFFSETS(X)
#undef X
_Static_assert(sizeof(struct kexception_frame) == KEXCEPTION_FRAME_SIZE, "KEXCEPTION_FRAME");

static inline bool KiFromUser(const struct ktrap_frame *frame)
{
    return frame->SegCs & RPL_MASK;
}

#endif
