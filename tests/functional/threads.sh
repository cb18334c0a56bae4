#!/bin/sh
# SPDX-License-Identifier: MIT
# Threads and processes under trace: calls that wait return long after others, and each return is
# that of its own call. A guest in which nothing can happen any more says so and ends.
. "$(dirname "$0")/lib.sh"
need_host "$host"

# Lines "NAME entries returns" of the system calls whose numbers differ. A call that has not returned
# at the end has a line of its own there; what ends its own thread or process never returns.
unpaired() {
    awk '$1 == "SYSCALL" { sub(/\(.*/, "", $2); entries[$2]++ }
         $1 == "SYSRET" || $1 == "IRET" { returns[$2]++ }
         END {
             for (name in entries)
                 if (name !~ /^NtTerminate/ && entries[name] != returns[name])
                     print name, entries[name], returns[name] + 0
         }' "$work/trace" >"$work/unpaired"
    ! [ -s "$work/unpaired" ]
}

none_unpaired() {
    unpaired || { sed 's/^/# unpaired: /' "$work/unpaired"; false; }
}

# longest PATTERN: the longest duration of these lines, in seconds.
longest() {
    grep -E -- "$1" "$work/trace" | sed -n 's/.*<\([0-9.]*\)[ a-z]*>$/\1/p' | sort -n | tail -n 1
}

at_least() {
    awk -v value="${1:-0}" -v limit="$2" 'BEGIN { exit !(value >= limit) }'
}

for program in threads processes; do
    run trace -T --host "$host" "$program"
    check "$program ends with 0" status_is 0
    check "$program: each call has its return" none_unpaired
    check "$program: no return is held against another thread" err_lacks '!RETURN'
done
# Returns are found without what happens in between, too.
run trace -T --host "$host" -e syscall=NtDelayExecution -e exception=none -e interrupt=none -e msr=none \
    threads
check 'each call has its return when nothing else is hooked' none_unpaired
check 'a delay of 300 ms takes 300 ms' at_least "$(longest 'SYSRET +NtDelayExecution')" 0.299

# The program may end by what it does to itself; the kernel must not.
for seed in 1 2 3 4; do
    run run --host "$host" --timeout 60 storm "$seed"
    check "services called at random, seed $seed: no bug check" out_lacks 'STOP:'
    check "seed $seed: the program comes to an end" test "$status" -eq 0 -o "$status" -eq 120
done

run run --host "$host" deadlock
check 'a deadlock ends the run with a status' status_is 120
check 'it is reported' out_has '^\*\*\* deadlock:'
check 'with the threads and what they wait in' out_has '^thread 12 of process 4 waits for ever in service 0x4$'
check 'the status has its name' err_has 'STATUS_POSSIBLE_DEADLOCK'
finish
