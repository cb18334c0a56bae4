#!/bin/sh
# SPDX-License-Identifier: MIT
# --ring-size: at any moment the trace is within its size and can be read, and what gave way is counted.
. "$(dirname "$0")/lib.sh"
need_host "$host"
command -v babeltrace2 >/dev/null || {
    echo '1..0 # SKIP babeltrace2 is not installed'
    exit 0
}

. "$(dirname "$0")/reads.sh"

# within DIR BYTES: the files of the trace are no longer, all together.
within() {
    total=0
    for file in "$1"/*; do
        total=$((total + $(stat -c %s "$file")))
    done
    [ "$total" -le "$2" ]
}

# accounted DIR EVENTS GONE: those in the trace, and those that gave way, are all that were written.
accounted() {
    "$RINGSCOPE" report --json "$1" >"$work/report.json" 2>"$work/err" &&
        python3 -c 'import json, sys
report = json.load(open(sys.argv[1]))
assert report["discarded"] == 0 and report["unsound_packets"] == 0, report
assert report["overwritten"] == int(sys.argv[3]) > 0, report
assert report["events"] + report["overwritten"] == int(sys.argv[2]), report' "$work/report.json" "$2" "$3"
}

# told: what the last run said of its end, in $events and $gone.
told() {
    events=$(sed -n 's/^ringscope: \([0-9]*\) events.*; [0-9]* older ones were overwritten$/\1/p' "$work/err")
    gone=$(sed -n 's/^ringscope: .* events.*; \([0-9]*\) older ones were overwritten$/\1/p' "$work/err")
    [ -n "$events" ] && [ -n "$gone" ]
}

ring=262144
cd "$work" || exit 1
# Two events for each call, the call that ends the program, and ten marks or so.
run record --host "$host" -o ring --ring-size 256K -e exception=none -e interrupt=none -e msr=none syscall-loop 8000
check 'a ring' status_is 0
check 'its end says what gave way' told
check 'stays within its size' within ring $ring
check 'babeltrace2 and report read it and agree' reads ring
check 'each event is in the trace, or was overwritten and is counted' accounted ring "$events" "$gone"
run report ring
check 'report says it in its last line of totals' out_has '[0-9]+ events in .*, 0 discarded, [0-9]+ older ones overwritten$'
check 'the end is there' out_has 'NtTerminateProcess'
run trace --host "$host" -c --record ring --ring-size 1M hello
check 'what fits stays' err_has 'events.*; 0 older ones were overwritten$'
check 'trace --record takes it, too' reads ring
check 'a ring becomes DIR.old' reads ring.old
run record --host "$host" -o ring --ring-size 512K --cpus 2 -e msr=none smp
check 'two vCPUs' within ring $((2 * ring))
check 'two vCPUs: both are read' reads ring
check 'two vCPUs: a stream each' test -s ring/stream_0_0 -a -s ring/stream_1_0
run record --host "$host" -o ring --ring-size 256K --max-trace 100K syscall-loop 100000000
check 'a smaller budget ends it' status_is 113
check 'and leaves a trace' reads ring
[ "$host" = kvm ] || {
    finish
    exit
}

run record -o ring --ring-size 4M --cpus 16 hello
check 'sixteen vCPUs: 128 files in the sandbox' reads ring

# begin: a ring that turns some ten times a second.
begin() {
    rm -rf ring ring.old copy
    "$RINGSCOPE" record -o ring --ring-size 256K -e exception=none -e interrupt=none -e msr=none \
        "$GUEST_PROGRAMS/syscall-loop" 100000000 >/dev/null 2>live.err </dev/null &
    pid=$!
    tries=0
    until [ -s ring/stream_0_1 ] || [ $((tries += 1)) -gt 200 ]; do
        sleep 0.05
    done
    sleep "0.$(shuf -i 100-999 -n 1)"
}

killed() {
    begin
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null
    within ring $ring && reads ring
}

copied() {
    begin
    cp -r ring copy
    kill -INT "$pid"
    wait "$pid" 2>/dev/null
    within ring $ring && reads ring && reads copy
}

for time in 1 2 3; do
    check "killed, $time: within its size, and read" killed
    check "copied while it is written, $time: the copy can be read" copied
done
finish
