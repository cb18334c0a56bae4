#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a test run has tried to break, each figure with its goal: security-table.py TESTLOG.json..."""
import json
import pathlib
import re
import sys


def tests(paths):
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)


def main():
    inputs, coverage = {}, {}
    # Of the differential fuzzer: cases run, how many the host and doctor's claims explain, how many not.
    cases = disagree = 0
    faults = kills = guests = calls = 0
    failed = []
    for test in tests(sys.argv[1:]):
        name = test["name"].rsplit(" / ", 1)[-1]
        text = (test.get("stdout") or "") + (test.get("stderr") or "")
        units = re.search(r"stat::number_of_executed_units:\s+(\d+)", text)
        plain = re.search(r"^(\d+) inputs, (\d+) variations", text, re.M)
        edges = re.findall(r"cov: (\d+)", text)
        if units:
            inputs[name] = int(units.group(1))
        elif plain:
            inputs[name] = int(plain.group(1)) * (1 + int(plain.group(2)))
        if edges:
            coverage[name] = int(edges[-1])
        for found in re.findall(r"^# (\d+) faults injected, (\d+) kills", text, re.M):
            faults += int(found[0])
            kills += int(found[1])
        for found in re.findall(r"^# (\d+) cases against the model, .* (\d+) disagree", text, re.M):
            cases += int(found[0])
            disagree += int(found[1])
        guests += len(re.findall(r"^ok \d+ - \S+: exit code \d+ is one of", text, re.M))
        calls += len(re.findall(r"^ok \d+ - a (?:vCPU|main) thread that tries", text, re.M))
        if test["result"] not in ("OK", "SKIP") and re.match(r"fuzz_|guided_|faults_|hostile|sandbox|hardening", name):
            failed.append(name)
    rows = [
        ("fuzz inputs tried", sum(inputs.values()), 1000000, ">="),
        ("fuzz targets", len(inputs), 16, ">="),
        ("cases run here and by the model", cases, 2000, ">="),
        ("of 1,000, nothing explains", 1000 * disagree // max(cases, 1), 20, "<="),
        ("hostile guests survived", guests, 50, ">="),
        ("forbidden calls stopped", calls, 17, ">="),
        ("faults injected", faults, 300, ">="),
        ("kills survived", kills, 200, ">="),
        ("tests of this that failed", len(failed), 0, "<="),
    ]
    missed = 0
    print(f"{'':30} {'found':>12} {'goal':>12}")
    for text, value, goal, how in rows:
        good = value >= goal if how == ">=" else value <= goal
        missed += not good
        print(f"{text:30} {value:12,} {how + ' ' + format(goal, ','):>12}{'' if good else '  MISSED'}")
    for name, edges in sorted(coverage.items()):
        print(f"{name:30} {inputs.get(name, 0):12,} inputs, {edges:,} edges covered")
    # What `lanes.sh coverage` has measured, when it was run.
    figures = pathlib.Path(__file__).parent.parent / "build-lanes" / "coverage.figures"
    print(figures.read_text(encoding="utf-8") if figures.exists() else "coverage: scripts/lanes.sh coverage", end="\n")
    for name in failed:
        print(f"failed: {name}")
    return 1 if missed else 0


sys.exit(main())
