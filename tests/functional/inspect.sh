#!/bin/sh
# SPDX-License-Identifier: MIT
# inspect: the guest's own tables at a point, as text and as JSON.
. "$(dirname "$0")/lib.sh"
need_host "$host"

kernel=$GUEST_PROGRAMS/../kernel/ntoskrnl

# address SYMBOL: its address in the kernel, as debuggers print it.
address() {
    nm "$kernel" | awk -v name="$1" \
        '$3 == name { print substr($1, 1, 8) "`" substr($1, 9) }'
}

run inspect --host "$host" hello
check 'everything at once: status 0' status_is 0
check 'it stops after boot, at the first transition from ring 3' \
    out_has '^stopped at boot, in ring 0 at .*hello!RtlUserThreadStart cpl 3'
for topic in cpu idt gdt tss msr ssdt pt stacks pcr; do
    check "the topic $topic is there" out_has "^$topic: "
done
check 'nothing was left out' out_lacks 'not shown'
check 'the program has not printed yet' err_lacks 'Hello'

check 'idt: #PF goes to KiPageFault although it is hooked' \
    out_has "^0e +#PF .* 0010 +e interrupt +0 +1 +0 +ntoskrnl!KiPageFault +hooked"
check 'idt: #BP has DPL 3' out_has '^03 +#BP .* 0010 +e interrupt +3 +1 +0 '
check 'idt: NMI is on IST 3, with its stack' \
    out_has '^02 +NMI .* 3 +ntoskrnl!KiNmiInterrupt +ntoskrnl!KiIstStacks'
check 'gdt: user code is 64-bit code of DPL 3' \
    out_has '^0030 +0020fb00`00000000 +code, execute/read, accessed.*DPL 3'
check 'tss: no I/O map' out_has '^\+0x66 +I/O map +00000000`00000068'
check "msr: LSTAR is the guest's, not the hook" \
    out_has "^c0000082 +LSTAR +$(address KiSystemCall64) +ntoskrnl!KiSystemCall64"
check 'msr: STAR is explained' out_has 'STAR .*SYSCALL CS 0x10 SS 0x18, SYSRETQ CS 0x33 SS 0x2b'
check 'ssdt: NtCreateEvent has one stack argument' \
    out_has '^048 +NtCreateEvent +[0-9a-f]{7}1 +1 .*ntoskrnl!NtCreateEvent$'
check 'pt: the stack is not executable' out_has 'pte .*P W A D NX'
check 'stacks: RSP0 is 24 KiB' out_has '^RSP0 .*KiKernelStack.* 24 KiB$'
check 'pcr: it is the one of the first CPU' \
    out_has "^\+0x0018 +Self +$(address KiInitialPcr) +ntoskrnl!KiInitialPcr"

run inspect --host "$host" cpu --at syscall:NtWriteFile hello
check 'at a system call: status 0' status_is 0
check 'at a system call: the event' \
    out_has '^stopped at syscall:NtWriteFile, in ring 0 at ntoskrnl!KiSystemCall64: SYSCALL NtWriteFile\('
check 'at a system call: CS is what SYSCALL loads' out_has '^cs +00000000`00000010 '
check 'one topic: no other one' out_lacks '^idt: '

run inspect --host "$host" stacks --at exception:NMI demo
check 'at an NMI: RSP is on the IST stack' out_has '^RSP .*ntoskrnl!KiIstStacks'
check "at an NMI: the program's console is on stderr" err_has '^system services'

run inspect --host "$host" cpu --at NtWriteFile hello
check 'at a function of the kernel, although ntdll has one of that name' \
    out_has "^rip +$(address NtWriteFile) +ntoskrnl!NtWriteFile\$"
run inspect --host "$host" cpu --at KiSystemCall64 hello
check 'at the system-call entry' out_has "^rip +$(address KiSystemCall64) +ntoskrnl!KiSystemCall64\$"
check 'at the system-call entry: EAX is the service' out_has '^rax +00000000`00000008'

run inspect --host "$host" pt 0x140000000 '00000000`7ffe0000' --at end hello
check 'at the end: status 0' status_is 0
check 'at the end: the program has printed' err_has '^Hello'
check "pt: the program's page is there, for ring 3" \
    out_has '^00000001`40000000 +pte .* P U A'
check 'pt: KUSER_SHARED_DATA may not be written' out_has '^00000000`7ffe0000 +pte .* P U A NX'

root=$(sed -n 's/^pt: CR3 0*\([0-9a-f]*\)$/\1/p' "$work/out")
run inspect --host "$host" pt 0x140000000 --cr3 "$root" --at boot hello
check 'pt from a root of our own choice' out_has "^00000001\`40000000 +pml4e +0*$root "
run inspect --host "$host" pt 0x140000000 --cr3 e0000000000 hello
check 'pt from a root that is not in memory' out_has 'pml4e .*no memory there$'

run inspect --host "$host" idt ssdt --all --json hello
check 'JSON: every gate and service, and each raw gate decodes to its handler' \
    python3 -c '
import json, subprocess, sys
document = json.load(open(sys.argv[1]))
symbols = {}
for line in subprocess.run(["nm", sys.argv[2]], capture_output=True, text=True).stdout.split("\n"):
    parts = line.split()
    if len(parts) == 3:
        symbols[parts[2]] = int(parts[0], 16)
assert document["schema"] == 1 and document["at"] == "boot" and "EXC" in document["event"]
gates = document["idt"]["rows"]
assert len(gates) == 256 and len(document["ssdt"]["rows"]) == 0x1d7 + 0x533
for gate in gates:
    low, high = (int(word.replace("`", ""), 16) for word in gate["raw"].split())
    offset = low & 0xffff | low >> 48 << 16 | (high & 0xffffffff) << 32
    name, _, distance = gate["handler"].partition("!")[2].partition("+")
    assert symbols[name] + int(distance or "0", 16) == offset, gate
    assert (low >> 45) & 3 == int(gate["dpl"]) and (low >> 32) & 7 == int(gate["ist"]), gate
for entry in document["ssdt"]["rows"]:
    assert symbols[entry["function"].partition("!")[2]] == int(entry["target"].replace("`", ""), 16)
' "$work/out" "$kernel"

run inspect --host "$host" ssdt --at end demo
check 'calls of a service' out_has '^048 +NtCreateEvent +[0-9a-f]{8} +1 +2 +fffff801.40'
check 'the second table' out_has '^1001 +NtUserPeekMessage +[0-9a-f]{8} +1 +0 '

strip -o "$work/stripped" "$kernel"
run inspect --host "$host" --kernel "$work/stripped" hello
check 'a kernel without symbols: status 0' status_is 0
check 'a kernel without symbols: what is not shown is said' \
    out_has '^ssdt: the kernel has no symbol KeServiceDescriptorTable \(not shown\)'
check 'a kernel without symbols: handlers are numbers' out_has "^0e +#PF .* 0xfffff801[0-9a-f]+ "

# fails CODE PATTERN CLAIM ARGUMENT...
fails() {
    code=$1
    pattern=$2
    claim=$3
    shift 3
    run inspect --host "$host" "$@"
    check "$claim: exit code $code" status_is "$code"
    check "$claim: it says what" err_has "$pattern"
    check "$claim: nothing on stdout" test ! -s "$work/out"
}

fails 118 "ended before --at 'exception:DF'" 'a point that does not come' \
    idt --at exception:DF hello
fails 125 'did you mean NtClose' 'misspelt service' idt --at syscall:NtClos hello
fails 125 "'foo:bar': one of boot, end" 'no point' idt --at foo:bar hello
fails 125 "'nowhere': neither the kernel nor the program" 'no such symbol' idt --at nowhere hello
fails 125 "'hello!main': no code of the kernel" 'a function of ring 3' idt --at 'hello!main' hello
fails 125 "'zz': a value of CR3" 'a root that is no number' pt --cr3 zz hello
fails 126 'no symbol KeServiceDescriptorTable' 'a topic that this kernel has not' \
    ssdt --kernel "$work/stripped" --json hello
fails 127 "unknown program 'idx'" 'misspelt topic' idx
finish
