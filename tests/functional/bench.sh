#!/bin/sh
# SPDX-License-Identifier: MIT
# ringscope bench: structure, known answer, marks and skips; never how long something takes.
set -eu
. "$(dirname "$0")/lib.sh"
need_host "$host"
directory=$(dirname "$0")

# query FILTER: of the result of the last run, true or false.
query() {
    [ "$(jq "$1" "$work/out")" = true ]
}

schema_holds() {
    python3 "$directory/bench_check.py" "$BENCH_SCHEMA" "$1"
}

run bench --host "$host" --quick --samples 10 --json
check 'everything is measured' status_is 0
check 'the JSON is what the schema says' schema_holds "$work/out"
check 'every item of the list has a row' test "$(jq '.items | length' "$work/out")" -eq \
    "$("$RINGSCOPE" bench --list | tail -n +2 | wc -l)"
check 'both methods recover the known answer' query \
    '.valid and ([.known_answer[] | select(.ok) | .method] == ["active", "passive"])'
check 'what is measured has all its samples: 2 boots, 3 runs' query \
    '[.items[] | select(.skipped == null and .n + .unsound != 60)] == []'
check 'no stamp makes no sense' query '[.items[] | select(.unsound > 0)] == []'
check 'an item is skipped for a reason: PCID, or a kind of hook' query \
    '[.items[] | select(.skipped != null and (.variant | test("^(kva-pcid|traced-.*)$") | not))] == []'
check 'a skip of PCID and the fingerprint say the same' query \
    '(.fingerprint.guest | test("PCID not offered")) ==
     ([.items[] | select(.skipped and (.skipped | test("PCID")))] != [])'

# hooks_as_doctor PLACE RING: of each kind, the item is measured where doctor's exits by it work in
# that ring, else skipped with a reason.
hooks_as_doctor() {
    jq -e --slurpfile doctor "$work/doctor.json" --arg place "$1" --argjson ring "$2" '
        [.items[] | select(.variant | startswith("traced-")) | select(.name | endswith("-" + $place))] |
        length >= 2 and all(
            (.variant | ltrimstr("traced-")) as $kind |
            (.skipped == null) == ($doctor[0].hook_costs | any(.kind == $kind and .ring == $ring)) and
            (.skipped == null or (.skipped | test("^(this host cannot: hook\\.|no [a-z0-9]+ hook of )"))))' \
        "$work/out" >/dev/null
}
"$RINGSCOPE" doctor --host "$host" --json >"$work/doctor.json" 2>/dev/null || :
entry_ring=$(jq 'if .fingerprint.repair // "" | test("SYSCALL") then 3 else 0 end' "$work/out")
check 'hooks of returns are measured by each kind that works here' hooks_as_doctor return 0
check "so are hooks of the entry, in ring $entry_ring" hooks_as_doctor entry "$entry_ring"
check 'quantiles are in order' query \
    '[.items[] | select(.skipped == null) | .cycles |
      select(.min > .p50 or .p50 > .p90 or .p90 > .p99 or .p99 > .max)] == []'
check 'the median lies in its interval' query \
    '[.items[] | select(.skipped == null) | .cycles |
      select(.p50 < .p50_low or .p50 > .p50_high)] == []'
check 'on such a host ring 0 is not architectural, and only on such a host' query \
    '(.emulated or .interpreted_ring_0) ==
     ([.items[] | select(.name == "exit-cpuid") | .marks[] | select(. == "not-architectural")] != [])'
check 'a transition that the doctor finds wrong is marked as repaired' query \
    '(.fingerprint.repair // "" | test("SYSCALL")) ==
     ([.items[] | select(.name == "syscall") | .marks[] | select(. == "repaired")] != [])'
check 'the host itself is measured beside the guest' query \
    '[.items[] | select(.variant == "host" and .skipped == null)] | length >= 5'
check 'copying arguments takes its time' query \
    '[.items[] | select(.name == "syscall" or .name == "syscall-12") | .cycles.min] | .[0] < .[1]'
check 'phases are there, and their sum is compared with the call' query \
    '[.phase_sums[].variant] | index("plain") != null'
check 'processor, kernel, TSC and images are in the fingerprint' query \
    '.fingerprint | has("CPU") and has("kernel") and has("TSC") and has("guest image") and
     has("ringscope") and has("load")'

cp "$work/out" "$work/a.json"
run bench --from "$work/a.json" --json
check 'a result is read again' status_is 0
check 'and is the same' cmp -s "$work/out" "$work/a.json"
run bench --compare "$work/a.json" "$work/a.json"
check 'compared with itself, nothing differs' status_is 0
check 'and quick runs make no verdict' out_has '^nmi .* 1\.000 +too few runs$'
run bench --compare --json "$work/a.json" "$work/a.json"
check 'a comparison is what the schema says, too' schema_holds "$work/out"
run bench --from "$work/a.json" --gate 'syscall.p50<=baseline and host-read.p50>1 ns' \
    --baseline "$work/a.json"
check 'a gate that holds' status_is 0
check 'is told with its figures' err_has '^gate syscall\.p50<=baseline: [0-9.]+ <= [0-9.]+ cycles: holds$'
run bench --from "$work/a.json" --gate 'syscall.p50<0.5*baseline' --baseline "$work/a.json"
check 'a gate that does not hold has an exit code' status_is 114
run bench --from "$work/a.json" --gate 'syscall.p50<1.05*basline' --baseline "$work/a.json"
check 'a gate that cannot be read is refused' status_is 125
check 'with a caret where it is wrong' err_has '^ {36}\^$'
if command -v gnuplot >/dev/null; then
    for kind in svg png; do
        run bench --from "$work/a.json" --plot "$work/plot.$kind"
        check "a picture: $kind" test -s "$work/plot.$kind"
    done
    check 'the picture names every item that was measured' test \
        "$(grep -c ': p50 [0-9-]*, p99 ' "$work/plot.svg")" -eq \
        "$(jq '[.items[] | select(.skipped == null)] | length' "$work/a.json")"
else
    run bench --from "$work/a.json" --plot "$work/plot.svg"
    check 'without gnuplot it is said what is missing' err_has 'gnuplot-nox'
fi

run bench --host "$host" --quick --samples 5 --plant-error=active return --json
check 'a planted error of the active method is found' status_is 115
check 'and said' err_has 'the known answer was not recovered'
check 'the JSON says it, too' query '.valid == false and ([.known_answer[] | select(.ok)] | length == 1)'

run bench --host "$host" --quick --samples 5 --plant-error=passive host
check 'a planted error of the passive method is found' status_is 115
check 'the table says so' out_has '^THE RUN IS NOT VALID$'

run bench --host "$host" --quick --samples 5 --csv return cr3
check 'a group and an item can be chosen' status_is 0
check 'CSV has a row for each' test "$(wc -l <"$work/out")" -eq 6
check 'and the median in it' out_has '^return-sysret,return,plain,30,'

if [ "$host" = kvm ]; then
    run run --host kvm --timeout 60 --kernel "$BENCH/peer_exits-guest"
    check 'the guest that VMMs are compared with has figures of 150 blocks of each kind' test \
        "$(grep -Ec '^[PM][0-9a-f]{8}$' "$work/out")" -eq 300
    check 'and ends by the debug exit' status_is 1
    check 'so it has in a bare loop' test \
        "$("$BENCH/bench-bare" | grep -Ec '^[PM][0-9a-f]{8}$')" -eq 300
    run bench --list
    check 'the list needs no host' out_has '^nmi  *interrupt  *plain'
    run bench nonsense
    check 'an unknown item is refused' status_is 125
    check 'by one line' err_lines_are 1
    head -c 1000 "$work/a.json" >"$work/cut.json"
    run bench --from "$work/cut.json"
    check 'a damaged result is refused' status_is 126
    check 'by one line, too' err_lines_are 1
    run bench --from "$work/no.json"
    check 'one that is not there, too' status_is 127
    run bench --compare "$work/a.json"
    check 'two are compared' status_is 125
    run bench --plot "$work/x.pdf"
    check 'a kind of picture that cannot be drawn is refused' status_is 125
    run bench --boots 0
    check 'numbers are checked' err_has "boots '0': a number from 1 to 16"
    run bench --quick -o /nonexistent/file host
    check 'an output that cannot be opened is said' status_is 123
fi

finish
