#!/bin/sh
# SPDX-License-Identifier: MIT
# The scripts pass shellcheck.
set -eu
cd "$1"
exec shellcheck -x -P tests/functional quickstart check .ci/run scripts/*.sh tests/*/*.sh \
    vmm/bundle/*.sh bench/*.sh
