#!/bin/sh
# SPDX-License-Identifier: MIT
# Measures every host and puts both tables into docs/hosts.md: host-tables.sh RINGSCOPE [HOST...]
#
# Two boots of a machine for each host that is emulated: some minutes. A host that is not there ends it:
# the tables would lose its column. One that gives a guest the host's CR2 has no column of transitions: there
# a page fault of the program is one of another address, by chance, and ends it.
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

# names FILE...: the claims of these files.
names() {
    printf '%s\n' "$@" | sed 's|.*/||; s/\.c$//' | paste -sd ,
}

# needing ID: the claims that need it.
needing() {
    # shellcheck disable=SC2046 # names without blanks
    names $(grep -l "^ \* Needs:.*\<$1\>" "$tree"/guest/conformance/*.c)
}

claims=''
transitions=''

# departs ID: as doctor has found on this host.
departs() {
    jq -e --arg id "$1" '.lines[] | select(.id == $id and .status == "departs")' "$host.json" >/dev/null
}

for host; do
    echo "host-tables.sh: $host" >&2
    # Its exit status says whether anything departs.
    "$ringscope" doctor --host "$host" --json >"$host.json" || [ $? -ne 119 ]
    claims="$claims $host=$host.json"
    ! departs cr2.resume || continue
    # Claims that end the guest would end the trace, too: of themselves, or where these depart.
    except=$(names "$tree"/guest/conformance/end_*.c)
    for id in syscall.tf sysret.32; do
        ! departs $id || except=$except,$(needing $id)
    done
    "$ringscope" record --host "$host" -o "$host.ctf" conform --except="$except" >/dev/null || [ $? -ne 119 ]
    "$ringscope" export --to jsonl "$host.ctf" >"$host.jsonl"
    transitions="$transitions $host=$host.jsonl"
done
# shellcheck disable=SC2086 # lists of words without blanks
"$tree/scripts/host-table.py" claims --update "$tree/docs/hosts.md" $claims
# shellcheck disable=SC2086
"$tree/scripts/host-table.py" transitions --update "$tree/docs/hosts.md" $transitions
