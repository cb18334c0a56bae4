#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks reports of `ringscope test` with parsers that are not ringscope's.

suite_check.py SCHEMA JSON JUNIT TAP: three formats of one run; all must tell the same.
suite_check.py --same JSON JSON: two reports with the same tests and outcomes.
"""

import json
import re
import sys
import xml.etree.ElementTree as xml

import jsonschema


def from_json(path, schema=None):
    """(name, host) -> outcome."""
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    if schema:
        with open(schema, encoding="utf-8") as file:
            jsonschema.validate(report, json.load(file))
    outcomes = {(line["name"], line["host"]): line["outcome"] for line in report["results"]}
    assert len(outcomes) == len(report["results"]), "a test is there twice"
    for outcome, count in report["totals"].items():
        assert count == list(outcomes.values()).count(outcome), f"totals: {outcome}"
    return outcomes


def from_junit(path):
    """The same of JUnit XML; its attributes must add up."""
    outcomes = {}
    elements = {"failure": "fail", "error": "error", "skipped": "skip"}
    typed = {"xfail": "xfail", "xpass": "xpass"}
    for suite in xml.parse(path).getroot().iter("testsuite"):
        cases = list(suite.iter("testcase"))
        assert int(suite.get("tests")) == len(cases), "tests="
        for case in cases:
            kinds = [typed.get(child.get("type"), elements[child.tag])
                     for child in case if child.tag in elements]
            assert len(kinds) <= 1, case.get("name")
            outcomes[case.get("name"), suite.get("name")] = kinds[0] if kinds else "pass"
        for tag, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(suite.get(attribute)) == sum(1 for _ in suite.iter(tag)), attribute
    return outcomes


def from_tap(path):
    """The same of TAP 14, YAML blocks left out."""
    outcomes = {}
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    assert lines[0] == "TAP version 14"
    plan = int(re.fullmatch(r"1\.\.(\d+)", lines[1])[1])
    tests = [line for line in lines[2:] if not line.startswith("  ")]
    assert len(tests) == plan, "plan"
    for number, line in enumerate(tests, 1):
        match = re.fullmatch(r"(not )?ok (\d+) - (.*) @(\w+)(?: # (SKIP|ERROR|TODO) (\w*).*)?", line)
        assert match and int(match[2]) == number, line
        outcome = {"SKIP": "skip", "ERROR": "error", "TODO": (match[6] or "").lower()}.get(
            match[5], "fail" if match[1] else "pass")
        outcomes[match[3].replace("\\#", "#").replace("\\\\", "\\"), match[4]] = outcome
    return outcomes


def main(arguments):
    """One of the two usages."""
    if arguments[0] == "--same":
        assert from_json(arguments[1]) == from_json(arguments[2]), "the reports differ"
        return
    schema, report, junit, tap = arguments
    outcomes = from_json(report, schema)
    assert outcomes == from_junit(junit), "JUnit differs"
    assert outcomes == from_tap(tap), "TAP differs"


if __name__ == "__main__":
    main(sys.argv[1:])
