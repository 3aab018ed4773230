#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Validates TOML files against a JSON Schema: "ok", "refused" or "unreadable" and the file, a line each.
import json
import sys
import tomllib

from jsonschema import Draft7Validator

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
Draft7Validator.check_schema(schema)
validator = Draft7Validator(schema)
for name in sys.argv[2:]:
    try:
        with open(name, "rb") as file:
            document = tomllib.load(file)
    except ValueError:
        print("unreadable", name)
        continue
    print("ok" if validator.is_valid(document) else "refused", name)
