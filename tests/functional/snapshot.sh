#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs started from one snapshot, in turn: each finds the state that the first one found, to the
# last bit of memory and registers, and prints what it printed alone.
. "$(dirname "$0")/lib.sh"
need_host kvm

programs='memory sections files threads processes services exceptions runtime gates hello'
status=0
# shellcheck disable=SC2086 # words
"$BENCH/bench-snapshot" --check $programs >"$work/out" 2>"$work/err" || status=$?
echo "bench-snapshot --check $programs" >"$work/command"
check 'every restored state has the hash of the snapshot, and every program its output' status_is 0
check 'each of the ten programs ran twice' out_has '^1\.\.20$'
check 'there was something to put back' out_has ': [1-9][0-9]+ pages put back'
finish
