#!/bin/sh
# SPDX-License-Identifier: MIT
# What cppcheck has to say of the VMM: nothing. What is not so in the code says so where it is, with
# its reason; here is what has no place there.
#
#   ctuuninitvar              it takes what a function fills for what it reads
#   autoVariables             what is given to a call for as long as it takes; gcc's -Wdangling-pointer knows
#                             the difference
#   preprocessorErrorDirective, items.h: it does not expand a macro that is a parameter of another
set -eu
cd "$1"
command -v cppcheck >/dev/null || {
    echo 'cppcheck is not installed'
    exit 77
}
cppcheck --quiet --std=c11 --language=c --enable=warning,portability --inline-suppr -D__x86_64__ -I include \
    -I vmm --error-exitcode=1 --suppress=missingIncludeSystem --suppress=missingInclude \
    --suppress=ctuuninitvar --suppress=autoVariables --suppress=preprocessorErrorDirective:vmm/bench/items.h vmm
