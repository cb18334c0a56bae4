#!/bin/sh
# SPDX-License-Identifier: MIT
# bench-peers: transitions per second that ringscope, gdb on QEMU's stub, and QEMU's interrupt log
# (-d int) report of one guest: #UD and the IRETQ that ends it, for ever.
#
#   peers.sh RINGSCOPE GUEST
#
# Each runs for some seconds; starting is not counted. ringscope and gdb report both transitions, the
# log only entries. A peer that is not there is left out with the reason; exits with 1 when a goal is
# missed.
set -eu
ringscope=$1
guest=$2
seconds=3
gdb_stops=500
goal=50
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null; rm -rf "$work"' EXIT
status=0

now_ms() {
    echo $(($(date +%s%N) / 1000000))
}

# row NAME EVENTS MILLISECONDS: leaves the rate in $rate.
row() {
    rate=$(($2 * 1000 / $3))
    printf '%-30s %10d %10.2f %10d' "$1" "$2" "$(echo "$3" | awk '{ print $1 / 1000 }')" "$rate"
}

# compare RATE: ringscope's rate over a peer's.
compare() {
    awk -v ours="$ours" -v theirs="$1" -v goal="$goal" 'BEGIN {
        ratio = theirs > 0 ? ours / theirs : 0
        missed = ratio < goal
        printf " %9.2f    >= %d%s\n", ratio, goal, missed ? "  MISSED" : ""
        exit missed }' || status=1
}

left_out() {
    printf '%-30s left out: %s\n' "$1" "$2"
}

# Runs in a process of its own, which the caller stops and ends by its id: so no shell may stay between
# the two. The limit ends it should that go wrong: its log grows by 100 MB/s.
qemu() {
    ulimit -f 8000000
    exec qemu-system-x86_64 -accel tcg -cpu max -m 64 -kernel "$guest" -display none -serial none \
        -monitor none -nic none -no-reboot "$@"
}

measure_ringscope() {
    result=0
    start=$(now_ms)
    (cd "$work" && "$ringscope" record --host kvm -o trace --timeout "$seconds" --kernel "$guest" \
        -e syscall=none -e exception=UD -e interrupt=none -e msr=none) 2>"$work/err" || result=$?
    if [ "$result" -ne 124 ]; then
        left_out ringscope "$(tail -n 1 "$work/err")"
        exit "$result"
    fi
    events=$(sed -n 's/^ringscope: \([0-9]*\) events.*/\1/p' "$work/err")
    row 'ringscope record' "$events" $(($(now_ms) - start))
    echo
    ours=$rate
}

# The log has the firmware's interrupts, too: only #UD in ring 0 of 64-bit code counts.
entries() {
    grep -c 'v=06 ' "$work/int.log" || true
}

measure_log() {
    qemu -d int -D "$work/int.log" >/dev/null 2>"$work/err" &
    pid=$!
    tries=0
    until [ "$(entries 2>/dev/null)" -gt 0 ] 2>/dev/null; do
        tries=$((tries + 1))
        if [ "$tries" -gt 100 ]; then
            left_out 'QEMU TCG -d int' "no #UD in its log: $(tail -n 1 "$work/err")"
            return
        fi
        sleep 0.1
    done
    kill -STOP "$pid"
    before=$(entries)
    start=$(now_ms)
    kill -CONT "$pid"
    sleep 1
    kill -STOP "$pid"
    end=$(now_ms)
    row 'QEMU TCG -d int' $(($(entries) - before)) $((end - start))
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null || true
    pid=
    compare "$rate"
}

measure_gdb() {
    cat >"$work/commands" <<END
set confirm off
set pagination off
target remote | exec qemu-system-x86_64 -accel tcg -cpu max -m 64 -kernel $guest -display none -serial none -monitor none -nic none -S -gdb stdio
break *handler
break *handler_return
continue
shell date +%s%N >$work/start
set \$stops = 0
while \$stops < $gdb_stops
  continue
  set \$stops = \$stops + 1
end
shell date +%s%N >$work/end
kill
END
    if ! timeout 120 gdb -q -nx -batch -x "$work/commands" "$guest" >"$work/gdb.log" 2>&1 ||
        [ ! -s "$work/end" ]; then
        left_out 'gdb on QEMU TCG' "$(tail -n 1 "$work/gdb.log")"
        return
    fi
    row 'gdb on QEMU TCG' "$gdb_stops" $((($(cat "$work/end") - $(cat "$work/start")) / 1000000))
    compare "$rate"
}

printf 'transitions per second of one guest (host kernel %s)\n' "$(uname -r)"
printf '%-30s %10s %10s %10s %9s    %s\n' tracer events seconds per-second 'ringscope/' goal
measure_ringscope
if command -v qemu-system-x86_64 >/dev/null; then
    measure_log
else
    left_out 'QEMU TCG -d int' 'qemu-system-x86_64 is not installed (Debian: qemu-system-x86)'
fi
if command -v gdb >/dev/null && command -v qemu-system-x86_64 >/dev/null; then
    measure_gdb
else
    left_out 'gdb on QEMU TCG' 'gdb or qemu-system-x86_64 is not installed (Debian: gdb, qemu-system-x86)'
fi
exit "$status"
