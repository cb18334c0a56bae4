#!/bin/sh
# SPDX-License-Identifier: MIT
# Two builds in two places are the same bytes (scripts/lanes.sh reproducible): no file that is installed, or is in
# one that is, tells where it was built. Usage: no_paths.sh SOURCES BUILD FILE... TAP.
set -eu
sources=$1 build=$2
shift 2
echo "1..$#"
count=0
failures=0
for file in "$@"; do
    count=$((count + 1))
    if found=$(strings -a "$file" | grep -F -m 1 -e "$sources" -e "$build"); then
        echo "not ok $count - $(basename "$file") tells no path of its build: $found"
        failures=$((failures + 1))
    else
        echo "ok $count - $(basename "$file") tells no path of its build"
    fi
done
[ "$failures" -eq 0 ]
