#!/bin/sh
# SPDX-License-Identifier: MIT
# The guest's own tests from ring 3: each program prints TAP lines and fails with a status.
. "$(dirname "$0")/lib.sh"
need_host "$host"

for program in services exceptions runtime gates threads processes memory sections files; do
    for command in run trace; do
        run "$command" --host "$host" "$program"
        check "$program ends with 0 under $command" status_is 0
        check "$program makes claims under $command" out_has '^ok '
        check "$program has no failure under $command" out_lacks '^not ok'
    done
done
# A host that cannot go to compatibility mode is not asked to: doctor measures it now.
"$RINGSCOPE" doctor --host "$host" >"$work/doctor" 2>&1 || true
count=$((count + 1))
if grep -Eq '^ *ok +iret.compatibility ' "$work/doctor" &&
    ! grep -Eq '^ *DEPARTS +sysret.32 ' "$work/doctor"; then
    run run --host "$host" compat
    count=$((count - 1))
    check 'compat ends with 0' status_is 0
    check 'compat has no failure' out_lacks '^not ok'
else
    echo "ok $count - compat # SKIP doctor: this host cannot run compatibility mode"
fi
finish
