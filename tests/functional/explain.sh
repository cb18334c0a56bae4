#!/bin/sh
# SPDX-License-Identifier: MIT
# trace --explain and ringscope explain: the model's steps, the same while the guest runs and from its
# trace; what system calls point to; marks; entries that never return.
. "$(dirname "$0")/lib.sh"
need_host "$host"
cd "$work" || exit 1

# What explain prints of the whole trace is what trace printed.
same_explanation() {
    "$RINGSCOPE" explain both --event 0-1000000 >offline 2>"$work/err" || return 1
    sed 's/^#[0-9]* //' offline >"$work/out"
    grep -v 'unfinished' "$work/trace" | sed 's/^ *\([A-Z0-9]* \)/\1/' >live
    sed 's/^ *\([A-Z0-9]* \)/\1/' "$work/out" | cmp -s - live
}

run trace --host "$host" --explain --marks -v -T --record "$work/both" demo
check 'SYSCALL is explained by its MSRs' trace_has '^ +[0-9]+  CS <- STAR\[47:32\] AND FFFCh.* 0x10$'
check 'a page fault by the bytes of its gate' \
    trace_has '^ +gate 0xe at 0xf{4}[0-9a-f]+: [0-9a-f]{16} [0-9a-f]{16}$'
check 'and by the stack that it switches to' trace_has 'stack <- TSS.RSP0 +0xf{4}[0-9a-f]+'
check 'an NMI by its IST' trace_has 'TSS.IST'
check 'INT n against the DPL of its gate' trace_has "CPL must not exceed the gate's DPL"
check 'IRET by what it pops' trace_has '[0-9]+  pop RIP  .* 0x'
check 'instructions are disassembled' trace_has 'instruction: int 0x2[1e]'
check 'nothing that the model needs is missing' trace_lacks 'does not tell|nothing was told'
check 'explain says the same of the trace' same_explanation
check 'it numbers events' grep -q '^#100 ' offline

run trace --host "$host" --marks demo
check 'START tells what an empty span takes' \
    trace_has '^START +(Intel|AMD) rules, empty span [1-9][0-9]* ticks'
check 'CR3 and the registers come before the first transition' trace_has '^CR3 +0x[1-9a-f]'
check 'STATE tells LSTAR as the guest wrote it' trace_has '^STATE .* lstar 0xfffff801'
check 'the console is in the trace' trace_has 'CONSOLE "system services'
check 'STOP tells why' trace_has '^ *STOP +PROGRAM 0'

run trace --host "$host" demo
check 'without --marks there are none' trace_lacks '^ *(START|STATE|MEMORY|CR3|CONSOLE|STOP)'
check 'buffers are shown' trace_has 'NtWriteFile\(.*, "system services\\n", 16, '
check 'and cut at 32 bytes' trace_has '"  NtCreateEvent, five arguments "\.\.\., '
check 'numbers behind pointers, too' trace_has 'NtAllocateVirtualMemory\(-1, \[0\], 0, \[0x[0-9a-f]+\]'
check 'and what a service has written' trace_has 'NtCreateEvent = STATUS_SUCCESS \[EventHandle: \[0x'
check 'entries that never return are said to be unfinished' \
    trace_has '^SYSRET  NtTerminateProcess = \? <unfinished \.\.\.>$'
run trace --host "$host" -s 5 demo
check '-s 5 cuts at 5' trace_has '"syste"\.\.\., 16'
run trace --host "$host" -s 0 demo
check '-s 0 shows addresses' trace_has 'NtWriteFile\(0x8, .*, 0x7[0-9a-f]+, 16, NULL, NULL\)'
run trace --host "$host" -s 4097 hello
check '-s 4097 is refused' status_is 125
check 'with one line' err_lines_are 1

run explain both --event 100000
check 'an event that is not there is not found' status_is 127
run explain both
check 'explain without --event says what to do' err_has 'needs --event N'
for wrong in x 5-4 -1 1- 1-2-3; do
    run explain both --event=$wrong
    check "--event $wrong is refused" status_is 125
done
run explain both --event 1 --vcpu 16
check 'and a vCPU that cannot be' status_is 125
run explain nowhere --event 1
check 'a trace that is not there is not found' status_is 127

run trace --host "$host" -e exception=none -e interrupt=none -e msr=none -e syscall=NtClose \
    --explain demo
check 'a filter leaves the explanation of the rest whole' trace_has 'RIP <- LSTAR +0x'
finish
