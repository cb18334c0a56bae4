#!/bin/sh
# SPDX-License-Identifier: MIT
# ringscope record and report: babeltrace2 reads every trace without a word on stderr, and counts what
# ringscope counts; whatever ends ringscope leaves a trace that both can read.
. "$(dirname "$0")/lib.sh"
need_host "$host"
command -v babeltrace2 >/dev/null || {
    echo '1..0 # SKIP babeltrace2 is not installed'
    exit 0
}

. "$(dirname "$0")/reads.sh"

report_names() {
    "$RINGSCOPE" report | grep -q " $1\$"
}

first_row_is() {
    sed -n '/ transition$/{n;p}' "$work/out" | grep -q " $1\$"
}

cd "$work" || exit 1
run run --host "$host" demo
cp "$work/out" "$work/untraced"
run record --host "$host" demo
check 'record does not change the output of the demo' cmp -s "$work/out" "$work/untraced"
check 'it says how much it wrote' err_has '^ringscope: [0-9]+ events(, [0-9]+ bytes in| recorded)'
check 'and prints no trace line' test ! -s "$work/trace"
check 'babeltrace2 and report read it and agree' reads ringscope.ctf
bytes=$(stat -c %s ringscope.ctf/stream_0)
events=$(wc -l <"$work/bt.text")
check "at most 64 bytes per event ($bytes / $events)" test "$bytes" -le $((events * 64))
check 'report prints services by name' report_names NtWriteFile
run report --sort calls
check 'report --sort calls has the most frequent one first' \
    first_row_is NtWriteFile
run report --sort size
check 'another column is refused' status_is 125

run trace --host "$host" --marks --record "$work/both" demo
grep -v 'unfinished' "$work/trace" | sed 's/^ *\([A-Z0-9]*\) .*/\1/' | sort | uniq -c | awk '{ print $2, $1 }' >"$work/lines"
check 'trace --record: babeltrace2 and report read it and agree' reads both
check 'and count what the lines show' cmp "$work/lines" "$work/bt"

run record --host "$host" -o both -e syscall=NtClose -e exception=none -e interrupt=none \
    -e msr=none demo
check 'an old trace becomes DIR.old' reads both.old
check 'a filter leaves out what it leaves out' reads both
check 'and keeps the rest' grep -q '^SYSCALL 2$' "$work/bt"

mkdir other
touch other/precious
run record --host "$host" -o other hello
check 'a directory with other things in it is refused' status_is 123
check 'and left alone' test -f other/precious -a ! -e other/metadata
run report nowhere
check 'report of nothing is an error' status_is 127
run report other
check 'report of something else is an error' status_is 127
check 'in one line' err_lines_are 1
head -c 5000 both.old/stream_0 >part
cp part both.old/stream_0
run report both.old
check 'a stream that was cut is an error' status_is 126
check 'in one line' err_lines_are 1
check 'behind what could be read' out_has 'NtWriteFile'
[ "$host" = kvm ] || {
    finish
    exit
}

# counts_are DIR CALLS: CALLS of one service, each with its return and span; nothing lost.
counts_are() {
    "$RINGSCOPE" report --json "$1" >"$work/report.json" 2>"$work/err" &&
        python3 -c 'import json, sys
report = json.load(open(sys.argv[1]))
calls = int(sys.argv[2])
(row,) = [row for row in report["rows"] if row["name"] == "NtYieldExecution"]
assert row["calls"] == calls and row["open"] == 0, row
assert report["kinds"]["SYSRET"] == calls, report["kinds"]
marks = sum(report["kinds"][kind] for kind in report["kinds"] if kind not in ("SYSCALL", "SYSRET"))
assert report["events"] - marks == 2 * calls + 1, report["events"] # and the call that ends the program
assert report["discarded"] == 0, report["discarded"]' "$work/report.json" "$2"
}

calls=20000
run record -o long -e exception=none -e interrupt=none -e msr=none syscall-loop "$calls"
check "$calls calls: each is in the trace with its return, none is lost" counts_are long "$calls"
bytes=$(stat -c %s long/stream_0)
check "at most 64 bytes per event ($bytes / $((2 * calls + 1)))" \
    test "$bytes" -le $((64 * (2 * calls + 1)))

run record -o late --timeout 1 spin
check 'a time-out' status_is 124
check 'leaves a trace that can be read' reads late
run record -o late bugcheck ud
check 'a bug check' status_is 121
check 'leaves a trace that can be read' reads late
run record -o late -e syscall=none -e exception=none -e interrupt=none -e msr=none hello
check 'a trace without events' babeltrace late
check 'is a trace' report late

run record -o /dev/full/trace hello
check 'a directory that cannot be made is an error' status_is 123
(
    ulimit -f 48 # more than the metadata, less than the events
    exec "$RINGSCOPE" record -o full "$GUEST_PROGRAMS/syscall-loop" >"$work/out" 2>"$work/err" </dev/null
)
check 'a file that takes no more ends it' err_has "^ringscope: output 'full': "
check 'what is there can be read' reads full

# ends SIGNAL: SIGNAL at a random moment, of a program that does nothing but call services.
ends() {
    rm -rf ended ended.old
    "$RINGSCOPE" record -o ended "$GUEST_PROGRAMS/syscall-loop" 100000000 >/dev/null 2>"$work/ended.err" </dev/null &
    pid=$!
    sleep "1.$(shuf -i 100-999 -n 1)"
    kill -s "$1" "$pid" || return 1
    wait "$pid" 2>/dev/null
    reads ended
}
for signal in KILL KILL KILL INT; do
    check "$signal leaves a trace that can be read" ends "$signal"
done
check 'SIGINT says how much was written' grep -Eq 'events, [0-9]+ bytes in ended' "$work/ended.err"
finish
