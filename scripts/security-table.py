#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What was tried to break ringscope, each figure with its goal: security-table.py [--short] [TESTLOG.json...]

Without files: the last run of the tests in build-check. --short: of the short form of scripts/lanes.sh security,
whose endurance is minutes, and whose hostile guests run on /dev/kvm alone. What lanes of scripts/lanes.sh have measured
is read from build-lanes, where they leave it; a figure that nothing has measured is said to be missing,
and is a goal missed.
"""
import json
import os
import re
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LANES = os.path.join(TOP, "build-lanes")
OURS = re.compile(r"fuzz|guided_|faults_|hostile|sandbox|hardening|endurance|ring@|ctf_ring|reproducible|cppcheck")


class Found:
    """Sums over all tests; None: nothing has measured it."""

    def __init__(self):
        self.inputs, self.edges, self.failed, self.skipped = {}, {}, [], []
        self.sums = {}
        self.reached = {}
        self.files = {}

    def add(self, name, value):
        self.sums[name] = self.sums.get(name, 0) + value

    def most(self, name, value):
        self.sums[name] = max(self.sums.get(name, 0), value)

    def text(self, text):
        for faults, kills in re.findall(r"^# (\d+) faults injected, (\d+) kills", text, re.M):
            self.add("faults", int(faults))
            self.add("kills", int(kills))
        for cases, known, disagree in re.findall(
                r"^# seed \d+: (\d+) cases against the model, \d+ agree, (\d+) known, (\d+) disagree", text, re.M):
            self.add("cases", int(cases))
            self.add("known", int(known))
            self.add("disagree", int(disagree))
        for seconds in re.findall(r"^# endured (\d+) s", text, re.M):
            self.most("endured", int(seconds))
        self.add("guests", len(re.findall(r"^ok \d+ - \S+: exit code \d+ is one of", text, re.M)))
        self.add("untraced", len(re.findall(r"^ok \d+ - \S+, untraced: exit code \d+ is one of", text, re.M)))
        self.add("calls", len(re.findall(r"^ok \d+ - a (?:vCPU|main) thread that tries", text, re.M)))

    def test(self, test):
        name = test["name"].rsplit(" / ", 1)[-1]
        text = (test.get("stdout") or "") + (test.get("stderr") or "")
        units = re.search(r"stat::number_of_executed_units:\s+(\d+)", text)
        plain = re.search(r"^(\d+) inputs, (\d+) variations", text, re.M)
        edges = re.findall(r"cov: (\d+)", text)
        if units:
            self.inputs[name] = int(units.group(1))
        elif plain:
            self.inputs[name] = int(plain.group(1)) * (1 + int(plain.group(2)))
        if edges:
            self.edges[name] = int(edges[-1])
        if OURS.search(name) and test["result"] == "SKIP":
            self.skipped.append(name)
        elif OURS.search(name) and test["result"] != "OK":
            self.failed.append(name)
        self.text(text)


def read_logs(found, paths):
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for line in file:
                found.test(json.loads(line))


def lane_file(found, name):
    """What a lane has left there; None: it has not run."""
    path = os.path.join(LANES, name)
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return None
    found.files[name] = time.strftime("%Y-%m-%d %H:%M", time.localtime(os.path.getmtime(path)))
    return text


def read_lanes(found):
    for what, percent in re.findall(r"^coverage of \S+, (lines|branches): ([0-9.]+) %",
                                    lane_file(found, "coverage.figures") or "", re.M):
        found.sums[what] = float(percent)
    for name in ("faults.txt", "endurance.txt"):
        found.text(lane_file(found, name) or "")
    for name, reached in re.findall(r"^(\S+) +(lines .*)$", lane_file(found, "fuzz-coverage.txt") or "", re.M):
        found.reached["guided_" + name] = reached
    for name, what in (("reproducible.txt", "reproduced"), ("analyzer.new", "unjudged")):
        text = lane_file(found, name)
        if text is not None:
            found.sums[what] = len(text.splitlines())


def rows(found, short):
    value = found.sums.get
    inputs = sum(found.inputs.values()) if found.inputs else None
    return [
        ("fuzz inputs tried", inputs, ">=", 1000000),
        ("fuzz targets", len(found.inputs) or None, ">=", 16),
        ("cases against the model", value("cases"), ">=", 2000),
        ("deviations that doctor knows", value("known"), "", None),
        ("of 1,000, nobody explains", 1000 * value("disagree") // value("cases") if value("cases") else None, "<=", 10),
        ("hostile guests survived, traced", value("guests"), ">=", 50 if short else 100),
        ("hostile guests survived, untraced", value("untraced"), ">=", 50 if short else 100),
        ("forbidden calls stopped", value("calls"), ">=", 17),
        ("faults injected", value("faults"), ">=", 600),
        ("kills survived", value("kills"), ">=", 200),
        ("endurance, longest run in s", value("endured"), ">=", 150 if short else 3600),
        ("VMM lines covered, %", value("lines"), ">=", 90),
        ("model branches covered, %", value("branches"), ">=", 100),
        ("findings of gcc -fanalyzer, not judged", value("unjudged"), "<=", 0),
        ("installed files, same in two builds", value("reproduced"), ">=", 60),
        ("tests of this that failed", len(found.failed), "<=", 0),
    ]


def figure(value):
    return "not measured" if value is None else f"{value:,}"


def met(value, how, goal):
    if not how:
        return True
    return value is not None and (value >= goal if how == ">=" else value <= goal)


def main():
    logs = os.path.join(TOP, "build-check", "meson-logs")
    long = os.path.join(logs, "testlog-long.json")  # of lanes.sh long
    short = "--short" in sys.argv[1:]
    given = [word for word in sys.argv[1:] if word != "--short"]
    paths = given or [os.path.join(logs, "testlog.json"), *([long] if os.path.exists(long) else [])]
    missing = [path for path in paths if not os.path.exists(path)]
    if missing:
        print(f"security-table: {missing[0]} is not there: ./check writes it", file=sys.stderr)
        return 2
    found = Found()
    read_logs(found, paths)
    read_lanes(found)
    missed = 0
    print(f"{'short form' if short else 'long form':39} {'found':>14} {'goal':>14}")
    for text, value, how, goal in rows(found, short):
        good = met(value, how, goal)
        missed += not good
        print(f"{text:39} {figure(value):>14} {how + ' ' + figure(goal) if how else '':>14}{'' if good else '  MISSED'}")
    for name, edges in sorted(found.edges.items()):
        reached = found.reached.get(name)
        print(f"{name:39} {found.inputs.get(name, 0):14,} inputs, {edges:,} edges covered"
              f"{': ' + reached if reached else ''}")
    for name, when in found.files.items():
        print(f"{name:39} {when:>16}")
    for what, names in (("failed", found.failed), ("skipped", found.skipped)):
        for name in names:
            print(f"{what}: {name}")
    return 1 if missed else 0


sys.exit(main())
