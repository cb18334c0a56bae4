#!/bin/sh
# SPDX-License-Identifier: MIT
# A working set larger than guest memory, through the paging file; and files given to the guest.
. "$(dirname "$0")/lib.sh"
need_host "$host"

run run --host "$host" --memory 8M paging
check 'three times guest memory: the program ends with 0' status_is 0
check 'three times guest memory: the checksum is right' out_has '^ok .*the checksum is right'
check 'three times guest memory: no failure' out_lacks '^not ok'

# 1500 pages are more than 8 MiB has left. Each page that is read again is a fault that is served.
run trace --host "$host" --memory 8M -T -e syscall=none -e exception=PF paging 1500
check 'traced, the program ends with 0' status_is 0
check 'traced, no failure' out_lacks '^not ok'
faults=$(grep -Ec '^ *EXC +#PF\(0x[46]\) .* cpl 3' "$work/trace")
check "the faults are traced ($faults)" test "$faults" -ge 1500
check 'they return to the instruction that faulted' trace_has '^IRET +#PF to paging!main.* cpl 3 <'
check 'a loop that faults at one instruction is no deviation' trace_lacks '^EXC .*!RETURN'

run run --host "$host" --memory 8M pressure 3000
check 'two processes, private, shared, copied and file pages at random: no failure' out_lacks '^not ok'
check 'and it ends with 0' status_is 0

run run --host "$host" --memory 8M --pagefile none paging
check 'without a paging file there is less to commit' out_has '^not ok 1 '
check 'and the status says so' out_has 'got 0xc000012d'
run run --host "$host" --memory 8M --pagefile "$work/pages:1M" paging 1900
check 'a small one is not enough for everything' out_has '^not ok 1 '
run run --host "$host" --memory 8M --pagefile "$work/pages:16M" paging 1500
check 'a named paging file' status_is 0
check 'it has the size asked for' test "$(stat -c %s "$work/pages")" -eq 16777216
run run --host "$host" --memory 8M --pagefile "$work/pages" paging 1500
check 'it can be used again, with the size that it has' status_is 0
if [ "$host" = kvm ]; then
    check 'pages were written to it' test "$(stat -c %b "$work/pages")" -gt 100
    # The file can be opened, but writing ends at 128 KiB.
    status=0
    (ulimit -f 256 && exec "$RINGSCOPE" run --host "$host" --memory 8M --pagefile "$work/pages" \
        paging 1900) >"$work/out" 2>"$work/err" </dev/null || status=$?
    echo 'ringscope run --pagefile FILE paging 1900, with ulimit -f 256' >"$work/command"
    check 'a paging file that cannot be written is an exception of the program' \
        err_has 'STATUS_IN_PAGE_ERROR'
    check 'and ends it' status_is 120
fi

printf given.txt >"$work/given.txt"
run run --host "$host" --module "$work/given.txt" files given.txt
check 'a file given by --module is in the guest' status_is 0
check 'with its content' out_has '^ok .*module: its content'
run run --host "$host" --module "$work/given.txt" --module none files given.txt
check '--module none takes it back' out_has '^not ok .*module: open'
finish
