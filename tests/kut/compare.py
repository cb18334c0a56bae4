#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tests of kvm-unit-tests under ringscope and under QEMU on the same KVM: the lines that each
test prints must be equal up to numbers that are measured.

compare.py RINGSCOPE DIR [NAME...] prints one line for each test: its status and its counts of PASS,
FAIL and SKIP lines, how it ended where it did not pass, here and there, and whether the lines are
the same. With --trace ringscope traces,
so the same is said of the traced tests. --against ringscope compares traced with untraced, without
QEMU. The exit status is 1 when QEMU had a result that ringscope did not come to, or the lines of
traced and untraced tests differ.
"""

import argparse
import fnmatch
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time

ENDS = {124: "timeout", 127: "aborted", -6: "QEMU aborted", 134: "QEMU aborted",
        139: "the emulated host ended"}
# What passes under QEMU and need not here: docs/kvm-unit-tests.md says why.
EXCEPTIONS = ("intel_iommu",)
WORDS = ("PASS", "FAIL", "SKIP", "XFAIL", "XPASS", "KFAIL", "ABORT")


def read_config(path):
    """The tests of unittests.cfg, as dictionaries."""
    tests = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.strip()
            if line.startswith("[") and line.endswith("]"):
                tests.append({"name": line[1:-1], "smp": "1"})
            elif "=" in line and not line.startswith("#"):
                key, value = (part.strip() for part in line.split("=", 1))
                tests[-1][key] = value
    return tests


def qemu_options(test):
    """QEMU's options of a test, with the processor that KVM has in place of the one it names."""
    words = iter(shlex.split(test.get("qemu_params", test.get("extra_params", ""))))
    result = []
    cpu = ["host", "-arch-capabilities"]
    for word in words:
        if word == "-cpu":
            features = next(words, "").split(",")[1:]
            cpu += [feature for feature in features if "phys-bits" not in feature]
        elif word != "-enable-kvm":
            result.append(word)
    return result + ["-cpu", ",".join(cpu)]


def arguments(test):
    """The first word of test_args, as the suite's scripts pass it."""
    text = test.get("test_args", "").replace("`date +%s`", str(int(time.time())))
    words = shlex.split(text)
    return ["-append", words[0]] if words else []


def qemu_command(qemu, directory, test):
    """As the suite's x86/run has it."""
    command = [qemu, "--no-reboot", "-nodefaults", "-global", "kvm-pit.lost_tick_policy=discard",
               "-device", "pc-testdev", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4",
               "-display", "none", "-serial", "stdio", "-machine", "accel=kvm",
               "-kernel", os.path.join(directory, test["file"]), "-smp", test["smp"]]
    return command + arguments(test) + qemu_options(test)


def run_qemu(qemu, directory, test, timeout):
    """Status and output under QEMU."""
    try:
        done = subprocess.run(qemu_command(qemu, directory, test), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=timeout, check=False)
        return done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        return 124, (late.stdout or b"").decode(errors="replace")


def read_nested(path):
    """What nested.py printed: status and output of each test."""
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read().replace("\r\n", "\n")
    found = re.findall(r"^@@begin (\S+)$(.*?)^@@end \1 (\d+)$", text, re.MULTILINE | re.DOTALL)
    return {name: (int(status), output) for name, output, status in found}


def run_ringscope(ringscope, options, test, timeout, trace):
    """Status, output and how it failed under ringscope; None as status: it cannot be run, and why."""
    with tempfile.TemporaryDirectory() as logs:
        command = [ringscope, "test", "--kut", options.directory, "--log", logs, "-q",
                   "--timeout", str(timeout), "--repair", options.repair]
        if options.host:
            command += ["--host", options.host]
        if trace is not None:
            command += ["--trace=" + trace]
        done = subprocess.run(command + [test["name"]], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        said = done.stdout.decode(errors="replace")
        path = os.path.join(logs, test["name"] + ".log")
        reason = re.search(r"\((.*)\)", said)
        if not os.path.exists(path):
            return None, reason.group(1) if reason else said, ""
        with open(path, encoding="utf-8", errors="replace") as file:
            status = said.split(" ", 1)[0]
            how = f" ({reason.group(1)[:70]})" if status == "FAIL" and reason else ""
            return status, file.read(), how


def report_lines(output):
    """The lines that report something, with measured numbers taken out, and what ringscope says behind
    one that the guest did not end."""
    lines = [line.split("ringscope: ")[0].strip() for line in output.splitlines()]
    lines = [line for line in lines if line.split(":", 1)[0] in WORDS]
    return [re.sub(r"0x[0-9a-f]+|\b[0-9a-f]{8,16}\b|\b\d+\b", "N", line) for line in lines]


def counts(output):
    """PASS / FAIL / SKIP."""
    words = [line.strip().split(":", 1)[0] for line in output.splitlines()]
    return " / ".join(str(words.count(word)) for word in ("PASS", "FAIL", "SKIP"))


def is_refusal(output):
    """QEMU's own last word, that is not a warning: of a test that prints nothing, status 1 may be its pass."""
    lines = [line for line in output.splitlines() if line.strip()]
    return bool(lines) and lines[-1].startswith("qemu-system") and ": warning: " not in lines[-1]


def verdict(status, output):
    """What the suite's runner makes of QEMU's exit status; QEMU's own refusals have status 1, too."""
    if is_refusal(output) and not report_lines(output):
        return "FAIL"
    return {1: "PASS", 77: "SKIP"}.get(status, "FAIL")


def run_there(options, test, directory, timeout):
    """The same of the other side."""
    if options.against == "ringscope":
        return run_ringscope(options.ringscope, options, test, timeout, None)
    status, output = (options.nested[test["name"]] if options.nested else
                      run_qemu(options.qemu, directory, test, timeout))
    there = verdict(status, output)
    return there, output, f" ({ENDS.get(status, status)})" if there == "FAIL" else ""


def begins(short, long):
    """Whether the lines of `long` begin with those of `short`, whose last one may have been cut."""
    count = len(short)
    return count == 0 or (count <= len(long) and short[:-1] == long[:count - 1] and
                          long[count - 1].startswith(re.sub(r"0x?$", "", short[-1])))


def relation(ours, theirs):
    """Of two lists of lines."""
    if ours == theirs:
        return "same"
    if begins(ours, theirs) or begins(theirs, ours):
        return f"same first {min(len(ours), len(theirs))}"
    return next((f"differ at {i + 1}: {a[:60]}" for i, (a, b) in enumerate(zip(ours, theirs)) if a != b),
                "differ at the end")


def falls_short(options, here, there, same):
    """The other side came to a result that this one did not, or a trace changed one."""
    if options.against == "ringscope":
        return same.startswith("differ")
    return here != there and there != "FAIL"


def is_there(options, test):
    """Whether the other side has, or will have, a result."""
    return options.against == "ringscope" or not options.nested or test["name"] in options.nested


def compare_unable(options, test, directory, reason):
    """One line of the table, for what this side cannot run. False: the other side passes it."""
    there, result = "", ""
    if options.against == "qemu" and is_there(options, test):
        there, other, how = run_there(options, test, directory, options.timeout)
        result = f"{there} {counts(other)}{how}"
    print(f"| {test['name']} | cannot be run: {reason} | {result} | |", flush=True)
    return there != "PASS" or test["name"] in EXCEPTIONS


def compare(options, test, directory):
    """One line of the table. False: this side fell short, with the longer time, too: what else the
    machine does decides on which side a slow test comes to its end in time."""
    timeout = options.timeout
    here, output, how = run_ringscope(options.ringscope, options, test, timeout, options.trace)
    if here is None:
        return compare_unable(options, test, directory, output)
    if not is_there(options, test):
        print(f"| {test['name']} | {here} {counts(output)}{how} | not run | |", flush=True)
        return True
    there, other, other_how = run_there(options, test, directory, timeout)
    same = relation(report_lines(output), report_lines(other))
    again = ""
    if options.again > timeout and (same.startswith("differ") or falls_short(options, here, there, same)):
        timeout = options.again
        again = f", again with {timeout:g} s"
        here, output, how = run_ringscope(options.ringscope, options, test, timeout, options.trace)
        there, other, other_how = run_there(options, test, directory, timeout)
        same = relation(report_lines(output), report_lines(other))
    print(f"| {test['name']} | {here} {counts(output)}{how} | {there} {counts(other)}{other_how} | {same}{again} |",
          flush=True)
    return not falls_short(options, here, there, same)


def main():
    """Runs what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("ringscope")
    parser.add_argument("directory")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--qemu", default="qemu-system-x86_64")
    parser.add_argument("--against", choices=("qemu", "ringscope"), default="qemu")
    parser.add_argument("--nested", type=read_nested, metavar="FILE")
    parser.add_argument("--trace", nargs="?", const="", default=None, metavar="EXPR")
    parser.add_argument("--host")
    parser.add_argument("--repair", choices=("on", "off"), default="off")
    parser.add_argument("--timeout", type=float, default=45)
    parser.add_argument("--again", type=float, default=0, metavar="SECONDS",
                        help="once more, with so much time, where this side fell short or lines differ")
    options = parser.parse_intermixed_args()
    directory = os.path.join(options.directory, "x86")
    good = True
    tests = [test for test in read_config(os.path.join(directory, "unittests.cfg"))
             if test.get("arch", "x86_64") == "x86_64" and
             (not options.names or any(fnmatch.fnmatch(test["name"], name) for name in options.names))]
    for number, test in enumerate(tests, 1):
        print(f"{number}/{len(tests)} {test['name']}", file=sys.stderr, flush=True)
        good &= compare(options, test, directory)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
