#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Endurance: one guest that never stops calling, traced. endurance.py RINGSCOPE SECONDS

After a warm-up of a sixth of the time, a minute at most, memory stays within 1 MiB and no descriptor is opened.
Prints TAP.
"""
import os
import subprocess
import sys
import time


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def main():
    ringscope, seconds = sys.argv[1], float(sys.argv[2])
    ready = subprocess.run([ringscope, "run", "--host", "kvm", "ready"], check=False, stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE)
    if ready.returncode != 0:
        print(f"1..0 # SKIP {ready.stderr.decode().strip()}")
        return 0
    process = subprocess.Popen([ringscope, "trace", "-c", "-o", "/dev/null", "--host", "kvm", "--timeout",
                                str(seconds), "syscall-loop", "1000000000"],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(min(60, seconds / 6))
    memory, files = [], []
    end = time.monotonic() + seconds - min(60, seconds / 6) - 1
    while time.monotonic() < end and process.poll() is None:
        memory.append(resident_kib(process.pid))
        files.append(descriptors(process.pid))
        time.sleep(0.5)
    status = process.wait()
    claims = [
        (status == 124, f"it runs until its time is up (status {status})"),
        (len(memory) >= 5, f"it was looked at ({len(memory)} times)"),
        (bool(memory) and max(memory) - min(memory) <= 1024,
         f"memory stays within 1 MiB ({min(memory or [0])} to {max(memory or [0])} KiB)"),
        (bool(files) and max(files) == min(files), f"no descriptor is opened ({max(files or [0])})"),
    ]
    for number, (good, claim) in enumerate(claims, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {claim}")
    print(f"1..{len(claims)}")
    return 0


sys.exit(main())
