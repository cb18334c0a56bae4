#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks what `ringscope export` wrote, from the public descriptions of the formats alone.

    export_check.py jsonl FILE SCHEMA    each line is what the JSON schema says (python3-jsonschema)
    export_check.py perfetto FILE        what importers of the Trace Event Format demand
    export_check.py ftrace FILE          what importers of the kernel's trace text demand

Prints "KIND COUNT" for each kind of event. Ends with 1 and the first thing that is wrong."""
import collections
import decimal
import json
import re
import sys


US = decimal.Decimal(10**6)
NS = decimal.Decimal("0.0021")  # both ends of a slice are cut to a nanosecond


def wrong(what):
    print(f"{sys.argv[1]}: {what}", file=sys.stderr)
    sys.exit(1)


def print_counts(counts):
    for kind, count in sorted(counts.items()):
        print(kind, count)


def unique(pairs):
    """An object whose names are unique: json.loads() would keep the last."""
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        wrong(f"a name occurs twice: {names}")
    return dict(pairs)


def no_constant(name):
    wrong(f"{name} is not JSON")


def load(text):
    return json.loads(text, object_pairs_hook=unique, parse_constant=no_constant,
                      parse_float=decimal.Decimal)


def check_jsonl(path, schema_path):
    import jsonschema

    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    validators = {
        each["properties"]["kind"]["const"]: jsonschema.Draft7Validator(
            {"definitions": schema["definitions"], **each})
        for each in schema["oneOf"]
    }
    counts = collections.Counter()
    last = 0
    sequences = {}
    with open(path, encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file):
            event = load(line)
            if (event["kind"] == "HEADER") != (number == 0):
                wrong("the first line alone is the header")
            if event["kind"] not in validators:
                wrong(f"line {number + 1}: kind {event['kind']}")
            for error in validators[event["kind"]].iter_errors(event):
                wrong(f"line {number + 1}: {error.message}")
            if number == 0:
                continue
            counts[event["kind"]] += 1
            if event["ts"] < last:
                wrong(f"line {number + 1}: time goes back")
            last = event["ts"]
            if event["sequence"] <= sequences.get(event["vcpu"], -1):
                wrong(f"line {number + 1}: the sequence goes back")
            sequences[event["vcpu"]] = event["sequence"]
    print_counts(counts)


class Flow:
    def __init__(self):
        self.phases = []
        self.time = 0


def check_perfetto(path):
    with open(path, encoding="utf-8") as file:
        trace = load(file.read())
    tsc_hz = trace["otherData"]["tsc_hz"]
    if trace["displayTimeUnit"] not in ("ms", "ns"):
        wrong("displayTimeUnit")
    if not isinstance(trace["otherData"]["emulated"], bool):
        wrong("otherData does not tell whether the host was emulated")
    named, processes, sorted_tracks = set(), set(), set()
    stacks = collections.defaultdict(list)
    last = {}
    flows = collections.defaultdict(Flow)
    counters = {}
    counts = collections.Counter()

    for number, event in enumerate(trace["traceEvents"]):
        where = f"event {number}: {str(event)[:200]}"
        phase = event["ph"]
        track = (event["pid"], event["tid"])
        if phase == "M":
            args = event["args"]
            if event["name"] == "thread_name":
                if track in named or not args["name"]:
                    wrong(f"{where}: a track has one name")
                named.add(track)
            elif event["name"] == "process_name":
                processes.add(event["pid"])
            elif event["name"] == "thread_sort_index":
                if not isinstance(args["sort_index"], int):
                    wrong(f"{where}: sort_index")
                sorted_tracks.add(track)
            continue
        if not isinstance(event["ts"], (int, decimal.Decimal)) or event["ts"] < last.get(track, 0):
            wrong(f"{where}: time goes back on its track")
        last[track] = event["ts"]
        if phase == "C":
            for series, value in event["args"].items():
                if isinstance(value, bool) or not isinstance(value, int):
                    wrong(f"{where}: a counter is a number")
                if value < counters.get((event["name"], series), 0):
                    wrong(f"{where}: these counters never fall")
                counters[(event["name"], series)] = value
            continue
        if track not in named or track not in sorted_tracks or event["pid"] not in processes:
            wrong(f"{where}: its track has no name")
        if phase == "B":
            stacks[track].append(event["ts"])
        elif phase == "E":
            if not stacks[track]:
                wrong(f"{where}: nothing is open")
            # A slice is as long as the return says that its span was.
            duration = event["ts"] - stacks[track].pop()
            ticks = event.get("args", {}).get("duration")
            if ticks is not None and abs(duration - int(ticks) * US / tsc_hz) > NS:
                wrong(f"{where}: the slice takes {duration} us")
        elif phase == "i":
            if event["s"] != "t" or not event["name"]:
                wrong(f"{where}: instant")
        elif phase in "stf":
            if not stacks[track]:
                wrong(f"{where}: an arrow is bound to a slice, and none is open")
            if not isinstance(event["id"], int) or event["bp"] != "e" or not event["cat"]:
                wrong(f"{where}: arrow")
            flow = flows[event["id"]]
            if event["ts"] < flow.time:
                wrong(f"{where}: an arrow that points back in time")
            flow.time = event["ts"]
            flow.phases.append(phase)
        else:
            wrong(f"{where}: phase")
    for track, stack in stacks.items():
        if stack:
            wrong(f"track {track}: {stack} is still open at the end")
    for number, flow in flows.items():
        if not re.fullmatch("st?f", "".join(flow.phases)):
            wrong(f"arrow {number}: {flow.phases}")
    for (name, series), value in counters.items():
        if name.startswith("events ") and series == "events":
            counts[name.removeprefix("events ")] = value
    print_counts(counts)


# One line as the two importers take it apart: task, pid, CPU, four flags (catapult's
# linux_perf importer knows these letters, Perfetto any four), seconds, event, the rest.
FTRACE_LINE = re.compile(
    r"\s*(?P<task>.+)-(?P<pid>\d+)\s+\[(?P<cpu>\d+)\]\s+[dX.][N.][Hhs.][0-9a-f.]"
    r"\s+(?P<time>\d+\.\d{6}): (?P<event>\S+): ?(?P<details>.*)")
# The kernel's own events, by their print formats in tracing/events/*/*/format.
FTRACE_EVENTS = {
    "sys_enter": ("SYSCALL", r"NR -?\d+ \([0-9a-f]+(, [0-9a-f]+)*\)|NR -?\d+ \(\)"),
    "sys_exit": ("SYSRET", r"NR -?\d+ = -?\d+"),
    "page_fault_user": ("EXC", r"address=0x[0-9a-f]+ ip=0x[0-9a-f]+ error_code=0x[0-9a-f]+"),
    "page_fault_kernel": ("EXC", r"address=0x[0-9a-f]+ ip=0x[0-9a-f]+ error_code=0x[0-9a-f]+"),
    "irq_handler_entry": ("IRQ", r"irq=\d+ name=\S+"),
    "irq_handler_exit": ("IRET", r"irq=\d+ ret=(un)?handled"),
    "write_msr": ("WRMSR", r"[0-9a-f]+, value [0-9a-f]+"),
    "read_msr": ("RDMSR", r"[0-9a-f]+, value [0-9a-f]+"),
}


def check_ftrace(path):
    counts = collections.Counter()
    marks = collections.defaultdict(list)
    last = {}
    with open(path, encoding="ascii") as file:
        lines = file.read().splitlines()
    if lines[0] != "# tracer: nop":
        wrong("the first line is not what importers know the file by")
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            continue
        match = FTRACE_LINE.fullmatch(line)
        if not match:
            wrong(f"line {number}: {line}")
        time, cpu, event, details = (match[name] for name in ("time", "cpu", "event", "details"))
        if float(time) < last.get(cpu, 0):
            wrong(f"line {number}: time goes back")
        last[cpu] = float(time)
        if event == "tracing_mark_write":
            mark = re.fullmatch(r"B\|(\d+)\|(.+)|E\|(\d+)", details)
            if not mark or match["pid"] not in (mark[1], mark[3]):
                wrong(f"line {number}: {line}")
            if mark[1]:
                marks[mark[1]].append(mark[2])
            elif marks[mark[3]]:
                marks[mark[3]].pop()
            else:
                wrong(f"line {number}: nothing is open")
        elif event in FTRACE_EVENTS:
            kind, form = FTRACE_EVENTS[event]
            if not re.fullmatch(form, details):
                wrong(f"line {number}: {line}")
            counts[kind] += 1
        elif event != "ringscope_deviation":
            if not event.startswith("ringscope_") or "=" not in details:
                wrong(f"line {number}: {line}")
            counts[event.removeprefix("ringscope_").upper()] += 1
    if any(marks.values()):
        wrong(f"still open at the end: {dict(marks)}")
    print_counts(counts)


if __name__ == "__main__":
    {"jsonl": check_jsonl, "perfetto": check_perfetto, "ftrace": check_ftrace}[sys.argv[1]](
        *sys.argv[2:])
