#!/bin/sh
# SPDX-License-Identifier: MIT
# The same program, byte for byte, gives the same sequence of transitions on both hosts.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/sequence.sh"
need_host kvm
need_host tcg

# Deviations may differ, too: each host has its own.
bare() {
    sequence "$1" | sed 's/ !.*//'
}

run trace --host kvm demo
cp "$work/out" "$work/kvm.out"
bare "$work/err" >"$work/kvm.trace"
run trace --host tcg demo
bare "$work/err" >"$work/tcg.trace"
check "the sequences ($(wc -l <"$work/kvm.trace") transitions) are the same" \
    cmp -s "$work/kvm.trace" "$work/tcg.trace"
diff "$work/kvm.trace" "$work/tcg.trace" | head -n 20 | sed 's/^/# /'
check 'they are not empty' test "$(wc -l <"$work/kvm.trace")" -gt 50
check 'the outputs are the same' cmp -s "$work/kvm.out" "$work/out"
finish
