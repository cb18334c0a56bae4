#!/bin/sh
# SPDX-License-Identifier: MIT
# --filter: what is shown live, that report picks the same out of a recorded trace, and what is said of
# expressions that are wrong.
. "$(dirname "$0")/lib.sh"
need_host "$host"

run trace --host "$host" --filter 'exception=PF and cpl=0' demo
check '--filter shows the events for which it is true, and their returns' \
    only 'EXC +#PF.* cpl 0|IRET +#PF.* cpl 0'
check 'and there are some' trace_has 'EXC +#PF.* cpl 0'
run trace --host "$host" -f 'class=memory' demo
check 'a class of services' only '(SYSCALL|SYSRET|INT|IRET) .*Nt[A-Z][a-zA-Z]*VirtualMemory'
check 'with what belongs to it' trace_has 'SYSRET +NtProtectVirtualMemory'
run trace --host "$host" -f 'rip=demo!snippet_ud or rip=demo!snippet_int21 and not int' demo
check 'functions by name' \
    only 'at demo!snippet_(ud|int21)|IRET +#(UD|GP) to demo!KiUserExceptionDispatcher'
check 'each of them' trace_has 'EXC +#GP.* demo!snippet_int21'
run trace --host "$host" -f 'rip=ntoskrnl and not msr' demo
check 'an image by name: nothing from ring 3' trace_lacks 'EXC.* cpl 3|SYSCALL'
check 'but the kernel' trace_has 'NMI .* at ntoskrnl!'
run trace --host "$host" -f 'syscall=NtClose and status!=STATUS_SUCCESS' demo
check 'a status: entries, and the returns that have it' \
    only 'SYSCALL +NtClose|SYSRET +NtClose = STATUS_INVALID_HANDLE'
check 'fewer returns than entries' \
    test "$(grep -c SYSCALL "$work/trace")" -gt "$(grep -c SYSRET "$work/trace")"
run trace --host "$host" -T -f 'return and syscall=NtDelayExecution and duration>1us' demo
check 'returns alone, by duration' only 'SYSRET +NtDelayExecution = STATUS_SUCCESS <[0-9.]+'
check 'the one there is' test "$(wc -l <"$work/trace")" -eq 1
run trace --host "$host" -f 'exc or syscall' -f 'not syscall' -e exception=UD demo
check 'filters and -e are joined by and' only '(EXC|IRET) +#UD'
check 'what is left is shown' trace_has 'EXC +#UD'
run trace --host "$host" -f 'syscall=none' -c demo
check 'nothing is counted when nothing is true' trace_has '^100.00 +0.000000 +0 +0 total'

# Without durations, timer interrupts and depths a run of the demo is like any other.
run record --host "$host" -o "$work/whole" demo
for expression in 'exception=PF and cpl=0' 'return and not irq' 'syscall=NtClose and status=failed' \
    'rip=0x140001000-0x140001fff' 'iret and cpl=3' 'not (exc or syscall or msr or irq or mark)'; do
    run report -f "$expression" "$work/whole"
    counted=$(sed -n 's/^\([0-9]*\) events.*/\1/p' "$work/out" | head -n 1)
    run trace --host "$host" -f "$expression" demo
    check "$expression: report counts what trace shows ($counted)" \
        test "$(wc -l <"$work/trace")" -eq "$counted" -a "$counted" -gt 0
done
run record --host "$host" -o "$work/part" -f 'class=memory' demo
run report -f 'not (class=memory or mark)' "$work/part"
check 'record -f keeps nothing else' out_has '^0 events'
run report "$work/part"
check 'and keeps what is true' out_has 'NtAllocateVirtualMemory$'

# fails COLUMN PATTERN COMMAND... EXPRESSION: one line, and a caret below that column.
fails() {
    column=$1
    pattern=$2
    shift 2
    run "$@"
    for expression; do :; done
    check "'$expression': exit code 125" status_is 125
    check "'$expression': it says what" err_has "^ringscope: --filter '.*': $pattern\$"
    check "'$expression': a caret below column $column" \
        test "$(sed -n '2{s/\^.*//;p}' "$work/err" | tr -d '\n' | wc -c)" -eq \
        "$((column + $(printf "ringscope: --filter '" | wc -c)))"
}

fails 8 "unknown word 'cpk'; did you mean cpl\?" trace --host "$host" --filter 'exc and cpk=0'
fails 15 "unknown service 'NtClos'; did you mean NtClose\?" \
    record --host "$host" --filter 'exc or syscall=NtClos'
fails 4 "image 'demo' has no function 'mian'" trace --host "$host" --filter 'rip=demo!mian'
fails 4 "unknown image 'dmo': the images are demo, ntoskrnl" \
    trace --host "$host" --filter 'rip=dmo!main'
fails 11 "unknown image 'dmo': the images are demo, ntoskrnl" \
    report "$work/whole" --filter 'exc or rip=dmo'
run report "$work/whole" --filter 'rip=demo!snippet_ud'
check 'report knows functions of bundled images' out_has '#UD$'
cr3=$("$RINGSCOPE" export --to text "$work/whole" | sed -n 's/.* CR3 *\(0x[0-9a-f]*\) .*/\1/p' |
    tail -n 1)
run report "$work/whole" --filter "cr3=$cr3 and syscall"
check 'and CR3' out_has 'NtClose$'
run report "$work/whole" --filter "cr3!=$cr3 and syscall"
check 'also when it is another one' out_has '^0 events'
finish
