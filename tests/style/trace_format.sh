#!/bin/sh
# SPDX-License-Identifier: MIT
# The table in docs/trace-format.md is the one that the lists of fields make.
set -eu
table=$(mktemp)
trap 'rm -f "$table"' EXIT
"$2" | sed 's/, |$/ |/' >"$table"
sed -n '/^| event | fields |$/,/^$/{/^$/!p}' "$1/docs/trace-format.md" | diff - "$table"
