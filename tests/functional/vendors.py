#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What VMX and SVM, and Intel's and AMD's processors, do differently: each with the section of both
manuals, held against what doctor finds on a host of that vendor. TAP, a line for each row and host.

Usage: vendors.py RINGSCOPE HOST...

What an emulator gets wrong is stated, too: a row then holds when doctor finds just that. Sections have
their titles in quotes; volume 3 of AMD's manual has entries by mnemonic.
"""

import json
import re
import subprocess
import sys
from dataclasses import dataclass

HOST_MISSING = 119
RUN_SECONDS = 900


@dataclass(frozen=True)
class Row:
    """One difference: the lines of doctor that examine it, and what they see with either."""

    what: str
    claims: tuple
    sdm: str
    intel: str
    apm: str
    amd: str
    intel_seen: str = ""
    amd_seen: str = ""


ROWS = (
    Row("SYSRET to a non-canonical RCX", ("sysret.rcx",),
        'SDM Vol. 2B, "SYSRET - Return From Fast System Call"', "#GP(0) in ring 0, on its stack",
        'APM Vol. 3, SYSRET', "#GP(0) in ring 3, at the fetch", r"#GP\(0\)", r"#GP\(0\)"),
    Row("SYSENTER in 64-bit code", ("sysenter.ring3", "sysenter.ring0"),
        'SDM Vol. 2B, "SYSENTER - Fast System Call"', "enters at IA32_SYSENTER_EIP",
        'APM Vol. 3, SYSENTER', "#UD: not valid in long mode", "SYSENTER_EIP", "#UD"),
    Row("SYSCALL in compatibility mode", ("syscall.compatibility", "sysret.32.syscall"),
        'SDM Vol. 2B, "SYSCALL - Fast System Call"', "#UD",
        'APM Vol. 3, SYSCALL', "enters at CSTAR", "#UD", "CSTAR"),
    Row("INT n on a gate of lower DPL", ("int.ring3.dpl0", "int.ring3.dpl0.first"),
        'SDM Vol. 3A, "Error Code"', "#GP(8n+2)",
        'APM Vol. 2, "Selector-Error Code"', "#GP(8n+2)", r"#GP\(0x10a\)", r"#GP\(0x10a\)"),
    Row("a fetch from a page without memory", ("hook.gate.ring0", "hook.gate.ring3"),
        'SDM Vol. 3C, "EPT Violations"', "EPT violation",
        'APM Vol. 2, "Nested Paging"', "nested page fault"),
    Row("INT3 leaves the guest", ("hook.int3.ring0", "hook.int3.ring3"),
        'SDM Vol. 3C, "Exception Bitmap"', "#BP by its bit of the bitmap",
        'APM Vol. 2, "Exception Intercepts"', "#BP by its intercept", "KVM_EXIT_DEBUG",
        "KVM_EXIT_DEBUG"),
    Row("a breakpoint of the VMM in DR0", ("hook.breakpoint.ring0", "hook.breakpoint.ring3"),
        'SDM Vol. 3C, "Loading Guest Control Registers, Debug Registers, and MSRs"',
        "DR7 of the VMCS, #DB by the bitmap",
        'APM Vol. 2, "Debug Registers"', "DR7 of the VMCB, #DB by its intercept", "KVM_EXIT_DEBUG",
        "KVM_EXIT_DEBUG"),
    Row("a single step of the VMM", ("hook.step.ring0", "hook.step.ring3"),
        'SDM Vol. 3C, "Delivery of Pending Debug Exceptions after VM Entry"',
        "TF and the pending debug exceptions of the VMCS",
        'APM Vol. 2, "Exception Intercepts"', "TF and the intercept of #DB", "KVM_EXIT_DEBUG",
        "KVM_EXIT_DEBUG"),
)

# (host, claim) -> (status, what is seen): the emulator's doing.
EMULATORS = {
    # The vector and the ring are AMD's. QEMU's SYSRET takes VM from R11, and neither VIF nor VIP.
    ("tcg", "sysret.rcx"): ("departs", r"#GP\(0\)"),
    ("tcg", "sysenter.ring3"): ("departs", "cannot execute"),
    ("tcg", "sysenter.ring0"): ("departs", "cannot execute"),
    ("tcg", "int.ring3.dpl0"): ("departs", r"#GP\(0x212\)"),
    ("tcg", "int.ring3.dpl0.first"): ("departs", r"#GP\(0x212\)"),
    ("tcg", "hook.int3.ring0"): ("absent", "#BP"),
    ("tcg", "hook.int3.ring3"): ("absent", "#BP"),
    ("tcg", "hook.breakpoint.ring0"): ("absent", ""),
    ("tcg", "hook.breakpoint.ring3"): ("absent", ""),
    ("bochs-amd", "sysret.rcx"): ("departs", ""),
    ("bochs-amd", "sysenter.ring3"): ("departs", ""),
    ("bochs-amd", "sysenter.ring0"): ("departs", ""),
    ("bochs-amd", "int.ring3.dpl0.first"): ("departs", ""),
}

VENDORS = {"bochs-intel": "Intel", "bochs-amd": "AMD", "tcg": "AMD"}


class Report:
    """TAP on the standard output."""

    def __init__(self):
        self.count = self.bad = 0

    def line(self, good, what, details=()):
        """One result."""
        self.count += 1
        self.bad += not good
        print(f"{'' if good else 'not '}ok {self.count} - {what}")
        for detail in details:
            print(f"# {detail}")


def examine(ringscope, host):
    """What doctor finds; None, and a TAP line: the host is not there."""
    done = subprocess.run([ringscope, "doctor", "--host", host, "--json"], capture_output=True,
                          stdin=subprocess.DEVNULL, text=True, timeout=RUN_SECONDS, check=False)
    if done.returncode == HOST_MISSING:
        return None, done.stderr.strip().splitlines()[-1]
    if not done.stdout:
        sys.exit(f"Bail out! doctor --host {host} ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout), ""


def check_row(report, host, vendor, lines, row):
    """One row on one host."""
    amd = vendor == "AMD"
    seen, rule = (row.amd_seen, row.amd) if amd else (row.intel_seen, row.intel)
    section = row.apm if amd else row.sdm
    good, details = True, []
    for claim in row.claims:
        status, pattern = EMULATORS.get((host, claim), ("ok", seen))
        line = lines.get(claim)
        holds = line and line["status"] == status and re.search(pattern, line["observed"])
        good &= bool(holds)
        if status != "ok":
            details.append(f"{claim}: the emulator's own: {status}")
        if not holds:
            details.append(f"{claim}: expected {status} and '{pattern}', got {line}")
    otherwise = ", which this emulator does otherwise" if details and good else ""
    report.line(good, f"{host}: {row.what}: {vendor}: {rule}  ({section}){otherwise}", details)


def main(ringscope, hosts):
    """Returns the exit status."""
    report = Report()
    for host in hosts:
        found, reason = examine(ringscope, host)
        if not found:
            report.line(True, f"{host} # SKIP {reason}")
            continue
        vendor = found["host"]["guest_vendor"]
        report.line(vendor == VENDORS[host], f"{host}: the guest has {VENDORS[host]}'s rules")
        lines = {line["id"]: line for line in found["lines"]}
        report.line(found["summary"]["ok"] > 190, f"{host}: doctor examines its claims")
        for row in ROWS:
            check_row(report, host, vendor, lines, row)
        if host == "bochs-intel":  # the host that the others are held against
            known = {"syscall.tf", "syscall.rpl", "gate.ring1", "gate.stack.canonical",
                     "gate.stack.edge", "nmi.stack.edge", "iret.ring3.d", "iret.ss.null.rpl", "pf.iret",
                     "compatibility.iret", "rf.df", "rf.df.ud", "interrupt.priority", "iret.ss.absent",
                     "signal.ring0", "signal.ring3"}
            other = {name for name, line in lines.items() if line["status"] == "departs"} - known
            report.line(not other, f"{host}: what departs is known of Bochs", sorted(other))
    print(f"1..{report.count}")
    return report.bad != 0


if __name__ == "__main__":
    if len(sys.argv) < 3 or any(host not in VENDORS for host in sys.argv[2:]):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
