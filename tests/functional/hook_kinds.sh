#!/bin/sh
# SPDX-License-Identifier: MIT
# Whatever kind of hook a transition leaves by, the trace is the same; a kind that this host does
# not have is refused by name and never chosen.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/sequence.sh"
need_host "$host"

"$RINGSCOPE" doctor --host "$host" --json >"$work/doctor.json" 2>/dev/null

# works KIND: doctor has seen it leave the guest.
works() {
    jq -e --arg kind "$1" '.hook_costs | any(.kind == $kind and .ring == 0)' "$work/doctor.json" >/dev/null
}

# costs_are_sound: of each kind in each ring where it works.
costs_are_sound() {
    jq -e '.hook_costs | length >= 2 and all(0 < .p25 and .p25 <= .p50 and .p50 <= .p75)' \
        "$work/doctor.json" >/dev/null
}

# auto_took_what_works: every kind that it announced.
auto_took_what_works() {
    sed -n 's/^ringscope: hooks: \(.*\); an exit takes .*/\1/p' "$work/err" | tr ',' '\n' |
        awk '{ print $NF }' >"$work/taken"
    [ "$(wc -l <"$work/taken")" -eq 3 ] || return
    while read -r kind; do
        works "$kind" || return
    done <"$work/taken"
}

check 'doctor tells what an exit by each kind takes' costs_are_sound

run trace --host "$host" --hook-kind=gate demo
check 'gate: the program ends with 0' status_is 0
sequence "$work/err" >"$work/gate"
cp "$work/out" "$work/gate.out"
check "gate: the trace has its transitions ($(wc -l <"$work/gate"))" test "$(wc -l <"$work/gate")" -gt 100

same_as_gate() {
    sequence "$work/err" >"$work/other"
    diff "$work/gate" "$work/other" >"$work/diff" && cmp -s "$work/gate.out" "$work/out"
}

# With --kva-shadow addresses differ.
same_as_gate_kva() {
    sequence "$work/err" >"$work/other"
    diff "$work/kva" "$work/other" >"$work/diff" && cmp -s "$work/gate.out" "$work/out"
}
run trace --host "$host" --hook-kind=gate --kva-shadow demo
sequence "$work/err" >"$work/kva"

for kind in site int3 breakpoint; do
    run trace --host "$host" --hook-kind=$kind demo
    if works $kind; then
        check "$kind: the same trace" same_as_gate
        run trace --host "$host" --hook-kind=$kind --kva-shadow demo
        check "$kind: two roots have the window" same_as_gate_kva
        run trace --host "$host" --hook-kind=$kind -c --cpus 2 --kernel "$SMP_GUEST"
        if [ $kind = breakpoint ]; then
            check "$kind: with two vCPUs it is refused: 119" status_is 119
        else
            check "$kind: with two vCPUs, too" status_is 0
        fi
    else
        check "$kind: this host does not have it: 119" status_is 119
        check "$kind: in one line" err_lines_are 1
        check "$kind: which names doctor's" err_has "^ringscope: --hook-kind '$kind': this host cannot: hook\.$kind\.[a-z0-9]+: "
    fi
done

run trace --host "$host" --verbose demo
check 'auto: the program ends with 0' status_is 0
check 'auto: it takes kinds that work here' auto_took_what_works
run trace --host "$host" --hook-kind=auto demo
check 'auto: the same trace' same_as_gate

# The first of them uses debug registers, which ends hooks by breakpoints until the snapshot is restored.
printf '%s\n' 'conform db_execute' runtime >"$work/suite"
mkdir "$work/golden"
golden() {
    run test --host "$host" -j 1 --golden "$work/golden" "$@" "$work/suite"
    grep -E '^(not )?ok ' "$work/out" >"$work/outcomes" || true
}
golden --update
cp "$work/outcomes" "$work/gate.outcomes"
check 'test: there are golden files' test "$(cat "$work"/golden/*.trace | wc -l)" -gt 50
for kind in site int3 breakpoint auto; do
    golden --hook-kind=$kind
    if [ $kind = auto ] || works $kind; then
        check "test, $kind: the same transitions" cmp -s "$work/gate.outcomes" "$work/outcomes"
    else
        check "test, $kind: this host does not have it: 119" status_is 119
        check "test, $kind: with doctor's word for it" err_has "^ringscope: --hook-kind '$kind': this host cannot: "
    fi
done

run run --host "$host" --hook-kind=site hello
check 'run: with what repair needs hooked by another kind' status_is 0
run trace --host "$host" --hook-kind=trap demo
check 'another word is refused: 125' status_is 125
check 'with the words that are not' err_has "^ringscope: --hook-kind 'trap': one of auto gate site int3 breakpoint$"
finish
