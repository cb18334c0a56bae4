#!/bin/sh
# SPDX-License-Identifier: MIT
# Hooks are disarmed and armed again while the guest runs, on all vCPUs at once: SIGUSR2.
. "$(dirname "$0")/lib.sh"
need_host kvm

lines() {
    wc -l <"$work/file"
}

# toggle WHAT ARGUMENT...: traces a guest that does not end, and signals meanwhile.
toggle() {
    what=$1
    shift
    rm -f "$work/file"
    "$RINGSCOPE" trace --host kvm --timeout 60 -o "$work/file" "$@" \
        >"$work/out" 2>"$work/err" </dev/null &
    pid=$!
    echo "ringscope trace -o FILE $*, with SIGUSR2" >"$work/command"
    while [ ! -s "$work/file" ]; do
        sleep 0.1
    done
    kill -USR2 "$pid"
    sleep 1
    disarmed=$(lines)
    sleep 1
    check "$what, disarmed: no line is added ($disarmed)" test "$(lines)" -eq "$disarmed"
    kill -USR2 "$pid"
    sleep 1
    check "$what, armed again: lines are added" test "$(lines)" -gt "$disarmed"
    for i in 1 2 3 4 5 6 7 8 9; do
        kill -USR2 "$pid"
        sleep "0.0$i"
    done
    kill -TERM "$pid"
    status=0
    wait "$pid" || status=$?
    check "$what, SIGTERM ends it with 130" status_is 130
    check "$what, the last line is whole" \
        test "$(tail -c 1 "$work/file" | od -An -tx1 | tr -d ' ')" = 0a
}

toggle 'one vCPU' syscall-loop 100000000
toggle 'two vCPUs' --cpus 2 --kernel "$SMP_ENDLESS_GUEST"
finish
