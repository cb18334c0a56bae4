# SPDX-License-Identifier: MIT
"""Rows of the table, and what is said of a goal."""

missed = 0


def verdict(low, high, limit):
    """Of a ratio that lies between the two: it is told only when both say the same."""
    global missed
    if high <= limit:
        return "met"
    if low <= limit:
        return "cannot be told"
    missed += 1
    return "MISSED"


def goal(value, limit, text):
    """The columns `goal` and what is said of it."""
    return f"{text} | {verdict(value, value, limit)}"


def row(what, ours, theirs, ratio, judged=" | "):
    print(f"| {what} | {ours} | {theirs} | {ratio} | {judged} |", flush=True)
