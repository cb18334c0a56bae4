# SPDX-License-Identifier: MIT
"""What an exit costs in each of several VMMs that run the guest peer_exits, a block of exits each by turns.

All run at once, on one processor, with stamps.c preloaded. Of each block there are three figures: what the guest's own
clock says of one exit (`total`), and the medians of the time inside of KVM_RUN (`inside`) and of that between two of them
(`outside`), which is the VMM's own share with the cost of the stamps.
"""
import array
import mmap
import os
import re
import signal
import statistics
import struct
import subprocess
import tempfile
import time

EXITS = 200  # in a block of peer_exits.S
COLD = 10  # first ones of a block, after the others' turns
BLOCKS_MAX = 1024
VMMS_MAX = 12  # stamps.h, as is the layout
HEADER = struct.Struct(f"4I{VMMS_MAX}I")
BLOCK = struct.Struct("2I")
BLOCK_SIZE = BLOCK.size + EXITS * 8
TURN_AT, STATE_AT = 12, 16
TAKES_TURNS, GONE = 1, 2
KINDS = "PM"


def middle(values):
    """The mean between the quartiles: a median would be as coarse as the processor's counter, which goes on in steps."""
    values = sorted(values)
    quarter = len(values) // 4
    return statistics.fmean(values[quarter:len(values) - quarter])


class Vmm:
    """One of those that take turns."""

    def __init__(self, index, command, library, path):
        self.index, self.command = index, command
        environment = {**os.environ, "LD_PRELOAD": library, "RINGSCOPE_STAMPS": f"{path}:{index}"}
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=environment)

    def figures(self, shared):
        """{kind: [(total, inside, outside) of a block]}, without the first, which waits for all to be there."""
        text, errors = self.process.communicate()
        blocks = re.findall(r"^([PM])([0-9a-f]{8})$", text.decode("ascii", "replace"), re.M)
        found = {kind: [] for kind in KINDS}
        for number, (kind, ticks) in enumerate(blocks):
            at = HEADER.size + (self.index * BLOCKS_MAX + number) * BLOCK_SIZE
            stamped, count = BLOCK.unpack_from(shared, at)
            if stamped != ord(kind) or count < EXITS / 2: # a signal in KVM_RUN costs one
                raise RuntimeError(f"{self.command[0]}: block {number} is {kind} to the guest, and {count} exits of "
                                   f"{stamped:#x} to the stamps")
            values = array.array("I", shared[at + BLOCK.size:at + BLOCK.size + count * 8])
            found[kind].append((int(ticks, 16) / EXITS, middle(values[2 * COLD::2]), middle(values[2 * COLD + 1::2])))
        if not all(len(found[kind]) > 1 for kind in KINDS):
            raise RuntimeError(f"no figures from {' '.join(self.command)}: {errors.decode('utf-8', 'replace')[:200]}")
        return {kind: values[1:] for kind, values in found.items()}


def leave(shared, vmms, gone):
    """One has ended: by its last exit, which said so itself, or by an accident."""
    state = struct.Struct("I")
    state.pack_into(shared, STATE_AT + 4 * gone.index, GONE)
    if state.unpack_from(shared, TURN_AT)[0] == gone.index:
        for other in vmms:
            if state.unpack_from(shared, STATE_AT + 4 * other.index)[0] == TAKES_TURNS:
                state.pack_into(shared, TURN_AT, other.index)


def run_round(commands, library, limit_s):
    """{name: {kind: [(total, inside, outside)]}} of one boot of each; those at the same place had the same turn."""
    size = HEADER.size + len(commands) * BLOCKS_MAX * BLOCK_SIZE
    vmms = []
    with tempfile.NamedTemporaryFile(prefix="ringscope-stamps-") as file:
        file.truncate(size)
        with mmap.mmap(file.fileno(), size) as shared:
            HEADER.pack_into(shared, 0, len(commands), BLOCKS_MAX, EXITS, 0, *[0] * VMMS_MAX)
            try:
                for index, command in enumerate(commands.values()):
                    vmms.append(Vmm(index, command, library, file.name))
                running, end = list(vmms), time.monotonic() + limit_s
                while running:
                    if time.monotonic() > end:
                        raise RuntimeError(f"{running[0].command[0]}: not done within {limit_s} s")
                    time.sleep(0.02)
                    for vmm in [v for v in running if v.process.poll() is not None]:
                        leave(shared, vmms, vmm)
                        running.remove(vmm)
                return {name: vmm.figures(shared) for name, vmm in zip(commands, vmms)}
            finally:
                for vmm in vmms:
                    vmm.process.send_signal(signal.SIGKILL)
                    vmm.process.communicate()


class Rounds:
    """Differences between VMMs: medians over turns, one for each round of boots."""

    FIGURES = {"total": 0, "inside": 1, "outside": 2}

    def __init__(self):
        self.rounds = []

    def add(self, figures):
        self.rounds.append(figures)

    def values(self, figure, kind, name, less=None):
        at = self.FIGURES[figure]
        found = []
        for figures in self.rounds:
            if less is None:
                found.append(statistics.median(block[at] for block in figures[name][kind]))
            else: # of the same turn: the machine drifts by more than a share
                found.append(statistics.median(a[at] - b[at] for a, b in zip(figures[name][kind], figures[less][kind])))
        return found
