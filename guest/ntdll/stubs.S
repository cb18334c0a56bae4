/* SPDX-License-Identifier: MIT
 * One stub for each system service, 24 bytes every 32, byte for byte those of NT. */

#include <nt/process.h>
#include <ringscope/layout.h>
#include <ringscope/nt/services.h>

/*
 * Called by programs with the Microsoft x64 convention. SYSCALL destroys RCX, so argument 1 goes
 * to R10; arguments 5 and up stay where the caller put them, at 28(RSP) and above.
 */
        .macro  STUB name, number
        .balign 32
        .globl  \name
        .type   \name, @function
\name:
        .byte   0x4c, 0x8b, 0xd1        # movq %rcx, %r10 in NT's encoding
        movl    $\number, %eax
        testb   $1, RS_GVA_USER_SHARED_DATA + KUSER_SYSTEM_CALL
        .byte   0x75, 0x03              # jne 1f, never relaxed
        syscall
        retq
1:      int     $0x2e
        retq
        .if     (. - \name) != 24
        .error  "a stub has 24 bytes"
        .endif
        .size   \name, . - \name
        .endm

        .text
        .balign 32
#define X(number, name, args, class, arguments) STUB name, number;
RS_SERVICES(X)
#undef X

        .section .note.GNU-stack, "", @progbits
