#!/bin/sh
# SPDX-License-Identifier: MIT
# Files begin with their licence, hold no marks of unfinished work, and stay readable.
set -eu
cd "$1"
failures=$(mktemp)
trap 'rm -f "$failures"' EXIT

find vmm guest include tests bench scripts -name '*.[chS]' -o -name '*.sh' -o -name '*.py' \
    -o -name meson.build | while read -r file; do
    head -n 2 "$file" | grep -q 'SPDX-License-Identifier: MIT' ||
        echo "$file: no SPDX line at its head"
done >>"$failures"

# Of the Test Anything Protocol the first word is a directive: an expected failure.
grep -rnE 'TO''DO|FIX''ME|X''XX|HA''CK' vmm guest include tests bench scripts docs README.md |
    grep -vE '# TO''DO (XFAIL|XPASS|deviation)|"TO''DO"|ERROR\|TO''DO\)' >>"$failures" || true

# Tables of test cases may be long.
find vmm guest include bench -name '*.[ch]' | while read -r file; do
    lines=$(wc -l <"$file")
    [ "$lines" -le 400 ] || echo "$file: $lines lines: two ideas in one file?"
done >>"$failures"

cat "$failures"
[ ! -s "$failures" ]
