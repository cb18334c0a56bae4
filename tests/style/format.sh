#!/bin/sh
# SPDX-License-Identifier: MIT
# Every C file is formatted as .clang-format says.
set -eu
cd "$1"
find vmm guest include tests bench -name '*.[ch]' -print0 |
    xargs -0 clang-format --dry-run -Werror
