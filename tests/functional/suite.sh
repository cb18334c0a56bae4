#!/bin/sh
# SPDX-License-Identifier: MIT
# ringscope test: how each end of a guest is reported, formats, shards, retries, artefacts.
. "$(dirname "$0")/lib.sh"
need_host "$host"
here=$(dirname "$0")

cat >"$work/outcomes" <<END
conform de_zero gp_int_zero   # passes
conform no_such_claim         # an error of its own
bugcheck triple
bugcheck gp
fault ud
exit 3
hello                         # says nothing about claims
spin
runtime
END
line() {
    out_has "^$1 - $2 @$host$3"
}

run test --host "$host" -j 2 --timeout 30 "$work/outcomes" -k conform -k bugcheck -k fault -k exit \
    -k hello -k runtime --artefacts "$work/kept"
check 'a suite with broken tests, none of them failing, ends with 112' status_is 112
check 'a test that passes' line 'ok 3' 'conform de_zero gp_int_zero' '$'
check 'a crash' line 'not ok 1' 'bugcheck gp' ' # ERROR the kernel stopped with bug check 0x'
check 'a triple fault' line 'not ok 2' 'bugcheck triple' ' # ERROR the guest crashed: triple fault'
check 'an unhandled exception' line 'not ok 6' 'fault ud' ' # ERROR it ended with .*ILLEGAL_INSTR'
check 'silence' line 'not ok 7' 'hello' ' # ERROR it has reported nothing \(exit status 0\)'
check 'silence with a status' line 'not ok 5' 'exit 3' ' # ERROR it has reported nothing .*3\)'
check 'a test behind all these passes' line 'ok 8' 'runtime' '$'
check 'what broke is kept: its console' grep -q 'no claim' "$work/kept/conform no_such_claim@$host/console"
check 'and its registers' grep -q '^rip=[0-9a-f]' "$work/kept/bugcheck triple@$host/registers"
check 'of what passes nothing is kept' test ! -e "$work/kept/runtime@$host"

run test --host "$host" --timeout 1 --retries 1 --format json -o "$work/spin.json" spin
check 'a guest that hangs is stopped' grep -q 'it did not end within 1 s' "$work/spin.json"
check 'and was tried again' grep -q '"attempts": 2' "$work/spin.json"

run test --host "$host" --format json -o "$work/all.json" "$work/outcomes" -k conform -k exit -k hello
for part in 1 2 3; do
    run test --host "$host" --shard $part/3 --format json -o "$work/$part.json" "$work/outcomes" \
        -k conform -k exit -k hello
done
run test --merge --format json -o "$work/merged.json" "$work/1.json" "$work/2.json" "$work/3.json"
check 'the exit code of merged reports is that of the run' status_is 112
check 'three shards merged tell what one run tells' \
    "$here/suite_check.py" --same "$work/all.json" "$work/merged.json"
run test --merge --format junit -o "$work/all.xml" "$work/all.json"
run test --merge --format tap -o "$work/all.tap" "$work/all.json"
check 'the formats are sound and tell the same' \
    "$here/suite_check.py" "$SUITE_SCHEMA" "$work/all.json" "$work/all.xml" "$work/all.tap"

run test --host "$host" --verify -k runtime -k gates
check 'restored states are proven' status_is 0
if [ "$host" = kvm ]; then
    "$RINGSCOPE" test -j 1 --sandbox=on --timeout 4 spin >"$work/out" 2>"$work/err" &
    runner=$!
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
        worker=$(pgrep -P $runner) && grep -qs '^Seccomp:.*2' "/proc/$worker/status" && break
        sleep 0.2
    done
    grep -E '^(NoNewPrivs|CapBnd|Seccomp)' "/proc/$worker/status" >"$work/status"
    wait $runner
    check 'a worker has no new privileges' grep -q '^NoNewPrivs:.*1' "$work/status"
    check 'a filter of system calls' grep -q '^Seccomp:.*2' "$work/status"
    check 'and no capabilities' grep -q '^CapBnd:.0*$' "$work/status"
    run test --sandbox=never
    check 'a sandbox that is none' status_is 125
fi
if [ "$host" = tcg ] && "$RINGSCOPE" run --host kvm ready >/dev/null 2>&1; then
    mkdir "$work/golden"
    run test --host kvm --golden "$work/golden" --update -k services -k memory -k runtime
    check 'golden files of one host' test -s "$work/golden/services.trace"
    run test --host kvm,tcg --golden "$work/golden" -k services -k memory -k runtime
    check 'hold on both, in one command' status_is 0
    check 'each test on each host' test "$(grep -c '^ok .* @kvm$' "$work/out") $(grep -c '^ok .* @tcg$' "$work/out")" = '3 3'
fi
run test --list -k gates
check '--list prints names' out_is 'gates\n'

run test --shard 0/2
check 'a shard out of range' status_is 125
check 'says so in one line' err_lines_are 1
run test "$work/nothing"
check 'a path that is not there' status_is 127
mkdir "$work/empty"
run test "$work/empty"
check 'a directory without tests' status_is 127
run test -k no_such_word
check 'no test left' status_is 125
run test --merge "$work/outcomes"
check 'not a report' status_is 126
run test --merge "$work/all.json" "$work/all.json"
check 'one report twice' status_is 125
echo self >"$work/self"
run test "$work/self"
check 'a suite that names itself' status_is 125
finish
