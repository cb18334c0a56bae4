#!/bin/sh
# SPDX-License-Identifier: MIT
# Hosts that are not there: no permission for /dev/kvm, no emulator.
. "$(dirname "$0")/lib.sh"

# As another user, without the rights of a group; needs root to become one.
if [ "$(id -u)" -eq 0 ] && [ -e /dev/kvm ] && command -v setpriv >/dev/null; then
    chmod 755 "$work"
    cp "$RINGSCOPE" "$work/ringscope"
    status=0
    setpriv --reuid=65534 --regid=65534 --clear-groups "$work/ringscope" run --host kvm hello \
        >"$work/out" 2>"$work/err" || status=$?
    echo 'ringscope run --host kvm hello, as nobody' >"$work/command"
    if [ "$status" -ne 0 ]; then
        check '/dev/kvm without permission: exit code 119' status_is 119
        check 'one line' err_lines_are 1
        check 'it says what to do' err_has '/dev/kvm: permission denied: join the group kvm'
    else
        echo '# everybody may use /dev/kvm here: its refusal cannot be seen'
    fi
fi

mkdir "$work/bin"
status=0
PATH=$work/bin "$RINGSCOPE" run --host tcg hello >"$work/out" 2>"$work/err" || status=$?
echo 'ringscope run --host tcg hello, with an empty PATH' >"$work/command"
check 'QEMU missing: exit code 119' status_is 119
check 'QEMU missing: one line' err_lines_are 1
check 'QEMU missing: it says what to install' err_has 'qemu-system-x86'

status=0
PATH=$work/bin "$RINGSCOPE" run --host bochs-amd hello >"$work/out" 2>"$work/err" || status=$?
echo 'ringscope run --host bochs-amd hello, with an empty PATH' >"$work/command"
check 'Bochs missing: exit code 119' status_is 119
check 'Bochs missing: one line' err_lines_are 1
check 'Bochs missing: it says what to install' err_has 'apt-get install bochs bochs-term'
finish
