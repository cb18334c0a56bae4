#!/bin/sh
# SPDX-License-Identifier: MIT
# The keyboard: what --keys types reaches a program that reads \Device\Keyboard, by interrupts.
. "$(dirname "$0")/lib.sh"
need_host "$host"

# typed TEXT ARGUMENT...: run() with TEXT on stdin, through a pipe.
typed() {
    text=$1
    shift
    status=0
    printf '%b' "$text" | "$RINGSCOPE" "$@" >"$work/out" 2>"$work/err" || status=$?
    echo "printf '$text' | ringscope $*" >"$work/command"
}

run run --host "$host" --timeout 60 --keys 'hello\n' keys
check 'keys ends with 0' status_is 0
check 'what is typed is what is read' out_is 'keys: 5 characters: hello\n'

# Every key of the layout, with and without Shift, as the program prints it.
layout='!"#$%&'\''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~ '
run run --host "$host" --timeout 60 --keys "$layout"'\t\e\nsecond\n' keys 2
check 'the whole layout: status' status_is 0
{
    printf '%s' 'keys: 97 characters: '
    printf '%s' "$layout" | sed 's/\\\\/\\/'
    printf '%s\n' '\x09\x1b' 'keys: 6 characters: second'
} >"$work/expected"
check 'each character of the US layout comes through' cmp -s "$work/expected" "$work/out"

# Each key is two codes, and each code an interrupt; Shift has two of its own.
run trace --host "$host" --timeout 60 -e syscall=none -e exception=none -e msr=none \
    -e interrupt=KEYBOARD --keys 'hI\n' keys
check 'trace: the program ends with 0' status_is 0
check 'trace: the interrupt has its name' trace_has 'IRQ +KEYBOARD \(0x81\)'
check 'trace: an interrupt for each scan code' \
    test "$(grep -c 'IRQ *KEYBOARD' "$work/trace")" -eq 8

# More than the queues of the device and of the driver hold.
text=
: >"$work/expected"
for i in $(seq 100 199); do
    text="${text}line $i of what is typed\\n"
    echo "keys: 25 characters: line $i of what is typed" >>"$work/expected"
done
run run --host "$host" --timeout 60 --keys "$text" keys 100
check 'a long text: status' status_is 0
check 'a long text: nothing is lost' cmp -s "$work/expected" "$work/out"

typed 'from stdin\n' run --host "$host" --timeout 60 --keys=- keys
check '--keys=-: status' status_is 0
check '--keys=-: stdin is typed' out_is 'keys: 10 characters: from stdin\n'
typed 'gr\0303\0274n\n' run --host "$host" --timeout 60 --keys=- keys
check 'bytes without a key are left out' out_is 'keys: 3 characters: grn\n'
check 'which is said once' test "$(grep -c 'no key has byte 0xc3' "$work/err")" -eq 1
typed 'not for cat\n' run --host "$host" --timeout 60 --keys=- cat
check '--keys=-: the console is at its end' test "$status" -eq 0 -a ! -s "$work/out"

# Nobody types: that is no deadlock, for a key may come yet.
run run --host "$host" --timeout 1 keys
check 'a program that waits for a key waits' status_is 124
check 'and is not taken for a deadlock' out_lacks 'deadlock'
finish
