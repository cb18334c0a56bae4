#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the reason of each skip, and the closing line, from the testlog.json of each meson run."""

import json
import sys


def skip_reason(entry):
    for line in (entry.get("stdout") or "").splitlines():
        for mark in ("# SKIP", "skipped: "):  # of TAP, of the unit tests
            if mark in line:
                return line.split(mark, 1)[1].strip()
    return "no reason given"


def main():
    entries = []
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as log:
            entries += [json.loads(line) for line in log if line.strip()]
    passed = sum(entry["result"] == "OK" for entry in entries)
    skipped = [entry for entry in entries if entry["result"] == "SKIP"]
    failed = len(entries) - passed - len(skipped)
    for entry in skipped:
        print(f"skipped: {entry['name']}: {skip_reason(entry)}")
    print(f"{passed} passed, {failed} failed, {len(skipped)} skipped")
    return 1 if failed or not passed else 0


sys.exit(main())
