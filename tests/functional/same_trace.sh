#!/bin/sh
# SPDX-License-Identifier: MIT
# The same program, byte for byte, gives the same sequence of transitions on both hosts.
. "$(dirname "$0")/lib.sh"
need_host kvm
need_host tcg

# What may differ: deviations (each host has its own), what services tell of the time, and the
# instruction at which an interrupt or NMI happens to arrive. Everything else is compared: kinds, order, addresses, arguments, statuses.
sequence() {
    grep -E '^ *(WRMSR|RDMSR|SYSCALL|SYSRET|INT|EXC|NMI|IRQ|IRET) ' "$1" |
        sed -e 's/ !.*//' \
            -e 's/\(PerformanceCounter\|SystemTime\): \[[^]]*\]/\1: TIME/' \
            -e 's/^\( *\(NMI\|IRQ\|IRET *\(NMI\|CLOCK\)\) .*\) [^ ]* cpl/\1 ADDRESS cpl/'
}

run trace --host kvm demo
cp "$work/out" "$work/kvm.out"
sequence "$work/err" >"$work/kvm.trace"
run trace --host tcg demo
sequence "$work/err" >"$work/tcg.trace"
check "the sequences ($(wc -l <"$work/kvm.trace") transitions) are the same" \
    cmp -s "$work/kvm.trace" "$work/tcg.trace"
diff "$work/kvm.trace" "$work/tcg.trace" | head -n 20 | sed 's/^/# /'
check 'they are not empty' test "$(wc -l <"$work/kvm.trace")" -gt 50
check 'the outputs are the same' cmp -s "$work/kvm.out" "$work/out"
finish
