/* SPDX-License-Identifier: MIT
 * The only kernel code that touches user memory, beside the system-service argument copy. */

#include "asm.h"

/*
 * SysV leaf functions without a frame of their own. A #PF that cannot be served, or a #GP, with
 * RIP in [KiGuardedStart, KiGuardedEnd) continues at KiGuardedFault (KiTrap does that), which
 * returns STATUS_ACCESS_VIOLATION to the function's caller. So none of them may push.
 */
        .text
        .balign 64
LABEL(KiGuardedStart)

/* NTSTATUS KiGuardedCopy(void *to, const void *from, size_t size); */
FUNCTION(KiGuardedCopy)
        movq    %rdx, %rcx
        shrq    $3, %rcx
        rep movsq
        movl    %edx, %ecx
        andl    $7, %ecx
        rep movsb
        xorl    %eax, %eax
        retq
END_FUNCTION(KiGuardedCopy)

/* NTSTATUS KiGuardedTouch(void *byte); a write that changes nothing */
FUNCTION(KiGuardedTouch)
        movb    (%rdi), %al
        movb    %al, (%rdi)
        xorl    %eax, %eax
        retq
END_FUNCTION(KiGuardedTouch)

/* NTSTATUS KiGuardedOut(const void *from, size_t size, uint16_t port); */
FUNCTION(KiGuardedOut)
        movq    %rsi, %rcx
        movq    %rdi, %rsi
        rep outsb                       # to DX
        xorl    %eax, %eax
        retq
END_FUNCTION(KiGuardedOut)

/* NTSTATUS KiGuardedFxSave(void *image); */
FUNCTION(KiGuardedFxSave)
        fxsave64 (%rdi)
        xorl    %eax, %eax
        retq
END_FUNCTION(KiGuardedFxSave)

/* NTSTATUS KiGuardedFxRestore(const void *image); #GP for a reserved bit of MXCSR */
FUNCTION(KiGuardedFxRestore)
        fxrstor64 (%rdi)
        xorl    %eax, %eax
        retq
END_FUNCTION(KiGuardedFxRestore)

FUNCTION(KiGuardedFault)
        movl    $STATUS_ACCESS_VIOLATION, %eax
        retq
END_FUNCTION(KiGuardedFault)
LABEL(KiGuardedEnd)

        .section .note.GNU-stack, "", @progbits
