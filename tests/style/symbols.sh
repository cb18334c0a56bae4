#!/bin/sh
# SPDX-License-Identifier: MIT
# No global name is defined twice among the objects of ringscope (other executables are left out): the linker would silently take one
# of two functions out of different libraries.
set -eu
cd "$2"
find vmm -path '*.p/*' -name '*.o' ! -path '*emulated-init*' ! -path '*mkfilters*' -print0 | sort -z |
    xargs -0 nm --defined-only --extern-only 2>/dev/null |
    awk 'NF == 3 && $2 ~ /[TDBR]/ { print $3 }' | sort | uniq -d >twice.txt
cat twice.txt
[ ! -s twice.txt ]
