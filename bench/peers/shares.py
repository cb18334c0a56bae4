# SPDX-License-Identifier: MIT
"""Rows about exits: what one costs, and what of that is the VMM's own share, by three methods."""
import os
import statistics
import subprocess

import exits
import table

GOAL_SHARE = 1 / 5
TRIES = 3  # of counting: a thread that was stopped may have held a lock
TITLES = {"P": "PIO", "M": "MMIO"}
LEAST, BARE, CONFINED = "bare, own descriptors", "bare", "bare, confined"
OURS, OURS_OPEN = "ringscope", "ringscope, no sandbox"


def commands_of(tools, qemu_commands):
    """QEMU repairs nothing; so nothing is hooked here, either."""
    run = [tools.ringscope, "run", "--host=kvm", "--repair=off", "--memory", f"{tools.memory_mib}M"]
    return {LEAST: [tools.bare, "--own-files"], BARE: [tools.bare], CONFINED: [tools.bare, "--confined"],
            OURS: [*run, "--kernel", tools.exits], OURS_OPEN: [*run, "--sandbox=off", "--kernel", tools.exits],
            **qemu_commands}


def with_range(values, digits=0):
    low, high = min(values), max(values)
    middle = f"{statistics.median(values):.{digits}f}"
    return middle if low == high else f"{middle} ({low:.{digits}f} to {high:.{digits}f})"


def share_row(text, ours, theirs):
    """Shares of each round. What the rounds do not agree on is not told: where some find none, only a bound is."""
    if min(theirs) <= 0:
        table.row(text, with_range(ours), with_range(theirs), "", "<= 1/5 | cannot be told")
        return
    if min(ours) <= 0:
        bound = max(0, max(ours)) / min(theirs)
        table.row(text, with_range(ours), with_range(theirs), f"below {bound:.3f}",
                  f"<= 1/5 | {table.verdict(0, bound, GOAL_SHARE)}")
        return
    ratios = [a / b for a, b in zip(ours, theirs)]
    table.row(text, with_range(ours), with_range(theirs), with_range(ratios, 3),
              f"<= 1/5 | {table.verdict(min(ratios), max(ratios), GOAL_SHARE)}")


def sums(a, b):
    return [x + y for x, y in zip(a, b)]


def print_rows(rounds, machines):
    for kind, title in TITLES.items():
        for machine in machines:
            against = f"against -M {machine}"

            def less(figure, name, base):
                return rounds.values(figure, kind, name, base)

            def whole(name, base):
                return sums(less("inside", name, base), less("outside", name, base))

            ours, theirs = (rounds.values("total", kind, name) for name in (OURS, machine))
            table.row(f"one {title} exit by the guest's clock, cycles, {against}", with_range(ours), with_range(theirs),
                      f"{statistics.median(ours) / statistics.median(theirs):.3f}")
            share_row(f"own share of it: that, less the bare loop's of the same turn, {against}",
                      less("total", OURS, BARE), less("total", machine, BARE))
            share_row(f"own share of it: between two KVM_RUN, {against}",
                      less("outside", OURS, BARE), less("outside", machine, BARE))
            share_row(f"own share of it: that, and what KVM_RUN takes longer (seccomp, caches), {against}",
                      whole(OURS, BARE), whole(machine, BARE))
            share_row(f"the same, neither VMM confined (--sandbox=off), {against}",
                      whole(OURS_OPEN, BARE), whole(machine, BARE))
            share_row(f"the same, less a loop whose thread shares no descriptors, {against}",
                      whole(OURS_OPEN, LEAST), whole(machine, LEAST))
            share_row(f"that with ringscope in its sandbox, QEMU in none, {against}",
                      whole(OURS, LEAST), whole(machine, LEAST))
        print_loops(rounds, kind, title)


def print_loops(rounds, kind, title):
    """What the kernel takes for the way that a thread is made."""
    for name, text in ((BARE, "descriptors that are shared, as QEMU's are"),
                       (CONFINED, "ringscope's filter, descriptors not shared")):
        table.row(f"KVM_RUN of a {title} exit in a bare loop: more for {text}",
                  with_range(rounds.values("inside", kind, name, LEAST)), "", "")


def steps_of(tools, command):
    """{kind: (instructions, system calls)} between two KVM_RUN; empty, and why."""
    for _ in range(TRIES):
        result = subprocess.run([tools.steps, *command], stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if result.returncode == 0:
            break
    lines = result.stdout.decode("ascii", "replace").split("\n")
    if result.returncode != 0:
        return {}, result.stderr.decode("utf-8", "replace").strip().split("\n")[-1]
    return {fields[0]: (int(fields[1]), int(fields[2])) for fields in map(str.split, lines)
            if len(fields) == 4 and fields[0] in TITLES}, ""


def print_steps(tools, commands, machines):
    counts = {}
    for name in (BARE, OURS, *machines):
        counts[name], why = steps_of(tools, commands[name])
        if not counts[name]:
            table.row(f"instructions between two KVM_RUN: {name}", f"left out: {why}", "", "")
    for kind, title in TITLES.items():
        for machine in machines:
            if not all(counts[name] for name in (BARE, OURS, machine)):
                continue
            bare = counts[BARE][kind][0]
            ours, theirs = counts[OURS][kind][0] - bare, counts[machine][kind][0] - bare
            calls = f"{counts[OURS][kind][1]} and {counts[machine][kind][1]} system calls"
            table.row(f"own share of one {title} exit: instructions between two KVM_RUN ({calls}), less the bare loop's "
                      f"{bare}, against -M {machine}", str(ours), str(theirs), f"{ours / theirs:.3f}",
                      table.goal(ours / theirs, GOAL_SHARE, "<= 1/5"))


def measure(tools, qemu_commands, before, rounds, limit_s):
    """`before` stands before each command: priority."""
    commands = commands_of(tools, qemu_commands)
    found = exits.Rounds()
    # A host's processors may differ in what an exit costs, so all run on one.
    processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(processors)})
    for _ in range(rounds):
        found.add(exits.run_round({name: [*before, *command] for name, command in commands.items()}, tools.stamps,
                                  limit_s))
    os.sched_setaffinity(0, processors)
    print_rows(found, qemu_commands)
    print_steps(tools, commands, qemu_commands)
