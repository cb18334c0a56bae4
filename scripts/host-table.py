#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tables of docs/hosts.md: every claim of doctor, and every transition, on every host.

Usage: host-table.py claims [--update DOCUMENT] HOST=FILE...
           FILE: what `ringscope doctor --host HOST --json` printed
       host-table.py transitions [--update DOCUMENT] HOST=FILE...
           FILE: `ringscope export --to jsonl` of a trace that was recorded on HOST

Prints the table, or puts it between the marks of the document. scripts/host-tables.sh measures and
does both.
"""

import json
import pathlib
import re
import sys
from collections import Counter, defaultdict

END = "<!-- end -->\n"
SIGNS = {"ok": "ok", "departs": "**departs**", "absent": "absent", "skip": "–"}


def sign(line):
    """One claim on one host."""
    if line is None:
        return ""
    return SIGNS[line["status"]] + (", repaired" if line["repaired"] else "")


def claims_of(hosts):
    """Of all hosts, in the order of the first."""
    first = {}
    for report in hosts.values():
        for line in report["lines"]:
            first.setdefault(line["id"], line)
    return first


def claim_table(texts):
    """Each claim, by its group."""
    hosts = {name: json.loads(text) for name, text in texts.items()}
    lines = {name: {line["id"]: line for line in report["lines"]} for name, report in hosts.items()}
    out = ["| claim | what should be so | " + " | ".join(hosts) + " |",
           "|---|---|" + "---|" * len(hosts)]
    group = None
    for identifier, line in claims_of(hosts).items():
        if line["group"] == "ring0" and all(
                host.get(identifier, line)["status"] in ("ok", "skip") for host in lines.values()):
            continue  # instructions that execute everywhere
        if line["group"] != group:
            group = line["group"]
            out.append(f"| **{group}** | |" + " |" * len(hosts))
        cells = (sign(host.get(identifier)) for host in lines.values())
        claim = line["claim"].replace("|", "\\|")
        out.append(f"| `{identifier}` | {claim} | " + " | ".join(cells) + " |")
    for status in ("ok", "departs", "absent", "skip"):
        cells = (str(report["summary"][status]) for report in hosts.values())
        out.append(f"| all | {status} | " + " | ".join(cells) + " |")
    return "\n".join(out) + "\n"


# Kinds of events in the order of the table; the others are no transitions.
KINDS = {
    "SYSCALL": "SYSCALL", "SYSRET": "SYSRET", "INT": "INT n", "EXC": "exception", "NMI": "NMI",
    "MC": "machine check", "IRQ": "interrupt", "IRET": "IRET", "WRMSR": "WRMSR", "RDMSR": "RDMSR",
}
COMPATIBILITY_CS = 0x23


def ring(event, end):
    """From or to which ring, as the selector says."""
    selector = event.get(f"{end}_cs")
    if selector is None:
        return ""
    if int(selector, 16) == COMPATIBILITY_CS:
        return f"{end} 32-bit code of ring 3"
    return f"{end} ring {int(selector, 16) & 3}"


def transition(event):
    """What row an event is in: (kind, what, between which rings); None: in none."""
    kind = event["kind"]
    if kind not in KINDS:
        return None
    what = ""
    if kind in ("EXC", "IRQ"):
        what = event["name"]
    elif kind == "INT":
        what = f"{event['vector']:#x}"
    elif kind in ("WRMSR", "RDMSR"):
        what = event["code_name"]
    elif kind == "IRET":
        what = {"EXC": "of an exception", "INT": "of INT n", "NMI": "of an NMI",
                "IRQ": "of an interrupt", "SYSCALL": "of SYSCALL"}.get(event["entry_kind_name"], "")
    return kind, what, ring(event, "to" if kind in ("SYSRET", "IRET") else "from")


def read_events(text):
    """Row -> [number of events, how often they depart how, how many were repaired]."""
    rows = defaultdict(lambda: [0, Counter(), 0])
    for line in text.splitlines():
        event = json.loads(line)
        key = transition(event)
        if key is None:
            continue
        row = rows[key]
        row[0] += 1
        row[1].update(event["deviations"])
        row[2] += "REPAIRED" in event["flags"]
    return rows


def verdict(row):
    """The model's, on all events of a row of one host."""
    if row is None:
        return "–"
    count, departures, repaired = row
    if not departures:
        return f"{count} ok"
    names = ", ".join(f"{n} {name}" for name, n in sorted(departures.items()))
    return f"{count}, **{names}**" + (f", {repaired} repaired" if repaired else "")


def order(key):
    """Kinds as above, vectors by number where the name has one."""
    kind, what, rings = key
    number = re.search(r"0x[0-9a-f]+", what)
    return list(KINDS).index(kind), int(number[0], 16) if number else 0, what, rings


def transition_table(texts):
    """Each transition, with the model's verdict."""
    hosts = {name: read_events(text) for name, text in texts.items()}
    out = ["| transition | " + " | ".join(hosts) + " |", "|---|" + "---|" * len(hosts)]
    for key in sorted({key for rows in hosts.values() for key in rows}, key=order):
        kind, what, rings = key
        label = " ".join(word for word in (KINDS[kind], what, rings) if word)
        cells = (verdict(rows.get(key)) for rows in hosts.values())
        out.append(f"| {label} | " + " | ".join(cells) + " |")
    totals = (f"{sum(row[0] for row in rows.values())}, of which "
              f"{sum(sum(row[1].values()) for row in rows.values())} departures"
              for rows in hosts.values())
    out.append("| **all** | " + " | ".join(totals) + " |")
    return "\n".join(out) + "\n"


TABLES = {"claims": (claim_table, "<!-- host-table.py claims -->\n"),
          "transitions": (transition_table, "<!-- host-table.py transitions -->\n")}


def update(path, begin, text):
    """Between the marks."""
    document = pathlib.Path(path)
    before, _, rest = document.read_text(encoding="utf-8").partition(begin)
    _, found, after = rest.partition(END)
    if not found:
        sys.exit(f"host-table.py: {path} has no marks {begin.strip()} and {END.strip()}")
    document.write_text(before + begin + text + END + after, encoding="utf-8")


def main():
    """Returns nothing: what is wrong ends it."""
    arguments = sys.argv[1:]
    if not arguments or arguments[0] not in TABLES:
        sys.exit(__doc__)
    make, begin = TABLES[arguments.pop(0)]
    document = None
    if arguments[:1] == ["--update"]:
        document = arguments[1] if len(arguments) > 1 else sys.exit(__doc__)
        arguments = arguments[2:]
    if not arguments or any("=" not in argument for argument in arguments):
        sys.exit(__doc__)
    texts = {}
    for argument in arguments:
        name, path = argument.split("=", 1)
        texts[name] = pathlib.Path(path).read_text(encoding="utf-8")
    if document:
        update(document, begin, make(texts))
    else:
        print(make(texts), end="")


if __name__ == "__main__":
    main()
