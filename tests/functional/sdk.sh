#!/bin/sh
# SPDX-License-Identifier: MIT
# What `meson install` puts somewhere is enough to write tests with: new-test, cc, ringscope test.
# Then expectations on the trace, known deviations, and 200 of them: rate, ends of all kinds, isolation,
# shards.
. "$(dirname "$0")/lib.sh"
need_host "$host"
here=$(cd "$(dirname "$0")" && pwd)

if ! DESTDIR="$work/root" meson install -C "$BUILD" --no-rebuild >"$work/install" 2>&1; then
    tail -n 5 "$work/install" | sed 's/^/# /'
fi
pc=$(find "$work/root" -name ringscope-test3.pc)
check 'meson install has put a pkg-config file there' test -n "$pc"
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH

# build PC OUTPUT SOURCE OPTION...: plain cc and what pkg-config says.
build() {
    package=$1
    output=$2
    source=$3
    shift 3
    # shellcheck disable=SC2046 # words
    cc -Wall -Wextra -Werror -o "$output" "$source" "$@" $(pkg-config --cflags --libs "$package") >"$work/cc" 2>&1 ||
        sed 's/^/# /' "$work/cc"
}

mkdir "$work/tests"
cd "$work/tests" || exit 1
run new-test ring3
check 'new-test writes a test of ring 3' test -s ring3.c
run new-test --bare ring0
check 'and one at CPL 0' test -s ring0.c
run new-test --module ringk
check 'and one inside of the kernel' test -s ringk.c
run new-test ring3
check 'but not over one that is there' status_is 123
run new-test ../elsewhere
check 'nor with a path for a name' status_is 125
build ringscope-test3 ring3 ring3.c
build ringscope-test0 ring0 ring0.c
build ringscope-testk ringk ringk.c
build ringscope-testk module "$here/sdk/module.c"
build ringscope-testk stray "$here/sdk/module.c" -DWRONG
run test --host "$host" ./ring3 ./ring0 ./ringk ./module
check 'all build outside of the tree and pass' status_is 0
check 'one as a program' out_has "^ok 3 - ring3 @$host\$"
check 'one as a kernel of its own' out_has "^ok 2 - ring0 @$host\$"
check 'two in ring 0 of the kernel, with its functions' out_has "^ok 4 - ringk @$host\$"
run test --host "$host" --kva-shadow --cpus 2 --format json -o module.json ./module ./ringk ./stray
check 'with two roots and two vCPUs, too' test "$(jq -c .totals.pass module.json)" = 2
check 'a fault that was not expected is told' \
    grep -q '"detail": "Bail out! an unexpected fault"' module.json
printf 'x' | dd of=stray bs=1 seek=4104 conv=notrunc 2>dd.log
run test --host "$host" ./stray
check 'a module for another kernel is refused' status_is 126
check 'in one line' err_has '^ringscope: test .[.]/stray.: it was linked with another kernel'

build ringscope-test3 ends "$here/sdk/ends.c"
build ringscope-test3 dirty "$here/sdk/dirty.c"
build ringscope-test0 triple "$here/sdk/triple.c"
build ringscope-test0 wrong "$here/sdk/triple.c" -DWRONG
cat >ends.suite <<END
ends fail
ends hang
ends crash
ends silent
ends half
ends skip
ends error
triple
wrong
END
for i in $(seq 1 191); do
    echo "ends pass $i"
done >>ends.suite
run test --host "$host" -j 2 --timeout 2 --format json -o all.json ends.suite
check 'a failing test makes the exit code 1' status_is 1
run test --merge -o all.tap all.json
mv all.tap "$work/out"
check 'a failing test' out_has '^not ok [0-9]+ - ends fail @[a-z]+$'
check 'says its claim and both values' out_has '^    # expected 0x7, got 0x6$'
check 'a hanging test' out_has '^not ok [0-9]+ - ends hang .*# ERROR it did not end within 2 s'
check 'a crashing test' out_has '^not ok [0-9]+ - ends crash .*# ERROR .*STATUS_ILLEGAL_INSTRUCTION'
check 'a silent test' out_has '^not ok [0-9]+ - ends silent .*# ERROR it has reported nothing'
check 'a test that ends early' out_has '^not ok [0-9]+ - ends half .*# ERROR its plan is missing'
check 'a test that breaks' out_has '^not ok [0-9]+ - ends error .*# ERROR Bail out! it has no luck'
check 'a skipped test' out_has '^ok [0-9]+ - ends skip .*# SKIP'
check 'a triple fault at CPL 0' out_has '^not ok [0-9]+ - triple .*# ERROR the guest crashed: triple fault'
check 'a wrong claim at CPL 0' out_has '^not ok [0-9]+ - wrong @[a-z]+$'
check 'says which fault was expected' out_has '^    # expected: #GP\(0x0\)$'
check 'and which came' out_has '^    # got: #UD\(0x0\)$'
check 'the other 191 of 200 pass' test "$(grep -c '^ok .*ends pass' "$work/out")" = 191
echo "# $(jq .seconds all.json) s for 200 tests"

echo 'ends status' >status.suite
run test --host "$host" status.suite
check 'a status that was not expected is told by its name' \
    out_has '^    # expected 0x0 STATUS_SUCCESS, got 0xc0000008 STATUS_INVALID_HANDLE$'
check 'a small number by itself' out_has '^    # expected 0x3, got 0x2$'
check 'an exception by its name' \
    out_has '^    # status: expected 0x80000003 STATUS_BREAKPOINT, got 0xc000001d STATUS_ILLEGAL_INSTRUCTION$'

for i in 1 2 3; do
    run test --host "$host" --shard $i/3 --timeout 2 --format json -o $i.json ends.suite
done
run test --merge --format json -o merged.json 1.json 2.json 3.json
check 'three shards merged tell what one run tells' "$here/suite_check.py" --same all.json merged.json

for i in 1 2 3 4 5; do
    printf 'dirty %d leave\ndirty %d look\n' $i $i
done >dirty.suite
run test --host "$host" -j 1 --verify dirty.suite
check 'a test that dirties everything leaves nothing for the next' status_is 0

build ringscope-test3 trace "$here/sdk/trace.c"
build ringscope-test0 trace0 "$here/sdk/trace0.c"
# A line of doctor that departs here and that no repair puts right, and one that does not depart.
"$RINGSCOPE" doctor --host "$host" --json >doctor.json
departs=$(jq -r '[.lines[] | select(.status == "departs" and (.repaired | not)).id][0] // empty' doctor.json)
good=$(jq -r '[.lines[] | select(.status == "ok").id][0]' doctor.json)
{
    echo trace
    echo trace0
    echo trace wrong
    echo "trace right $good"
    echo "trace holds $good"
    echo trace right no_such_line
    echo "[needs=$good] trace needs"
    if [ -n "$departs" ]; then
        echo "trace right $departs"
        echo "trace holds $departs"
        echo "[xfail=$departs] ends fail"
        echo "[needs=$departs] trace skipped"
    fi
} >trace.suite
run test --host "$host" --artefacts kept trace.suite
check 'expectations that do not hold make it fail' status_is 1
check 'what a trace is to have, it has' out_has "^ok [0-9]+ - trace @$host\$"
check 'at CPL 0, too' out_has "^ok [0-9]+ - trace0 @$host\$"
check 'a call too many' out_has "^not ok [0-9]+ - trace wrong @$host\$"
check 'is shown as diff -u does' out_has '^    \+SYSCALL NtYieldExecution from 3$'
check 'its trace is kept' grep -q 'SYSCALL NtYieldExecution()' "kept/trace wrong@$host/trace"
check 'and the difference' grep -q '^+SYSRET NtYieldExecution' "kept/trace wrong@$host/difference"
check 'a claim that names a good line of doctor must hold' out_has "^not ok [0-9]+ - trace right $good @$host\$"
check 'and passes when it does' out_has "^ok [0-9]+ - trace holds $good @$host\$"
check 'a line that doctor does not have' out_has ' - trace right no_such_line .*# ERROR doctor has no line'
check 'a test whose needs are met is run' out_has "^ok [0-9]+ - trace needs @$host\$"
if [ -n "$departs" ]; then
    check 'a claim fails as expected where doctor finds that line departs' \
        out_has "^not ok [0-9]+ - trace right $departs @$host # TODO XFAIL deviation $departs"
    check 'one that passes there is told' out_has "^ok [0-9]+ - trace holds $departs @$host # TODO XPASS"
    check 'a whole test' out_has "^not ok [0-9]+ - ends fail @$host # TODO XFAIL deviation $departs"
    check 'one that needs it is skipped' out_has "^ok [0-9]+ - trace skipped @$host # SKIP doctor, of this host: $departs"
fi
run test --host "$host" --trace --artefacts kept -k fail ends.suite
check 'a traced test that fails has a trace, too' grep -q 'SYSCALL NtWriteFile' "kept/ends fail@$host/trace"
run test --host "$host" --artefacts kept -k fail ends.suite
check 'one that is not traced has that of a second run' \
    grep -q '^# of a second run, traced, which ended as fail' "kept/ends fail@$host/trace"

mkdir golden
run test --host "$host" --golden golden ./trace
check 'without its golden file a test is an error' out_has ' # ERROR there is no golden file'
run test --host "$host" --golden golden --update trace.suite -k trace0
check '--update writes it' test -s golden/trace0.trace
run test --host "$host" --golden golden trace.suite -k trace0
check 'and it is what comes the next time' status_is 0
echo 'WRMSR STAR' >>golden/trace0.trace
run test --host "$host" --golden golden trace.suite -k trace0
check 'another trace fails' status_is 1
check 'and the difference is shown' out_has '^    -WRMSR STAR$'
run test --update trace.suite
check '--update of nothing' status_is 125
run test --host "$host" --trace --max-events 10 -k gates
check 'a budget of events ends a test' out_has '# ERROR it used up its budget of 10 events'
echo '[ends=STATUS_ILLEGAL_INSTRUCTION] ends crash' >end.suite
echo '[ends=triple fault] triple' >>end.suite
echo '[ends=triple fault] ends pass' >>end.suite
run test --host "$host" end.suite
check 'a test may be expected to end its program' out_has "^ok [0-9]+ - ends crash"
check 'or the machine' out_has "^ok [0-9]+ - triple"
check 'and fails when it does not' out_has "^not ok [0-9]+ - ends pass @$host\$"
echo '[what=x] ends pass' >end.suite
run test end.suite
check 'a note that is none' status_is 125

# 200 programs of their own, four of them bad, and a bare one among them.
if [ "$host" = kvm ]; then
    mkdir many
    for i in $(seq 1 200); do
        case $i in
        7) body='EXPECT_EQUAL(7, 8);' ;;
        57) body='for (;;) __asm__ volatile("pause");' ;;
        107) body='__asm__ volatile("ud2");' ;;
        157) body='return 0;' ;;
        *) body="EXPECT_EQUAL(${i}ul * $i, $((i * i)));" ;;
        esac
        cat >"many/t$i.c" <<END
#include <ringscope/test3.h>
int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    $body
    return test_done();
}
END
    done
    seq 1 200 | xargs -P 2 -I{} sh -c "cc -o many/t{} many/t{}.c $(pkg-config --cflags --libs ringscope-test3)"
    cp triple many/
    run test --timeout 2 --format json -o many.json many
    check '200 generated programs: the totals' \
        test "$(jq -c .totals many.json)" = '{"pass":196,"fail":1,"error":4,"skip":0,"xfail":0,"xpass":0}'
    for i in 1 2; do
        run test --shard $i/2 --timeout 2 --format json -o many$i.json many
    done
    run test --merge --format json -o manied.json many1.json many2.json
    check 'in two shards the same' "$here/suite_check.py" --same many.json manied.json
fi
finish
