# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The transitions of a trace as text, without what differs from run to run.

# sequence FILE: what services tell of the time, and the instruction at which an interrupt or NMI
# happens to arrive, are left out; everything else stays: kinds, order, addresses, arguments,
# statuses, deviations.
sequence() {
    grep -E '^ *(WRMSR|RDMSR|SYSCALL|SYSRET|INT|EXC|NMI|IRQ|IRET) ' "$1" |
        sed -e 's/\(PerformanceCounter\|SystemTime\): \[[^]]*\]/\1: TIME/' \
            -e 's/^\( *\(NMI\|IRQ\|IRET *\(NMI\|CLOCK\)\) .*\) [^ ]* cpl/\1 ADDRESS cpl/'
}
