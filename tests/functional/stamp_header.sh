#!/bin/sh
# SPDX-License-Identifier: MIT
# include/ringscope/stamp.h in a guest of somebody else's: C, C++ and assembler, freestanding, with
# nothing to link against, and taken outside of any VM it still gives stamps that grow.
#
#   stamp_header.sh INCLUDE
set -eu
include=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
status=0

# check WHAT COMMAND...
check() {
    what=$1
    shift
    number=$((number + 1))
    if "$@" >"$work/out" 2>&1; then
        echo "ok $number - $what"
    else
        echo "not ok $number - $what"
        sed 's/^/# /' "$work/out"
        status=1
    fi
}

cat >"$work/guest.c" <<'END'
#include <ringscope/stamp.h>
#ifdef __cplusplus
extern "C"
#endif
uint64_t measure(struct rs_stamps *stamps);
uint64_t measure(struct rs_stamps *stamps)
{
    uint64_t before = rs_stamp_read(), after = rs_stamp_read();

    rs_stamp_keep(stamps, before, after);
    return after - before;
}
END
cp "$work/guest.c" "$work/guest.cc"
cat >"$work/guest.S" <<'END'
#include <ringscope/stamp.h>
    .globl stamp
stamp:
    RS_STAMP_READ
    ret
    .section .note.GNU-stack, "", @progbits
END
cat >"$work/user.c" <<'END'
#include <ringscope/stamp.h>
uint64_t measure(struct rs_stamps *stamps);
static struct { struct rs_stamps head; struct rs_stamp_record room[2]; } area = {.head = {.capacity = 2}};
int main(void)
{
    uint64_t first = measure(&area.head), second = measure(&area.head), third = measure(&area.head);
    const struct rs_stamp_record *records = area.head.records;

    return !(first && second && third && area.head.used == 2 &&
             records[0].tsc[RS_STAMP_AFTER] - records[0].tsc[RS_STAMP_BEFORE] == first &&
             records[1].tsc[RS_STAMP_BEFORE] > records[0].tsc[RS_STAMP_AFTER] && records[1].tsc[3] == 0);
}
END
flags="-Wall -Wextra -Werror -O2 -ffreestanding -mno-red-zone -mgeneral-regs-only -mcmodel=kernel -fno-pie -I$include"
# shellcheck disable=SC2086 # options are words
{
    check 'as C of a kernel' cc $flags -std=c11 -c "$work/guest.c" -o "$work/guest.o"
    check 'which needs no other function' sh -c "! nm -u '$work/guest.o' | grep ."
    check 'as assembler' cc $flags -c "$work/guest.S" -o "$work/stamp.o"
    check 'in a program of ring 3' cc -Wall -Wextra -Werror -O2 "-I$include" "$work/guest.c" "$work/user.c" -o "$work/user"
    check 'records are kept while there is room' "$work/user"
    if command -v c++ >/dev/null; then
        check 'as C++ of a kernel' c++ $flags -fno-exceptions -c "$work/guest.cc" -o "$work/guest.o"
        check 'which needs none, too' sh -c "! nm -u '$work/guest.o' | grep ."
    fi
}
echo "1..$number"
exit "$status"
