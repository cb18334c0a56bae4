#!/bin/sh
# SPDX-License-Identifier: MIT
# Writes the assembly file that holds an image: image.sh OUTPUT NAME IMAGE defines NAME_image and
# NAME_size.
set -eu
cat >"$1" <<END
    .section .rodata
    .globl $2_image, $2_size
    .balign 4096
$2_image: .incbin "$3"
1:
    .balign 8
$2_size: .quad 1b - $2_image
    .section .note.GNU-stack, "", @progbits
END
