#!/bin/sh
# SPDX-License-Identifier: MIT
# Every benchmark, each figure beside its goal: all.sh BUILD-DIRECTORY [SOURCE-DIRECTORY]
#
# `ninja -C build bench` runs it. Goals that are missed are counted; the exit status is 1 then.
set -u
build=$1
source=${2:-$(cd "$(dirname "$0")/.." && pwd)}
ringscope=$build/vmm/ringscope
missed=0
log=$(mktemp)
work=$(mktemp -d)
trap 'rm -rf "$log" "$work"' EXIT

# bench COMMAND...: its output, with a line between; what it misses is in it, what keeps it from
# running is said.
bench() {
    name=$(basename "$1")
    "$@" >"$log" 2>&1
    result=$?
    cat "$log"
    missed=$((missed + $(grep -c 'MISSED' "$log")))
    [ "$result" -le 1 ] || echo "$name ended with $result: no figures from it"
    echo
}

bytes_per_event() {
    (cd "$work" && "$ringscope" record -o demo demo >/dev/null 2>"$work/err") || {
        tail -n 1 "$work/err"
        return 2
    }
    events=$(sed -n 's/^ringscope: \([0-9]*\) events.*/\1/p' "$work/err")
    cat "$work"/demo/stream_* | wc -c | awk -v events="$events" '{
        missed = $1 / events > 64
        printf "trace of the demo on disk: %d events, %d bytes, %.1f per event  <= 64%s\n", events,
            $1, $1 / events, missed ? "  MISSED" : ""
        exit missed }'
}

echo "host: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) CPUs, Linux" \
    "$(uname -r), load $(cut -d ' ' -f 1-3 /proc/loadavg)"
modules=$(grep -o '^kvm[a-z_]*' /proc/modules 2>/dev/null | sort | tr '\n' ' ')
echo "KVM modules: ${modules:-built in}"
echo
bench "$build/bench/bench-dispatch"
bench "$build/bench/bench-exits"
bench "$build/bench/bench-trace"
bench "$build/bench/bench-boot"
bench "$build/bench/bench-snapshot" "$build/guest/kernel/ntoskrnl" "$build/guest/programs/hello"
bench bytes_per_event
# Writer and reader on made-up events.
[ ! -x "$build/bench/bench-report" ] || bench "$build/bench/bench-report"
bench "$source/bench/peers.sh" "$ringscope" "$build/bench/peers-guest"
if [ "$missed" -gt 0 ]; then
    if [ "$missed" -eq 1 ]; then
        echo '1 goal is missed'
    else
        echo "$missed goals are missed"
    fi
    exit 1
fi
echo 'every goal is met'
