/* SPDX-License-Identifier: MIT
 * What new-test writes: the files that `meson install` puts into share/ringscope/template. */
        .macro  TEMPLATE name, file
        .globl  \name, \name\()_end
\name:  .incbin "\file"
\name\()_end:
        .endm

        .section .rodata, "a", @progbits
        TEMPLATE rs_template_test3, "guest/sdk/template/test3.c"
        TEMPLATE rs_template_test0, "guest/sdk/template/test0.c"
        TEMPLATE rs_template_testk, "guest/sdk/template/testk.c"

        .section .note.GNU-stack, "", @progbits
