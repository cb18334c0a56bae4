#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck finds nothing in the scripts.
set -eu
cd "$1"
exec shellcheck -x -P tests/functional quickstart check .ci/run scripts/*.sh tests/*/*.sh \
    vmm/bundle/*.sh
