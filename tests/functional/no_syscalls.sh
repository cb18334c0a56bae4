#!/bin/sh
# SPDX-License-Identifier: MIT
# The event path calls the system for nothing but KVM: what the vCPU thread does while it is traced.
. "$(dirname "$0")/lib.sh"
need_host kvm
if ! reason=$(strace -f -o "$work/probe" true 2>&1); then
    echo "1..0 # SKIP strace cannot attach: $reason"
    exit 0
fi

status=0
calls=5000
strace -ff -o "$work/calls" "$RINGSCOPE" trace --host kvm -o "$work/file" syscall-loop "$calls" \
    >"$work/out" 2>"$work/err" </dev/null || status=$?
echo "strace -ff ringscope trace -o FILE syscall-loop $calls" >"$work/command"
check 'the program ends well' status_is 0
events=$(grep -Ec '(SYSCALL|SYSRET) ' "$work/file")
check "every call and return is traced ($events)" test "$events" -ge "$((2 * calls))"

# The vCPU thread is the one with the most KVM_RUN: doctor's claims run on the main thread. From its
# first KVM_RUN to its last.
vcpu=$(grep -c KVM_RUN "$work"/calls.* | sort -t : -k 2 -n | tail -n 1)
awk '/KVM_RUN/ { started = 1; printf "%s", held; held = ""; print; next }
    started { held = held $0 "\n" }' "${vcpu%:*}" >"$work/loop"
runs=$(grep -c KVM_RUN "$work/loop")
check "each event took a KVM_RUN ($runs)" test "$runs" -ge "$events"
grep -v '^ioctl(' "$work/loop" >"$work/others" || true
sort "$work/others" | uniq -c | sort -rn | head -n 10 | sed 's/^/# /'
check 'the vCPU thread makes no system call but ioctl' test ! -s "$work/others"
msrs=$(grep -c 'KVM_[GS]ET_MSRS' "$work/loop")
others=$(grep -Evc 'KVM_RUN|KVM_[GS]ET_MSRS' "$work/loop" || true)
check 'and no ioctl but KVM_RUN and those of MSR accesses' test "$others" -eq 0
check "MSR accesses are the boot's alone, not the events' ($msrs)" test "$msrs" -lt 100
finish
