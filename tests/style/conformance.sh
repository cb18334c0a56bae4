#!/bin/sh
# SPDX-License-Identifier: MIT
# Each claim of guest/conformance has its head, and the table in docs/conformance.md is made of them.
set -eu
table=$(mktemp)
trap 'rm -f "$table"' EXIT
python3 "$1/tests/conformance/claims.py" "$1/guest/conformance" >"$table"
sed -n '/^| name | claim | reference |$/,/^$/{/^$/!p}' "$1/docs/conformance.md" | diff - "$table"
