#!/bin/sh
# SPDX-License-Identifier: MIT
# docs/export-jsonl.schema.json is the one that the lists of fields make.
set -eu
schema=$(mktemp)
trap 'rm -f "$schema"' EXIT
"$2" >"$schema"
diff "$1/docs/export-jsonl.schema.json" "$schema"
