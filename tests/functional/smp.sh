#!/bin/sh
# SPDX-License-Identifier: MIT
# Several vCPUs, with a guest that starts them itself: tests/guest/smp.S says what it does.
. "$(dirname "$0")/lib.sh"
need_host "$host"
command -v babeltrace2 >/dev/null || {
    echo '1..0 # SKIP babeltrace2 is not installed'
    exit 0
}
. "$(dirname "$0")/reads.sh"
checker=$(dirname "$0")/smp_check.jq

# numbers COUNT: the lines of the console, each with the next number of all vCPUs.
numbers() {
    i=0
    while [ "$i" -lt "$1" ]; do
        printf '%02x\n' "$i"
        i=$((i + 1))
    done | cmp -s - "$work/out"
}

# Every line of a trace names its vCPU, and both are there.
names_vcpus() {
    sed -i '/ <unfinished \.\.\.>$/d' "$work/trace" # those have no time
    trace_has '^ *[0-9.]+ (emulated )?\[000\] ' && trace_has '^ *[0-9.]+ (emulated )?\[001\] ' &&
        only '^ *[0-9.]+ (emulated )?\[00[01]\] '
}

in_order() {
    awk '{ print $1 }' "$work/trace" >"$work/times"
    LC_ALL=C sort -c -n "$work/times" 2>"$work/disorder" && return
    cat "$work/disorder"
    line=$(sed 's/^[^:]*:[^:]*:\([0-9]*\):.*/\1/' "$work/disorder")
    sed -n "$((line - 2)),$((line + 2))p" "$work/trace"
    return 1
}

# spans DIR GUEST
spans() {
    "$RINGSCOPE" export --to jsonl "$1" >"$work/events" && test -s "$work/events" &&
        jq -s -f "$checker" --arg guest "$2" "$work/events"
}

# What a program that prints TAP found, without the figures behind it.
verdicts() {
    sed -n 's/^\(\(not \)\{0,1\}ok [0-9]*\).*/\1/p' "$work/out" >"$work/$1"
}

tracks() {
    "$RINGSCOPE" export --to perfetto "$1" >"$work/export" &&
        grep -q '"vCPU 0 ring 3"' "$work/export" && grep -q '"vCPU 1 ring 0"' "$work/export" &&
        "$RINGSCOPE" export --to ftrace "$1" >"$work/export" && grep -q ' \[001\] ' "$work/export"
}

cd "$work" || exit 1
run run --host "$host" --timeout 60 --cpus 2 --kernel "$SMP_GUEST"
check 'two vCPUs run' status_is 0
check 'and their console lines are in order' numbers 32
run run --host "$host" --timeout 60 --cpus 4 --kernel "$SMP_GUEST"
check 'four vCPUs run' status_is 0
check 'and their console lines are in order, too' numbers 64
run run --host "$host" --timeout 60 --kernel "$SMP_GUEST"
check 'without --cpus there is one' status_is 1

run trace --host "$host" --timeout 60 --cpus 2 --kernel "$SMP_GUEST" -ttt
check 'traced they run as well' status_is 0
check 'the console is the same' numbers 32
check 'each line names its vCPU' names_vcpus
check 'lines are in the order of their time' in_order
run trace --host "$host" --timeout 60 --cpus 2 --kernel "$SMP_GUEST" -e exception=DE -e msr=none \
    -e syscall=none -e interrupt=none
check 'a filter that lets nothing through changes nothing' numbers 32
check 'and shows nothing' test ! -s "$work/trace"

run record --host "$host" --timeout 60 --cpus 2 --kernel "$SMP_GUEST"
check 'recorded they run as well' status_is 0
check 'there is a stream for each' test -s ringscope.ctf/stream_1
check 'babeltrace2 and report read them and agree' reads ringscope.ctf
check 'returns find their entries on the other vCPU' spans ringscope.ctf smp
check 'export has tracks for each' tracks ringscope.ctf
run report --slowest=3
check 'report tells that a thread has moved' out_has 'of vCPU [01], entered on vCPU [01]'

run inspect --host "$host" --timeout 60 --cpus 2 --kernel "$SMP_GUEST" --at interrupt:0x40 cpu
check 'inspect stops both where one comes to the point' status_is 0
check 'and says which' out_has '^stopped at interrupt:0x40, on vCPU 1 '
run inspect --host "$host" --timeout 60 --cpus 2 --kernel "$SMP_GUEST" --at ipi_handler cpu
check 'a breakpoint is met by the other vCPU' out_has '^stopped at ipi_handler, on vCPU 1 '

run trace --host "$host" --timeout 60 --cpus 2 --kernel "$SMP_CRASH_GUEST"
check 'a triple fault of one ends all' status_is 122
check 'and is told with its vCPU' err_has 'vCPU 1, triple fault'

# The guest kernel starts its processors, too.
run run --host "$host" --timeout 120 --cpus 2 smp
verdicts untraced
run record --host "$host" --timeout 120 --cpus 2 smp
verdicts traced
check 'the kernel finds the same, traced or not' cmp "$work/untraced" "$work/traced"
check 'all of it' out_has '^1\.\.[0-9]+$'
check 'its trace is read by both' reads ringscope.ctf
check 'both processors are in it, and every return has its entry' spans ringscope.ctf kernel

run run --host "$host" --timeout 2 --cpus 2 spin
check 'a processor that has nothing to do does not keep the machine from ending' status_is 124
run run --host "$host" --timeout 2 --cpus 2 --kernel "$BENCH/peers-guest"
check 'nor does a vCPU that was never started' status_is 124
run trace --host "$host" --timeout 2 --cpus 2 --kernel "$SMP_ENDLESS_GUEST" -o "$work/file"
check 'the time-out ends vCPUs that run' status_is 124
finish
