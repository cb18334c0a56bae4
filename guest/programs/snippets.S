/* SPDX-License-Identifier: MIT
 * Short pieces of ring-3 code that raise one exception each; see snippets.h. */

#include "snippets.h"

/*
 * void snippet_NAME(void), SysV. Only registers that C does not keep are changed. The registers
 * are as they were before the exception when a handler resumes at snippet_NAME_resume.
 */
        .macro  SNIPPET name
        .balign 16
        .globl  snippet_\name, snippet_\name\()_address, snippet_\name\()_resume
        .type   snippet_\name, @function
snippet_\name:
        .endm

        .macro  END_SNIPPET name
        retq
        .size   snippet_\name, . - snippet_\name
        .endm

        .macro  AT name
snippet_\name\()_address:
        .endm

        .macro  RESUME name
snippet_\name\()_resume:
        .endm

        .text
SNIPPET de
        xorl    %ecx, %ecx
        xorl    %edx, %edx
        movl    $1, %eax
AT de
        divl    %ecx
RESUME de
END_SNIPPET de

SNIPPET overflow
        movl    $1, %ecx
        movl    $1, %edx
AT overflow
        divl    %ecx
RESUME overflow
END_SNIPPET overflow

SNIPPET ud
AT ud
        ud2
RESUME ud
END_SNIPPET ud

SNIPPET lock
AT lock
        .byte   0xf0, 0xf7, 0xd0        # lock notl %eax
RESUME lock
END_SNIPPET lock

SNIPPET bp
AT bp
        int3
RESUME bp
END_SNIPPET bp

SNIPPET gp
AT gp
        hlt
RESUME gp
END_SNIPPET gp

SNIPPET in
        movl    $0x3f8, %edx
AT in
        inb     %dx, %al
RESUME in
END_SNIPPET in

SNIPPET wrmsr
        xorl    %eax, %eax
        xorl    %edx, %edx
        movl    $0xc0000082, %ecx
AT wrmsr
        wrmsr
RESUME wrmsr
END_SNIPPET wrmsr

SNIPPET noncanonical
        movabsq $SNIPPET_NON_CANONICAL, %rax
AT noncanonical
        movq    (%rax), %rcx
RESUME noncanonical
END_SNIPPET noncanonical

SNIPPET pf
        movabsq $SNIPPET_UNMAPPED, %rax
AT pf
        movq    (%rax), %rcx
RESUME pf
END_SNIPPET pf

SNIPPET write
        leaq    snippet_data(%rip), %rax
AT write
        movq    %rcx, (%rax)
RESUME write
END_SNIPPET write

        # The jump has been made when the fetch faults: the address is the target.
SNIPPET execute
        leaq    snippet_data(%rip), %rax
        jmpq    *%rax
RESUME execute
END_SNIPPET execute

SNIPPET kernel
        movabsq $SNIPPET_KERNEL, %rax
AT kernel
        movq    (%rax), %rcx
RESUME kernel
END_SNIPPET kernel

        # TF takes effect after the instruction behind POPFQ.
SNIPPET db
        pushfq
        orq     $0x100, (%rsp)
        popfq
        nop
AT db
RESUME db
END_SNIPPET db

        # The store after the load only happens when nothing was raised; both clear AC again.
SNIPPET ac
        leaq    snippet_data(%rip), %rax
        pushfq
        orq     $0x40000, (%rsp)
        popfq
AT ac
        movl    1(%rax), %ecx
RESUME ac
        pushfq
        andq    $~0x40000, (%rsp)
        popfq
END_SNIPPET ac

        # The division is reported by the next waiting x87 instruction.
SNIPPET mf
        fninit
        pushq   $0x37b                  # control word: divide by zero not masked
        fldcw   (%rsp)
        popq    %rax
        fld1
        fldz
        fdivrp
AT mf
        fwait
RESUME mf
        fninit
END_SNIPPET mf

SNIPPET xm
        pushq   $0x1d80                 # MXCSR: divide by zero not masked
        ldmxcsr (%rsp)
        movl    $1, %eax
        cvtsi2ss %eax, %xmm0
        xorps   %xmm1, %xmm1
AT xm
        divss   %xmm1, %xmm0
RESUME xm
        movq    $0x1f80, (%rsp)
        ldmxcsr (%rsp)
        popq    %rax
END_SNIPPET xm

SNIPPET int4
        int     $4
AT int4
RESUME int4
END_SNIPPET int4

SNIPPET int21
AT int21
        int     $0x21
RESUME int21
END_SNIPPET int21

SNIPPET int2c
AT int2c
        int     $0x2c
RESUME int2c
END_SNIPPET int2c

        # The kernel skips the byte behind it.
SNIPPET int2d
        movl    $1, %eax
        movl    $2, %ecx
        movl    $3, %edx
        int     $0x2d
AT int2d
        int3
RESUME int2d
END_SNIPPET int2d

SNIPPET int29
        movl    $5, %ecx
AT int29
        int     $0x29
RESUME int29
END_SNIPPET int29

        # The exception cannot be delivered: the process ends.
SNIPPET stack
        movabsq $SNIPPET_UNMAPPED, %rsp
AT stack
        pushq   %rax
RESUME stack
        ud2
END_SNIPPET stack

        .section .rodata
        .balign 16
        .globl  snippet_data, snippet_execute_address
snippet_data:
snippet_execute_address:
        .quad   0, 0

        .section .note.GNU-stack, "", @progbits
