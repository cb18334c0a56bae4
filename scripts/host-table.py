#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The table of docs/hosts.md: every claim of doctor on every host.

Usage: host-table.py HOST=FILE...    FILE: what `ringscope doctor --host HOST --json` printed
       host-table.py --update DOCUMENT HOST=FILE...    puts it between the marks of the document
"""

import json
import pathlib
import sys

BEGIN, END = "<!-- host-table.py -->\n", "<!-- end -->\n"
SIGNS = {"ok": "ok", "departs": "**departs**", "absent": "absent", "skip": "–"}


def read(argument):
    name, _, path = argument.partition("=")
    report = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    return name, {line["id"]: line for line in report["lines"]}, report


def sign(line):
    if line is None:
        return ""
    return SIGNS[line["status"]] + (", repaired" if line["repaired"] else "")


def claims(hosts):
    """Of all hosts, in the order of the first."""
    first = {}
    for _, lines, _ in hosts:
        for identifier, line in lines.items():
            first.setdefault(identifier, line)
    return first


def table(hosts):
    out = ["| claim | what should be so | " + " | ".join(name for name, _, _ in hosts) + " |",
           "|---|---|" + "---|" * len(hosts)]
    group = None
    for identifier, line in claims(hosts).items():
        if line["group"] == "ring0" and all(
                host.get(identifier, line)["status"] in ("ok", "skip") for _, host, _ in hosts):
            continue  # instructions that execute everywhere
        if line["group"] != group:
            group = line["group"]
            out.append(f"| **{group}** | |" + " |" * len(hosts))
        cells = (sign(host.get(identifier)) for _, host, _ in hosts)
        claim = line["claim"].replace("|", "\\|")
        out.append(f"| `{identifier}` | {claim} | " + " | ".join(cells) + " |")
    for status in ("ok", "departs", "absent", "skip"):
        cells = (str(report["summary"][status]) for _, _, report in hosts)
        out.append(f"| all | {status} | " + " | ".join(cells) + " |")
    return "\n".join(out) + "\n"


def update(path, text):
    document = pathlib.Path(path)
    before, _, rest = document.read_text(encoding="utf-8").partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        sys.exit(f"host-table.py: {path} has no marks")
    document.write_text(before + BEGIN + text + END + after, encoding="utf-8")


def main():
    arguments = sys.argv[1:]
    if not arguments:
        sys.exit(__doc__)
    if arguments[0] == "--update":
        update(arguments[1], table([read(argument) for argument in arguments[2:]]))
    else:
        print(table([read(argument) for argument in arguments]), end="")


if __name__ == "__main__":
    main()
