#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a trace with several vCPUs must have, as JSON lines: smp_check.py FILE [kernel].

Without `kernel` it is one of tests/guest/smp.S, of which more is known."""

import collections
import json
import sys

UDS = 8
ROUNDS = 40
THREADS = 2
HALF = 1 << 31


def number(text):
    """A number of the export, which writes hexadecimal ones as strings."""
    return int(text, 0) if isinstance(text, str) else text


def entry_of(event, entries):
    """The entry that a return closes; its distance is modulo 2^32."""
    distance = number(event["entry_distance"])
    if event["entry_vcpu"] != event["vcpu"] and distance >= HALF:
        distance -= 2 * HALF
    return entries[event["entry_vcpu"], event["sequence"] - distance]


def pair(events):
    """Every return with its entry."""
    entries, sequences = {}, collections.defaultdict(list)
    for event in events:
        entries[event["vcpu"], event["sequence"]] = event
        sequences[event["vcpu"]].append(event["sequence"])
    assert all(numbers == list(range(len(numbers))) for numbers in sequences.values())
    for event in events:
        if event["kind"] in ("SYSRET", "IRET"):
            entry = entry_of(event, entries)
            assert entry["kind"] == event["entry_kind_name"], (entry, event)
            assert entry["ts"] < event["ts"], (entry, event)
            yield entry, event


def check_kernel(events):
    """Both processors make calls and take interrupts, and threads move between them."""
    counts = collections.Counter((event["kind"], event["vcpu"]) for event in events)
    for kind in ("SYSCALL", "SYSRET", "IRQ", "EXC"):
        assert counts[kind, 0] > 0 and counts[kind, 1] > 0, counts
    assert any(entry["vcpu"] != event["vcpu"] for entry, event in pair(events))


def check_guest(events):
    """Exactly what tests/guest/smp.S does."""
    counts = collections.Counter()
    calls = set()
    for entry, event in pair(events):
        kind = event["kind"]
        if kind == "SYSRET":
            assert event["vcpu"] != entry["vcpu"], event
            assert number(event["code"]) == number(entry["args"][0]), (entry, event)
            calls.add(number(event["code"]))
        elif kind == "IRET":
            assert event["vcpu"] == entry["vcpu"], event
    for event in events:
        kind = event["kind"]
        if kind == "EXC" and number(event["from_cs"]) & 3 == 0:
            counts["ring 0 #UD", event["vcpu"]] += 1
        if kind == "IRQ":
            counts["IPI", event["vcpu"]] += 1
    assert counts == {("ring 0 #UD", 0): UDS, ("ring 0 #UD", 1): UDS, ("IPI", 1): 1}, counts
    assert calls == {thread << 16 | i for thread in range(THREADS) for i in range(1, ROUNDS + 1)}


def main():
    """Asserts; the exit status is the result."""
    with open(sys.argv[1], encoding="utf-8") as file:
        events = [event for event in map(json.loads, file) if "sequence" in event]
    if sys.argv[2:] == ["kernel"]:
        check_kernel(events)
    else:
        check_guest(events)


main()
