#!/bin/sh
# SPDX-License-Identifier: MIT
# What an expression can never be true of is not hooked: it takes no exit. Counted in KVM_RUN.
. "$(dirname "$0")/lib.sh"
need_host kvm
if ! reason=$(strace -f -o "$work/probe" true 2>&1); then
    echo "1..0 # SKIP strace cannot attach: $reason"
    exit 0
fi

# exits EXPRESSION: leaves in $runs how often the vCPU's thread ran the guest, and what was printed.
exits() {
    rm -f "$work"/calls.*
    strace -ff -e trace=ioctl -o "$work/calls" \
        "$RINGSCOPE" trace --host kvm -f "$1" -o "$work/trace" demo \
        >"$work/out" 2>"$work/err" </dev/null
    echo "strace -ff ringscope trace -f '$1' demo" >"$work/command"
    runs=$(grep -c KVM_RUN "$work"/calls.* | sed 's/.*://' | sort -n | tail -n 1)
}

exits 'exception=PF'
faults=$(grep -c EXC "$work/trace")
shown=$runs
check "the demo has page faults ($faults)" test "$faults" -ge 5
exits 'syscall and cpl=0'
none=$runs
check 'no system call comes from ring 0' test ! -s "$work/trace"
exits 'exception=PF and cr3=1'
check "what may be true is hooked: $none KVM_RUN became $runs" test "$runs" -ge $((none + faults))
check 'and not shown when it is not true' test ! -s "$work/trace"
check "returns of what is not shown are not hooked ($runs of $shown)" \
    test "$runs" -le $((shown - faults / 2))
for expression in 'exception=OF' 'exception=PF and syscall' 'exception=PF and not exception' \
    'cr2 and interrupt' 'exception=PF and msr' 'exception=PF and ring=3 and status'; do
    exits "$expression"
    check "$expression: $runs KVM_RUN, as for nothing" test "$runs" -lt $((none + faults))
done
finish
