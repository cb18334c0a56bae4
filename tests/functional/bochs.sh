#!/bin/sh
# SPDX-License-Identifier: MIT
# kvm-intel in a machine that Bochs interprets. Each command boots it, so there are few of them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/sequence.sh"
host=bochs-intel

if ! command -v bochs >/dev/null; then
    echo "1..0 # SKIP $("$RINGSCOPE" run --host $host ready 2>&1)"
    exit 0
fi

# The exit status comes out, and both streams of a traced program, told apart.
run trace --host $host --hook-kind=gate demo
sequence "$work/err" >"$work/gate"
check 'a traced program ends with 0' status_is 0
check 'what it prints comes to stdout' grep -q '^exceptions in ring 3, each handled$' "$work/out"
check 'the transitions come to stderr' trace_has '^SYSCALL NtDelayExecution'
check 'an INT n on a gate of lower DPL is #GP with its error code, as it is' trace_has 'EXC +#GP\(0x10a\)'
check 'nothing departs from the SDM there' trace_lacks ' ![A-Z_]+'

# INT3 leaves the guest here. The program has some of its own.
run trace --host $host --hook-kind=int3 demo
sequence "$work/err" >"$work/int3"
check "hooks by INT3: the same trace ($(wc -l <"$work/gate") transitions)" cmp -s "$work/gate" "$work/int3"
check 'it has transitions' test "$(wc -l <"$work/gate")" -gt 100
check "it has an INT3 of the program's own" trace_has 'EXC +#BP'
diff "$work/gate" "$work/int3" | head -n 20 | sed 's/^/# /'

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

finish
