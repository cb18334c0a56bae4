#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs functional tests inside the machine of an emulated host, all in one boot: there each of them
finds a /dev/kvm, and has --host kvm. TAP, with the name of the test before each claim.

Usage: inside.py EMULATED HOST TEST...
Environment: that of the functional tests; what it names is there inside under the same name.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HOST_MISSING = 119
NO_ANSWER = "did not answer within"  # it is there, and late: no reason to skip
HERE = pathlib.Path(__file__).resolve().parent
# What the tests use, by their names in PATH.
COMMANDS = """awk babeltrace2 cat cmp cp cut date diff dirname du env expr false find grep head id jq ln ls mkdir mktemp mv
    nproc od printf rm sed seq sh sleep sort stat tail tee timeout touch tr true uniq wc""".split()
NAMED = ("RINGSCOPE", "GUEST_KERNEL", "VIOLATE", "FORGE_STAMPS", "SMP_GUEST", "SMP_CRASH_GUEST",
         "SMP_ENDLESS_GUEST")
DIRECTORIES = ("GUEST_PROGRAMS", "HOSTILE")
IN_DIRECTORIES = (("BENCH", "peers-guest"),)
PLUGINS = pathlib.Path("/usr/lib/x86_64-linux-gnu/babeltrace2/plugins")


def libraries(paths):
    """Of all these executables, as the loader finds them here."""
    done = subprocess.run(["ldd", *paths], capture_output=True, text=True, check=False)
    return set(re.findall(r"(?:=> |^\s)(/\S+) \(0x", done.stdout, re.M))


def files():
    """All files that are to be there."""
    programs = [path for name in COMMANDS if (path := shutil.which(name))]
    programs += [os.environ[name] for name in NAMED if name in os.environ]
    programs += [str(path) for path in PLUGINS.glob("*.so")]
    data = [str(path) for pattern in ("*.sh", "*.jq") for path in HERE.glob(pattern)]
    data += [str(pathlib.Path(os.environ[folder]) / name) for folder, name in IN_DIRECTORIES
             if folder in os.environ]
    for name in DIRECTORIES:
        folder = pathlib.Path(os.environ.get(name, "/nonexistent"))
        data += [str(path) for path in folder.glob("*") if path.is_file()]
    return sorted({*programs, *libraries(programs), *data})


def renumber(output, report):
    """The TAP of several tests as that of one; returns how many claims fail."""
    name, ended, count, bad = "", set(), 0, 0
    for line in output:
        print(line, end="", file=report)
        if match := re.match(r"# test (\S+) begins", line):
            name = match[1]
        elif match := re.match(r"# test (\S+) ended with (\d+)", line):
            ended.add(match[1])
            if int(match[2]) > 1:
                count, bad = count + 1, bad + 1
                print(f"not ok {count} - {name}: ended with {match[2]}")
        elif match := re.match(r"(not )?ok \d+(.*)", line):
            count, bad = count + 1, bad + bool(match[1])
            print(f"{match[1] or ''}ok {count} - {name}:{match[2].removeprefix(' -')}", flush=True)
        elif match := re.match(r"1\.\.0 # SKIP (.*)", line):
            count += 1
            print(f"ok {count} - {name} # SKIP {match[1]}")
        elif line.startswith("#"):
            print(line, end="")
    return ended, count, bad


def main(emulated, host, tests):
    """Returns the exit status."""
    script = "mkdir -p /tmp; " + "; ".join(
        f"echo '# test {test} begins'; sh {HERE / (test + '.sh')}; echo '# test {test} ended with '$?"
        for test in tests)
    environment = {**os.environ, "RINGSCOPE_TEST_HOST": "kvm", "TMPDIR": "/tmp"}
    with tempfile.NamedTemporaryFile("w", suffix=".list") as names:
        names.write("\n".join(files()) + "\n")
        names.flush()
        with subprocess.Popen([emulated, host, names.name, os.path.realpath(shutil.which("sh")), "-c",
                               script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, errors="replace",
                              env=environment) as process:
            ended, count, bad = renumber(process.stdout, open(os.devnull, "w", encoding="utf-8"))
            said = process.stderr.read()
    if process.returncode == HOST_MISSING and NO_ANSWER not in said:
        print(f"1..0 # SKIP host {host}: {said.strip().splitlines()[-1]}")
        return 0
    for test in tests:
        if test not in ended:
            count, bad = count + 1, bad + 1
            print(f"not ok {count} - {test}: it did not end")
    for line in said.splitlines() if bad else []:
        print(f"# stderr: {line}")
    print(f"1..{count}")
    return bad != 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
