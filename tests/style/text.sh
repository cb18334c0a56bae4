#!/bin/sh
# SPDX-License-Identifier: MIT
# Files begin with their licence, hold no marks of unfinished work, and C files stay readable.
set -eu
cd "$1"
status=0
for file in $(find vmm guest include tests bench scripts -name '*.[chS]' -o -name '*.sh' \
    -o -name '*.py' -o -name meson.build); do
    if ! head -n 2 "$file" | grep -q 'SPDX-License-Identifier: MIT'; then
        echo "$file: no SPDX line at its head"
        status=1
    fi
done
if grep -rnE 'TO''DO|FIX''ME|X''XX|HA''CK' vmm guest include tests bench scripts docs README.md; then
    echo 'unfinished work is marked above'
    status=1
fi
for file in $(find vmm guest include tests bench -name '*.[ch]'); do
    lines=$(wc -l <"$file")
    if [ "$lines" -gt 400 ]; then
        echo "$file: $lines lines: two ideas in one file?"
        status=1
    fi
done
exit "$status"
