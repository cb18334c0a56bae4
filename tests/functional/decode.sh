#!/bin/sh
# SPDX-License-Identifier: MIT
# decode: a value and what its bits mean; nothing of KVM is needed.
. "$(dirname "$0")/lib.sh"

# field NAME VALUE: a line of the output has this field with this value.
field() {
    awk -v name="$1" -v value="$2" '
        { for (i = 1; i <= 2; i++) if ($i == name && $(i + 1) == value) found = 1 }
        END { exit !found }' "$work/out"
}

run decode gate 6b628e000010a100 00000000fffff801
check 'gate: status 0' status_is 0
check 'gate: offset' field offset 0xfffff8016b62a100
check 'gate: selector' field selector 0x10
check 'gate: no IST' field IST 0
check 'gate: type E' field type 0xe
check 'gate: it is a 64-bit interrupt gate' out_has '43:40 .*64-bit interrupt gate'
check 'gate: DPL 0' field DPL 0
check 'gate: present' field P 1
check 'gate: nothing is wrong' out_lacks '!'
cp "$work/out" "$work/gate"
run decode gate '6b628e00`0010a100' '00000000`fffff801'
check "gate as a debugger's dq prints it: the same" cmp -s "$work/gate" "$work/out"
run decode gate 00 a1 10 00 00 8e 62 6b 01 f8 ff ff 00 00 00 00
check 'gate as bytes: the same' cmp -s "$work/gate" "$work/out"
run decode gate 6b6285000010a100 00000000fffff801
check 'task gate: wrong in IA-32e mode' out_has 'type .*! '

run decode star 0020001000000000
check 'star without an RPL: AMD keeps it so' out_has 'SYSRETQ SS .*AMD.*0x28'
run decode error-code 6 --vector PF
check 'error code of a page fault, in words' out_has '^#PF\(0x6: not-present write user\)$'
run decode service 0x2026
check 'service 0x2026 is 0x26' field index 0x26
check 'its name' out_has '^NtOpenProcess$'
run decode service 01234562 --base 'fffff800`00400000'
check 'entry of a packed table: its target' field target 0xfffff80000523456
run decode pte 80000000002000e3 --level pde
check 'large page' out_has '2 MiB page at 0x200000'

# A TSS: RSP0 at 4, I/O map base at 66h.
{
    printf '\000\000\000\000\000\142\165\156\001\370\377\377'
    dd if=/dev/zero bs=1 count=90 status=none
    printf '\150\000'
} >"$work/tss"
run decode tss "$work/tss"
check 'tss from a file of bytes' field RSP0 0xfffff8016e756200
check 'tss: no I/O map' out_has 'I/O map +0x68 '
od -An -v -tx1 "$work/tss" >"$work/tss.txt"
run decode tss "$work/tss.txt"
check 'tss from a hexadecimal dump' field RSP0 0xfffff8016e756200
status=0
"$RINGSCOPE" decode tss - <"$work/tss" >"$work/out" 2>"$work/err" || status=$?
check 'tss from stdin' field RSP0 0xfffff8016e756200

run decode --json gate 6b62ee1b0010a100 00000000fffff801
check 'JSON: what is wrong is marked' python3 -c '
import json, sys
document = json.load(open(sys.argv[1]))
fields = {field["name"]: field for field in document["fields"]}
assert document["kind"] == "gate" and document["schema"] == 1
assert document["words"] == ["0x6b62ee1b0010a100", "0xfffff801"]
assert int(fields["offset"]["value"], 16) == 0xfffff8016b62a100
assert not fields["offset"]["wrong"] and fields["reserved"]["wrong"]
assert fields["reserved"]["bits"] == "39:35"
' "$work/out"

# fails CODE PATTERN CLAIM ARGUMENT...
fails() {
    code=$1
    pattern=$2
    claim=$3
    shift 3
    run decode "$@"
    check "$claim: exit code $code" status_is "$code"
    check "$claim: one line" err_lines_are 1
    check "$claim: it says what" err_has "$pattern"
    check "$claim: nothing on stdout" test ! -s "$work/out"
}

fails 125 'decode what' 'no kind'
fails 125 "cannot decode 'gat'" 'unknown kind' gat 1
fails 125 "'1' is not all of it; expected 2 quadwords" 'half a gate' gate 1
fails 125 "'xyz' is no hexadecimal" 'no number' gate 1 xyz
fails 125 "'12345' is too large.*16 bits" 'too large' selector 12345
fails 125 'did you mean NtClose' 'misspelt service' service NtClos
fails 125 'level is for pte, not for rflags' 'option of another kind' rflags 2 --level pde
head -c 103 "$work/tss" >"$work/short"
fails 126 '103 bytes' 'dump of the wrong size' tss "$work/short"
fails 127 'No such file' 'dump that does not exist' tss "$work/none"

run decode --help
check 'help: status 0' status_is 0
for kind in gate segment tss star error-code service pte rflags cr0 cr4 efer; do
    check "help lists $kind" out_has "^  $kind "
done
if [ -w /dev/full ]; then
    status=0
    "$RINGSCOPE" decode rflags 2 >/dev/full 2>"$work/err" || status=$?
    check 'a full disk ends with 123' status_is 123
fi
finish
