#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the claims of guest/conformance by `ringscope test`: each a test from a snapshot, untraced,
and traced against the transitions that its file expects. TAP, two lines for each claim.

Usage: conform.py RINGSCOPE CLAIMS-FOLDER
Environment: RINGSCOPE_TEST_HOST (kvm, tcg, or kvm,tcg), CONFORM_OPTIONS (more options of ringscope
test: a variant of the guest, such as one with another entry path or more CPUs).
"""

import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the folder is part of the source

from claims import BadClaim, read_claims

HOST_MISSING = 119
NO_ANSWER = "did not answer within"  # it is there, and late: no reason to skip
RUN_SECONDS = 3600  # a host that is emulated, while this one is busy
GOOD = ("pass", "skip", "xfail")


class Ringscope:
    """The executable, in one variant of the guest."""

    def __init__(self, path):
        self.path = path
        self.hosts = os.environ.get("RINGSCOPE_TEST_HOST", "kvm")
        self.options = shlex.split(os.environ.get("CONFORM_OPTIONS", ""))
        self.listed = None  # what the program says of its claims

    def __call__(self, *arguments):
        return subprocess.run([self.path, *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace",
                              timeout=RUN_SECONDS, check=False)

    def run(self, *arguments, host=None):
        """The program, on that host or the first."""
        host = host or self.hosts.split(",", maxsplit=1)[0]
        return self("run", "--host", host, "conform", *arguments)

    def test(self, folder, *arguments):
        """The suite: its results, (name, host) -> line of the report."""
        report = folder / "report.json"
        done = self("test", "--host", self.hosts, *self.options, *arguments, "--format", "json",
                    "-o", str(report), str(folder / "claims"))
        if not report.exists():
            sys.exit(f"Bail out! {done.stderr}")
        lines = json.loads(report.read_text(encoding="utf-8"))["results"]
        report.unlink()
        return {(line["name"].removeprefix("conform "), line["host"]): line for line in lines}


def strange_faults(ringscope, host):
    """Whether a guest there sees page faults at addresses that it has not: it is entered with the host's CR2."""
    lines = json.loads(ringscope("doctor", "--host", host, "--json").stdout)["lines"]
    return any(line["id"] == "cr2.resume" and line["status"] == "departs" for line in lines)


def write_suite(folder, claims):
    """The suite file, and a golden file for each claim."""
    suite = []
    for claim in claims.values():
        notes = [f"needs={','.join(claim.needs)}"] if claim.needs else []
        notes += [f"ends={claim.ends}"] if claim.ends else []
        suite.append(f"[{';'.join(notes)}] " * bool(notes) + f"conform {claim.name}\n")
        trace = ["any"] if claim.trace is None else claim.trace or ["none"]
        (folder / f"conform {claim.name}.trace").write_text("\n".join(trace) + "\n",
                                                            encoding="utf-8")
    (folder / "claims").write_text("".join(suite), encoding="utf-8")


class Report:
    """TAP on the standard output."""

    def __init__(self):
        self.count = 0
        self.bad = 0

    def line(self, good, what, note="", details=()):
        """One result."""
        self.count += 1
        self.bad += not good
        print(f"{'' if good else 'not '}ok {self.count} - {what}{note}")
        for detail in details:
            print(f"# {detail}")

    def result(self, name, how, line):
        """One line of a report; None: there is none."""
        if not line:
            self.line(False, f"{name}, {how}", " # ERROR it has reported nothing")
            return
        outcome, note, details = line["outcome"], "", [line["detail"]] * bool(line["detail"])
        if outcome in ("skip", "error"):
            note = f" # {outcome.upper()} {details.pop()}"
        if outcome not in ("pass", "skip"):
            details += (line["difference"] or "").splitlines()
            details += (line["console"] or "").splitlines()
        self.line(outcome in GOOD, f"{name}, {how}", note, details)


def check_names(ringscope, report, claims):
    """The program has the claims of the folder, all of them and no other."""
    program = set(ringscope.listed.stdout.split())
    apart = sorted(program ^ set(claims))
    report.line(not apart, "each file in the folder is a claim of the program", details=apart)


def check_unknown(ringscope, report):
    """A name that is no claim is an error of its own, and nothing is tested."""
    done = ringscope.run("no_such_claim")
    said = done.stdout.splitlines()  # the guest has one console
    good = done.returncode == 99 and len(said) == 1 and "no claim 'no_such_claim'" in said[0]
    report.line(good, "an unknown claim is an error, and nothing is tested",
                details=[] if good else [f"status {done.returncode}", *said])


def main(path, folder):
    """All claims of the folder."""
    ringscope = Ringscope(path)
    claims = read_claims(folder, "--kva-shadow" in ringscope.options)
    hosts = ringscope.hosts.split(",")
    for host in reversed(hosts):  # the first one's list is looked at below
        ringscope.listed = ringscope.run("--list", host=host)
        if ringscope.listed.returncode == HOST_MISSING and NO_ANSWER not in ringscope.listed.stderr:
            print(f"1..0 # SKIP host {host}: {ringscope.listed.stderr.strip().splitlines()[-1]}")
            return 0
        if strange_faults(ringscope, host):
            print(f"1..0 # SKIP host {host}: cr2.resume departs: any page fault may be one at another address")
            return 0
    report = Report()
    check_names(ringscope, report, claims)
    check_unknown(ringscope, report)
    with tempfile.TemporaryDirectory() as work:
        write_suite(pathlib.Path(work), claims)
        untraced = ringscope.test(pathlib.Path(work))
        traced = ringscope.test(pathlib.Path(work), "--golden", work)
    for host in hosts:
        where = f" @{host}" if len(hosts) > 1 else ""
        for name in claims:
            report.result(name, f"untraced{where}", untraced.get((name, host)))
            report.result(name, f"traced{where}", traced.get((name, host)))
    print(f"1..{report.count}")
    return report.bad != 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        sys.exit(main(*sys.argv[1:]))
    except BadClaim as bad:
        sys.exit(f"Bail out! {bad}")
