#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# check_schemas.py SCHEMA FILE... - holds YAML files (or JSON documents) against a JSON Schema with python3-jsonschema, which shares
# nothing with dragoman. One line for each mistake; exit code 1 when there is one, 3 without its packages.
import json
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"check_schemas.py: {missing}: install python3-jsonschema and python3-yaml", file=sys.stderr)
    sys.exit(3)


class Texts(yaml.SafeLoader):
    """Every plain scalar is a text, as dragoman reads it."""


Texts.yaml_implicit_resolvers = {}


def main():
    schema = json.load(open(sys.argv[1], encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    wrong = 0
    for name in sys.argv[2:]:
        text = open(name, encoding="utf-8").read()
        if name.endswith(".json"):
            values = [json.loads(text)]
        else:  # as dragoman reads it, and as an editor does, which sees numbers and truths
            values = [yaml.load(text, Loader=Texts), json.loads(json.dumps(yaml.safe_load(text), default=str))]
        for value in values:
            for mistake in validator.iter_errors(value):
                wrong += 1
                print(f"{name}: /{'/'.join(map(str, mistake.absolute_path))}: {mistake.message[:300]}")
    return 1 if wrong else 0


sys.exit(main())
