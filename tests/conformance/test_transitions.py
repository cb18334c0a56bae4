#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What becomes of fabricated events: lines, stacks, what came by the way, what departs."""

import sys
import unittest

sys.dont_write_bytecode = True  # the folder is part of the source

from claims import LINES
from conform import ERROR, FAIL, PASS, SKIP, parse_tap
from transitions import MARK_MAGIC, MARK_SERVICE, Cutter, lines

TSS = 0x1000
RSP0, IST4 = 0x9000, 0xA000
DISPATCHER = 0x140002000


class Events:
    """A trace in the making, as `export --to jsonl` would have it."""

    def __init__(self, departures=()):
        self.cutter = Cutter(dict.fromkeys(departures, "departs"))
        self.sequence = 0
        self.add("STATE", tr_base=hex(TSS))
        for offset, top in ((4, RSP0), (0x24 + 24, IST4)):
            self.add("MEMORY", purpose_name="TABLE", value=hex(TSS + offset),
                     data=top.to_bytes(8, "little").hex())
        self.mark(1)

    def add(self, kind, **fields):
        """One event."""
        self.sequence += 1
        event = {"kind": kind, "vcpu": 0, "sequence": self.sequence, "flags": [], "deviations": [],
                 "from_cs": "0x33", "from_rip": "0x140001000", "from_rsp": "0x7000",
                 "gate_type": "0xe", "error_code": "0x0"} | fields
        self.cutter.take(event)
        return event

    def mark(self, begin):
        """A mark of claim 7 and its return."""
        self.add("SYSCALL", code=hex(MARK_SERVICE), name="service 0xfff",
                 args=[hex(MARK_MAGIC), "0x7", hex(begin), hex(DISPATCHER)])
        self.give_back("SYSRET", "service 0xfff", "SYSCALL", entry_code=hex(MARK_SERVICE),
                       code_name=None, code="0x0")

    def fault(self, name, to_rsp, **fields):
        """An exception."""
        return self.add("EXC", name=name, to_rsp=hex(to_rsp), **fields)

    def give_back(self, kind, name, entry_kind, **fields):
        """The return of the event before."""
        defaults = {"name": name, "entry_kind_name": entry_kind, "entry_vcpu": 0, "entry_distance": 1,
                    "entry_code": "0x0", "to_rip": hex(DISPATCHER), "to_cs": "0x33",
                    "to_rflags": "0x202", "to_rsp": "0x7000"}
        return self.add(kind, **(defaults | fields))

    def lines(self, *expected):
        """Of claim 7, which expects these."""
        return lines(self.cutter.claims[7], expected)


class Transitions(unittest.TestCase):
    """One behaviour each."""

    def check(self, events, *expected):
        """Also: every line is one that a claim may expect."""
        self.assertEqual(events.lines(*expected), list(expected))
        for line in expected:
            self.assertTrue(any(form.fullmatch(line) for form in LINES), line)

    def test_dispatched(self):
        """The usual pair, with an error code and without."""
        events = Events()
        events.fault("#UD", RSP0 - 40)
        events.give_back("IRET", "#UD", "EXC")
        events.fault("#GP", RSP0 - 48, flags=["HAS_ERROR_CODE"], error_code="0x10")
        events.give_back("IRET", "#GP", "EXC", to_rip="0x140001002")
        self.check(events, "EXC #UD from 3 on RSP0", "IRET #UD to dispatcher",
                   "EXC #GP(0x10) from 3 on RSP0", "IRET #GP to 3")

    def test_stacks(self):
        """The stack is told by the frame, not by the gate."""
        events = Events()
        events.fault("#DB", IST4 - 40, ist=0)
        events.fault("#UD", 0x7000 - 40, from_cs="0x10")
        events.fault("#UD", RSP0 - 48)
        self.assertEqual(events.lines(), [
            "EXC #DB from 3 on IST4", "EXC #UD from 0 on same",
            "EXC #UD from 3 on 0x8fd0, which is no stack of the TSS"])

    def test_other_vcpu(self):
        """What another vCPU does is not the claim's, until its thread returns there; the TSS is that of
        the vCPU."""
        events = Events()
        events.add("STATE", vcpu=1, tr_base=hex(TSS + 0x100))
        events.add("MEMORY", purpose_name="TABLE", value=hex(TSS + 0x104),
                   data=(RSP0 + 0x1000).to_bytes(8, "little").hex())
        events.fault("#UD", RSP0 - 40)
        events.add("NMI", vcpu=1, name="NMI", to_rsp="0x500")
        events.give_back("IRET", "#UD", "EXC", vcpu=1, entry_distance=2)
        events.fault("#UD", RSP0 + 0x1000 - 40, vcpu=1)
        events.fault("#UD", RSP0 - 40)
        self.check(events, "EXC #UD from 3 on RSP0", "IRET #UD to dispatcher",
                   "EXC #UD from 3 on RSP0")

    def test_by_the_way(self):
        """A served page fault is left out, unless the claim is about page faults."""
        events = Events()
        events.fault("#PF", RSP0 - 48, flags=["HAS_ERROR_CODE"], error_code="0x4")
        events.give_back("IRET", "#PF", "EXC", to_rip="0x140001000")
        self.assertEqual(events.lines(), [])
        self.check(events, "EXC #PF(0x4) from 3 on RSP0", "IRET #PF to restart")

    def test_freezes(self):
        """An NMI that stops another vCPU is left out, one of the caller's own is not."""
        for vcpu, count in ((0, 2), (1, 1)):
            events = Events()
            events.add("SYSCALL", name="NtSystemDebugControl", code="0x1bd")
            events.add("NMI", name="NMI", to_rsp="0x6fd8", vcpu=vcpu)
            self.assertEqual(len(events.lines()), count)

    def test_not_served(self):
        """A page fault that goes to the program is never left out."""
        events = Events()
        events.fault("#PF", RSP0 - 48, flags=["HAS_ERROR_CODE"], error_code="0x4")
        events.give_back("IRET", "#PF", "EXC")
        self.assertEqual(len(events.lines()), 2)

    def test_departs(self):
        """A deviation counts, unless it was repaired or doctor finds the same."""
        for deviation, flags, known, count in (
                ("RFLAGS", [], [], 1), ("RFLAGS", [], ["syscall.flags"], 0),
                ("CS", [], ["syscall.flags"], 1), ("SYSCALL_CPL", ["REPAIRED"], [], 0)):
            events = Events(known)
            events.add("SYSCALL", name="NtClose", code="0xf", deviations=[deviation], flags=flags)
            self.assertEqual("departs" in events.lines()[0], count == 1)

    def test_return_departs(self):
        """A system call whose return changes RSP, and a ring 3 without interrupts, are told."""
        events = Events()
        events.add("SYSCALL", name="NtClose", code="0xf")
        events.give_back("SYSRET", "NtClose", "SYSCALL", code_name="STATUS_SUCCESS", to_rsp="0x1")
        events.fault("#UD", RSP0 - 40)
        events.give_back("IRET", "#UD", "EXC", to_rflags="0x2")
        self.assertIn("with RSP 0x1", events.lines()[1])
        self.assertIn("with IF clear", events.lines()[3])

    def test_between_marks(self):
        """What comes behind the end of a claim is nobody's."""
        events = Events()
        events.mark(0)
        events.fault("#UD", RSP0 - 40)
        self.assertEqual(events.lines(), [])


class Output(unittest.TestCase):
    """The four outcomes."""

    def test_outcomes(self):
        """Each by its line; details belong to the line before them."""
        results = parse_tap("ok 1 - a\nnot ok 2 - b\n# why\nok 3 - c # SKIP no\n"
                            "not ok 4 - d # ERROR broken\n1..4\n")
        self.assertEqual(results, {"a": (PASS, []), "b": (FAIL, ["why"]), "c": (SKIP, ["no"]),
                                   "d": (ERROR, ["broken"])})


if __name__ == "__main__":
    unittest.main()
