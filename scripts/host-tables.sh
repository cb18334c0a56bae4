#!/bin/sh
# SPDX-License-Identifier: MIT
# Measures every host and puts both tables into docs/hosts.md: host-tables.sh RINGSCOPE [HOST...]
#
# Two boots of a machine for each host that is emulated: some minutes. A host that is not there ends it:
# the tables would lose its column.
set -eu
[ $# -gt 0 ] || {
    echo 'usage: host-tables.sh RINGSCOPE [HOST...]' >&2
    exit 125
}
ringscope=$(realpath "$1")
shift
[ $# -gt 0 ] || set -- kvm tcg bochs-intel bochs-amd
tree=$(realpath "$(dirname "$0")/..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Claims that end the guest would end the trace, too; so does syscall_tf where its #DB comes in ring 0.
endings=$(cd "$tree/guest/conformance" && printf '%s\n' end_*.c | sed 's/\.c$//' | paste -sd ,)
claims=''
transitions=''
for host; do
    echo "host-tables.sh: $host" >&2
    # Its exit status says whether anything departs.
    "$ringscope" doctor --host "$host" --json >"$host.json" || [ $? -ne 119 ]
    except=$endings
    ! jq -e '.lines[] | select(.id == "syscall.tf" and .status == "departs")' "$host.json" >/dev/null ||
        except=$except,syscall_tf
    "$ringscope" record --host "$host" -o "$host.ctf" conform --except="$except" >/dev/null || [ $? -ne 119 ]
    "$ringscope" export --to jsonl "$host.ctf" >"$host.jsonl"
    claims="$claims $host=$host.json"
    transitions="$transitions $host=$host.jsonl"
done
# shellcheck disable=SC2086 # lists of words without blanks
"$tree/scripts/host-table.py" claims --update "$tree/docs/hosts.md" $claims
# shellcheck disable=SC2086
"$tree/scripts/host-table.py" transitions --update "$tree/docs/hosts.md" $transitions
