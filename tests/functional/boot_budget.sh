#!/bin/sh
# SPDX-License-Identifier: MIT
# Untraced, the kernel needs at most 3,000 ring-0 instructions to the first one of ring 3.
. "$(dirname "$0")/lib.sh"
need_host kvm

status=0
"$BENCH/bench-boot" --instructions >"$work/out" 2>"$work/err" || status=$?
echo 'bench-boot --instructions' >"$work/command"
if out_has 'cannot single-step'; then
    echo '1..0 # SKIP this host cannot single-step a guest'
    exit 0
fi
check "$(sed -n 's/.*ring 3 *//p' "$work/out") ring-0 instructions" status_is 0

status=0
"$BENCH/bench-boot" --instructions --kva-shadow >"$work/out" 2>"$work/err" || status=$?
echo 'bench-boot --instructions --kva-shadow' >"$work/command"
check "$(sed -n 's/.*ring 3 *//p' "$work/out") ring-0 instructions with KVA shadow" status_is 0
check 'they were counted' out_has 'ring 3 +[0-9]+ '
finish
