#!/bin/sh
# SPDX-License-Identifier: MIT
# What the executable is protected by, read from its file. TAP. Usage: hardening.sh [FILE]
set -eu
file=${1:-$RINGSCOPE}
count=0
failures=0

# check CLAIM COMMAND...
check() {
    claim=$1
    shift
    count=$((count + 1))
    if "$@" >/dev/null; then
        echo "ok $count - $claim"
    else
        failures=$((failures + 1))
        echo "not ok $count - $claim"
    fi
}
has() {
    readelf -W "$1" "$file" | grep -Eq "$2"
}
lacks() {
    ! has "$1" "$2"
}

check 'position-independent' has -h 'Type: +DYN'
check 'RELRO' has -l 'GNU_RELRO'
check 'BIND_NOW' has -d 'BIND_NOW|Flags:.*NOW'
check 'no executable stack' lacks -l 'GNU_STACK.*RWE'
check 'nothing both writable and executable' lacks -l 'LOAD.* RWE'
check 'no relocations in text' lacks -d 'TEXTREL'
check 'stack protector' has -s '__stack_chk_fail'
check 'FORTIFY' has -s '__(snprintf|vsnprintf|memcpy|fprintf|printf|read)_chk'
echo "1..$count"
[ "$failures" -eq 0 ]
