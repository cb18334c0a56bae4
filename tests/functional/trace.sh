#!/bin/sh
# SPDX-License-Identifier: MIT
# ringscope trace: what the demo shows, filters, columns, files, and that tracing changes nothing.
. "$(dirname "$0")/lib.sh"
need_host "$host"

run run --host "$host" demo
cp "$work/out" "$work/untraced"
untraced_status=$status
run trace --host "$host" demo
check 'tracing does not change the output of the demo' cmp -s "$work/out" "$work/untraced"
check 'nor its exit status' status_is "$untraced_status"
cp "$work/trace" "$work/demo"

for msr in STAR LSTAR CSTAR FMASK; do
    check "the demo's trace has WRMSR $msr" trace_has "WRMSR +$msr = 0x"
done
for vector in DE UD BP GP PF DB; do
    check "the demo's trace has #$vector from ring 3" trace_has "EXC +#$vector.* cpl 3"
done
check 'INT 2E is a system call' trace_has 'INT +0x2e Nt'
check 'INT 21 is refused: #GP(0x10a)' trace_has 'EXC +#GP\(0x10a\)'
check 'an NMI arrives on its IST' trace_has 'NMI .* ist 3'
check 'a timer interrupt' trace_has 'IRQ +CLOCK \(0xd1\)'
check 'a failing service: bad index' trace_has 'STATUS_INVALID_SYSTEM_SERVICE'
check 'a failing service: bad user stack' trace_has 'SYSRET .*STATUS_ACCESS_VIOLATION'
services=$(sed -n 's/.*SYSCALL *\(Nt[A-Za-z]*\)(.*/\1/p' "$work/demo" | sort -u | wc -l)
check "at least 10 distinct services ($services)" test "$services" -ge 10
entries=$(grep -Ec '(SYSCALL|INT|EXC|NMI|IRQ) ' "$work/demo")
returns=$(grep -Ec '(SYSRET|IRET) ' "$work/demo")
check "entries and returns ($entries, $returns) differ by at most the last call" \
    test "$((entries - returns))" -le 2 -a "$entries" -ge "$returns"

run trace --host "$host" -e syscall=NtClose -e exception=none -e interrupt=none -e msr=none demo
check 'a filter on one service shows only that service' \
    only 'SYSCALL +NtClose|SYSRET +NtClose'
check 'and shows it' trace_has 'SYSCALL +NtClose'
run trace --host "$host" -e syscall=none -e exception=PF -e interrupt=none -e msr=none demo
check 'a filter on one vector shows only that vector and its returns' \
    only 'EXC +#PF|IRET +#PF'
run trace --host "$host" -e syscall='!NtWriteFile' -e exception=none -e interrupt=none demo
check '! leaves out what it names' trace_lacks NtWriteFile
check 'and keeps the rest' trace_has 'NtClose'
run trace --host "$host" -e syscall=none -e exception=none -e interrupt=none -e msr=LSTAR demo
check 'a filter on one MSR shows it' trace_has 'WRMSR +LSTAR'
check 'and no other' trace_lacks 'WRMSR +STAR'

run trace --host "$host" -o "$work/file" demo
check '-o writes the trace into a file' grep -q SYSCALL "$work/file"
check 'and not to stderr' trace_lacks SYSCALL
check '-o does not change the output' cmp -s "$work/out" "$work/untraced"

run trace --host "$host" -c demo
check '-c prints counts' trace_has '[0-9] +NtWriteFile$'
check '-c prints no lines' trace_lacks 'SYSCALL '
run trace --host "$host" -r -T demo
check '-r begins lines with a time' trace_has '^ +[0-9]+\.[0-9]{6} (emulated )? *SYSCALL'
check '-T ends returns with a duration' trace_has 'SYSRET .*<[0-9.]+( emulated)?>$'
run trace --host "$host" -ttt hello
check '-ttt is the time since 1970' trace_has '^[0-9]{10}\.[0-9]{6} (emulated )? *SYSCALL'

run run --host "$host" --repair=off hello
bare=$status
run trace --host "$host" hello
if err_has 'departs from the SDM'; then
    check 'the repair is announced once' test "$(grep -c 'departs from the SDM' "$work/err")" -eq 1
    run run --host "$host" --repair=off --timeout 5 hello
    check '--repair=off is not repaired' err_lacks repaired
else
    check 'a host that needs no repair runs the same without' test "$bare" -eq 0
fi
finish
