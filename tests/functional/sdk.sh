#!/bin/sh
# SPDX-License-Identifier: MIT
# What `meson install` puts somewhere is enough to write tests with: new-test, cc, ringscope test.
# Then 200 of them: rate, ends of all kinds, isolation, shards.
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
run new-test ring3
check 'but not over one that is there' status_is 123
run new-test ../elsewhere
check 'nor with a path for a name' status_is 125
build ringscope-test3 ring3 ring3.c
build ringscope-test0 ring0 ring0.c
run test --host "$host" ./ring3 ./ring0
check 'both build outside of the tree and pass' status_is 0
check 'one as a program' out_has "^ok 2 - ring3 @$host\$"
check 'one as a kernel of its own' out_has "^ok 1 - ring0 @$host\$"

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
echo "# $(grep -o '"seconds": [0-9.]*' all.json | tail -n 1) for 200 tests"

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
finish
