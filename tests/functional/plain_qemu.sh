#!/bin/sh
# SPDX-License-Identifier: MIT
# The kernel is no fixture: the same file boots under plain QEMU, by -kernel, and its programs say
# there what they say under ringscope.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/qemu.sh"

# Whichever host is there says what is expected.
if ! "$RINGSCOPE" run --host kvm ready >/dev/null 2>&1; then
    host=tcg
fi
need_host "$host"

# Processors differ in what they raise: what a program skips on one of them is left out of both, and
# with it the numbers of the lines.
claims() {
    sed 's/^ok [0-9]* - /ok - /; /^1\.\.[0-9]*$/d' "$1" | awk -v left_out="$work/left_out" '
        BEGIN { while ((getline title < left_out) > 0) titles[++count] = title }
        { for (i = 1; i <= count; i++) if (index($0, "ok - " titles[i]) == 1) next; print }'
}

says_the_same() {
    sed -n 's/^ok [0-9]* - \(.*\) # SKIP.*/\1/p' "$work/expected" "$work/out" >"$work/left_out"
    sed 's/^/# left out: /' "$work/left_out"
    claims "$work/expected" >"$work/expected_claims"
    claims "$work/out" >"$work/claims"
    [ -s "$work/claims" ] && diff "$work/expected_claims" "$work/claims" >"$work/differences" &&
        return
    sed 's/^/# /' "$work/differences"
    false
}

for program in demo services exceptions gates threads processes; do
    run run --host "$host" "$program"
    cp "$work/out" "$work/expected"
    check "$program ends with 0 under ringscope" status_is 0
    program "$program"
    check "$program ends with 0 under QEMU" status_is 1
    check "$program has no failure under QEMU" out_lacks '^not ok'
    check "$program says the same under QEMU" says_the_same
done

# What not every KVM host can show: breakpoints by DR0 and DR7. QEMU's own emulation can.
program conform db_write db_execute gate_interrupt gate_trap nmi_ist win32_index previous_mode
check 'debug-register breakpoints: every claim passes' status_is 1
check 'debug-register breakpoints: none is skipped' out_lacks '(^not ok|SKIP)'

program args  one 'two  three'
check 'words of -append are the arguments' \
    out_is 'argv[0] = args\nargv[1] = one\nargv[2] = two\nargv[3] = three\n'
program exit 3
check 'the status of a program reaches isa-debug-exit' status_is 7
program fault pf
check 'a status that does not fit has the value for that' status_is 255
check 'and is printed' out_is '*** the program ended with status 0xc0000005\n'
program bugcheck pf
check 'a bug check ends the machine' status_is 255
check 'after the screen' out_has '^\*\*\* STOP: 0x00000050 '
check 'which has the stack' out_has '^  [0-9a-f]{16} KiSystemCall64\+0x'

# Firmware leaves RAM as it likes; the kernel takes what it never used for zero.
head -c 4M /dev/zero | tr '\000' '\377' >"$work/junk"
boot -device "loader,file=$work/junk,addr=0x300000,force-raw=on" -initrd "$GUEST_PROGRAMS/threads" \
    -append threads
check 'RAM that is not zero: the machine is switched off' status_is 0
check 'RAM that is not zero: threads makes all its claims' out_has '^1\.\.[0-9]+$'
check 'RAM that is not zero: threads has no failure' out_lacks '^(not ok|\*\*\*)'

# Two page-table roots without a VMM that knows of them.
boot -initrd "$GUEST_PROGRAMS/kva" -append '--kva-shadow kva'
check 'KVA shadow: it is on' out_has '^# KVA shadow on'
check 'KVA shadow: the user root does not map the kernel' out_has \
    '^ok [0-9]+ - the kernel.s code is not mapped'
check 'KVA shadow: no failure' out_lacks '^(not ok|\*\*\*)'
boot -initrd "$GUEST_PROGRAMS/exit" -append '--kva exit'
check 'an option that is none: it says so' \
    out_is '*** cannot boot: -append begins with an option that is not --kva-shadow\n'

boot -initrd "$GUEST_PROGRAMS/exit" -append 'exit 3'
check 'without isa-debug-exit the machine is switched off' status_is 0
check 'and the status is printed' out_is '*** the program ended with status 0x00000003\n'
boot -machine q35 -m 3G -initrd "$GUEST_PROGRAMS/hello"
check 'q35 with 3 GiB: switched off' status_is 0
check 'q35 with 3 GiB: the program runs' out_is 'Hello from ring 3\n'
machine='-M microvm,rtc=off,pit=off -nodefaults -m 16M'
program hello
check 'microvm without clock and timer chip: the program ends with 0' status_is 1
check 'and says what it has to say' out_is 'Hello from ring 3\n'
machine=
boot
check 'no program: it says what to do' \
    out_is '*** cannot boot: there is no program to start: give one with -initrd FILE\n'
boot -initrd "$kernel"
check 'the kernel is not a program' out_is '*** the program ended with status 0xc000007b\n'
finish
