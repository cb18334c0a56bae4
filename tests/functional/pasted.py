#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the documents show is what this version prints: runs each command of a fenced block that
begins with `$ ringscope` and looks for the lines below it, in their order. Lines may be left out of
a document. Addresses and other long numbers are taken for the same: they move with every change of
the kernel. Marks of departures and comments of TAP are left out, since they are the host's. A block
whose fence says what it is (```text) depends on time, and is not run.

Usage: pasted.py RINGSCOPE DOCUMENT...           TAP, one line for each command
       pasted.py --update RINGSCOPE DOCUMENT...  puts the numbers of this version into the documents
"""

import pathlib
import re
import shlex
import subprocess
import sys

SECONDS = 120
HOST_MISSING = 119
# A command that a shell would have to take apart is for the reader only.
SHELL = re.compile(r"[|<>&;]")
NUMBERS = re.compile(r"(?:0x)?[0-9a-f]{8}`[0-9a-f]{8}|(?:0x)?\b[0-9a-f]{7,}\b|0x[0-9a-f]{4,}\b"
                     r"|\+0x[0-9a-f]+|\b\d{3,}\b")
DEPARTS = re.compile(r" !\w+(?: \((?:repaired|known)\))?")


def normal(line):
    """A line without what may differ."""
    return " ".join(NUMBERS.sub("#", DEPARTS.sub("", line)).split())


class Command:
    """One command of a document, and the lines below it: (number in the document, text)."""

    def __init__(self, text):
        self.text = text
        self.lines = []

    def run(self, ringscope):
        """What it prints, on both streams; None: its host is not there."""
        done = subprocess.run([ringscope, *shlex.split(self.text)[1:]], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", timeout=SECONDS, check=False)
        return None if done.returncode == HOST_MISSING else done.stdout.splitlines()

    def match(self, printed):
        """Pairs (number in the document, printed line), and the first line that is missing."""
        pairs = []
        at = 0
        for number, line in self.lines:
            wanted = normal(line)
            if wanted in ("", "...") or line.startswith("# ") or "the host departed" in line:
                continue
            found = next((i for i in range(at, len(printed)) if normal(printed[i]) == wanted), None)
            if found is None:
                return pairs, line
            pairs.append((number, printed[found]))
            at = found + 1
        return pairs, None


def commands(lines):
    """The commands of a document that can be run."""
    found = []
    current = None
    fenced = False
    for number, line in enumerate(lines):
        if line.startswith("```"):
            fenced = not fenced and line == "```"
            current = None
        elif fenced and line.startswith("$ "):
            current = None
            if line.startswith("$ ringscope ") and not SHELL.search(line):
                current = Command(line[2:])
                found.append(current)
        elif current:
            current.lines.append((number, line))
    return [command for command in found if command.lines]


def renewed(text, numbers):
    """A command with the numbers that earlier ones have now."""
    return NUMBERS.sub(lambda match: numbers.get(match[0], match[0]), text)


def update(path, ringscope):
    """Only lines that are still printed, with other numbers, change; and the numbers that commands
    take over from them."""
    lines = path.read_text(encoding="utf-8").splitlines()
    numbers = {}
    for command in commands(lines):
        where = lines.index(f"$ {command.text}")
        command.text = renewed(command.text, numbers)
        lines[where] = f"$ {command.text}"
        pairs, missing = command.match(command.run(ringscope) or [])
        for number, line in pairs:
            numbers |= dict(zip(NUMBERS.findall(lines[number]), NUMBERS.findall(line)))
            lines[number] = line
        if missing is not None:
            print(f"{path}: $ {command.text}: not printed any more: {missing}", file=sys.stderr)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test(paths, ringscope):
    """TAP."""
    count = bad = 0
    for path in paths:
        for command in commands(path.read_text(encoding="utf-8").splitlines()):
            printed = command.run(ringscope)
            if printed is None:
                print(f"1..0 # SKIP the host of '{command.text}' is not there")
                return 0
            missing = command.match(printed)[1]
            count += 1
            bad += missing is not None
            print(f"{'' if missing is None else 'not '}ok {count} - {path.name}: {command.text}")
            if missing is not None:
                print(f"# not printed, or not in this order: {missing}")
    print(f"1..{count}")
    return bad != 0


def main(arguments):
    """As the head says."""
    updating = arguments[:1] == ["--update"]
    arguments = arguments[updating:]
    if len(arguments) < 2:
        sys.exit(__doc__)
    paths = [pathlib.Path(name) for name in arguments[1:]]
    if not updating:
        return test(paths, arguments[0])
    for path in paths:
        update(path, arguments[0])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
