#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The kernel's global symbols as a linker script, and a hash by which ringscope knows the kernel.

kernel_symbols.py NM KERNEL OUTPUT
"""

import subprocess
import sys


def fnv1a(data):
    """As struct rs_module_head says."""
    value = 0xcbf29ce484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001b3 & (1 << 64) - 1
    return value


def main(nm, kernel, output):
    """PROVIDE: a test may have functions of these names."""
    with open(kernel, "rb") as file:
        identity = fnv1a(file.read())
    listed = subprocess.run([nm, "--defined-only", "--extern-only", kernel], check=True,
                            capture_output=True, text=True).stdout
    with open(output, "w", encoding="ascii") as file:
        file.write(f"/* SPDX-License-Identifier: MIT */\nTestModuleKernel = {identity:#x};\n")
        for line in listed.splitlines():
            address, _, name = line.split()
            file.write(f"PROVIDE({name} = 0x{address});\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
