#!/bin/sh
# SPDX-License-Identifier: MIT
# Lanes that are too slow for ./check, one at a time. Each has a build directory of its own below build-lanes.
#
#   lanes.sh long                 tests that `./check` has no time for, in its build
#   lanes.sh clang                warnings of clang as errors, unit tests
#   lanes.sh tsan                 ThreadSanitizer: unit tests, and sessions on /dev/kvm
#   lanes.sh analyzer             gcc -fanalyzer over the VMM
#   lanes.sh cppcheck             cppcheck over the VMM
#   lanes.sh coverage             lines and branches by unit and functional tests: of the VMM, of the model
#   lanes.sh reproducible         two builds in two places: the same bytes of each installed file
#   lanes.sh hardening [FILE]     what the executable is protected by
#   lanes.sh fuzz [SECONDS]       each target guided by coverage for so long (3600)
#   lanes.sh corpus [SECONDS]     grows the corpus in the tree: tests/fuzz/corpus
#   lanes.sh fuzz-coverage [SEC]  what each target reaches of its sources, after so long (20)
#   lanes.sh faults               every n of every kind, and 1000 kills
#   lanes.sh endurance [SECONDS]  guests traced in rotation for so long (3600): memory, descriptors, clocks
#   lanes.sh security [short]     those that scripts/security-table.py tells of, and the table; hours. After ./check
#                                 short: minutes of endurance; no faults and no tests but those of ./check
set -eu
cd "$(dirname "$0")/.."
lanes=build-lanes

# setup NAME OPTION...
setup() {
    name=$1
    shift
    [ -f "$lanes/$name/build.ninja" ] || meson setup -Dtests=enabled -Db_lto=false "$@" "$lanes/$name" >/dev/null
    ninja -C "$lanes/$name" --quiet
}

case ${1-} in
clang)
    CC=clang setup clang --werror
    meson test -C "$lanes/clang" --no-rebuild --suite unit
    ;;
tsan)
    setup tsan -Db_sanitize=thread -Db_lundef=false
    # Under ThreadSanitizer every event costs many times what it does: sessions of a few hundred.
    meson test -C "$lanes/tsan" --no-rebuild --timeout-multiplier 10 --suite unit
    for arguments in 'trace -o /dev/null demo' 'trace -c --cpus 2 -o /dev/null demo' 'run storm 20'; do
        # shellcheck disable=SC2086 # words
        TSAN_OPTIONS=halt_on_error=1:exitcode=66 "$lanes/tsan/vmm/ringscope" $arguments >/dev/null
    done
    ;;
analyzer)
    # The guest is built with it, too, but it is the VMM that input of strangers reaches.
    export LC_ALL=C.UTF-8 # its quotes
    rm -rf "$lanes/analyzer"
    meson setup -Db_lto=false '-Dc_args=-fanalyzer -Wno-error' "$lanes/analyzer" >/dev/null
    ninja -C "$lanes/analyzer" vmm/ringscope >"$lanes/analyzer.log" 2>&1
    sed -n 's|^\.\./\.\./\(vmm/[^:]*\):[0-9]*:[0-9]*: warning\(: .*-Wanalyzer\)|\1\2|p' "$lanes/analyzer.log" |
        sed 's|\(calloc(.*, \)[0-9]*)|\1SIZE)|' |
        sort -u >"$lanes/analyzer.txt"
    grep -vxFf scripts/analyzer-judged.txt "$lanes/analyzer.txt" >"$lanes/analyzer.new" || true
    cat "$lanes/analyzer.new"
    echo "$(wc -l <"$lanes/analyzer.txt") findings, $(wc -l <"$lanes/analyzer.new") of them not judged"
    [ ! -s "$lanes/analyzer.new" ]
    ;;
cppcheck)
    tests/style/cppcheck.sh .
    ;;
coverage)
    # What ends without exit(), and whoever is confined, writes no counts: so neither is the case here. Of a
    # session on the emulated host the outer process counts; what runs inside is lost with its machine.
    setup coverage -Db_coverage=true -Doptimization=0 \
        '-Dc_args=-DRS_SANDBOX_DEFAULT=RS_SANDBOX_OFF -DRS_WORKER_PATIENCE=2000 -D_exit=exit -fprofile-update=atomic'
    find "$lanes/coverage" -name '*.gcda' -delete
    cover() { # NAME FILTER WHAT GOAL
        gcovr -r . --object-directory "$lanes/coverage" --filter "$2" --exclude 'vmm/host/init' \
            --gcov-ignore-parse-errors --print-summary --txt "$lanes/$1.txt" "$lanes/coverage" 2>/dev/null |
            sed -n "s|^$3: \([0-9.]*\)%.*|coverage of $2, $3: \1 % (goal $4)|p"
    }
    meson test -C "$lanes/coverage" --no-rebuild --timeout-multiplier 4 --suite unit || true
    cover coverage-model vmm/model/ branches 100 | tee "$lanes/coverage.figures"
    meson test -C "$lanes/coverage" --no-rebuild --timeout-multiplier 4 --suite functional || true
    cover coverage vmm/ lines 90 | tee -a "$lanes/coverage.figures"
    ;;
reproducible)
    # Neither where the sources are, nor where they are built, nor when, may show.
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    install_from() { # SOURCES BUILD DESTINATION
        mkdir -p "$work/$1" "$lanes"
        git archive HEAD | tar -x -C "$work/$1"
        meson setup -Dtests=disabled "$work/$1" "$work/$2" >/dev/null
        ninja -C "$work/$2" --quiet
        DESTDIR=$work/$3 meson install --no-rebuild -C "$work/$2" >/dev/null
    }
    install_from sources build first
    install_from another/place/of/them another/place/of/them/out second
    diff -r "$work/first" "$work/second"
    (cd "$work/first" && find . -type f -exec sha256sum {} +) | sort -k 2 >"$lanes/reproducible.txt"
    echo "$(wc -l <"$lanes/reproducible.txt") installed files, the same bytes: $lanes/reproducible.txt"
    ;;
hardening)
    tests/functional/hardening.sh "${2:-build/vmm/ringscope}"
    ;;
fuzz)
    setup fuzz -Dfuzz_seconds="${2:-3600}"
    meson test -C "$lanes/fuzz" --no-rebuild --timeout-multiplier 0 --suite fuzz
    ;;
corpus)
    setup fuzz
    tests/fuzz/corpus.sh grow "$lanes/fuzz" "${2:-600}"
    ;;
fuzz-coverage)
    setup fuzz
    tests/fuzz/corpus.sh coverage "$lanes/fuzz" "${2:-20}" | tee "$lanes/fuzz-coverage.txt"
    ;;
faults)
    setup faults
    tests/faults/faults.py "$lanes/faults/vmm/ringscope" "$lanes/faults/tests/faults/libinject.so" --kills 1000 \
        --parts calls,paging,ring,kill >"$lanes/faults.txt" || status=$?
    cat "$lanes/faults.txt"
    exit "${status:-0}"
    ;;
endurance)
    setup faults
    tests/faults/endurance.py "$lanes/faults/vmm/ringscope" "$lanes/faults/tests/faults/clocks" "${2:-3600}" \
        >"$lanes/endurance.txt" || status=$?
    cat "$lanes/endurance.txt"
    exit "${status:-0}"
    ;;
long)
    meson test -C build-check --suite long --logbase=testlog-long
    ;;
security)
    status=0
    case ${2-} in
    short) parts='reproducible;analyzer;coverage;fuzz-coverage 5;endurance 150' form=--short ;;
    '') parts='long;reproducible;analyzer;faults;coverage;fuzz-coverage;endurance' form= ;;
    *) echo "lanes.sh: security $2: short, or nothing" >&2 && exit 125 ;;
    esac
    IFS=';'
    for part in $parts; do
        echo "== $part"
        unset IFS
        # shellcheck disable=SC2086 # words
        "$0" $part || status=1
    done
    # shellcheck disable=SC2086 # none or one
    scripts/security-table.py $form || status=1
    exit "$status"
    ;;
*)
    sed -n '3,/^set/s/^# \{0,1\}//p' "$0" | grep -v '^set'
    exit 125
    ;;
esac
