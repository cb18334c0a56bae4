#!/bin/sh
# SPDX-License-Identifier: MIT
# Names of the system calls of this machine, from the headers of the kernel: X(name, number).
# Usage: mksyscalls.sh OUTPUT COMPILER...
set -eu
output=$1
shift
echo '#include <asm/unistd.h>' | "$@" -E -dM - |
    sed -nE 's/^#define __NR_([a-z0-9_]+) ([0-9]+)$/X(\1, \2)/p' | sort >"$output"
test -s "$output"
