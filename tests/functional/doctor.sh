#!/bin/sh
# SPDX-License-Identifier: MIT
# ringscope doctor: text, JSON and exit code agree, and every departure is one that was measured.
. "$(dirname "$0")/lib.sh"
need_host "$host"

run doctor --host "$host" --json
check 'the exit code is 0 or 1' test "$status" -eq 0 -o "$status" -eq 1
json_status=$status
check 'the output is JSON' python3 -m json.tool "$work/out" /dev/null
departures=$(python3 -c '
import json, sys
lines = json.load(open(sys.argv[1]))["lines"]
print(sum(line["status"] == "departs" for line in lines))' "$work/out")
check "exit code 1 means departures ($departures)" \
    test "$json_status" -eq "$([ "$departures" -gt 0 ] && echo 1 || echo 0)"

run doctor --host "$host"
check 'text and JSON have the same exit code' status_is "$json_status"
check 'every line names a section of the SDM or the KVM API' out_has 'SDM Vol'
check 'as many lines say DEPARTS' test "$(grep -c 'DEPARTS' "$work/out")" -ge "$departures"

# What doctor says of SYSCALL is what a bare run shows.
"$RINGSCOPE" doctor --host "$host" --json >"$work/json" || true
stays=$(python3 -c '
import json, sys
lines = {line["id"]: line for line in json.load(open(sys.argv[1]))["lines"]}
print(any(field["field"] == "CPL" for field in lines["syscall.entry"]["differences"]))' "$work/json")
run run --host "$host" --repair=off --timeout 5 hello
if [ "$stays" = True ]; then
    check 'SYSCALL stays in ring 3, and a bare run does not work' eval '! status_is 0'
else
    check 'SYSCALL enters ring 0, and a bare run works' status_is 0
fi
finish
