#!/bin/sh
# SPDX-License-Identifier: MIT
# The guest's own tests from ring 3: each program prints TAP lines and fails with a status.
. "$(dirname "$0")/lib.sh"
need_host "$host"

for program in services exceptions; do
    for command in run trace; do
        run "$command" --host "$host" "$program"
        check "$program ends with 0 under $command" status_is 0
        check "$program makes claims under $command" out_has '^ok '
        check "$program has no failure under $command" out_lacks '^not ok'
    done
done
finish
