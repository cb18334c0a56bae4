#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Endurance: guests that never end, one after the other, traced in rotation.

endurance.py RINGSCOPE CLOCKS SECONDS

Each guest runs for its share of the time. After its first minute, or quarter when that is less, ringscope's
memory stays within 1 MiB and no descriptor is opened; all the time the trace stays within its size, and at
the end babeltrace2 and report read it. The clock of the trace, the TSC at the frequency that its metadata
tells, keeps step with CLOCK_MONOTONIC. Prints TAP.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

# What a guest does, and how it is run.
GUESTS = [
    ("calls", ["syscall-loop", "1000000000"], []),
    ("services and exceptions at random", ["storm", "7", "1000000000"], []),
    ("the same with KVA shadow", ["storm", "9", "1000000000"], ["--kva-shadow"]),
    ("paging, two processes", ["pressure", "1000000000"], []),
    ("calls, a second processor idle", ["syscall-loop", "1000000000"], ["--cpus", "2"]),
]
RING = 1 << 20
GUEST_KIB = 8192
MEMORY_KIB = 1024
PPM = 50  # docs/trace-format.md, "Time"


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = False

    def claim(self, good, text):
        self.count += 1
        self.failed |= not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {text}", flush=True)

    def skip(self, text, why):
        self.count += 1
        print(f"ok {self.count} - {text} # SKIP {why}", flush=True)


def resident_kib(pid):
    """Without the guest's memory, which is its own to touch: the one large mapping that reserves nothing."""
    with open(f"/proc/{pid}/smaps", encoding="ascii", errors="replace") as file:
        text = file.read()
    total = 0
    for size, resident, flags in re.findall(r"^Size: +(\d+) kB.*?^Rss: +(\d+) kB.*?^VmFlags: (.*?)$", text,
                                            re.M | re.S):
        if not (int(size) >= GUEST_KIB and " nr " in f" {flags} "):
            total += int(resident)
    return total


def ring_bytes(trace):
    return sum(entry.stat().st_size for entry in os.scandir(trace)) if os.path.isdir(trace) else 0


def clocks(program):
    """TSC, and CLOCK_MONOTONIC and CLOCK_MONOTONIC_RAW in nanoseconds, of one moment."""
    done = subprocess.run([program], stdout=subprocess.PIPE, check=True)
    return [int(word) for word in done.stdout.split()]


def frequency(trace):
    with open(os.path.join(trace, "metadata"), encoding="ascii") as file:
        return int(re.search(r"^    freq = (\d+);", file.read(), re.M).group(1))


def watch(process, trace, warm_up):
    """Samples until the process ends: memory and descriptors after the warm-up, the longest trace."""
    memory, files, longest = [], [], 0
    begin = time.monotonic()
    while process.poll() is None:
        try:
            sample = resident_kib(process.pid), len(os.listdir(f"/proc/{process.pid}/fd"))
            longest = max(longest, ring_bytes(trace))
        except OSError:
            break
        # Its end is no sample: what it frees and opens then is another matter.
        if time.monotonic() - begin > warm_up and sample[0] > 0:
            memory.append(sample[0])
            files.append(sample[1])
        time.sleep(0.25)
    return memory[:-2], files[:-2], longest


def reads(ringscope, trace):
    """Why it cannot be read, or None; and what report says."""
    done = subprocess.run([ringscope, "report", "--json", trace], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    if done.returncode != 0:
        return done.stderr.decode(errors="replace").strip(), {}
    if shutil.which("babeltrace2"):
        other = subprocess.run(["babeltrace2", "-c", "sink.utils.dummy", trace], stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, check=False)
        if other.returncode != 0 or other.stderr:
            return "babeltrace2: " + other.stderr.decode(errors="replace")[:300], {}
    return None, json.loads(done.stdout)


def run(tap, ringscope, guest, seconds, work):
    what, words, options = guest
    trace = os.path.join(work, "trace")
    shutil.rmtree(trace, ignore_errors=True)
    command = [ringscope, "record", "-o", trace, "--ring-size", str(RING), "--host", "kvm", "--memory", "8M",
               "--timeout", f"{seconds:.3f}"] + options + words
    with open(os.path.join(work, "said"), "w+", encoding="utf-8", errors="replace") as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said)
        memory, files, longest = watch(process, trace, min(60, seconds / 4))
        status = process.wait()
        said.seek(0)
        end = said.read().strip().splitlines()
    tap.claim(status == 124, f"{what}: runs until its {seconds:.0f} s are up (status {status})")
    if status != 124:
        print("# " + "\n# ".join(end[-5:]), file=sys.stderr)
    tap.claim(len(memory) >= 3 and max(memory) - min(memory) <= MEMORY_KIB,
              f"{what}: memory stays within 1 MiB ({min(memory or [0])} to {max(memory or [0])} KiB, "
              f"{len(memory)} looks)")
    tap.claim(bool(files) and max(files) == min(files), f"{what}: no descriptor is opened ({max(files or [0])})")
    why, report = reads(ringscope, trace)
    tap.claim(why is None and longest <= RING,
              f"{what}: the trace stays within 1 MiB ({longest} bytes) and is read: "
              f"{report.get('events')} events, {report.get('overwritten')} overwritten, "
              f"{report.get('discarded')} discarded{'' if why is None else ': ' + why}")
    tap.claim(set(os.listdir(work)) <= {"trace", "said"}, f"{what}: no file is left behind")
    return trace


def drift(tap, first, last, hz):
    ticks, monotonic, raw = (after - before for before, after in zip(first, last))
    told = ticks * 1e9 / hz
    ppm, slew = (told - monotonic) / monotonic * 1e6, (monotonic - raw) / raw * 1e6
    text = f"in {monotonic / 1e9:.1f} s the trace's clock and CLOCK_MONOTONIC part by {ppm:+.2f} ppm, at most {PPM}"
    if abs(slew) > PPM:
        tap.skip(text, f"CLOCK_MONOTONIC itself is slewed by {slew:+.1f} ppm")
    else:
        tap.claim(abs(ppm) <= PPM, text)


def main():
    ringscope, clock, seconds = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), float(sys.argv[3])
    ready = subprocess.run([ringscope, "run", "--host", "kvm", "ready"], check=False, stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE)
    if ready.returncode != 0:
        print(f"1..0 # SKIP {ready.stderr.decode().strip()}")
        return 0
    tap = Tap()
    begin = time.monotonic()
    first = clocks(clock)
    with tempfile.TemporaryDirectory() as work:
        for guest in GUESTS:
            trace = run(tap, ringscope, guest, seconds / len(GUESTS), work)
        drift(tap, first, clocks(clock), frequency(trace))
    print(f"1..{tap.count}")
    print(f"# endured {time.monotonic() - begin:.0f} s, {len(GUESTS)} kinds of guest")
    return 1 if tap.failed else 0


sys.exit(main())
