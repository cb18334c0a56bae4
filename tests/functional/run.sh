#!/bin/sh
# SPDX-License-Identifier: MIT
# ringscope run: console, exit status, arguments, stdin, crashes, time-out, Ctrl-C.
. "$(dirname "$0")/lib.sh"
need_host "$host"

run run --host "$host" hello
check 'the console of the guest is stdout' out_has 'ello'
check 'a program that ends with 0 ends ringscope with 0' status_is 0
check 'nothing is written to stderr' test ! -s "$work/err"

run run --host "$host" exit 42
check 'the exit status of the program is passed on' status_is 42
run run --host "$host" exit 255
check 'the largest status that fits is passed on' status_is 255

run run --host "$host" args one 'two words' ''
check 'arguments reach the program' out_has 'two words'
run run --host "$host" args --memory 3
check 'options behind the program are its own' out_has -- '--memory'

run run --host "$host" fault ud
check 'an unhandled exception ends with the code for an NTSTATUS' status_is 120
check 'and names the status' err_has 'STATUS_ILLEGAL_INSTRUCTION'
run run --host "$host" fault pf
check 'an access violation is named' err_has 'STATUS_ACCESS_VIOLATION'

run run --host "$host" bugcheck pf
check 'a fault in ring 0 ends with the code for a bug check' status_is 121
check 'the bug check is printed on the console' out_has 'STOP'
check 'its stack is symbolised' out_has 'Nt[A-Za-z]+\+0x|Ki[A-Za-z0-9]+\+0x'

run run --host "$host" --timeout 2 spin
check 'a program that never ends is ended by --timeout' status_is 124
check 'and the time is named' err_has '2 s'

printf 'first\nsecond\n' >"$work/in"
status=0
"$RINGSCOPE" run --host "$host" cat <"$work/in" >"$work/out" 2>"$work/err" || status=$?
check 'stdin reaches the program, and its end too' cmp -s "$work/in" "$work/out"
check 'cat ends with 0' status_is 0

# Nothing polls: the thread that reads sleeps until the UART's interrupt.
status=0
{ sleep 1; printf 'late'; sleep 1; } | "$RINGSCOPE" trace --host "$host" -o "$work/trace" \
    -e interrupt=SERIAL -e syscall=none -e exception=none -e msr=none cat \
    >"$work/out" 2>"$work/err" || status=$?
echo '{ sleep 1; printf late; sleep 1; } | ringscope trace -e interrupt=SERIAL cat' >"$work/command"
check 'input that comes late is read' out_is 'late'
check 'and its end too' status_is 0
check 'by interrupt' \
    test "$(grep -c 'IRQ *SERIAL (0x71)' "$work/trace")" -ge 1

status=0
timeout --foreground --preserve-status -s INT 3 "$RINGSCOPE" run --host "$host" spin \
    >"$work/out" 2>"$work/err" </dev/null || status=$?
echo 'ringscope run spin, with SIGINT after 3 s' >"$work/command"
check 'Ctrl-C ends the guest with 130' status_is 130

run run --host "$host" --memory 8M hello
check 'the smallest memory is enough' status_is 0
finish
