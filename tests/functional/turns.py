#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench/peers: two bare loops and ringscope by turns, and what lies between two KVM_RUN of each. TAP.

turns.py PEERS BUILD RINGSCOPE: the folder of exits.py, the build's root.
"""
import os
import statistics
import subprocess
import sys

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import exits

LIMIT_S = 100
BLOCKS = 150  # of each kind, as in peer_exits.S

failed = 0


def check(number, what, holds, seen):
    global failed
    failed += not holds
    print(f"{'ok' if holds else 'not ok'} {number} - {what}" + ("" if holds else f"\n# {seen}"))


def outside(figures, name, kind):
    return statistics.median(block[2] for block in figures[name][kind])


def main():
    build, ringscope = sys.argv[2:4]
    bare, guest = build + "/bench/bench-bare", build + "/bench/peer_exits-guest"
    if b"libasan" in subprocess.run(["ldd", ringscope], capture_output=True, check=False).stdout:
        print("1..0 # SKIP a sanitizer's library comes before any other that is preloaded")
        return 0
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        print("1..0 # SKIP /dev/kvm cannot be used")
        return 0
    print("TAP version 14\n1..6")
    figures = exits.run_round({
        "bare": [bare], "confined": [bare, "--confined"],
        "ringscope": [ringscope, "run", "--host=kvm", "--repair=off", "--memory", "16M", "--kernel", guest],
    }, build + "/bench/bench-stamps.so", LIMIT_S)
    lengths = {name: [len(kinds[kind]) for kind in exits.KINDS] for name, kinds in figures.items()}
    check(1, "every block but the first is there, of each", all(n == [BLOCKS - 1] * 2 for n in lengths.values()), lengths)
    rows = [block for kinds in figures.values() for blocks in kinds.values() for block in blocks]
    check(2, "nothing takes no time", all(min(row) > 0 for row in rows), min(rows))
    for number, kind in enumerate(exits.KINDS, 3):
        seen = {name: outside(figures, name, kind) for name in figures}
        check(number, f"{kind}: ringscope takes longer between two KVM_RUN than the bare loop, which does nothing",
              seen["bare"] < seen["ringscope"], seen)
    counts = {}
    for name, command in (("bare", [bare]), ("ringscope", [ringscope, "run", "--host=kvm", "--repair=off", "--kernel", guest])):
        result = subprocess.run([build + "/bench/bench-steps", *command], stdin=subprocess.DEVNULL, capture_output=True,
                                text=True, check=False)
        counts[name] = [line.split() for line in result.stdout.split("\n") if line.split()[2:3] == ["0"]] or result.stderr
    check(5, "of both, instructions are counted for both kinds, and there is no system call",
          all([row[0] for row in rows] == list(exits.KINDS) for rows in counts.values()), counts)
    check(6, "ringscope has more of them", all(int(a[1]) < int(b[1]) for a, b in zip(*counts.values())), counts)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
