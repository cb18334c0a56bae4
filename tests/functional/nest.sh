#!/bin/sh
# SPDX-License-Identifier: MIT
# A thousand page faults, each taken while the one before is being handled: a span for each, and each
# return closes its own entry.
. "$(dirname "$0")/lib.sh"
need_host "$host"
depth=1000
filter='-e syscall=NtSystemDebugControl -e exception=PF -e interrupt=none -e msr=none'

# What nests: from the call with these faults in it to its return, without times.
cut_call() {
    awk '/SYSCALL NtSystemDebugControl\(0x52530004/ { on = 1 } on { print }
        on && /SYSRET/ { exit }' "$1"
}

# Each line names its depth, each IRET closes the innermost EXC, goes back to the instruction that
# faulted, and took no less time than the one inside it.
in_order() {
    awk -v expected="$depth" '
        { number = $1 ~ /^\[/ ? substr($1, 2) + 0 : (match($0, /[^ ]/) - 1) / 2; sub(/^ *\[[0-9]+\]/, "") }
        $1 == "EXC" && number != ++top { print "# an entry of depth " number " is number " top; exit 1 }
        $1 == "EXC" { at[top] = $6; entries++ }
        $1 == "IRET" {
            time = substr($7, 2) + 0
            if (number != top || $4 != at[top] || time < last) {
                print "# depth " number " of " top ", to " $4 ", " time " s after " last " s"
                exit 1
            }
            last = time; top--; returns++
        }
        END { exit !(entries == expected && returns == expected && top == 0) }' "$work/call"
}

# On disk: the innermost entry is one event before its return, the next one two more, or some marks
# more, and so on.
same_pairs() {
    awk -v expected="$depth" '
        $1 >= last + 2 { last = $1; run++; if (run > longest) longest = run; next }
        { last = $1; run = $1 == 1 }
        END { exit longest < expected }' "$work/distances"
}

run run --host "$host" nest "$depth"
check "$depth faults nest" status_is 0
check 'and end in reverse order' out_has "ended in reverse order: +$depth\$"
cp "$work/out" "$work/untraced"
# shellcheck disable=SC2086 # a list of options
run trace --host "$host" -T $filter --record "$work/trace.ctf" nest "$depth"
check 'tracing does not change the output' cmp -s "$work/out" "$work/untraced"
cut_call "$work/trace" >"$work/call"
check 'the trace has them nested, each return with its entry' in_order
check 'no line is indented out of sight' \
    test "$(awk '{ match($0, /^ */); if (RLENGTH > n) n = RLENGTH } END { print n }' "$work/call")" -le 40

"$RINGSCOPE" report --json "$work/trace.ctf" >"$work/report.json"
faults=$(grep -c 'EXC *#PF' "$work/trace")
check "report counts the same faults ($faults), each with a span" \
    test "$(jq -c '[.rows[] | select(.name == "#PF") | .calls, .open]' "$work/report.json")" = "[$faults,0]"
if command -v babeltrace2 >/dev/null; then
    babeltrace2 "$work/trace.ctf" 2>"$work/err" |
        sed -n 's/.*entry_kind = [^}]*entry_distance = \([0-9]*\).*/\1/p' >"$work/distances"
    check 'babeltrace2 sees the same pairs on disk' same_pairs
fi
run run --host "$host" nest 4001
check 'more than the kernel takes is refused' status_is 2
finish
