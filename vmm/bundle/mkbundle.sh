#!/bin/sh
# SPDX-License-Identifier: MIT
# Writes the assembly file that puts the guest images into ringscope: mkbundle.sh OUTPUT IMAGE...
# Each image is known by its base name; the first one is the kernel.
set -eu

output=$1
shift
{
    echo '    .section .rodata'
    index=0
    for image in "$@"; do
        echo "    .balign 4096"
        echo "image_$index: .incbin \"$image\""
        echo "image_${index}_end:"
        echo "name_$index: .asciz \"$(basename "$image")\""
        index=$((index + 1))
    done
    echo '    .section .data.rel.ro, "aw"'
    echo '    .balign 8'
    echo '    .globl rs_bundle_images'
    echo 'rs_bundle_images:'
    count=$index
    index=0
    while [ "$index" -lt "$count" ]; do
        echo "    .quad name_$index, image_$index, image_${index}_end - image_$index"
        index=$((index + 1))
    done
    echo '    .globl rs_bundle_count'
    echo "rs_bundle_count: .quad $count"
    echo '    .section .note.GNU-stack, "", @progbits'
} >"$output"
