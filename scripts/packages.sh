#!/bin/sh
# SPDX-License-Identifier: MIT
# Debian packages that ringscope needs, and installing those that are missing.
#
#   packages.sh build      to build and run it, on /dev/kvm and on the emulated host
#   packages.sh test       also to pass the tests
set -eu

build='gcc libc6-dev meson ninja-build pkg-config libzydis-dev libzycore-dev libelf-dev libdw-dev
    libjansson-dev libseccomp-dev qemu-system-x86 apt dpkg'
test='gcovr cppcheck check clang clang-format clang-tidy libclang-rt-14-dev valgrind shellcheck strace python3
    linux-libc-dev babeltrace2 jq python3-jsonschema gnuplot-nox
    bochs bochs-term'

case ${1-} in
build) wanted=$build ;;
test) wanted="$build $test" ;;
*)
    echo 'usage: packages.sh build|test' >&2
    exit 125
    ;;
esac

missing=
for package in $wanted; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "packages.sh: to install$missing, run as root or install sudo" >&2
        exit 119
    fi
}

# apt talks a lot; what it says is shown only when it fails.
apt() {
    output=$(as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y "$@" 2>&1) || {
        printf '%s\n' "$output" >&2
        exit 119
    }
}

echo "installing Debian packages:$missing" >&2
apt update
# shellcheck disable=SC2086 # a list of names
apt --no-install-recommends install $missing
