#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Faults: every call that can fail, fails; and ringscope or QEMU is killed.

faults.py RINGSCOPE INJECT [--every N] [--at-most N] [--only CALL] [--kills N] [--parts PART,...]

For each kind of call, the n-th one fails for n = 1, 1 + N, 1 + 2N, ... up to the number of calls that a
run makes. Each run must end by itself, with a documented exit code and the line on stderr that belongs to
it unless the guest ended as it does without the fault, a trace that can be read or none, and nothing left
behind. The guest itself ends otherwise only where it is the one that is lied to.
Prints TAP.
"""
import argparse
import collections
import ctypes
import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

# Documented ends (vmm/error.h), each with the line that says why.
LINES = {
    0: "",
    119: "ringscope: ",
    120: "ringscope: the program ended with status 0x",
    121: "ringscope: the guest stopped with bug check 0x",
    122: "ringscope: the guest crashed: ",
    123: "ringscope: ",
    124: "ringscope: the guest did not end within ",
    126: "ringscope: ",
    127: "ringscope: ",
}
# Where the guest is lied to, and may end as it likes, or wait for ever: an exit other than the one that it
# made, a paging file that fails. Elsewhere a fault of the host never reaches it.
LIES = {"run-exit", "pread", "pwrite"}
GUEST_ENDS = {120, 121, 124}
HOST_CRASHES = ("crashed: KVM_RUN failed: ", "crashed: the host cannot ")
INTERESTING_EXITS = [0, 3, 9, 17, 18, 24, 30, 37, 99, 0xffffffff & 0x7fffffff]

# Name in inject.c, what it fails with, environment beside.
FAULTS = [
    ("write", errno.ENOSPC, {}),
    ("write", errno.EIO, {}),
    ("write", errno.EINTR, {}),
    ("write", 0, {"FAULT_SHORT": "1"}),
    ("read", errno.EIO, {}),
    ("read", errno.EINTR, {}),
    ("open", errno.EMFILE, {}),
    ("open", errno.EACCES, {}),
    ("mmap", errno.ENOMEM, {}),
    ("malloc", errno.ENOMEM, {}),
    ("malloc", errno.ENOMEM, {"FAULT_TIMES": "1000000000"}),
    ("ioctl", errno.EIO, {}),
    ("ioctl", errno.ENOMEM, {}),
    ("eventfd", errno.EMFILE, {}),
    ("memfd", errno.EMFILE, {}),
    ("close_range", errno.EPERM, {}),
    ("thread", errno.EAGAIN, {}),
    ("close", errno.EIO, {}),
    ("poll", errno.EINTR, {}),
    ("poll", errno.ENOMEM, {}),
    ("run-error", errno.EIO, {}),
    ("run-error", errno.EINTR, {}),
    ("run-error", errno.EFAULT, {}),
] + [("run-exit", reason, {}) for reason in INTERESTING_EXITS]
PAGING = [
    ("pwrite", errno.ENOSPC, {}),
    ("pwrite", errno.EIO, {}),
    ("pwrite", errno.EINTR, {}),
    ("pwrite", 0, {"FAULT_SHORT": "1"}),
    ("pread", errno.EIO, {}),
    ("pread", errno.EINTR, {}),
]
# More than its memory holds comes back: hundreds of reads, and a long run each. Some of them.
PAGE_IN = PAGING[-2:]
PAGE_IN_TRIES = 4
# In rotation: a file of the trace is emptied and written again.
RING = [
    ("ftruncate", errno.EIO, {}),
    ("ftruncate", errno.EINTR, {}),
    ("lseek", errno.EIO, {}),
    ("write", errno.ENOSPC, {}),
    ("write", 0, {"FAULT_SHORT": "1"}),
]
RING_SIZE = 256 << 10


LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1


def start(command, **options):
    """A process that does not outlive this one, however that ends."""
    parent = os.getpid()

    def end_with_parent():
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it was quicker
            os._exit(1)

    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            preexec_fn=end_with_parent, **options)


def end_by_signal(number, _frame):
    """So that the working directory is removed."""
    sys.exit(128 + number)


class Trial:
    def __init__(self, arguments, work):
        self.arguments = arguments
        self.work = work
        self.temporary = os.path.join(work, "tmp")
        os.mkdir(self.temporary)
        self.orphaned = self.failed = False
        self.count = 0
        self.injected = 0

    def command(self, words):
        shutil.rmtree(os.path.join(self.work, "trace"), ignore_errors=True)
        return [self.arguments.ringscope] + words

    def run(self, words, environment):
        """Status, stderr, or None when it does not end."""
        env = dict(os.environ, LD_PRELOAD=self.arguments.inject, TMPDIR=self.temporary, **environment)
        process = start(self.command(words), env=env, cwd=self.work, stderr=subprocess.PIPE, start_new_session=True)
        try:
            _, stderr = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return None, ""
        return process.returncode, stderr.decode(errors="replace") + self.orphans(process.pid)

    def orphans(self, session):
        """A process of the run that outlives it is no documented end."""
        try:
            os.killpg(session, signal.SIGKILL)
        except ProcessLookupError:
            return ""
        self.orphaned = True
        return "a process goes on"

    def report(self, good, claim, why=""):
        self.count += 1
        print(f"{'ok' if good else 'not ok'} {self.count} - {claim}", flush=True)
        if not good:
            self.failed = True
            print(f"# {why}", flush=True)
            print(f"not ok {self.count} - {claim}: {why}", file=sys.stderr)
        return good


def unreadable(trial):
    """Why the trace in the directory cannot be read; None when it can, or when there is none."""
    trace = os.path.join(trial.work, "trace")
    metadata = os.path.join(trace, "metadata")
    if not os.path.exists(metadata):
        return None if not os.path.exists(trace) or not os.listdir(trace) else "streams alone"
    if os.path.getsize(metadata) == 0:
        return None
    done = subprocess.run([trial.arguments.ringscope, "report", trace], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, check=False)
    if not any(entry.stat().st_size for entry in os.scandir(trace) if entry.name != "metadata") and any(
            text in done.stderr for text in (b"/metadata' ends too early", b"' has no stream")):
        return None  # killed before the first event, which is said
    if done.returncode != 0:
        return f"report: {done.stderr.decode(errors='replace').strip()}"
    done = subprocess.run(["babeltrace2", trace], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          check=False)
    return None if done.returncode == 0 else f"babeltrace2: {done.stderr.decode(errors='replace')[:300]}"


def too_large(trial, ring):
    """A trace in rotation keeps to its size, whatever failed."""
    trace = os.path.join(trial.work, "trace")
    if not ring or not os.path.isdir(trace):
        return None
    size = sum(entry.stat().st_size for entry in os.scandir(trace))
    return f"the ring has {size} bytes" if size > RING_SIZE else None


def events(trial):
    done = subprocess.run([trial.arguments.ringscope, "report", "--json", os.path.join(trial.work, "trace")],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return json.loads(done.stdout)["kinds"].get("SYSCALL", 0) if done.returncode == 0 else -1


def judge(trial, call, status, stderr, calls):
    """What is wrong with how a run ended; None: nothing."""
    if status is None:
        return "it does not end"
    if status not in LINES or (status in GUEST_ENDS and call not in LIES):
        return f"status {status}: {stderr[-300:]}"
    if LINES[status] not in stderr or (
            status == 122 and call not in LIES and not any(text in stderr for text in HOST_CRASHES)):
        return f"status {status} without its line: {stderr[-300:]}"
    if trial.orphaned:
        trial.orphaned = False
        return "a process outlives it"
    left = sorted(set(os.listdir(trial.work)) - {"trace", "trace.old", "calls", "pages", "tmp"})
    left += os.listdir(trial.temporary)
    if left:
        return f"left behind: {left}"
    why = unreadable(trial) or too_large(trial, calls is None)
    if why:
        return why
    if status == 0 and calls is not None and events(trial) != calls:
        return f"ended well with {events(trial)} calls in the trace of {calls}"
    return None


def sweep(trial, words, faults, count_trace, tries=0):
    calls_file = os.path.join(trial.work, "calls")
    baseline = None
    totals = {}
    for call, number, extra in faults:
        if trial.arguments.only not in (None, call):
            continue
        environment = {"FAULT_CALL": call, "FAULT_ERRNO": str(number), "FAULT_REPORT": calls_file, **extra}
        if call not in totals:
            status, stderr = trial.run(words, {**environment, "FAULT_NTH": "0"})
            if status != 0:
                trial.report(False, f"{call}: without a fault it ends with 0", f"{status} {stderr}")
                return
            if count_trace and baseline is None:
                baseline = events(trial)
            with open(calls_file, encoding="ascii") as file:
                totals[call] = int(file.read())
        total = totals[call]
        step = max(trial.arguments.every, 1)
        for most in (trial.arguments.at_most, tries):
            if most:
                step = max(step, -(-total // most))
        failures = []
        ends = collections.Counter()
        tried = 0
        for nth in range(1, total + 1, step):
            status, stderr = trial.run(words, {**environment, "FAULT_NTH": str(nth)})
            ends[status] += 1
            why = judge(trial, call, status, stderr, baseline if count_trace else None)
            tried += 1
            if why:
                failures.append(f"call {nth}: {why}")
        trial.injected += tried
        what = "short" if "FAULT_SHORT" in extra else os.strerror(number)
        if call == "run-exit":
            what = f"exit reason {number}"
        if "FAULT_TIMES" in extra:
            what += " from there on"
        trial.report(not failures, f"{call}, {what}: {tried} of {total} calls", "; ".join(failures[:3]))
        print("# ended with " + ", ".join(f"{status} ({count})" for status, count in sorted(ends.items(), key=str)))


def kill_tracer(trial, host, kills):
    """SIGKILL at a random moment: what was flushed can be read."""
    failures = []
    words = ["record", "--host", host, "-o", "trace", "syscall-loop", "100000000"]
    # Every other one in rotation, and fast: it turns.
    ring = words[:1] + ["--ring-size", str(RING_SIZE), "-e", "exception=none"] + words[1:]
    longest = 0.35 if host == "kvm" else 3.0
    for index in range(kills):
        process = start(trial.command(ring if index % 2 else words), cwd=trial.work, stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0.005, longest))
        process.send_signal(signal.SIGKILL)
        process.wait()
        why = unreadable(trial) or too_large(trial, index % 2 == 1)
        if why:
            failures.append(f"kill {index}: {why}")
    trial.report(not failures, f"SIGKILL of ringscope on {host} at {kills} random moments", "; ".join(failures[:3]))


def children(pid):
    done = subprocess.run(["pgrep", "-P", str(pid), "qemu"], stdout=subprocess.PIPE, check=False)
    return [int(word) for word in done.stdout.split()]


def gone(pid):
    for _ in range(100):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def kill_qemu(trial, kills):
    """QEMU dies, or ringscope does: the other one ends, the trace can be read."""
    failures = []
    subprocess.run(trial.command(["run", "--host", "tcg", "ready"]), cwd=trial.work, check=False,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    words = ["record", "--host", "tcg", "-o", "trace", "syscall-loop", "100000000"]
    for index in range(kills):
        process = start(trial.command(words), cwd=trial.work, stderr=subprocess.PIPE)
        # Before the command runs, QEMU's death is survived by starting another one.
        stream = os.path.join(trial.work, "trace", "stream_0")
        for _ in range(6000):
            if process.poll() is not None or (os.path.exists(stream) and os.path.getsize(stream) > 0):
                break
            time.sleep(0.01)
        time.sleep(random.uniform(0, 1))
        qemu = children(process.pid)
        victim = process.pid if index % 2 else (qemu or [process.pid])[0]
        os.kill(victim, signal.SIGKILL)
        try:
            _, stderr = process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            failures.append(f"kill {index}: ringscope goes on without QEMU")
            continue
        why = unreadable(trial)
        if not why and victim != process.pid and process.returncode != 119:
            why = f"status {process.returncode}: {stderr.decode(errors='replace')[-200:]}"
        if not why and not all(gone(pid) for pid in qemu):
            why = "QEMU goes on without ringscope"
        if why:
            failures.append(f"kill {index}: {why}")
    trial.report(not failures, f"QEMU or ringscope outside of it killed, {kills} times", "; ".join(failures[:3]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ringscope")
    parser.add_argument("inject")
    parser.add_argument("--every", type=int, default=1, help="try each N-th call")
    parser.add_argument("--at-most", type=int, default=0, help="tries for a kind of fault; 0: all")
    parser.add_argument("--only", help="this kind of call alone, as inject.c names it")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--json", help="totals")
    parser.add_argument("--parts", default="calls,paging,ring,kill")
    arguments = parser.parse_args()
    arguments.parts = arguments.parts.split(",")
    arguments.ringscope = os.path.abspath(arguments.ringscope)
    arguments.inject = os.path.abspath(arguments.inject)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end_by_signal)
    with tempfile.TemporaryDirectory() as work:
        trial = Trial(arguments, work)
        ready = subprocess.run([arguments.ringscope, "run", "--host", "kvm", "ready"], check=False,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if ready.returncode != 0 and arguments.parts != ["qemu"]:
            print(f"1..0 # SKIP {ready.stderr.decode().strip()}")
            return 0
        kills = 0
        if "calls" in arguments.parts:
            sweep(trial, ["record", "--host", "kvm", "-o", "trace", "--timeout", "20", "hello"], FAULTS, True)
        if "paging" in arguments.parts:
            sweep(trial, ["run", "--host", "kvm", "--memory", "8M", "--pagefile", "pages:16M", "--timeout",
                          "30", "paging", "1300"], PAGING, False)
            sweep(trial, ["run", "--host", "kvm", "--memory", "8M", "--pagefile", "pages:16M", "--timeout",
                          "60", "paging", "2000"], PAGE_IN, False, PAGE_IN_TRIES)
        if "ring" in arguments.parts:
            sweep(trial, ["record", "--host", "kvm", "-o", "trace", "--ring-size", str(RING_SIZE), "-e",
                          "exception=none", "--timeout", "60", "syscall-loop", "4000"], RING, False)
        if "kill" in arguments.parts:
            kill_tracer(trial, "kvm", arguments.kills)
            kills += arguments.kills
        if "qemu" in arguments.parts:
            kill_qemu(trial, arguments.kills)
            kills += arguments.kills
        print(f"1..{trial.count}")
        print(f"# {trial.injected} faults injected, {kills} kills")
        if arguments.json:
            with open(arguments.json, "w", encoding="ascii") as file:
                json.dump({"faults": trial.injected, "kills": kills}, file)
    return 1 if trial.failed else 0


sys.exit(main())
