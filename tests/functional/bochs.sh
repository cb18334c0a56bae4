#!/bin/sh
# SPDX-License-Identifier: MIT
# kvm-intel in a machine that Bochs interprets. Each command boots it, so there are few of them.
. "$(dirname "$0")/lib.sh"
host=bochs-intel

if ! command -v bochs >/dev/null; then
    echo "1..0 # SKIP $("$RINGSCOPE" run --host $host ready 2>&1)"
    exit 0
fi

# The exit status comes out, and both streams of a traced program, told apart.
run trace --host $host demo
check 'a traced program ends with 0' status_is 0
check 'what it prints comes to stdout' grep -q '^exceptions in ring 3, each handled$' "$work/out"
check 'the transitions come to stderr' trace_has '^SYSCALL NtDelayExecution'
check 'an INT n on a gate of lower DPL is #GP with its error code, as it is' trace_has 'EXC +#GP\(0x10a\)'
check 'nothing departs from the SDM there' trace_lacks ' ![A-Z_]+'

# Every byte there is, the end behind no newline: what reaches the program is what was written.
i=0
while [ $i -lt 256 ]; do
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\$(printf %03o $i)"
    i=$((i + 1))
done >"$work/bytes"
status=0
"$RINGSCOPE" run --host $host cat <"$work/bytes" >"$work/out" 2>"$work/err" || status=$?
echo "ringscope run --host $host cat" >"$work/command"
check 'a program that reads its console to the end ends' status_is 0
check 'every byte of the input arrives as it is' cmp -s "$work/bytes" "$work/out"

# What VMX does otherwise than SVM is held against each vendor's manual by the claims.
run doctor --host $host --json
cp "$work/out" "$work/doctor.json"
: >"$work/out" # it is long
# of EXPRESSION: it holds of the report.
of() {
    jq -e "$1" "$work/doctor.json" >"$work/jq"
}
# What departs is the emulator: docs/hosts.md.
check 'doctor: what departs is known of Bochs' of '[.lines[] | select(.status == "departs") | .id] -
    ["syscall.tf", "syscall.rpl", "gate.stack.canonical", "pf.iret", "compatibility.iret", "rf.df"] == []'
check 'doctor: the guest has Intel rules' of '.host.guest_vendor == "Intel"'
check 'doctor: its claims are examined' of '.summary.ok > 190'
check 'INT n on a gate of lower DPL: #GP(8n+2)  (SDM Vol. 3A, "Error Code")' \
    of '.lines[] | select(.id == "int.ring3.dpl0") | .status == "ok"'
check 'SYSENTER in long mode enters, which an AMD processor refuses  (SDM Vol. 2B; APM Vol. 3)' \
    of '.lines[] | select(.id == "sysenter.ring3") | .status == "ok" and (.observed | test("SYSENTER_EIP"))'
# is_ok CLAIM...: each of them is.
is_ok() {
    for claim; do
        of ".lines[] | select(.id == \"$claim\") | .status == \"ok\"" || return
    done
}
check 'a gate whose page has no memory slot exits in both rings: an EPT violation' \
    is_ok hook.gate.ring0 hook.gate.ring3
check 'breakpoints and single steps of the VMM work in both rings  (SDM Vol. 3C, "Exception Bitmap")' \
    is_ok hook.int3.ring0 hook.int3.ring3 hook.breakpoint.ring0 hook.breakpoint.ring3 \
    hook.step.ring0 hook.step.ring3
check 'SYSRET to a non-canonical RCX: #GP in ring 0, which AMD raises in ring 3  (SDM Vol. 2B; APM Vol. 3)' \
    is_ok sysret.rcx
finish
