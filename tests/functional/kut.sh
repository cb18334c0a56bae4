#!/bin/sh
# SPDX-License-Identifier: MIT
# ringscope test --kut: a suite of the form of kvm-unit-tests, made of an image of our own. With the
# suite itself in $RINGSCOPE_KUT, also that: see tests/kut/compare.py.
. "$(dirname "$0")/lib.sh"
need_host "$host"

mkdir -p "$work/suite/x86"
cp "$IMAGES/multiboot" "$work/suite/x86/image.flat"
cat >"$work/suite/x86/unittests.cfg" <<'END'
# a comment
[passes]
file = image.flat
test_args = 'one kut-pass'
groups = all good

[fails]
file = image.flat
test_args = kut-fail
smp = 2

[skips]
file = image.flat
test_args = "kut-skip"

[aborts]
file = image.flat
test_args = kut-abort

[lies]
file = image.flat
test_args = kut-liar

[crashes]
file = image.flat
test_args = triple

[hangs]
file = image.flat
test_args = spin
timeout = 1s

[resets]
file = image.flat
test_args = reset

[features]
file = image.flat
test_args = kut-pass
qemu_params = -cpu max,-x2apic,host-phys-bits -m 64 -machine pit=off

[manual]
file = image.flat
test_args = kut-pass
groups = nodefault

[old]
file = image.flat
arch = i386

[device]
file = image.flat
qemu_params = -device edu

[hyperv]
file = image.flat
test_args = kut-pass
qemu_params = -cpu host,hv_passthrough -device hyperv-testdev

[shell]
file = image.flat
test_args = "$(date)"

[checked]
file = image.flat
check = /nonexistent/parameter=Y

[missing]
file = missing.flat
END

run test --host "$host" --kut "$work/suite" --log "$work/logs" -j 2
check 'failures end it with 1' status_is 1
check 'nothing on stderr' test ! -s "$work/err"
check 'a test that passes' out_has '^PASS passes \(1 tests\)$'
check 'its lines' out_has '^  PASS: one claim$'
check 'a test that fails' out_has '^FAIL fails \(2 tests, 1 unexpected failures\)$'
check 'its lines' out_has '^  FAIL: another$'
check 'a test that skips itself' out_has '^SKIP skips \(1 tests, 1 skipped\)$'
check 'a test that aborts' out_has '^FAIL aborts \(aborted'
check 'a test whose lines and status disagree' out_has '^FAIL lies \(its lines say'
check 'a test that crashes, with what it crashed on' out_has '^FAIL crashes \(the guest crashed: triple fault'
check 'a test that hangs' out_has '^FAIL hangs \(timeout; duration=1s\)$'
check 'a test that ends without a result' out_has '^FAIL resets \(the guest reset the machine\)$'
check "what a test's parameters say of the processor" out_has '^PASS features '
check 'what is for manual runs is left out' out_has '^SKIP manual \(test marked as manual run only\)$'
check 'an image for another architecture' out_has '^SKIP old \(i386 only\)$'
check 'an image that needs a device' out_has "^SKIP device \(needs QEMU's device edu\)$"
check 'an image that takes what KVM has of Hyper-V' out_has '^PASS hyperv '
name=KVMKVMKVM
hyperv=$("$RINGSCOPE" doctor --host "$host" --json 2>/dev/null |
    jq -r '.lines[] | select(.id == "KVM_CAP_HYPERV").status')
[ "$hyperv" != ok ] || name='Linux KVM Hv'
check "and sees $name" grep -q "^# hypervisor: $name" "$work/logs/hyperv.log"
check 'arguments that take a shell' out_has '^SKIP shell \(its test_args take a shell'
check 'a file that is missing' out_has '^SKIP missing \(missing.flat is not there'
check 'results come in the order of the list' \
    sh -c "grep -Eo '^(PASS|FAIL|SKIP) [a-z]+' '$work/out' | cut -d' ' -f2 | head -n 4 | tr '\n' ' ' | grep -qx 'passes fails skips aborts '"
check 'the console of each is kept' grep -q '^# processors: 2' "$work/logs/fails.log"
if [ "$host" = kvm ]; then
    check 'a parameter of the host that is not as it must be' out_has '^SKIP checked \(/nonexistent/parameter not equal'
fi

run test --host "$host" --kut "$work/suite/x86" -q -g good
check 'a group: exit status 0' status_is 0
check 'and its test alone, without its lines' test "$(wc -l <"$work/out")" -eq 2
run test --host "$host" --kut "$work/suite" manual 'fea*'
check 'tests by name' out_has '^2 passed, 0 failed'
run test --host "$host" --kut "$work/suite" --trace --log "$work/logs" passes
check 'a traced test' status_is 0
check 'and its trace' test -f "$work/logs/passes.trace"

# A build that goes on replaces the executable of a suite that runs.
cp "$RINGSCOPE" "$work/gone"
exec 9<"$work/gone"
rm "$work/gone"
own=$RINGSCOPE
RINGSCOPE=/proc/self/fd/9
run test --host "$host" --kut "$work/suite" -q passes
RINGSCOPE=$own
exec 9<&-
check 'an executable that is gone from its place still runs its tests' status_is 0

# The last of a trace are counts of what departs: not the reason of a failure.
run test --host "$host" --kut "$work/suite" -q --trace --repair off fails
check 'a traced test that fails says why itself' out_has '^FAIL fails \(2 tests, 1 unexpected failures\)$'

here=$(dirname "$0")
run test --host "$host" --kut "$work/suite" -j 2 --format json -o "$work/all.json" --artefacts "$work/kept"
check 'as a report: failures end it with 1' status_is 1
check 'by outcome' test "$(jq -c '[.totals.pass, .totals.fail, .totals.error]' "$work/all.json")" = \
    "$(jq -c '[[.results[].outcome] | map(select(. == "pass")), map(select(. == "fail")), map(select(. == "error")) | length]' "$work/all.json")"
outcome() {
    jq -r ".results[] | select(.name == \"$1\").outcome" "$work/all.json"
}
check 'a failure' test "$(outcome fails)" = fail
check 'a test that came to no result' test "$(outcome hangs) $(outcome aborts) $(outcome crashes)" = 'error error error'
check 'one that cannot be run' test "$(outcome device) $(outcome skips)" = 'skip skip'
check 'what failed has its console' grep -q '^FAIL: another' "$work/kept/fails@$host/console"
check 'and the trace of a second run' test -f "$work/kept/fails@$host/trace"
check 'its registers at the end, of each processor' \
    test "$(grep -c '^vcpu=[01]$' "$work/kept/fails@$host/registers") $(grep -c '^rip=[0-9a-f]' "$work/kept/fails@$host/registers")" = '2 2'
check 'which are not in its console' test "$(grep -c 'registers: ' "$work/kept/fails@$host/console")" = 0
check 'one that crashes has those of its crash' grep -q '^rip=[0-9a-f]' "$work/kept/crashes@$host/registers"
check 'they are in the report, too' test "$(jq -r '.results[] | select(.name == "hangs").registers' "$work/all.json" | grep -c '^rip=')" = 1
for part in 1 2; do
    run test --host "$host" --kut "$work/suite" --shard $part/2 --format json -o "$work/$part.json"
done
run test --merge --format json -o "$work/merged.json" "$work/1.json" "$work/2.json"
check 'two shards merged tell what one run tells' \
    "$here/suite_check.py" --same "$work/all.json" "$work/merged.json"
run test --merge --format junit -o "$work/all.xml" "$work/all.json"
run test --merge --format tap -o "$work/all.tap" "$work/all.json"
check 'the formats are sound and tell the same' \
    "$here/suite_check.py" "$SUITE_SCHEMA" "$work/all.json" "$work/all.xml" "$work/all.tap"
run test --host "$host" --kut "$work/suite" -k fails --retries 1 --format json -o "$work/twice.json"
check 'a test that fails is tried again on request' test "$(jq .results[].attempts "$work/twice.json")" = 2
run test --kut "$work/suite" -k pass --list
check 'its tests by name' out_is 'passes\n'

run test --kut "$work/suite" nosuch
check 'a name that no test has' status_is 125
run test --kut "$work/none"
check 'a suite that is not there' status_is 127
echo 'file = x' >"$work/suite/x86/unittests.cfg"
run test --kut "$work/suite"
check 'a list that is none: 126' status_is 126
check 'with its line' err_has 'unittests.cfg:1: a key before the first test: file'

if [ -n "${RINGSCOPE_KUT-}" ]; then
    for test in dummy idt_test setjmp realmode smptest tsc_adjust; do
        grep -q "^\[$test\]" "$RINGSCOPE_KUT/x86/unittests.cfg" || continue
        run test --host "$host" --kut "$RINGSCOPE_KUT" --timeout 120 "$test"
        check "kvm-unit-tests: $test comes to its end" out_lacks '\((timeout|the guest crashed)'
    done
fi
finish
