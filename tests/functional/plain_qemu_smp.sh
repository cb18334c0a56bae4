#!/bin/sh
# SPDX-License-Identifier: MIT
# The kernel on more than one processor, under plain QEMU: -smp.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/qemu.sh"

# on CPUS NAME ARGUMENT...
on() {
    cpus=$1
    shift
    machine="-smp $cpus"
    program "$@"
    machine=
}

is_over() {
    [ "$status" != 124 ] && [ "$status" != 137 ]
}

passes() {
    on "$1" "$2"
    check "$1 processors: $2 ends with 0" status_is 1
    check "$1 processors: $2 has no failure" out_lacks '^(not ok|\*\*\*)'
    check "$1 processors: $2 makes all its claims" out_has '^1\.\.[1-9][0-9]*$'
}

for cpus in 2 4; do
    for program in smp threads processes; do
        passes "$cpus" "$program"
    done
    on "$cpus" storm 3
    # It may close what it would print to.
    check "$cpus processors: services at random come to an end" is_over
    check "$cpus processors: and to no bug check" out_lacks '^\*\*\* (STOP|deadlock)'
    on "$cpus" pressure 500
    check "$cpus processors: pressure has no failure" out_lacks '^(not ok|\*\*\*)'
    check "$cpus processors: pressure makes all its claims" out_has '^1\.\.[1-9][0-9]*$'
    on "$cpus" deadlock
    check "$cpus processors: a deadlock is noticed" out_has '^\*\*\* deadlock: no thread can run'
    on "$cpus" bugcheck pf
    check "$cpus processors: a bug check says where, and stops the others" \
        out_has "^\*\*\* processor [0-9]+ of $cpus stops the others: (0x[0-9a-f]+) of \\1$"
done
on 16 smp short
check '16 processors: as many as there can be' out_has '^# 16 processors'
check '16 processors: smp has no failure' out_lacks '^(not ok|\*\*\*)'
finish
