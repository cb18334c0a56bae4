#!/bin/sh
# SPDX-License-Identifier: MIT
# A target guided by coverage, from the corpus in the tree, which it does not change:
#
#   guided.sh TARGET CORPUS SECONDS [KEEP]
#
# KEEP: a directory for what it finds; it goes on from there the next time.
set -eu
target=$1 corpus=$2 seconds=$3
if [ $# -gt 3 ]; then
    work=$4
    mkdir -p "$work"
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
set -- "$work"
[ ! -d "$corpus" ] || set -- "$work" "$corpus"
"$target" -max_total_time="$seconds" -timeout=10 -error_exitcode=1 -timeout_exitcode=1 -print_final_stats=1 "$@"
