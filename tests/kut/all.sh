#!/bin/sh
# SPDX-License-Identifier: MIT
# Every row of the table in docs/kvm-unit-tests.md: all.sh RINGSCOPE DIR OUTPUT [SECONDS]
# compares each test of DIR, kvm-unit-tests as built, with QEMU on the native and on the emulated host,
# and traced with untraced. OUTPUT/native, emulated, native-traced and emulated-traced have the rows;
# what is there already is not made again. Takes hours: SECONDS (120) for each test that hangs, and
# on a machine with other work more for those that do not. The exit status is 1 when in a row that it
# made QEMU had a result that ringscope did not come to, or a trace changed one.
set -eu
here=$(dirname "$0")
[ $# -ge 3 ] || {
    sed -n '3,9s/^# //p' "$0" >&2
    exit 2
}
ringscope=$1
suite=$2
output=$3
seconds=${4-120}
status=0
mkdir -p "$output"

# rows FILE OPTION...: of compare.py, kept when it came to its end.
rows() {
    file=$output/$1
    shift
    [ ! -e "$file" ] || return 0
    "$here/compare.py" "$ringscope" "$suite" --timeout "$seconds" "$@" >"$file.part" || {
        [ $? -eq 1 ] || exit 2
        status=1
    }
    mv "$file.part" "$file"
}

rows native --host kvm
rows native-traced --host kvm --against ringscope --trace
[ -e "$output/nested" ] || {
    "$here/nested.py" "$suite" --timeout "$seconds" --memory 6G >"$output/nested.part"
    mv "$output/nested.part" "$output/nested"
}
rows emulated --host tcg --nested "$output/nested"
rows emulated-traced --host tcg --against ringscope --trace
exit $status
