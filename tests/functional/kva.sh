#!/bin/sh
# SPDX-License-Identifier: MIT
# KVA shadow: ring 3 runs without the kernel in its page tables, and everything else is as without.
. "$(dirname "$0")/lib.sh"
need_host "$host"

# The transitions, without what differs between the two kernels (entries and exits, their addresses,
# the root in CR3) or between two runs (time, where an interrupt arrives).
sequence() {
    grep -E '^ *(WRMSR|RDMSR|SYSCALL|SYSRET|INT|EXC|NMI|IRQ|IRET) ' "$1" |
        sed -e 's/ !.*//' -e 's/Shadow$//' -e 's/0xfffff801[0-9a-f]*/KERNEL/' \
            -e 's/\(PerformanceCounter\|SystemTime\): \[[^]]*\]/\1: TIME/' \
            -e 's/^\( *\(NMI\|IRQ\|IRET *\(NMI\|CLOCK\)\) .*\) [^ ]* cpl/\1 ADDRESS cpl/'
}

for shadow in '' --kva-shadow; do
    for command in run trace; do
        # shellcheck disable=SC2086 # nothing, or one option
        run "$command" --host "$host" $shadow kva
        check "kva ${shadow:-without}: status 0 under $command" status_is 0
        check "kva ${shadow:-without}: no failure under $command" out_lacks '^not ok'
        check "kva ${shadow:-without}: it is ${shadow:+not }mapped under $command" \
            out_has "^ok .*the kernel's code is ${shadow:+not }mapped"
    done
    if [ -n "$shadow" ]; then
        check 'an error code of the kernel says: not present' trace_has 'EXC +#PF\(0x4\) cr2 0xfffff80140000000 '
    else
        check 'an error code of the kernel says: present' trace_has 'EXC +#PF\(0x5\) cr2 0xfffff80140000000 '
    fi
done

run trace --host "$host" demo
cp "$work/out" "$work/plain.out"
sequence "$work/trace" >"$work/plain"
run trace --host "$host" --kva-shadow demo
sequence "$work/trace" >"$work/shadow"
check "the demo makes the same transitions ($(wc -l <"$work/plain"))" cmp -s "$work/plain" "$work/shadow"
diff "$work/plain" "$work/shadow" | head -n 20 | sed 's/^/# /'
check 'they are not empty' test "$(wc -l <"$work/plain")" -gt 50
check 'and prints the same' cmp -s "$work/plain.out" "$work/out"
check 'SYSCALL leads to the shadow entry' trace_has 'LSTAR = .* ntoskrnl!KiSystemCall64Shadow$'

for program in services exceptions runtime threads processes sections; do
    for command in run trace; do
        run "$command" --host "$host" --kva-shadow "$program"
        check "$program ends with 0 under $command" status_is 0
        check "$program makes claims under $command" out_has '^ok '
        check "$program has no failure under $command" out_lacks '^not ok'
        check "$program: no return is held against another thread" err_lacks '!RETURN'
    done
done
run run --host "$host" --kva-shadow nest 500
check '500 faults nest' status_is 0

run trace --host "$host" --kva-shadow --record "$work/trace.ctf" hello
check 'a trace on disk' status_is 0
run explain "$work/trace.ctf" --event 6
check 'is explained: the stack is the transition stack' status_is 0

# On the handler's own stack, whichever root was in CR3.
run run --host "$host" --kva-shadow bugcheck df
check 'a double fault reaches IST 1' out_has '^handler stack: IST 1$'
check 'with the kernel stack behind it' out_has 'overflow_stack'
run run --host "$host" --kva-shadow bugcheck nmi
check 'an NMI reaches IST 3' out_has '^handler stack: IST 3$'
run run --host "$host" --kva-shadow bugcheck root
check "kernel space in the user's root is a bug check" out_has '^\*\*\* STOP: 0x0000001a \(0xfffff78000000000, '
check 'with its name' out_has '^MEMORY_MANAGEMENT$'

run inspect --host "$host" --kva-shadow idt pt ssdt pcr hello
check 'inspect: status 0' status_is 0
check 'inspect idt: #PF goes to KiPageFaultShadow' out_has '^0e +#PF .* ntoskrnl!KiPageFaultShadow '
check 'inspect idt: NMI is on a transition stack' \
    out_has '^02 +NMI .* 3 +ntoskrnl!KiNmiInterruptShadow +ntoskrnl!KiProcessorArea\+0x47d0'
check 'inspect pt: both roots' out_has "^pt: CR3 [0-9a-f]+ \(ring 3's\), and [0-9a-f]+ \(ring 0's\)"
check "inspect pt: user space cannot be executed from the kernel's root" \
    out_has '^00000001`40000000 +pml4e .* NX$'
check "inspect ssdt: read through the kernel's root" out_has '^048 +NtCreateEvent '
check "inspect pcr: read through the kernel's root" out_has '^\+0x0018 +Self .*KiInitialPcr'
finish
