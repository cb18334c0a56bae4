#!/bin/sh
# SPDX-License-Identifier: MIT
# ringscope export: each format is read by parsers that know nothing of ringscope (jq, a JSON schema,
# export_check.py), and holds the events that report and babeltrace2 count.
. "$(dirname "$0")/lib.sh"
need_host "$host"
for tool in jq babeltrace2; do
    command -v "$tool" >/dev/null || {
        echo "1..0 # SKIP $tool is not installed"
        exit 0
    }
done
python3 -c 'import jsonschema' 2>/dev/null || {
    echo '1..0 # SKIP python3-jsonschema is not installed'
    exit 0
}
checker=$(cd "$(dirname "$0")" && pwd)/export_check.py
schema=${SCHEMA:-$(cd "$(dirname "$0")" && pwd)/../../docs/export-jsonl.schema.json}

# sound FORMAT FILE: leaves the kinds and their counts in $work/counts.
sound() {
    if [ "$1" = jsonl ]; then
        python3 "$checker" jsonl "$2" "$schema" >"$work/counts"
    else
        python3 "$checker" "$1" "$2" >"$work/counts"
    fi
}

# same_counts FORMAT FILE
same_counts() {
    sound "$1" "$2" && [ -s "$work/counts" ] && cmp "$work/counts" "$work/report"
}

# jq_is VALUE FILE FILTER
jq_is() {
    [ "$(jq -r "$3" "$2")" = "$1" ]
}

cd "$work" || exit 1
run record --host "$host" demo
run report --json
jq -r '.kinds | to_entries[] | select(.value > 0) | "\(.key) \(.value)"' out | sort >report
babeltrace2 --names none ringscope.ctf >bt.text
sed 's/^\[[^]]*\] ([^)]*) \([A-Z0-9]*\): .*/\1/' bt.text | sort | uniq -c | awk '{ print $2, $1 }' >bt
check 'babeltrace2 and report agree on what is there' cmp bt report

for format in jsonl perfetto ftrace; do
    run export --to "$format" -o "demo.$format"
    check "$format: exported without a word" test "$status" -eq 0 -a ! -s err -a ! -s out
    check "$format: sound, and report counts the same" same_counts "$format" "demo.$format"
    run export --to "$format" ringscope.ctf
    check "$format: the same bytes again, on stdout" cmp out "demo.$format"
done

emulated=false
[ "$host" = kvm ] || emulated=true
check 'jsonl: the header tells whether the host is emulated' \
    jq_is "$emulated" demo.jsonl 'select(.kind == "HEADER") | .emulated'
check 'perfetto: so does otherData' jq_is "$emulated" demo.perfetto .otherData.emulated
check 'perfetto: and what was traced' jq_is demo demo.perfetto .otherData.environment.program

# All 64 bits of the values of MSRs, as babeltrace2 has them.
jq -r 'select(.kind == "WRMSR" or .kind == "RDMSR") | .value' demo.jsonl >values
babeltrace2 ringscope.ctf | grep -E ' (WRMSR|RDMSR): ' |
    sed -n 's/.* value = 0x\([0-9A-F]*\),.*/0x\1/p' | tr A-F a-f >bt.values
check 'jsonl: values keep all of their bits' cmp values bt.values
check 'jsonl: there are values' grep -q '^0xfffff8' values
jq -r 'select(.kind != "HEADER") | .time[11:-1]' demo.jsonl >event_times
# Both cut what is below a nanosecond, each in its own way.
near() {
    paste event_times bt.times | awk '{ split($1, a, ":"); split($2, b, ":")
        d = (a[3] - b[3]) * 1e9; if (d > 2 || d < -2 || a[2] != b[2]) bad = 1 } END { exit bad }'
}
TZ=UTC babeltrace2 --names none ringscope.ctf | sed 's/^\[\([^]]*\)\].*/\1/' >bt.times
check 'jsonl: times are those of babeltrace2' near

# The bytes of the CONSOLE events, put together again.
console_is_output() {
    "$RINGSCOPE" run --host "$host" demo >printed 2>err </dev/null
    jq -j 'select(.kind == "CONSOLE") | .data' demo.jsonl |
        python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' >console
    [ -s printed ] && cmp console printed &&
        jq -j 'select(.kind == "CONSOLE") | .data_text' demo.jsonl | cmp - printed
}
check 'jsonl: what the guest wrote to its console is what run prints' console_is_output
check 'perfetto: a track for each ring' jq_is 'vCPU 0 ring 3,vCPU 0 ring 0' demo.perfetto \
    '[.traceEvents[] | select(.name == "thread_name").args.name] | join(",")'
check 'perfetto: the last call never ends' jq_is 'NtTerminateProcess unfinished' demo.perfetto \
    '.traceEvents[] | select(.ph == "i" and (.name | endswith("unfinished"))).name'
check 'perfetto: a page fault lies inside a call' jq_is true demo.perfetto \
    '[.traceEvents[] | select(.ph == "B" and .name == "#PF").args.depth] | any(. > 0)'
check 'perfetto: ring 3 has slices' jq_is true demo.perfetto \
    '[.traceEvents[] | select(.ph == "B" and .tid == 100).name] | unique == ["user"]'
deviations=$(jq -s '[.[] | select(.kind != "HEADER" and .deviations != [])] | length' demo.jsonl)
check 'perfetto: the counters count deviations' jq_is "$deviations" demo.perfetto \
    '[.traceEvents[] | select(.ph == "C" and .name == "deviations")][-1].args.events'
check 'ftrace: deviations have their lines' \
    test "$(grep -c ': ringscope_deviation: kind=' demo.ftrace)" -eq "$deviations"
check 'ftrace: a system call and its return' grep -q ': sys_exit: NR 8 = 0$' demo.ftrace
check 'ftrace: an interrupt' grep -q 'irq_handler_entry: irq=209 name=CLOCK$' demo.ftrace

run export --to chrome
check 'another format is refused' status_is 125
check 'in one line with all of them' err_has "^ringscope: --to 'chrome': .*jsonl perfetto ftrace"
check 'in one line' err_lines_are 1
run export
check 'a format is needed' status_is 125
check 'the message has all of them' err_has 'jsonl perfetto ftrace'
run export --to jsonl one two
check 'one trace at a time' status_is 125
run export --to jsonl nowhere
check 'no trace' status_is 127
cp err export.err
run report nowhere
check 'report has the same words' cmp err export.err
printf precious >kept
run export --to jsonl -o kept nowhere
check 'nor is the output touched' grep -q '^precious$' kept
run export --to jsonl -o nowhere/file
check 'an output that cannot be made' status_is 123
for format in jsonl perfetto ftrace; do
    run export --to "$format" -o /dev/full
    check "$format: a full disk" status_is 123
    check 'in one line' err_lines_are 1
done

"$RINGSCOPE" export --to perfetto 2>err | head -c 1 >/dev/null
check 'a reader that has gone is no error' test ! -s err
(
    trap '' PIPE
    "$RINGSCOPE" export --to perfetto 2>err
    echo $? >piped
) | head -c 1 >/dev/null
check 'nor when SIGPIPE is ignored' test ! -s err
check 'but the exit code tells' grep -q '^123$' piped

size=$(stat -c %s ringscope.ctf/stream_0)
head -c $((size - 1000)) ringscope.ctf/stream_0 >part
cp part ringscope.ctf/stream_0
run report
cp err report.err
for format in jsonl perfetto ftrace; do
    run export --to "$format" -o "cut.$format"
    check "$format: a stream that was cut is an error" status_is 126
    check 'report has the same words' cmp err report.err
    check 'what could be read is there, and whole' sound "$format" "cut.$format"
    check 'there is something' grep -q '^SYSCALL' counts
done
[ "$host" = kvm ] || {
    finish
    exit
}

run record -o long "$GUEST_PROGRAMS/syscall-loop" 2000
# interrupted: SIGINT while the reader of the pipe is slow.
interrupted() {
    mkfifo slow
    { sleep 2; cat; } <slow >cut.perfetto &
    reader=$!
    "$RINGSCOPE" export --to perfetto long >slow 2>err &
    pid=$!
    sleep 1
    kill -s INT "$pid" || return 1
    status=0
    wait "$pid" || status=$?
    wait "$reader"
    [ "$status" -eq 130 ] && sound perfetto cut.perfetto
}
check 'SIGINT ends it in order' interrupted
"$RINGSCOPE" export --to perfetto -o long.perfetto long
check 'before all is written' test "$(wc -c <cut.perfetto)" -lt "$(wc -c <long.perfetto)"
text_counts() {
    "$RINGSCOPE" export --to text demo.ctf >"$work/out" 2>"$work/err" || return 1
    [ "$(grep -c '^#' "$work/out")" = "$(babeltrace2 demo.ctf 2>/dev/null | wc -l)" ]
}
run record --host "$host" -o demo.ctf demo
run export --to jsonl -f 'syscall=NtClose and status=failed' demo.ctf
check '--filter: a header, two entries and the return that failed' test "$(wc -l <"$work/out")" -eq 4
run export --to text --filter 'rip=demo!snippet_ud' demo.ctf
check '--filter: names of functions' out_has 'EXC +#UD at demo!snippet_ud'
check '--filter: no marks' out_lacks 'STATE|MEMORY'
check 'text: a numbered line for each event' text_counts
check 'text: names of functions' out_has '^#[0-9]+ .* EXC +#PF.* demo!main'
check 'text: entries that never return' out_has 'NtTerminateProcess = \? <unfinished \.\.\.>'
finish
