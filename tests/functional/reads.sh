# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# shellcheck disable=SC2154 # lib.sh makes $work
# Whether a trace can be read: by babeltrace2 without a word on stderr, and by ringscope, with the same
# counts. Sourced after lib.sh.

# babeltrace DIR: leaves the names of the events with their counts in $work/bt.
babeltrace() {
    babeltrace2 --names none "$1" >"$work/bt.text" 2>"$work/bt.err" || return 1
    [ ! -s "$work/bt.err" ] || return 1
    sed 's/^\[[^]]*\] ([^)]*) \([A-Z0-9]*\): .*/\1/' "$work/bt.text" | sort | uniq -c |
        awk '{ print $2, $1 }' >"$work/bt"
}

# report DIR: the same from ringscope's own reader in $work/report.
report() {
    "$RINGSCOPE" report --json "$1" >"$work/report.json" 2>"$work/err" || return 1
    jq -r '.kinds | to_entries | sort_by(.key)[] | select(.value > 0) | "\(.key) \(.value)"' \
        "$work/report.json" >"$work/report"
}

same_counts() {
    cmp "$work/bt" "$work/report"
}

# reads DIR: both read it and agree, and there is something in it.
reads() {
    babeltrace "$1" && report "$1" && same_counts && [ -s "$work/bt" ]
}
