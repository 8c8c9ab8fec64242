#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the table of error points (mappings/codes/error-points.tsv) against the mapping that writes the message it is about.

    conformance-tests/extras/check_points.py DRAGOMAN MAPPING TABLE

For each rule of the mapping (as `dragoman map doc --format json` tells it) the segment that its value stands in must be the one
that the table has for its place, or for the nearest place above it; and each place of the table must be one of the mapping, or a
class above one. Python's standard library only; the exit code is 0 when everything holds.
"""
import json
import re
import subprocess
import sys


def bare(path):
    return re.sub(r"\[[^]]*\]|#[0-9*.]+", "", path)


def segment(path):
    """The innermost segment that a wire place names; a place that names none is in an element of the one around it."""
    tags = [step for step in re.sub(r"\[[^]]*\]|#[0-9*.]+", "", path).split("/") if re.fullmatch(r"[A-Z]{3}", step)]
    return tags[-1] if tags else None


def places_of(dragoman, mapping):
    done = subprocess.run([dragoman, "map", "doc", "--format", "json", mapping], stdout=subprocess.PIPE, check=True)
    around, found = [], []
    for line in done.stdout.decode("utf-8").splitlines():
        row = json.loads(line)
        while around and around[-1][0] >= row["depth"]:
            around.pop()
        model, wire = row.get("model"), row.get("wire")
        if not isinstance(model, str) or not isinstance(wire, str):
            continue
        if not model.startswith("/"):
            model = "/".join([a[1] for a in around[-1:]] + [model])
        if not wire.startswith("/"):
            wire = "/".join([a[2] for a in around[-1:]] + [wire])
        if row["is"] == "each":
            around.append((row["depth"], bare(model), wire))
        elif row["is"] == "rule" and segment(wire):
            found.append((bare(model).lstrip("/"), segment(wire)))
    return found


def main(argv):
    if len(argv) != 3:
        sys.exit(__doc__)
    with open(argv[2], encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f if line.strip() and not line.startswith("#")][1:]
    table, wrong, first = {row[0]: row for row in rows}, 0, {}
    found = places_of(argv[0], argv[1])
    for place, tag in found:
        first.setdefault(place, tag)  # of a value that stands twice the first place counts
    for place, tag in first.items():
        above = place
        while above not in table and "/" in above:
            above = above.rpartition("/")[0]
        row = table[above if above in table else "/"]
        if row[2] != tag:
            wrong += 1
            print("%s stands in %s, and the table says %s (%s)" % (place, tag, row[2], row[0]))
    for place in table:
        if place != "/" and not any(p == place or p.startswith(place + "/") for p in first):
            wrong += 1
            print("%s: the mapping has no such place" % place)
    print("%d places, %d rows, %d wrong" % (len(first), len(table), wrong))
    return 1 if wrong or len(first) < 100 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
