#!/bin/sh
# SPDX-License-Identifier: MIT
# Every row of the table in docs/kvm-unit-tests.md: all.sh RINGSCOPE DIR OUTPUT [SECONDS [PART...]]
# compares each test of DIR, kvm-unit-tests as built, with QEMU on the native and on the emulated host,
# and traced with untraced. OUTPUT/native, emulated, native-traced and emulated-traced have the rows;
# what is there already is not made again. A line on stderr says how far it is. Takes hours: SECONDS
# (120) for each test that hangs on the emulated host, a quarter of that on the native one; what
# falls short is run once more with three or four times as much. On a machine with other work give
# more. PART is one of those files, or nested, QEMU's side of emulated: else all. The exit status is
# 1 when in a row that it made QEMU had a result that ringscope did not come to, or a trace changed one.
set -eu
here=$(dirname "$0")
[ $# -ge 3 ] || {
    sed -n '3,10s/^# //p' "$0" >&2
    exit 2
}
ringscope=$1
suite=$2
output=$3
seconds=${4-120}
parts='native native-traced nested emulated emulated-traced'
[ $# -lt 5 ] || {
    shift 4
    parts=$*
}
status=0
mkdir -p "$output"

# compare PART OPTION...: the rows of compare.py.
compare() {
    part=$1
    shift
    "$here/compare.py" "$ringscope" "$suite" "$@" >"$output/$part.part" || {
        [ $? -eq 1 ] || exit 2
        status=1
    }
}

# make PART: its file, kept when it came to its end.
make() {
    native="--host kvm --timeout $((seconds / 4)) --again $seconds"
    emulated="--host tcg --timeout $seconds --again $((seconds * 3))"
    # shellcheck disable=SC2086 # words
    case $1 in
    native) compare "$1" $native ;;
    native-traced) compare "$1" $native --against ringscope --trace ;;
    nested) "$here/nested.py" "$suite" --timeout "$seconds" >"$output/$1.part" ;;
    emulated) compare "$1" $emulated --nested "$output/nested" ;;
    emulated-traced) compare "$1" $emulated --against ringscope --trace ;;
    *)
        echo "all.sh: no part '$1'" >&2
        exit 2
        ;;
    esac
    mv "$output/$1.part" "$output/$1"
}

for name in $parts; do
    [ ! -e "$output/$name" ] || continue
    echo "$output/$name" >&2
    make "$name"
done
exit $status
