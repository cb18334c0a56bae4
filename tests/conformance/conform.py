#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the program `conform` on a host, untraced and traced, and holds each claim against what it
says of itself and against the transitions that its file expects. TAP, two lines for each claim.

Usage: conform.py RINGSCOPE CLAIMS-FOLDER
Environment: RINGSCOPE_TEST_HOST (kvm or tcg), CONFORM_OPTIONS (more options of run and record: a
variant of the guest, such as one with another entry path or more CPUs).
"""

import difflib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the folder is part of the source

from claims import BadClaim, read_claims
from transitions import cut, lines

PASS, FAIL, SKIP, ERROR = "pass", "fail", "skip", "error"
HOST_MISSING = 119
RUN_SECONDS = 120


class Ringscope:
    """The executable, on one host, in one variant of the guest."""

    def __init__(self, path):
        self.path = path
        self.host = ["--host", os.environ.get("RINGSCOPE_TEST_HOST", "kvm")]
        self.departures, self.lines = {}, set()
        self.options = self.host + shlex.split(os.environ.get("CONFORM_OPTIONS", ""))

    def __call__(self, *arguments):
        return subprocess.run([self.path, *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace",
                              timeout=RUN_SECONDS, check=False)

    def examine(self):
        """What doctor finds on this host and no repair puts right, id -> status."""
        found = json.loads(self("doctor", *self.host, "--json").stdout)["lines"]
        self.lines = {line["id"] for line in found}
        self.departures = {line["id"]: line["status"] for line in found
                           if line["status"] != "ok" and not line["repaired"]}

    def run(self, *arguments):
        """Untraced: the process that has ended."""
        return self("run", *self.options, "conform", *arguments)

    def test(self, folder, names):
        """Untraced: each claim a test of its own, from a snapshot; name -> (outcome, details)."""
        suite, report = folder / "claims", folder / "report.json"
        suite.write_text("".join(f"conform {name}\n" for name in names), encoding="utf-8")
        done = self("test", *self.options, "--format", "json", "-o", str(report), str(suite))
        if not report.exists():
            sys.exit(f"Bail out! {done.stderr}")
        found = json.loads(report.read_text(encoding="utf-8"))["results"]
        report.unlink()
        return {line["name"].removeprefix("conform "):
                (line["outcome"], [line["detail"]] if line["detail"] else []) for line in found}

    def record(self, folder, *arguments):
        """Traced: the process that has ended, and the transitions by claim."""
        trace, text = folder / "trace", folder / "trace.jsonl"
        done = self("record", *self.options, "-o", str(trace), "conform", *arguments)
        exported = self("export", "--to", "jsonl", "-o", str(text), str(trace))
        if exported.returncode:
            sys.exit(f"Bail out! {exported.stderr}{done.stderr}")
        return done, cut(text, self.departures)


class Report:
    """TAP on the standard output; `error` is a failure that is not the guest's."""

    def __init__(self):
        self.count = 0
        self.bad = 0

    def line(self, outcome, what, details=()):
        """One result."""
        self.count += 1
        good = outcome in (PASS, SKIP)
        self.bad += not good
        note = {PASS: "", FAIL: "", SKIP: " # SKIP ", ERROR: " # ERROR "}[outcome]
        details = list(details)
        if note:
            note += details.pop(0)
        print(f"{'' if good else 'not '}ok {self.count} - {what}{note}")
        for detail in details:
            print(f"# {detail}")

    def end(self):
        """The plan."""
        print(f"1..{self.count}")
        return self.bad != 0


def parse_tap(output):
    """What the program says: name -> (outcome, details), in its order."""
    results = {}
    details = []
    for line in output.splitlines():
        match = re.fullmatch(r"(not )?ok \d+ - (\S+)(?: # (SKIP|ERROR) (.*))?", line)
        if match:
            details = [match[4]] if match[3] else []
            outcome = {"SKIP": SKIP, "ERROR": ERROR}.get(match[3], FAIL if match[1] else PASS)
            results[match[2]] = (outcome, details)
        elif line.startswith("# "):
            details.append(line[2:])
    return results


def difference(expected, got):
    """Lines that show where the two part, with what is the same around them."""
    return [line.rstrip() for line in
            list(difflib.unified_diff(expected, got, "expected", "traced", lineterm="",
                                      n=max(len(expected), len(got))))]


def judge_traced(claim, result, transitions):
    """What the program said, and after that its trace."""
    if result[0] != PASS or claim.trace is None:
        return result
    if transitions is None:
        return ERROR, ["its marks are not in the trace"]
    got = lines(transitions, claim.trace)
    if got != claim.trace:
        return FAIL, difference(claim.trace, got)
    return PASS, []


def has_ended(claim, done):
    """How the run ended, as `Ends:` says: a status of the program, "STOP 0x7f on IST 1", which is a
    bug check and the stack of its handler, or "triple fault"."""
    stop = re.fullmatch(r"STOP (0x[0-9a-f]+) on (IST [1-7])", claim.ends)
    if stop:
        return (re.search(rf"the guest stopped with bug check {stop[1]}$", done.stderr, re.M)
                and re.search(rf"^handler stack: {stop[2]}$", done.stdout, re.M))
    if claim.ends == "triple fault":
        return re.search(r"the guest crashed: (vCPU \d+, )?triple fault", done.stderr)
    return re.search(rf"the program ended with status \S+ {re.escape(claim.ends)}$", done.stderr,
                     re.M)


def ended_by(claim, done):
    """A claim that ends the program or the machine."""
    if has_ended(claim, done):
        return PASS, []
    return FAIL, [f"expected: it ends with {claim.ends}",
                  *done.stdout.splitlines(), *done.stderr.splitlines()]


NOTHING = (ERROR, ["it has reported nothing"])


def test_ends(ringscope, report, claim, folder):
    """The program ends with such a claim: it has a run of its own."""
    report.line(*named(claim, "untraced", ended_by(claim, ringscope.run(claim.name))))
    done, transitions = ringscope.record(folder, claim.name)
    result = judge_traced(claim, ended_by(claim, done), transitions.get(0))
    report.line(*named(claim, "traced", result))


def named(claim, how, result):
    """The arguments of Report.line."""
    return result[0], f"{claim.name}, {how}", result[1]


def test_together(ringscope, report, claims, left_out, folder):
    """All claims that leave the program running: untraced each for itself, traced in one run."""
    arguments = [f"--except={','.join(left_out)}"] if left_out else []
    if "--cpus" in ringscope.options:  # guests of ringscope test have one
        untraced = parse_tap(ringscope.run(*arguments).stdout)
    else:
        untraced = ringscope.test(folder, [claim.name for claim in claims])
    for claim in claims:
        report.line(*named(claim, "untraced", untraced.get(claim.name, NOTHING)))
    done, transitions = ringscope.record(folder, *arguments)
    results = parse_tap(done.stdout)
    order = {name: index for index, name in enumerate(results)}
    for claim in claims:
        result = results.get(claim.name, NOTHING)
        index = order.get(claim.name)
        report.line(*named(claim, "traced", judge_traced(claim, result, transitions.get(index))))
    bad = done.returncode not in (0, 77)
    report.line(FAIL if bad else PASS, "the exit status is that of claims that hold",
                [f"traced {done.returncode}", *done.stderr.splitlines()] if bad else [])


def check_names(ringscope, report, claims):
    """The program has the claims of the folder, all of them and no other."""
    program = set(ringscope.run("--list").stdout.split())
    apart = sorted(program ^ set(claims))
    report.line(FAIL if apart else PASS, "each file in the folder is a claim of the program", apart)


def check_unknown(ringscope, report):
    """A name that is no claim is an error of its own, and nothing is tested."""
    done = ringscope.run("no_such_claim")
    said = done.stdout.splitlines()  # the guest has one console
    good = done.returncode == 99 and len(said) == 1 and "no claim 'no_such_claim'" in said[0]
    report.line(PASS if good else FAIL, "an unknown claim is an error, and nothing is tested",
                [] if good else [f"status {done.returncode}", *said])


def main(path, folder):
    """All claims of the folder."""
    ringscope = Ringscope(path)
    claims = read_claims(folder, "--kva-shadow" in ringscope.options)
    probe = ringscope("run", *ringscope.host, "ready")
    if probe.returncode == HOST_MISSING:
        print(f"1..0 # SKIP host {ringscope.host[1]}: {probe.stderr.strip().splitlines()[-1]}")
        return 0
    report = Report()
    ringscope.examine()
    check_names(ringscope, report, claims)
    check_unknown(ringscope, report)
    together, left_out, alone = [], [], []
    for claim in claims.values():
        unknown = [need for need in claim.needs if need not in ringscope.lines]
        missing = [f"{need} ({ringscope.departures[need]})" for need in claim.needs if need in ringscope.departures]
        if unknown:
            report.line(ERROR, claim.name, [f"doctor has no line {', '.join(unknown)}"])
        elif missing:
            report.line(SKIP, claim.name, [f"doctor, of this host: {', '.join(missing)}"])
        if unknown or missing or claim.ends:
            left_out.append(claim.name)
        if not unknown and not missing:
            (alone if claim.ends else together).append(claim)
    with tempfile.TemporaryDirectory() as work:
        test_together(ringscope, report, together, left_out, pathlib.Path(work))
        for claim in alone:
            test_ends(ringscope, report, claim, pathlib.Path(work))
    return report.end()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        sys.exit(main(*sys.argv[1:]))
    except BadClaim as bad:
        sys.exit(f"Bail out! {bad}")
