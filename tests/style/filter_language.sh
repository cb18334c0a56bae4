#!/bin/sh
# SPDX-License-Identifier: MIT
# The tables in docs/filter.md are those that the language is made from.
set -eu
tables=$(mktemp)
trap 'rm -f "$tables"' EXIT
"$2" >"$tables"
sed -n '/^| \(field\|word\|class\) | /,/^$/{/^$/!p}' "$1/docs/filter.md" | diff - "$tables"
