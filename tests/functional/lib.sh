# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What the functional tests share: TAP output, and running ringscope on the host under test.
#
# Environment: RINGSCOPE (path of the binary), RINGSCOPE_TEST_HOST (kvm or tcg).

count=0
failures=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck disable=SC2034 # the scripts use it
host=${RINGSCOPE_TEST_HOST:-kvm}

# Skips everything when the host is not there; the reason is ringscope's own. One that is there and does not answer in
# time is a failure.
no_answer='did not answer within'
need_host() {
    if ! "$RINGSCOPE" run --host "$1" ready >"$work/probe" 2>&1; then
        status=$?
        if grep -q "$no_answer" "$work/probe"; then
            echo "not ok 1 - the host $1, which is there, gets ready: $(tail -n 1 "$work/probe")"
            echo 1..1
            exit 1
        fi
        if [ "$("$RINGSCOPE" run --host "$1" ready >/dev/null 2>&1; echo $?)" = 119 ]; then
            echo "1..0 # SKIP host $1: $(tail -n 1 "$work/probe")"
            exit 0
        fi
        echo "# the host $1 is there, but the simplest program ends with $status:"
        sed 's/^/# /' "$work/probe"
    fi
}

# check CLAIM COMMAND...: one TAP line; the claim holds when the command succeeds.
check() {
    claim=$1
    shift
    count=$((count + 1))
    if "$@"; then
        echo "ok $count - $claim"
    else
        failures=$((failures + 1))
        # Twice: the runner keeps stdout to itself, and prints stderr in its log of errors.
        {
            echo "not ok $count - $claim"
            show_last
        } >"$work/failure"
        cat "$work/failure"
        cat "$work/failure" >&2
    fi
}

# run ARGUMENT...: ringscope with these arguments; leaves $status, $work/out, $work/err, $work/trace.
run() {
    status=0
    "$RINGSCOPE" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
    echo "ringscope $*" >"$work/command"
    # What ringscope says of itself begins with its name; the rest are trace lines.
    grep -v '^ringscope:' "$work/err" >"$work/trace" || true
}

# departs ID: doctor finds that this line departs on the host under test.
departs() {
    "$RINGSCOPE" doctor --host "$host" --json |
        jq -e --arg id "$1" '.lines[] | select(.id == $id and .status == "departs")' >"$work/departs"
}

show_last() {
    [ -f "$work/command" ] || return 0
    echo "# command: $(cat "$work/command")"
    echo "# status: ${status-}"
    sed 's/^/# out: /' "$work/out" | tail -n 40
    sed 's/^/# err: /' "$work/err" | tail -n 40
}

trace_has() {
    grep -Eq -- "$1" "$work/trace"
}

trace_lacks() {
    ! trace_has "$1"
}

# only PATTERN: every trace line matches.
only() {
    ! grep -Ev -- "$1" "$work/trace"
}

err_lacks() {
    ! err_has "$1"
}

out_lacks() {
    ! out_has "$1"
}

status_is() {
    [ "$status" -eq "$1" ]
}

out_is() {
    printf '%b' "$1" | cmp -s - "$work/out"
}

out_has() {
    grep -Eq -- "$1" "$work/out"
}

err_has() {
    grep -Eq -- "$1" "$work/err"
}

err_lines_are() {
    [ "$(wc -l <"$work/err")" -eq "$1" ]
}

finish() {
    echo "1..$count"
    [ "$failures" -eq 0 ]
}
