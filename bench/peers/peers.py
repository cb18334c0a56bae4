#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ringscope beside QEMU, strace and perf trace on this host: the goals, and what was measured.

peers.py BUILD [--starts N] [--boots N] [--rounds N] [--only starts|exits|memory|tracers]

The same guest runs under ringscope and under qemu-system-x86_64 -accel kvm (-M microvm, -M pc), by
turns. What is compared are ratios of medians; the times are this machine's. `ninja -C BUILD peers`
runs it. The exit status is 1 when a goal is missed, 77 when there is no QEMU or no /dev/kvm.
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import shares
import table
from table import goal, row

MEMORY_MIB = 16
LIMIT_S = 120
GOAL_PC, GOAL_MICROVM, GOAL_MIB = 1 / 20, 1 / 3, 8
# A kernel without firmware needs clock and timer of the machine, and on some hosts KVM refuses this MSR.
QEMU_CPU = "host,-arch-capabilities"
MACHINES = {"microvm": "microvm,rtc=on,pit=on", "pc": "pc"}

# So that what else runs here does not pre-empt what is timed; where it is allowed.
REAL_TIME = ["chrt", "-f", "10"]

def qemu(machine, kernel, *more):
    return ["qemu-system-x86_64", "-accel", "kvm", "-M", MACHINES[machine], "-cpu", QEMU_CPU, "-m",
            str(MEMORY_MIB), "-kernel", kernel, "-display", "none", "-serial", "stdio", "-nodefaults",
            "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=4", *more]


def start_once(command, pipe):
    """Seconds from before fork() to the first byte of what the guest's end prints, and to the end."""
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, pipe: subprocess.PIPE}
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **streams)
    stream = getattr(process, pipe)
    try:
        os.read(stream.fileno(), 1)
        first = time.perf_counter() - begin
        process.communicate(timeout=LIMIT_S)
    finally:
        process.kill()
        process.wait()
    return first, time.perf_counter() - begin


def median(values):
    return statistics.median(values)


def measure_starts(tools, starts):
    commands = {"ringscope": ([tools.ringscope, "run", "--host=kvm", "--memory", f"{MEMORY_MIB}M",
                               "fault", "ud"], "stderr")}
    for machine in MACHINES:
        commands[machine] = (qemu(machine, tools.kernel, "-initrd", tools.program("fault"), "-append",
                                  "fault ud"), "stdout")
    times = {name: [] for name in commands}
    for _ in range(starts):
        for name, (command, pipe) in commands.items():
            times[name].append(start_once(command, pipe))
    first = {name: median([t[0] for t in values]) for name, values in times.items()}
    whole = {name: median([t[1] for t in values]) for name, values in times.items()}
    for machine, limit, text in (("pc", GOAL_PC, "<= 1/20"), ("microvm", GOAL_MICROVM, "<= 1/3")):
        ratio = first["ringscope"] / first[machine]
        row(f"process start to the first exception of ring 3, against -M {machine}",
            f"{first['ringscope'] * 1e3:.1f} ms", f"{first[machine] * 1e3:.0f} ms", f"{ratio:.4f}",
            goal(ratio, limit, text))
    return whole


def measure_boots(tools, boots, whole):
    command = [tools.ringscope, "run", "--host=kvm", "--memory", f"{MEMORY_MIB}M", "fault", "ud"]
    begin = time.perf_counter()
    for _ in range(boots):
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)
    ours = (time.perf_counter() - begin) * 1000 / boots
    for machine in MACHINES:
        theirs = whole[machine] * 1000
        row(f"1,000 boots, one process each, against -M {machine}",
            f"{ours:.1f} s" + (f" ({boots} x {1000 / boots:.3g})" if boots != 1000 else ""),
            f"{theirs:.0f} s (from its median)", f"{ours / theirs:.4f}")


def real_time():
    if shutil.which(REAL_TIME[0]) and subprocess.run([*REAL_TIME, "true"], capture_output=True,
                                                     check=False).returncode == 0:
        return REAL_TIME
    return []


def measure_exits(tools, rounds):
    shares.measure(tools, {machine: qemu(machine, tools.exits) for machine in MACHINES}, real_time(), rounds, LIMIT_S)


def own_kib(pid):
    """Peak of resident memory, less what of it is the guest's."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        peak = int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1))
    guest, size = 0, 0
    with open(f"/proc/{pid}/smaps", encoding="utf-8", errors="replace") as smaps:
        for line in smaps:
            if line.startswith("Size:"):
                size = int(line.split()[1])
            elif line.startswith("Rss:") and MEMORY_MIB * 1024 <= size < MEMORY_MIB * 1024 + 1024:
                guest += int(line.split()[1])
    return peak - guest, guest


def memory_of(command, seconds):
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    try:
        return own_kib(process.pid)
    finally:
        process.kill()
        process.wait()


def measure_memory(tools, whole):
    ours, _ = memory_of([tools.ringscope, "run", "--host=kvm", "--memory", f"{MEMORY_MIB}M", "spin"],
                        2 * whole["ringscope"] + 1)
    for machine in MACHINES:
        theirs, _ = memory_of(qemu(machine, tools.kernel, "-initrd", tools.program("spin"), "-append",
                                   "spin"), 2 * whole[machine] + 1)
        row(f"peak memory of the VMM, the guest's left out, against -M {machine}",
            f"{ours / 1024:.1f} MiB", f"{theirs / 1024:.1f} MiB", f"{ours / theirs:.3f}",
            goal(ours / 1024, GOAL_MIB, "<= 8 MiB"))


def seconds(command, environment=None):
    begin = time.perf_counter()
    result = subprocess.run([*real_time(), *command], stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=LIMIT_S, env=environment, check=False)
    elapsed = time.perf_counter() - begin
    if result.returncode != 0:
        raise RuntimeError(result.stderr.decode("utf-8", "replace").strip().split("\n")[-1][:120])
    return elapsed


def per_call(make, few, many, rounds):
    """Seconds of one call: what the tool's own start takes is in both, and falls out."""
    differences = []
    for _ in range(rounds):
        differences.append((seconds(make(many)) - seconds(make(few))) / (many - few))
    return median(differences)


def measure_tracers(tools, rounds):
    host = lambda *tool: lambda n: [*tool, tools.loop, str(n)]
    guest = lambda *command: lambda n: [tools.ringscope, *command, "--host=kvm", "syscall-loop", str(n)]
    traced = ("trace", "-o", "/dev/null", "-e", "exception=none", "-e", "interrupt=none", "-e", "msr=none")
    cases = (
        ("host, nothing", host(), 100000, 2000000),
        ("host, strace of every call", host("strace", "-f", "-o", "/dev/null"), 500, 5000),
        ("host, strace -e close", host("strace", "-f", "-o", "/dev/null", "-e", "trace=close"), 500, 5000),
        ("host, strace -e close --seccomp-bpf",
         host("strace", "-f", "-o", "/dev/null", "--seccomp-bpf", "-e", "trace=close"), 100000, 2000000),
        ("host, perf trace of every call", host("perf", "trace", "-o", "/dev/null"), 5000, 50000),
        ("host, perf trace -e close", host("perf", "trace", "-o", "/dev/null", "-e", "close"), 100000, 2000000),
        ("guest, nothing hooked", guest("run"), 500, 5000),
        ("guest, ringscope trace of every call", guest(*traced), 500, 5000),
        ("guest, ringscope trace -e syscall=NtClose", guest(*traced, "-e", "syscall=NtClose"), 500, 5000),
    )
    print("\n| a loop of system calls | per call | slow-down |\n|---|---|---|")
    base = {}
    for name, make, few, many in cases:
        side = name.split(",")[0]
        if not shutil.which(make(1)[0]):
            print(f"| {name} | left out: {make(1)[0]} is not installed | |")
            continue
        try:
            time_of_call = per_call(make, few, many, rounds)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            print(f"| {name} | left out: {error} | |")
            continue
        base.setdefault(side, time_of_call)
        print(f"| {name} | {time_of_call * 1e6:.3f} us | {time_of_call / base[side]:.2f} |", flush=True)


def print_fingerprint(tools):
    with tempfile.NamedTemporaryFile(suffix=".json") as result:
        subprocess.run([tools.ringscope, "bench", "--quick", "--samples=1", "--host=kvm", "--json", "-o",
                        result.name, "host-getppid"], stderr=subprocess.DEVNULL, check=False)
        try:
            found = json.load(result)
        except json.JSONDecodeError:
            return
    for key in ("date", "CPU", "CPUs online", "kernel", "KVM", "TSC", "load", "repair", "ring 0", "ringscope",
                "guest image"):
        if key in found["fingerprint"]:
            print(f"{key}: {found['fingerprint'][key]}  ")
    for warning in found["warnings"]:
        print(f"warning: {warning['text']}  ")


class Tools:
    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.ringscope = self.file("vmm/ringscope")
        self.kernel = self.file("guest/kernel/ntoskrnl")
        self.exits = self.file("bench/peer_exits-guest")
        self.bare = self.file("bench/bench-bare")
        self.stamps = self.file("bench/bench-stamps.so")
        self.steps = self.file("bench/bench-steps")
        self.memory_mib = MEMORY_MIB
        self.loop = self.file("bench/bench-loop")

    def file(self, name):
        path = os.path.join(self.build, name)
        if not os.path.exists(path):
            sys.exit(f"peers.py: {path} is not there: build first")
        return path

    def program(self, name):
        return self.file("guest/programs/" + name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build", metavar="BUILD")
    parser.add_argument("--starts", type=int, default=5, help="of each VMM (5)")
    parser.add_argument("--boots", type=int, default=1000, help="of ringscope (1000)")
    parser.add_argument("--rounds", type=int, default=6, help="of exits and tracers (6)")
    parser.add_argument("--only", choices=["starts", "exits", "memory", "tracers"], help="one part of the table")
    options = parser.parse_args()
    tools = Tools(options.build)
    for need, there in (("qemu-system-x86_64 (Debian: qemu-system-x86)", shutil.which("qemu-system-x86_64")),
                        ("/dev/kvm", os.access("/dev/kvm", os.R_OK | os.W_OK))):
        if not there:
            print(f"peers.py: {need} is missing: nothing to compare with", file=sys.stderr)
            return 77
    print_fingerprint(tools)
    print(f"\n{MEMORY_MIB} MiB of guest memory; medians, the VMMs by turns\n")
    print("| what | ringscope | QEMU | ratio | goal | |\n|---|---|---|---|---|---|")
    parts = [options.only] if options.only else ["starts", "exits", "memory", "tracers"]
    whole = measure_starts(tools, options.starts) if {"starts", "memory"} & set(parts) else {}
    if "starts" in parts:
        measure_boots(tools, options.boots, whole)
    if "exits" in parts:
        measure_exits(tools, options.rounds)
    if "memory" in parts:
        measure_memory(tools, whole)
    if "tracers" in parts:
        measure_tracers(tools, options.rounds)
    print(f"\n{table.missed} goals are missed" if table.missed else "\nno goal is missed")
    return 1 if table.missed else 0


if __name__ == "__main__":
    sys.exit(main())
