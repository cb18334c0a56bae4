#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tests of kvm-unit-tests under QEMU with -accel kvm on the emulated host: Debian's kernel and
kvm-amd inside QEMU, as `ringscope --host tcg` has it.

nested.py DIR [NAME...] >FILE prints what the tests print, between lines that begin with "@@", for
compare.py --nested FILE. It needs a C compiler, and the kernel package that ringscope has unpacked in
its cache.
"""

import argparse
import fnmatch
import glob
import os
import stat
import subprocess
import sys
import tempfile

import compare

FIRMWARE = ("bios-256k.bin", "kvmvapic.bin", "linuxboot_dma.bin", "multiboot_dma.bin", "multiboot.bin",
            "linuxboot.bin")


class Archive:
    """An initramfs: the "newc" form of cpio."""

    def __init__(self):
        self.bytes = bytearray()
        self.names = set()

    def _entry(self, name, mode, content):
        head = [len(self.names) + 1, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
        self.bytes += b"070701" + b"".join(b"%08x" % field for field in head)
        self.bytes += name.encode() + b"\0"
        self.bytes += b"\0" * (-len(self.bytes) % 4)
        self.bytes += content
        self.bytes += b"\0" * (-len(self.bytes) % 4)

    def add(self, name, content, executable=False):
        """A file, and the directories above it."""
        parts = name.strip("/").split("/")
        for depth in range(1, len(parts)):
            self._directory("/".join(parts[:depth]))
        if name not in self.names:
            self.names.add(name)
            self._entry(name.strip("/"), stat.S_IFREG | (0o755 if executable else 0o644), content)

    def _directory(self, name):
        if name not in self.names:
            self.names.add(name)
            self._entry(name, stat.S_IFDIR | 0o755, b"")

    def add_file(self, path, name=None):
        """A file of this machine, at its own place if no other is given."""
        with open(path, "rb") as file:
            self.add(name or path, file.read(), os.access(path, os.X_OK))

    def finish(self):
        """The whole archive."""
        for name in ("proc", "sys", "dev", "tmp"):
            self._directory(name)
        self._entry("TRAILER!!!", 0, b"")
        return bytes(self.bytes)


def libraries(program):
    """The files that the dynamic linker loads, by the names it looks for."""
    lines = subprocess.run(["ldd", program], capture_output=True, check=True, text=True).stdout
    return [word for word in lines.split() if word.startswith("/")]


def add_qemu(archive, qemu):
    """QEMU, what it is linked with, and the firmware of its PC."""
    archive.add_file(qemu)
    for path in libraries(qemu):
        archive.add_file(path)
    for directory in ("/usr/share/qemu", "/usr/share/seabios"):
        for name in FIRMWARE:
            if os.path.exists(os.path.join(directory, name)):
                archive.add_file(os.path.join(directory, name))


def wanted(options):
    """The tests that the command line names, and that can be run."""
    directory = os.path.join(options.directory, "x86")
    for test in compare.read_config(os.path.join(directory, "unittests.cfg")):
        if options.names and not any(fnmatch.fnmatch(test["name"], name) for name in options.names):
            continue
        if test.get("arch", "x86_64") == "x86_64" and os.path.exists(os.path.join(directory, test["file"])):
            yield test


def commands(options, names):
    """The list for the init process, and the images that it names."""
    text, images = "", set()
    for test in wanted(options):
        if test["name"] not in names:
            continue
        images.add(os.path.join(options.directory, "x86", test["file"]))
        words = compare.qemu_command(options.qemu, "/images", test)
        text += "\n".join([test["name"], str(options.timeout)] + words) + "\n\n"
    return text, images


def boot(options, kernel, names):
    """Runs these tests in an emulated host of their own, and passes on what it prints. Returns the tests
    that it has not ended."""
    archive = Archive()
    text, images = commands(options, names)
    if not images:
        return []
    with tempfile.TemporaryDirectory() as work:
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "nested_init.c")
        subprocess.run(["cc", "-O1", "-static", "-D_GNU_SOURCE", "-o", work + "/init", source],
                       check=True)
        archive.add_file(work + "/init", "init")
        archive.add("list", text.encode())
        for path in images:
            archive.add_file(path, "images/" + os.path.basename(path))
        for name in ("irqbypass", "kvm", "kvm-amd"):
            archive.add_file(os.path.join(kernel, name + ".ko"), name + ".ko")
        add_qemu(archive, options.qemu)
        with open(work + "/initrd", "wb") as file:
            file.write(archive.finish())
        with subprocess.Popen(
                [options.qemu, "-accel", "tcg", "-cpu", "max", "-machine", "q35", "-nodefaults",
                 "-no-reboot", "-display", "none", "-serial", "stdio", "-m", options.memory,
                 "-kernel", kernel + "/vmlinuz", "-initrd", work + "/initrd",
                 "-append", "console=ttyS0 quiet panic=-1"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as qemu:
            return pass_on(qemu.stdout, names)


def pass_on(lines, names):
    """A test at which the emulated host itself ends has status 139."""
    left, open_test = list(names), None
    for line in lines:
        sys.stdout.buffer.write(line)
        words = line.decode(errors="replace").split()
        if words[:1] == ["@@begin"]:
            open_test = words[1]
            print(f"{len(names) - len(left) + 1}/{len(names)} {open_test}", file=sys.stderr, flush=True)
        elif words[:1] == ["@@end"]:
            left.remove(words[1])
            open_test = None
    if open_test:
        left.remove(open_test)
        print(f"\n@@end {open_test} 139")
    sys.stdout.flush()
    return left


def main():
    """Boots the emulated host, once more for what was left when it ended too early."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("directory")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--qemu", default="/usr/bin/qemu-system-x86_64")
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--memory", default="6G", help="of that host: a test may want 4 GiB")
    parser.add_argument("--kernel", help="directory with vmlinuz and the modules of KVM")
    options = parser.parse_intermixed_args()
    cache = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
    kernels = [options.kernel] if options.kernel else glob.glob(cache + "/ringscope/kernel-*")
    if not kernels:
        sys.exit("nested.py: no kernel in ringscope's cache: `ringscope run --host tcg hello` gets one")
    left = [test["name"] for test in wanted(options)]
    while left:
        before, left = left, boot(options, kernels[0], left)
        if left == before:
            sys.exit("nested.py: the emulated host ran none of its tests")
    return 0


if __name__ == "__main__":
    sys.exit(main())
