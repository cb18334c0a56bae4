#!/bin/sh
# SPDX-License-Identifier: MIT
# The bundled kernel on more than one processor: --cpus.
. "$(dirname "$0")/lib.sh"
need_host "$host"

status_is_not() {
    [ "$status" != "$1" ]
}

# passes NAME OPTION...: the program makes all its claims.
passes() {
    name=$1
    shift
    run run --host "$host" --timeout 200 --cpus 2 "$@"
    check "$name: ends with 0" status_is 0
    check "$name: has no failure" out_lacks '^(not ok|\*\*\*)'
    check "$name: makes all its claims" out_has '^1\.\.[1-9][0-9]*$'
}

passes smp smp
passes 'smp, KVA shadow' --kva-shadow smp
passes kva --kva-shadow kva
passes 'smp, as far as sixteen go' --cpus 16 smp short

# Where ring 0 is interpreted, filling the memory twice takes its time.
run run --host "$host" --timeout 100 --cpus 2 --memory 8M pressure 200
if [ "$status" = 124 ]; then
    count=$((count + 1))
    echo "ok $count - paging on two processors # SKIP not done in 100 s here"
else
    check 'paging on two processors: no failure' out_lacks '^(not ok|\*\*\*)'
    check 'paging on two processors: all claims' out_has '^1\.\.[1-9][0-9]*$'
fi

run run --host "$host" --timeout 60 --cpus 2 storm 7
check 'services at random: no bug check' out_lacks '^\*\*\* STOP'
check 'services at random: an end' status_is_not 124
run run --host "$host" --cpus 2 deadlock
check 'a deadlock ends the run with a status' status_is 120
check 'it is reported' out_has '^\*\*\* deadlock:'
run run --host "$host" --cpus 4 bugcheck pf
check 'a bug check says where it happened, and stops the others' \
    out_has '^\*\*\* processor [0-3] of 4 stops the others: (0x[0-9a-f]+) of \1$'
run trace --host "$host" --timeout 100 --cpus 2 -e syscall=none -e msr=none -e exception=none \
    -e interrupt=IPI smp short
check 'an interprocessor interrupt is traced' trace_has '\[001\] .*IRQ +IPI \(0xe1\) at '
check 'and its return' trace_has '\[001\] .*IRET +IPI to '
finish
