#!/bin/sh
# SPDX-License-Identifier: MIT
# The corpus in the tree, and what it reaches: for each target built in BUILD,
#
#   corpus.sh grow BUILD SECONDS [TARGET...]      fuzz so long, and keep what reaches most in 4 KiB, 32 files
#   corpus.sh coverage BUILD SECONDS [TARGET...]  lines and branches of the sources that it is made of, after so long
set -eu
command=$1 build=$2 seconds=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)
export FUZZ_CORPUS="$here/corpus"
limit=4096 files=32
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2046 # names of targets
[ $# -gt 0 ] || set -- $(cd "$build/tests/fuzz" && echo guided_* | sed 's/guided_//g')

grow() { # TARGET: the largest files of a cover, which have most in them, as long as there is room
    mkdir -p "$work/$1.found" "$work/$1.merged" "$FUZZ_CORPUS/$1"
    "$here/guided.sh" "$build/tests/fuzz/guided_$1" "$FUZZ_CORPUS/$1" "$seconds" "$work/$1.found" 2>&1 |
        sed -n "s/^Done /$1: /p"
    "$build/tests/fuzz/guided_$1" -set_cover_merge=1 "$work/$1.merged" "$FUZZ_CORPUS/$1" "$work/$1.found" 2>/dev/null
    find "$FUZZ_CORPUS/$1" -type f ! -name '*.*' -delete
    used=0
    count=0
    for file in $(find "$work/$1.merged" -type f -size -2 -printf '%s %p\n' | sort -rn | cut -d' ' -f2); do
        size=$(wc -c <"$file")
        if [ $((used + size)) -le "$limit" ] && [ "$count" -lt "$files" ]; then
            used=$((used + size)) count=$((count + 1))
            cp "$file" "$FUZZ_CORPUS/$1/"
        fi
    done
}

coverage() { # TARGET: built once more, counting instead of checking
    rebuild=$(ninja -C "$build" -t commands "tests/fuzz/guided_$1" | tail -n 1 |
        sed "s|-fsanitize=fuzzer,address,undefined|-fsanitize=fuzzer -fprofile-instr-generate -fcoverage-mapping|
             s|-o tests/fuzz/guided_$1|-o $work/$1|")
    (cd "$build" && eval "$rebuild") 2>/dev/null
    LLVM_PROFILE_FILE="$work/$1.raw" "$here/guided.sh" "$work/$1" "$FUZZ_CORPUS/$1" "$seconds" >/dev/null 2>&1
    llvm-profdata merge -o "$work/$1.profile" "$work/$1.raw"
    llvm-cov report "$work/$1" -instr-profile "$work/$1.profile" -ignore-filename-regex 'tests/|usr/' |
        awk -v name="$1" '$1 == "TOTAL" { printf "%-12s lines %s of %d, branches %s of %d\n", name, $10, $8, $13, $11 }'
}

for target in "$@"; do
    "$command" "$target"
done
