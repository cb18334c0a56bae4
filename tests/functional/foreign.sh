#!/bin/sh
# SPDX-License-Identifier: MIT
# Images of other kernels, one for each boot protocol: each looks at its machine and says what it finds.
. "$(dirname "$0")/lib.sh"
need_host "$host"

echo 'text of the module' >"$work/module"

all_hold() {
    out_has '^1\.\.[0-9]+$' && out_lacks '^not ok'
}

for protocol in multiboot addresses linux pvh; do
    run run --host "$host" --timeout 60 --kernel "$IMAGES/$protocol" --append 'one two' --initrd "$work/module"
    check "$protocol: ends by the debug-exit port with 0, which is status 1" status_is 1
    check "$protocol: finds its machine in order" all_hold
    check "$protocol: finds its command line" out_has '^# (multiboot|linux|pvh): .*one two$'
    check "$protocol: finds its module" out_has '^# module: text of the module$'
    check "$protocol: nothing on stderr" test ! -s "$work/err"
done

run run --host "$host" --timeout 60 --kernel "$IMAGES/multiboot" --append poweroff
check 'a kernel that switches its machine off ends with 0' status_is 0
run run --host "$host" --timeout 60 --kernel "$IMAGES/multiboot" --append reset
check 'one that resets it ends with 0, too' status_is 0
check 'and it is said' err_has 'reset the machine'
run run --host "$host" --timeout 60 --kernel "$IMAGES/multiboot" --append triple
check 'a triple fault ends with 122' status_is 122
check 'and is named' err_has 'triple fault: the guest shut down.*: rip '
# Nothing is hooked then, and no exit brings registers: they are got for the message.
run run --host "$host" --repair=off --timeout 60 --kernel "$IMAGES/multiboot" --append triple
check 'without any hook, too' status_is 122
check 'and with the registers of the vCPU' err_has 'shut down.*: rip 0x[0-9a-f]+ .* rflags 0x[0-9a-f]+'
run run --host "$host" --repair=off --timeout 60 --kernel "$IMAGES/pvh" --append 'one two' \
    --initrd "$work/module"
check 'a whole run without any hook' status_is 1
run run --host "$host" --timeout 1 --kernel "$IMAGES/multiboot" --append spin
check 'a kernel that spins is ended by --timeout' status_is 124
run run --host "$host" --timeout 1 --kernel "$IMAGES/multiboot" --append nothing
check 'so is one that halts for ever' status_is 124

# Tracing an image that knows nothing of hooks: it sees the same machine, and the trace is right.
run run --host "$host" --timeout 60 --kernel "$IMAGES/linux" --append 'one two'
cp "$work/out" "$work/untraced"
run trace --host "$host" --timeout 60 --kernel "$IMAGES/linux" --append 'one two'
check 'a traced kernel prints what it prints untraced' cmp -s "$work/out" "$work/untraced"
check 'its exceptions are traced' trace_has '^EXC     #DE at '
check 'and what they return to: the handlers were followed to their IRETQ' trace_has '^IRET    #DE to '
check 'a handler that was written into an IDT in use is traced, too' \
    test "$(grep -c '^EXC     #UD at ' "$work/trace")" -eq 3
check 'and its returns' test "$(grep -c '^IRET    #UD to ' "$work/trace")" -eq 3
run trace --host "$host" --timeout 60 --kernel "$IMAGES/linux" --append 'full'
check 'a kernel that leaves no place for the gates runs on' status_is 1
check 'untraced' trace_lacks '^EXC'
check 'which is said once' test "$(grep -c 'left no entry of the upper half free' "$work/err")" -eq 1
run trace --host "$host" --timeout 60 --kernel "$IMAGES/multiboot" --append 'one two'
check 'so does one that never enters 64-bit mode' status_is 1

run run --host "$host" --kernel "$GUEST_KERNEL" hello
check "ringscope's own kernel is entered by its own protocol, though it has a note of PVH" status_is 0
run run --host "$host" --timeout 60 --memory 8M --boot pvh --kernel "$GUEST_KERNEL" \
    --initrd "$GUEST_PROGRAMS/hello" --append hello
check 'and by PVH when that is asked for' out_has 'Hello from ring 3'
finish
