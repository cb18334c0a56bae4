# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154 # lib.sh has the rest
# What the tests under plain QEMU share, after lib.sh.
kernel=$(dirname "$GUEST_PROGRAMS")/kernel/ntoskrnl

if ! command -v qemu-system-x86_64 >/dev/null; then
    echo '1..0 # SKIP qemu-system-x86_64 is not installed (Debian: qemu-system-x86)'
    exit 0
fi
# boot ARGUMENT...: like run(), with QEMU in ringscope's place, and the options in $machine. The
# limit ends it, whatever it does.
boot() {
    status=0
    # shellcheck disable=SC2086 # options of the machine, words
    timeout --foreground -k 5 120 qemu-system-x86_64 -accel tcg ${machine-} -kernel "$kernel" -serial stdio \
        -display none "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
    echo "qemu-system-x86_64 -accel tcg ${machine-} -kernel $kernel -serial stdio -display none $*" \
        >"$work/command"
}

# program NAME ARGUMENT...: QEMU ends with 2 * status + 1.
program() {
    name=$1
    boot -initrd "$GUEST_PROGRAMS/$name" -append "$*" -device isa-debug-exit,iobase=0xf4,iosize=4
}
