#!/bin/sh
# SPDX-License-Identifier: MIT
# Every row of the table in docs/kvm-unit-tests.md: all.sh RINGSCOPE DIR OUTPUT [SECONDS [PART...]]
# compares each test of DIR, kvm-unit-tests as built, with QEMU on the native and on the emulated host,
# and traced with untraced. OUTPUT/native, emulated, native-traced and emulated-traced have the rows;
# what is there already is not made again. A line on stderr says how far it is. Takes hours: SECONDS
# (120) for each test that hangs on the emulated host, a quarter of that on the native one; what falls
# short there is run once more with all of it. On a machine with other work give more. PART is one
# of those files, or nested, QEMU's side of emulated: else all. The exit status is 1 when in a row
# that it made QEMU had a result that ringscope did not come to, or a trace changed one.
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
    "$here/compare.py" "$ringscope" "$suite" --again "$seconds" "$@" >"$output/$part.part" || {
        [ $? -eq 1 ] || exit 2
        status=1
    }
}

# make PART: its file, kept when it came to its end.
make() {
    short=$((seconds / 4))
    case $1 in
    native) compare "$1" --host kvm --timeout "$short" ;;
    native-traced) compare "$1" --host kvm --timeout "$short" --against ringscope --trace ;;
    nested) "$here/nested.py" "$suite" --timeout "$seconds" >"$output/$1.part" ;;
    emulated) compare "$1" --host tcg --timeout "$seconds" --nested "$output/nested" ;;
    emulated-traced) compare "$1" --host tcg --timeout "$seconds" --against ringscope --trace ;;
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
