#!/bin/sh
# SPDX-License-Identifier: MIT
# ringscope report: its formats agree with each other, with the schema and with what record said, and
# two traces are compared.
. "$(dirname "$0")/lib.sh"
need_host "$host"
python3 -W ignore -c 'import jsonschema' 2>/dev/null || {
    echo '1..0 # SKIP python3-jsonschema is not installed'
    exit 0
}
schema=$(cd "$(dirname "$0")/../.." && pwd)/docs/report.schema.json

# valid FILE: it is what docs/report.schema.json says.
valid() {
    python3 -W ignore -c 'import json, jsonschema, sys
jsonschema.validate(json.load(open(sys.argv[2])), json.load(open(sys.argv[1])))' \
        "$schema" "$1" 2>"$work/err"
}

# invalid CHANGE: the last output is not valid any more when CHANGE (Python, of d) was made to it.
invalid() {
    python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
exec(sys.argv[2])
json.dump(d, open(sys.argv[3], "w"))' "$work/out" "$1" "$work/changed" && ! valid "$work/changed"
}

# holds CONDITION: Python, of d, the JSON that was printed last, and c, the rows of $work/csv.
holds() {
    python3 -c 'import csv, json, os, sys
d = json.load(open(sys.argv[1] + "/out"))
f = sys.argv[1] + "/csv"
c = list(csv.DictReader(open(f, newline=""))) if os.path.exists(f) else []
sys.exit(not eval(sys.argv[2]))' "$work" "$1"
}

sorted_by() {
    "$RINGSCOPE" report --json --sort "$1" demo >"$work/out" &&
        holds "[r['$2'] for r in d['rows'] if r['$2'] is not None] == sorted([r['$2'] for r in \
d['rows'] if r['$2'] is not None], reverse=$3)"
}

# every_column TRACE...: each column that --help names can be chosen and sorted by.
every_column() {
    title=$1
    shift
    names=$("$RINGSCOPE" report --help | sed -n "/^$title:/,/:\$/{/:\$/!p}")
    [ -n "$names" ] || return 1
    for name in $names; do
        "$RINGSCOPE" report --columns "$name" --sort "$name" "$@" >"$work/out" 2>"$work/err" ||
            return 1
    done
}

# The deviations that `record` counted on stderr.
told() {
    sed -n 's/^ringscope: \([0-9]*\) x deviation.*/\1/p' "$1" | awk '{ n += $1 } END { print n + 0 }'
}

narrow() {
    awk 'length > 80 { bad = 1 } END { exit bad }' "$work/bars"
}

cd "$work" || exit 1
run record --host "$host" -o demo demo
cp err recorded
deviations=$(told recorded)
run report demo
check 'report succeeds' status_is 0
check 'says how many events depart from the SDM' out_has '^[0-9]+ events depart from the SDM'
if [ "$host" = kvm ] && [ "$deviations" -gt 0 ]; then
    check 'and names what departs, by kind' out_has '^ +[0-9]+  [A-Z_]+: .* \(.*[A-Z]+ [0-9]+'
fi
[ "$host" = kvm ] || check 'it says what its times are worth' out_has '^emulated host: '

run report --csv demo
cp out csv
check '--csv ends its lines as RFC 4180 wants' grep -q "$(printf '\r')\$" csv
run report --json --histogram --slowest=3 demo
check '--json is what its schema says' valid out
check 'the schema wants each member' invalid "del d['events']"
check 'and its type' invalid "d['rows'][0]['calls'] = 'many'"
check 'and knows no other' invalid "d['rows'][0]['p51_ns'] = 1"
check '--csv has the same columns' \
    holds "set(c[0]) == set(d['rows'][0]) - {'histogram'}"
check 'and the same values' \
    holds "[[str(r[k]) if r[k] is not None else '' for k in c[0]] for r in d['rows']] == \
[list(r.values()) for r in c]"
check 'each transition is in a row' \
    holds "sum(r['calls'] + r['returns'] for r in d['rows']) == sum(d['kinds'][k] for k in \
('SYSCALL', 'SYSRET', 'INT', 'EXC', 'NMI', 'IRQ', 'IRET', 'WRMSR', 'RDMSR'))"
check 'calls without return are counted' \
    holds "sum(r['open'] for r in d['rows'] if r['name'] == 'NtTerminateProcess') == 1"
check 'a histogram holds each return' \
    holds "all(sum(b['count'] for b in r['histogram']) == r['returns'] for r in d['rows'])"
check 'deviations are those that record told' \
    holds "sum(x['events'] for x in d['deviations']['list']) == $deviations"
check 'by row, too' \
    holds "all(sum(r[x['name']] for r in d['rows']) == x['events'] for x in d['deviations']['list'])"
check 'the slowest is the slowest' \
    holds "d['slowest'][0]['duration_ns'] == max(r['max_ns'] or 0 for r in d['rows'])"
check 'and has what was around it' \
    holds "all(s['entry'] and s['before'] and s['after'] for s in d['slowest'])"

run report --slowest demo
check '--slowest shows ten' out_has '^slowest 10: '
check 'with their entry' out_has '^> .* (SYSCALL|EXC|INT|IRQ|NMI) '
event=$(sed -n 's/^slowest 1: .* event \([0-9]*\), .*/\1/p' "$work/out")
explains() {
    "$RINGSCOPE" explain demo --event "$event" >/dev/null
}
check 'with a number that explain takes' explains
"$RINGSCOPE" report --histogram demo | sed '1,/depart from/d' | grep '|' >bars
check '--histogram has bars' grep -q '#' bars
check 'that fit into 80 columns' narrow

check '--sort calls: largest first' sorted_by calls calls True
check '--sort p99: largest first' sorted_by p99 p99_ns True
check '--sort name: by the alphabet' sorted_by name name False
check 'each column of one trace' every_column 'Columns of one trace' demo
run report --columns name,p50,calls demo
check '--columns keeps its order' out_has '^transition +p50 us +calls$'
run report --columns calls,size demo
check 'a column that is not there is refused' status_is 125
check 'with those that are' err_has "^ringscope: --columns 'size': one of kind name "
run report --sort size nowhere
check 'before anything is read' status_is 125
run report --slowest=0 demo
check 'none of the slowest is refused' status_is 125
run report --csv --json demo
check 'two formats are refused' status_is 125
run report --csv --histogram demo
check 'a histogram in CSV is refused' status_is 125
run report demo demo demo
check 'three traces are refused' status_is 125
status=0
"$RINGSCOPE" report demo >/dev/full 2>err || status=$?
check 'output that takes no more is an error' status_is 123

run report --json -f 'syscall=NtWriteFile' demo
check 'a filter leaves what is true of it' holds "[r['name'] for r in d['rows']] == ['NtWriteFile']"

run record --host "$host" -o calls -e exception=none -e interrupt=none -e msr=none demo
rm -f csv
run report --json demo calls
check 'two traces: what the schema says' valid out
check 'what is in one alone is told' \
    holds "all(r['verdict'] == 'only A' for r in d['rows'] if r['name'] == '#PF')"
check 'and the other way' test "$("$RINGSCOPE" report --columns verdict,name calls demo |
    grep -c '^only B .*#PF$')" = 1
check 'what is in both has a ratio' \
    holds "[r['ratio'] > 0 for r in d['rows'] if r['name'] == 'NtWriteFile'] == [True]"
run report --json demo demo
check 'a trace does not differ from itself' \
    holds "all(r['verdict'] in ('same?', 'too few', '') for r in d['rows'])"
check 'and enough calls have an interval' \
    holds "all(r['ratio_low'] <= 1 <= r['ratio_high'] for r in d['rows'] if r['returns_a'] > 6)"
check 'each column of two traces' every_column 'Columns of two traces' demo calls
run report --csv --sort verdict demo calls
check 'two traces as CSV' out_has '^kind,name,calls_a,calls_b,'
run report --slowest demo calls
check 'the slowest of two traces are refused' status_is 125
run report demo nowhere
check 'a second trace that is not there is an error' status_is 127

head -c 5000 calls/stream_0 >part
cp part calls/stream_0
run report --json calls
check 'a trace that was cut is an error' status_is 126
check 'in one line' err_lines_are 1
check 'behind what could be read' valid out
check 'which is counted' holds "d['unsound_packets'] == 1 and d['events'] > 0"
finish
