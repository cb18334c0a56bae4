# SPDX-License-Identifier: MIT
"""bench_check.py SCHEMA FILE: whether a result of `ringscope bench --json` is what the schema says."""
import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as schema, open(sys.argv[2], encoding="utf-8") as result:
    validator = jsonschema.Draft7Validator(json.load(schema))
    errors = sorted(validator.iter_errors(json.load(result)), key=str)
for error in errors[:5]:
    print("# " + "/".join(map(str, error.path)) + ": " + error.message[:200])
sys.exit(1 if errors else 0)
