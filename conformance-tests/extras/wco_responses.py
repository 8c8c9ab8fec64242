#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Takes every WCO response of a folder through the built command and back, and compares value by value.

    conformance-tests/extras/wco_responses.py FOLDER [--dragoman build/dragoman] [--schema FILE.xsd] [--only PART-OF-NAME]
                                               [--verbose]

1. XML -> canonical -> XML: accepted with --strict (no residue, nothing unsaid), equal to what was read; with --schema valid as
   well.
2. XML -> CUSRES D.96B -> XML: what is written is accepted at level directory and read back without residue; each value comes back
   equal, or was reported as unsaid.

Equal means what it means in wco_round_trip.py; besides, the number of a pointer's step at a class that stands once says nothing.
Responses that are refused are listed with their reason: a refusal must have one. Files that are no response are left out. Python's
standard library only; the exit code is 0 when everything holds.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

import wco_round_trip as trip

# Classes of a declaration or of an answer that repeat: there a number counts. All others stand once.
SINGLE = {"07B", "42A", "67A", "23A", "79A", "28A"}


def is_response(data):
    try:
        root = ET.fromstring(data)
    except ET.ParseError:
        return False
    return trip.local(root.tag) == "MetaData" and any(trip.local(e.tag) == "Response" for e in root)


def plain_numbers(node):
    """Numbers of steps at classes that stand once go."""
    if node.name == "Pointer":
        section = [c.value for c in node.children if c.name == "DocumentSectionCode"]
        if section and section[0] in SINGLE:
            node.children = [c for c in node.children if c.name != "SequenceNumeric"]
    for child in node.children:
        plain_numbers(child)


def document(data):
    node = trip.tree_of(ET.fromstring(data))
    plain_numbers(node)
    return node


def types_of_model():
    types = {}
    with open(os.path.join(trip.TOP, "mappings", "model", "response.tsv"), encoding="utf-8") as f:
        for line in f:
            columns = line.rstrip("\n").split("\t")
            if len(columns) > 4:
                types["MetaData/Response/" + columns[0].replace("ChangedDeclaration", "Declaration", 1)] = columns[3]
    return types


def key_of_report(path):
    """Pointers are told as one value; the second Declaration by its own name."""
    steps = []
    for step in path.strip("/").split("/"):
        name, _, number = step.partition("#")
        changed = name == "ChangedDeclaration"
        steps.append(("Declaration" if changed else name, 2 if changed else int(number) if number else 1))
    return tuple(steps)


def key(path):
    steps = [s for s in path if s[0] not in ("MetaData", "Response")]
    names = [s[0] for s in steps]
    if "Pointer" in names and steps[0] != ("Declaration", 2):
        return tuple(steps[:names.index("Pointer")]) + (("Pointer", 1),)
    return tuple(steps)


def without(node, path, gone):
    here = path + [(node.name, node.place)]
    steps = key(here)
    envelope = here[0][0] == "MetaData" and len(here) == 2 and node.name != "Response"
    if node.value and (steps in gone or (envelope and (("DocumentMetaData", 1),) + steps in gone)):
        node.value = None
        for child in node.children:
            child.value = None
    for child in node.children:
        without(child, here, gone)


def xml_and_back(runner, options, path, data, types, totals, problems):
    code, out, records = runner.translate(path, "wco-response", "--strict")
    if code or not out:
        totals["refused"].append((os.path.basename(path), trip.errors(records)))
        if not any(r.get("severity") == "error" for r in records):
            problems.append("refused without a reason")
        return False
    before = len(problems)
    added = trip.compare(trip.prune(document(data)), trip.prune(document(out)), types, problems)
    problems.extend("XML -> XML added %s" % p for p in added)
    totals["equal"] += len(problems) == before
    if options.schema:
        with tempfile.NamedTemporaryFile(suffix=".xml") as f:
            f.write(out)
            f.flush()
            if trip.valid(options.schema, f.name):
                totals["valid"] += 1
            else:
                problems.append("what was written is not valid")
    return True


def cusres_and_back(runner, path, data, types, totals, problems):
    code, edi, records = runner.translate(path, "cusres-d96b")
    if code or not edi:
        totals["refused"].append((os.path.basename(path), trip.errors(records)))
        return
    gone = {key_of_report(r["path"]) for r in records if "unsaid" in r.get("code", "") and r.get("path")}
    totals["unsaid"] += len(gone)
    with tempfile.NamedTemporaryFile(suffix=".edi") as f:
        f.write(edi)
        f.flush()
        done = subprocess.run([runner.command, "validate", "--level", "directory", f.name], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE)
        if done.returncode:
            problems.append("the CUSRES is not accepted: " + done.stderr.decode("utf-8", "replace")[:300])
        code, back, records = runner.translate(f.name, "wco-response", "--strict")
    if code or not back:
        problems.append("CUSRES -> XML refused: " + trip.errors(records))
        return
    before, count = document(data), len(problems)
    without(before, [], gone)
    added = trip.compare(trip.prune(before), trip.prune(document(back)), types, problems)
    problems.extend("CUSRES -> XML added %s" % p for p in added)
    totals["cusres"] += len(problems) == count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--dragoman", default=os.path.join(trip.TOP, "build", "dragoman"))
    parser.add_argument("--schema")
    parser.add_argument("--only", default="")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    runner, types = trip.Runner(options), types_of_model()
    totals = {"files": 0, "equal": 0, "valid": 0, "cusres": 0, "unsaid": 0, "refused": []}
    bad = 0
    for name in sorted(os.listdir(options.folder)):
        path = os.path.join(options.folder, name)
        if not name.endswith(".xml") or options.only not in name:
            continue
        with open(path, "rb") as f:
            data = f.read()
        if not is_response(data):
            continue
        totals["files"] += 1
        problems = []
        if xml_and_back(runner, options, path, data, types, totals, problems):
            cusres_and_back(runner, path, data, types, totals, problems)
        bad += bool(problems)
        for p in problems if options.verbose else problems[:5]:
            print("%s: %s" % (name, p))
    print("responses %d" % totals["files"])
    print("XML -> XML            equal, no residue %d%s" %
          (totals["equal"], ", valid %d" % totals["valid"] if options.schema else ""))
    print("XML -> CUSRES -> XML  every value equal or unsaid %d; unsaid %d" % (totals["cusres"], totals["unsaid"]))
    for name, why in totals["refused"]:
        print("  refused %s: %s" % (name, why[:200]))
    print("FAILED in %d responses" % bad if bad else "holds")
    return 1 if bad or not totals["files"] else 0


if __name__ == "__main__":
    sys.exit(main())
