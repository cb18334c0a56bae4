#!/bin/sh
# SPDX-License-Identifier: MIT
# Bad input: one clear line, a documented exit code, on either host before any guest runs.
. "$(dirname "$0")/lib.sh"
need_host "$host"

# fails CODE PATTERN CLAIM ARGUMENT...
fails() {
    code=$1
    pattern=$2
    claim=$3
    shift 3
    run "$@"
    check "$claim: exit code $code" status_is "$code"
    check "$claim: one line" err_lines_are 1
    check "$claim: it says what" err_has "$pattern"
    check "$claim: nothing on stdout" test ! -s "$work/out"
}

# patch FILE OFFSET BYTES: overwrites bytes, given as octal escapes for printf.
patch() {
    printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

truncate -s 9M "$work/large"
fails 125 "unrecognized option '--colour'" 'unknown option' run --host "$host" --colour hello
fails 125 "requires an argument" 'missing value' run --host "$host" --memory
fails 125 "unknown command 'rum'" 'unknown command' rum
fails 125 "'5M'.*8M to 3G" 'too little memory' run --host "$host" --memory 5M hello
fails 125 "'12Q'" 'memory with a wrong suffix' run --host "$host" --memory 12Q hello
fails 125 "'-1'" 'negative time-out' run --host "$host" --timeout=-1 hello
fails 125 "'inf'" 'endless time-out' run --host "$host" --timeout=inf hello
fails 125 "'xen'.*auto kvm tcg bochs-intel bochs-amd" 'unknown host' run --host xen hello
fails 125 "'$work/p:5'.*FILE:SIZE" 'too small a paging file' run --host "$host" --pagefile "$work/p:5" hello
fails 125 "'$work/p:1Q'" 'paging file with a wrong suffix' \
    run --host "$host" --pagefile "$work/p:1Q" hello
check 'no paging file is made for a wrong value' test ! -e "$work/p"
fails 123 "pagefile '$work/none/p': No such" 'paging file that cannot be made' \
    run --host "$host" --pagefile "$work/none/p" hello
echo 'something of value' >"$work/value"
fails 123 "pagefile '$work/value' is a file of something else" 'a file that is none as paging file' \
    run --host "$host" --pagefile "$work/value" hello
check 'and it is left alone' grep -qx 'something of value' "$work/value"
fails 123 "is not a regular file" 'a device as paging file' \
    run --host "$host" --pagefile /dev/null hello
fails 127 "module '$work/none'.*No such" 'module that does not exist' \
    run --host "$host" --module "$work/none" hello
fails 125 "has a file of that name" 'two modules of one name' \
    run --host "$host" --module "$work/value" --module "$work/value" hello
fails 126 "raise --memory" 'module larger than the guest' \
    run --host "$host" --memory 8M --module "$work/large" hello
fails 125 "'maybe'.*off on" 'unknown repair' run --host "$host" --repair maybe hello

fails 125 "--keys: no key has byte 0xc3 at byte 2:.*US layout" 'a character without a key' \
    run --host "$host" --keys 'grün' keys
fails 125 "--keys: '.r' at byte 1 is no escape:.*US layout" 'an unknown escape in keys' \
    run --host "$host" --keys 'a\r' keys
fails 125 "--keys: '.' at byte 3 is no escape" 'a backslash at the end of keys' \
    run --host "$host" --keys "abc\\" keys

run trace --host "$host" -e syscall=NtClos hello
check 'unknown service: exit code 125' status_is 125
check 'unknown service: suggests the nearest' err_has 'did you mean NtClose'
check 'unknown service: a caret shows where' err_has '^ +\^'

fails 125 "'grub'.*multiboot" 'unknown boot protocol' run --host "$host" --boot grub hello
fails 125 "'-nosuch': features are" 'unknown CPU feature' run --host "$host" --cpu host,-nosuch hello
fails 125 '^ringscope: --append is for' 'a command line for the bundled kernel' \
    run --host "$host" --append text hello
fails 125 '^ringscope: a program is for' 'a program for a kernel that takes none' \
    run --host "$host" --kernel "$IMAGES/multiboot" hello
fails 127 "initrd '$work/none'" 'initrd that does not exist' \
    run --host "$host" --kernel "$IMAGES/multiboot" --initrd "$work/none"
fails 126 'no Multiboot header' 'a kernel that is not what --boot says' \
    run --host "$host" --kernel "$IMAGES/pvh" --boot multiboot
fails 126 'raise --memory' 'a kernel beyond the end of memory' \
    run --host "$host" --kernel "$IMAGES/linux" --memory 16M
fails 126 'raise --memory' 'an initrd that does not fit' \
    run --host "$host" --kernel "$IMAGES/multiboot" --memory 8M --initrd "$work/large"
fails 125 '5000 characters' 'too long a command line' \
    run --host "$host" --kernel "$IMAGES/multiboot" --append "$(printf '%5000s' x)"
head -c 4200 "$IMAGES/multiboot" >"$work/cut"
fails 126 'truncated or damaged' 'a Multiboot image that is cut' run --host "$host" --kernel "$work/cut"

fails 127 "unknown program 'helo'" 'unknown program' run --host "$host" helo
fails 127 "'$work/none'.*No such file" 'program that does not exist' run --host "$host" "$work/none"
fails 127 "kernel '$work/none'" 'kernel that does not exist' \
    run --host "$host" --kernel "$work/none" hello
fails 126 'not a regular file' 'directory as program' run --host "$host" "$work/"
if [ "$(id -u)" -ne 0 ]; then
    : >"$work/secret"
    chmod 0 "$work/secret"
    fails 126 'Permission denied' 'unreadable program' run --host "$host" "$work/secret"
else
    echo '# unreadable file: root reads everything; seen with a plain user only'
fi

: >"$work/empty"
fails 126 'empty|0 bytes|too short' 'empty program' run --host "$host" "$work/empty"
echo 'not an ELF file, but longer than its header would be, so that only the magic tells' \
    >"$work/text"
fails 126 "text: .*ELF" 'text as program' run --host "$host" "$work/text"

hello=$GUEST_PROGRAMS/hello
head -c 1000 "$hello" >"$work/truncated"
fails 126 'truncated|file' 'truncated program' run --host "$host" "$work/truncated"
fails 126 'truncated|file' 'truncated kernel' \
    run --host "$host" --kernel "$work/truncated" hello

# Program header 0 begins at 64; p_memsz is at 40 in it, p_vaddr at 16 of the second one at 120.
cp "$hello" "$work/huge"
patch "$work/huge" 104 '\0377\0377\0377\0377\0377\0377\0377\0077'
fails 126 'segment 0' 'huge segment' run --host "$host" "$work/huge"
cp "$hello" "$work/overlap"
dd if="$hello" of="$work/overlap" bs=1 skip=80 seek=136 count=8 conv=notrunc status=none
fails 126 'segment|overlap' 'overlapping segments' run --host "$host" "$work/overlap"

fails 123 "output '$work/no/such': No such" 'output that cannot be made' \
    trace --host "$host" -o "$work/no/such" hello
mkdir "$work/taken"
: >"$work/taken/mine"
fails 123 "$work/taken" 'recording over a directory of something else' \
    record --host "$host" -o "$work/taken" hello
check 'recording over a directory of something else: it is left alone' test -f "$work/taken/mine"
for size in 0 -1 255K 1T x ''; do
    fails 125 "ring-size '$size': a number of bytes" "a ring of '$size'" \
        record --host "$host" -o "$work/ring" --ring-size "$size" hello
done
fails 125 'ring-size .*2 vCPUs need' 'a ring too small for its vCPUs' \
    record --host "$host" -o "$work/ring" --ring-size 300K --cpus 2 hello
fails 125 'ring-size: there is no trace' 'a ring of nothing' trace --host "$host" --ring-size 1M hello
check 'rings that are refused leave no trace' test ! -e "$work/ring"
if [ -w /dev/full ]; then
    run trace --host "$host" -o /dev/full demo
    check 'a full disk ends with 123' status_is 123
    check 'and says so' err_has 'output'
fi
finish
