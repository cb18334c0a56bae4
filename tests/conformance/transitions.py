# SPDX-License-Identifier: MIT
"""An exported trace as the lines in which claims say what they expect."""

import dataclasses
import json

MARK_SERVICE = 0xFFF
MARK_MAGIC = 0x434F4E46
MAGIC, INDEX, BEGIN, DISPATCHER = range(4)  # arguments of a mark

# SDM Vol. 3A, "64-Bit Task State Segment (TSS)".
TSS_RSP0 = 0x04
TSS_IST1 = 0x24
FRAME = 5 * 8
RFLAGS_IF = 0x200
RETURNS = ("SYSRET", "IRET")
ENTRIES = ("SYSCALL", "INT", "EXC", "NMI", "IRQ")
POINTS = ("WRMSR", "RDMSR")


# Which line of doctor measures a deviation that traced events are marked with.
MEASURED_BY = {
    ("SYSCALL", "RFLAGS"): "syscall.flags",
    ("EXC", "FRAME"): "rf.pf.ring3",
}


def number(text):
    """A number of the export, which writes hexadecimal ones as strings."""
    return int(text, 0) if isinstance(text, str) else text


class Stacks:
    """The stacks that the TSS names, as the marks of the trace tell its entries."""

    def __init__(self):
        self.tr_bases = {}  # by vCPU
        self.memory = {}

    def see(self, event):
        """Learns from a mark."""
        if event["kind"] == "STATE":
            self.tr_bases[event["vcpu"]] = number(event["tr_base"])
        elif event["kind"] == "MEMORY" and event["purpose_name"] == "TABLE":
            self.memory[number(event["value"])] = bytes.fromhex(event["data"])

    def _entry(self, vcpu, offset):
        data = self.memory.get(self.tr_bases.get(vcpu, 0) + offset, b"")
        return int.from_bytes(data, "little") if len(data) == 8 else None

    def name(self, event):
        """On which stack the frame was pushed: by where it lies, not by what the gate says."""
        size = FRAME + 8 * ("HAS_ERROR_CODE" in event["flags"])
        vcpu = event["vcpu"]
        tops = {f"IST{n}": self._entry(vcpu, TSS_IST1 + 8 * (n - 1)) for n in range(1, 8)}
        if number(event["from_cs"]) & 3:
            tops["RSP0"] = self._entry(vcpu, TSS_RSP0)
        else:
            tops["same"] = number(event["from_rsp"])
        for name, top in tops.items():
            if top and number(event["to_rsp"]) == (top & ~15) - size:
                return name
        return f"{event['to_rsp']}, which is no stack of the TSS"


def ring(selector):
    """The ring of a code segment; selector 23H is compatibility mode."""
    selector = number(selector)
    return "3 compatibility" if selector == 0x23 else str(selector & 3)


def subject(event, kind, name):
    """What is entered or returned from: a service, a vector, INT n by its number."""
    if kind == "SYSCALL":
        return name.removeprefix("service ")
    if kind == "INT":
        return f"{number(event['vector']):#x}"
    return name


class Renderer:
    """Events of one vCPU, in order, as lines."""

    def __init__(self, stacks, dispatcher, departures):
        self.stacks = stacks
        self.dispatcher = dispatcher
        self.departures = departures

    def entry(self, event):
        """SYSCALL NtX from 3; EXC #GP(0x10) from 3 on RSP0."""
        kind = event["kind"]
        line = f"{kind} {subject(event, kind, event['name'])}"
        if kind == "INT" and event["code_name"] and number(event["vector"]) == 0x2E:
            line += f" {event['code_name']}"
        if kind == "EXC" and "HAS_ERROR_CODE" in event["flags"]:
            code = number(event["error_code"])
            line += f"({code:#x})" if code else "(0)"
        line += f" from {ring(event['from_cs'])}"
        if kind == "SYSCALL":
            return line
        gate = "" if number(event["gate_type"]) == 0xE else f" through gate {event['gate_type']}"
        return f"{line} on {self.stacks.name(event)}{gate}"

    def returned(self, event, entry):
        """SYSRET NtX = STATUS; IRET #UD to dispatcher."""
        line = f"{event['kind']} {subject(event, event['entry_kind_name'], event['name'])}"
        if event["kind"] == "SYSRET":
            line += f" = {event['code_name'] or event['code']}"
            if number(event["to_cs"]) != 0x33:
                line += f" to CS {event['to_cs']}"
            if entry and number(event["to_rsp"]) != number(entry["from_rsp"]):
                line += f" with RSP {event['to_rsp']}, {entry['from_rsp']} before"
            return line
        if number(event["to_cs"]) & 3 and not number(event["to_rflags"]) & RFLAGS_IF:
            line += " with IF clear"
        if number(event["to_rip"]) == self.dispatcher and number(event["to_cs"]) == 0x33:
            return f"{line} to dispatcher"
        if is_restart(event, entry):
            return f"{line} to restart"
        return f"{line} to {ring(event['to_cs'])}"

    def line(self, event, entry):
        """One event; where the transition departs from the SDM, was not put right, and doctor does
        not find that of this host, the line says so."""
        if event["kind"] in RETURNS:
            line = self.returned(event, entry)
        elif event["kind"] in POINTS:
            line = f"{event['kind']} {event['name'].removeprefix(event['kind']).strip()}"
        else:
            line = self.entry(event)
        unknown = [name for name in event["deviations"]
                   if MEASURED_BY.get((event["kind"], name)) not in self.departures]
        if unknown and "REPAIRED" not in event["flags"]:
            line += f" departs: {', '.join(unknown)}"
        return line


def is_restart(event, entry):
    """The return goes to the instruction that faulted, in the ring that it came from."""
    return (event["kind"] == "IRET" and entry is not None and entry["kind"] == "EXC"
            and number(event["to_rip"]) == number(entry["from_rip"])
            and ring(event["to_cs"]) == ring(entry["from_cs"])
            and entry["name"] == "#PF")


def by_the_way(first, last, expected):
    """Page faults that were served and interrupts, in a claim that names none: they may come."""
    named = " ".join(expected)
    if first["kind"] == "IRQ":
        return "IRQ " not in named
    return "#PF" not in named and is_restart(last, first)


@dataclasses.dataclass
class Transition:
    """One event of a claim, as a line."""
    event: dict
    entry: dict  # that a return closes, or None
    line: str


def key_of(event):
    """What identifies an event."""
    return number(event["vcpu"]), number(event["sequence"])


def freezes(event, caller):
    """A bug check stops the processors that it did not happen on: an NMI on another vCPU than the
    one that the last system call came from."""
    return event["kind"] == "NMI" and caller is not None and number(event["vcpu"]) != caller


def lines(transitions, expected):
    """The lines of a claim, without what came by the way."""
    passing = set()
    caller = None
    for transition in transitions:
        entry, event = transition.entry, transition.event
        if event["kind"] == "SYSCALL":
            caller = number(event["vcpu"])
        if freezes(event, caller):
            passing.add(key_of(event))
        if entry and by_the_way(entry, event, expected):
            passing |= {key_of(entry), key_of(event)}
    return [transition.line for transition in transitions
            if key_of(transition.event) not in passing]


def mark_of(event):
    """The arguments of a mark, or None."""
    if event["kind"] != "SYSCALL" or number(event["code"]) != MARK_SERVICE:
        return None
    arguments = [number(argument) for argument in event["args"]]
    return arguments if len(arguments) > DISPATCHER and arguments[MAGIC] == MARK_MAGIC else None


def entry_key(event):
    """vCPU and sequence number of the entry that a return closes: the distance is modulo 2^32."""
    distance = number(event["entry_distance"])
    if event["entry_vcpu"] != event["vcpu"] and distance >= 1 << 31:
        distance -= 1 << 32
    return number(event["entry_vcpu"]), number(event["sequence"]) - distance


class Cutter:
    """Takes the events of a run one after another, and keeps those between two marks, on the vCPU
    that the claim's thread is on: that of the mark, or of a later return from what was entered."""

    def __init__(self, departures):
        self.departures = departures
        self.stacks = Stacks()
        self.claims = {}  # by index in the run
        self.current = None
        self.vcpu = None
        self.renderer = None
        self.entries = {}

    def mark(self, arguments, vcpu):
        """The next claim begins, or one ends."""
        self.current = None
        self.vcpu = vcpu
        self.entries = {}
        if arguments[BEGIN]:
            self.current = self.claims.setdefault(arguments[INDEX], [])
            self.renderer = Renderer(self.stacks, arguments[DISPATCHER], self.departures)

    def take(self, event):
        """One event of the trace."""
        self.stacks.see(event)
        arguments = mark_of(event)
        if arguments:
            self.mark(arguments, event["vcpu"])
        if arguments or self.current is None:
            return
        entry = self.entries.get(entry_key(event)) if event["kind"] in RETURNS else None
        if entry:
            self.vcpu = event["vcpu"]
        if event["vcpu"] != self.vcpu or event["kind"] not in ENTRIES + RETURNS + POINTS:
            return
        if event["kind"] in ENTRIES:
            self.entries[number(event["vcpu"]), number(event["sequence"])] = event
        elif event["kind"] in RETURNS and not entry and (
                number(event["entry_code"]) == MARK_SERVICE):
            return  # of the mark itself
        self.current.append(Transition(event, entry, self.renderer.line(event, entry)))


def cut(path, departures):
    """The transitions of each claim by its index in the run; `departures`: lines of doctor."""
    cutter = Cutter(departures)
    with open(path, encoding="utf-8") as file:
        for text in file:
            event = json.loads(text)
            if event["kind"] != "HEADER":
                cutter.take(event)
    return cutter.claims
