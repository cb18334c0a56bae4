#!/bin/sh
# SPDX-License-Identifier: MIT
# A guest that nothing on its host can end: the host is ended, with a line, and what has come out of it stays readable.
. "$(dirname "$0")/lib.sh"
need_host "$host"

if ! departs signal.ring3; then
    echo "1..0 # SKIP host $host: a signal takes a vCPU out of any loop (signal.ring3)"
    exit 0
fi
run trace --host "$host" -o "$work/lines" --record "$work/trace.ctf" --timeout 2 --kernel "$HOSTILE/hostile-spin3"
check 'exit code' status_is 124
check 'one line says so' err_has '^ringscope: the emulated host did not end within 62 s$'
check 'and no other' err_lines_are 1
babeltrace2 "$work/trace.ctf" >"$work/bt" 2>"$work/bt.err" || true
check 'the trace can be read' test ! -s "$work/bt.err"
run report "$work/trace.ctf"
check 'report reads it' status_is 0
finish
