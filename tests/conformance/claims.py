# SPDX-License-Identifier: MIT
"""The claims in guest/conformance: what the head of each file says, checked for its form.

claims.py FOLDER prints them as the table in docs/conformance.md.
"""

import dataclasses
import pathlib
import re
import sys

FIELDS = ("Claim", "Reference", "Conditions", "Needs", "Ends", "Trace", "Shadow")
REQUIRED = ("Claim", "Reference", "Conditions", "Trace")
# What the harness is made of holds no claim.
HARNESS = ("harness", "main", "pages")

STACK = r"(RSP0|IST[1-7]|same)"
FROM = r"from ([0-3]|3 compatibility)"
CODE = r"\((0|0x[0-9a-f]+)\)"
LINES = [re.compile(form) for form in (
    rf"EXC #[A-Z]+({CODE})? {FROM} on {STACK}",
    rf"(NMI|IRQ) [A-Z]+ {FROM} on {STACK}",
    rf"INT 0x[0-9a-f]+( \S+)? {FROM} on {STACK}( through gate 0xf)?",
    rf"SYSCALL \S+ {FROM}",
    r"SYSRET \S+ = \S+",
    r"IRET \S+ to (dispatcher|restart|[0-3]|3 compatibility)",
    r"(WRMSR|RDMSR) \S+",
)]
NO_TRANSITION = "none"
ANY_TRANSITIONS = "any"


class BadClaim(Exception):
    """The head of a file is not what docs/conformance.md says."""


@dataclasses.dataclass
class Claim:
    """One file."""
    name: str
    text: str
    reference: str
    needs: list
    ends: str  # the status with which the program ends, or how the machine does, or ""
    trace: list  # expected lines; None: any


def head(path):
    """The fields of the comment at the head of a file, each a list of lines."""
    text = path.read_text(encoding="utf-8")
    comment = text[:text.find("*/")].splitlines()[1:]
    fields = {}
    field = None
    for line in comment:
        line = line.removeprefix(" *").rstrip()
        match = re.match(r" ([A-Z][a-z]+): (.*)", line)
        if match and match[1] in FIELDS:
            field = fields.setdefault(match[1], [])
            line = match[2]
        if field is not None and line.strip():
            field.append(line.strip())
    return fields


def read_claim(path, shadow):
    """One file as a Claim, of a guest with KVA shadow or without; BadClaim when its head is not
    complete."""
    fields = head(path)
    for name in REQUIRED:
        if not fields.get(name):
            raise BadClaim(f"{path}: no '{name}:' in the comment at its head")
    for line in fields.get("Shadow", []):
        if not any(form.fullmatch(line) for form in LINES):
            raise BadClaim(f"{path}: Shadow: '{line}' is no line of a trace")
    trace = fields["Shadow"] if shadow and "Shadow" in fields else fields["Trace"]
    if trace == [ANY_TRANSITIONS]:
        trace = None
    elif trace == [NO_TRANSITION]:
        trace = []
    for line in trace or []:
        if not any(form.fullmatch(line) for form in LINES):
            raise BadClaim(f"{path}: Trace: '{line}' is no line of a trace")
    needs = [need.strip() for need in " ".join(fields.get("Needs", [])).split(",")]
    return Claim(path.stem, " ".join(fields["Claim"]), " ".join(fields["Reference"]),
                 [need for need in needs if need], " ".join(fields.get("Ends", [])), trace)


def read_claims(folder, shadow=False):
    """All claims, by name."""
    paths = sorted(pathlib.Path(folder).glob("*.c"))
    return {path.stem: read_claim(path, shadow) for path in paths if path.stem not in HARNESS}


def table(claims):
    """The table of docs/conformance.md."""
    print("| name | claim | reference |")
    print("|---|---|---|")
    for claim in claims.values():
        print(f"| `{claim.name}` | {claim.text} | {claim.reference} |")


if __name__ == "__main__":
    try:
        table(read_claims(sys.argv[1]))
    except BadClaim as error:
        sys.exit(str(error))
