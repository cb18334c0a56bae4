#!/bin/sh
# SPDX-License-Identifier: MIT
# Hooks are disarmed and armed again while the guest runs: SIGUSR2.
. "$(dirname "$0")/lib.sh"
need_host kvm

lines() {
    wc -l <"$work/file"
}

"$RINGSCOPE" trace --host kvm --timeout 60 -o "$work/file" syscall-loop 100000000 \
    >"$work/out" 2>"$work/err" </dev/null &
pid=$!
echo 'ringscope trace -o FILE syscall-loop, with SIGUSR2' >"$work/command"
while [ ! -s "$work/file" ]; do
    sleep 0.1
done
kill -USR2 "$pid"
sleep 1
disarmed=$(lines)
sleep 1
check "disarmed: no line is added ($disarmed)" test "$(lines)" -eq "$disarmed"
kill -USR2 "$pid"
sleep 1
check 'armed again: lines are added' test "$(lines)" -gt "$disarmed"
kill -TERM "$pid"
status=0
wait "$pid" || status=$?
check 'SIGTERM ends it with 130' status_is 130
check 'the last line is whole' test "$(tail -c 1 "$work/file" | od -An -tx1 | tr -d ' ')" = 0a
finish
