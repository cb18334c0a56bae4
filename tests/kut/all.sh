#!/bin/sh
# SPDX-License-Identifier: MIT
# Every row of the table in docs/kvm-unit-tests.md: all.sh RINGSCOPE DIR OUTPUT [SECONDS]
# compares each test of DIR, kvm-unit-tests as built, with QEMU on the native and on the emulated host,
# and traced with untraced. OUTPUT/native, emulated, native-traced and emulated-traced have the rows;
# what is there already is not made again. A line on stderr says how far it is. Takes hours: SECONDS
# (120) for each test that hangs on the emulated host, a quarter of that on the native one; what falls
# short there is run once more with all of it. On a machine with other work give more. The exit
# status is 1 when in a row that it made QEMU had a result that ringscope did not come to, or a trace
# changed one.
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
status=0
mkdir -p "$output"

# rows FILE OPTION...: of compare.py, kept when it came to its end.
rows() {
    file=$output/$1
    shift
    [ ! -e "$file" ] || return 0
    echo "$file" >&2
    "$here/compare.py" "$ringscope" "$suite" --again "$seconds" "$@" >"$file.part" || {
        [ $? -eq 1 ] || exit 2
        status=1
    }
    mv "$file.part" "$file"
}

rows native --host kvm --timeout $((seconds / 4))
rows native-traced --host kvm --timeout $((seconds / 4)) --against ringscope --trace
[ -e "$output/nested" ] || {
    "$here/nested.py" "$suite" --timeout "$seconds" --memory 6G >"$output/nested.part"
    mv "$output/nested.part" "$output/nested"
}
rows emulated --host tcg --timeout "$seconds" --nested "$output/nested"
rows emulated-traced --host tcg --timeout "$seconds" --against ringscope --trace
exit $status
