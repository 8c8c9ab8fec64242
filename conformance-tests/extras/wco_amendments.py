#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Applies every WCO amendment of a folder to the declaration beside it that it amends, and holds the result against the two.

    conformance-tests/extras/wco_amendments.py FOLDER [--dragoman build/dragoman] [--verbose]

An amendment is a file that begins with dec-amendment-; what it amends is a declaration whose name has the same scenario in it
(TT_IM003b). For each pair:
1. apply: accepted, and nothing is said beside the pointers.
2. What differs between the declaration and the result is as many places as the pointers say, and has the values of the amendment.
3. make of the two, then apply again: the same document.
Without a declaration, the amendment is applied to itself: every pointer must be understood. Then every chain of pointers in the
responses of the folder (res-) is asked for with `map explain` on a declaration: those that name a place of a declaration must be
understood. Python's standard library only; the exit code is 0 when everything holds.
"""
import argparse
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET


def local(element):
    return element.tag.rsplit("}", 1)[-1]


def chains(path):
    """The pointers of each element that has some, as one text."""
    try:
        root = ET.parse(path).getroot()
    except ET.ParseError:
        return []
    out = []
    for element in root.iter():
        steps = []
        for pointer in element:
            if isinstance(pointer.tag, str) and local(pointer) == "Pointer":
                part = {local(x): (x.text or "").strip() for x in pointer}
                step = part.get("DocumentSectionCode", "")
                step += "#" + part["SequenceNumeric"] if part.get("SequenceNumeric") else ""
                step += "/" + part["TagID"] if part.get("TagID") else ""
                steps.append(step)
        if steps:
            out.append((local(element), " ".join(steps)))
    return out


def run(dragoman, *words):
    return subprocess.run([dragoman, *words], capture_output=True, text=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--dragoman", default="build/dragoman")
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    wrong = pairs = alone = known = unknown = 0

    def bad(text):
        nonlocal wrong
        wrong += 1
        print("WRONG " + text)

    declarations = sorted(glob.glob(os.path.join(args.folder, "dec-declaration-*.xml")))
    with tempfile.TemporaryDirectory() as folder:
        full, made, again = (os.path.join(folder, n) for n in ("full.json", "made.json", "again.json"))
        for path in sorted(glob.glob(os.path.join(args.folder, "dec-amendment-*.xml"))):
            name = os.path.basename(path)
            pointed = [c for owner, c in chains(path) if owner == "Amendment"]
            scenario = re.search(r"TT_[A-Z]+\d+[a-z]?", name)
            base = next((d for d in declarations if scenario and scenario[0] in os.path.basename(d)), None)
            if not pointed:
                continue
            first = run(args.dragoman, "amend", "apply", base or path, path, "-o", full)
            if first.returncode:
                bad(f"{name}: {first.stderr.strip()}")
                continue
            if not base:
                alone += 1
                continue
            pairs += 1
            if first.stderr:
                bad(f"{name}: {first.stderr.strip()}")
            lines = run(args.dragoman, "diff", "--format", "json", base, full).stdout.splitlines()
            text = open(path, encoding="utf-8-sig").read()
            changes = [json.loads(line) for line in lines]
            if len(changes) != len(pointed):
                bad(f"{name}: {len(pointed)} pointers, {len(changes)} differences")
            for change in changes:
                if change["is"] != "removed" and ">" + change["b"] + "<" not in text:
                    bad(f"{name}: {change['b']} at {change['path']} is not in the amendment")
                if args.verbose:
                    print(name, change["path"], change.get("a"), "→", change.get("b"))
            for words in (("make", base, full, "-o", made), ("apply", base, made, "-o", again)):
                step = run(args.dragoman, "amend", *words)
                if step.returncode:
                    bad(f"{name}: amend {words[0]}: {step.stderr.strip()}")
            if run(args.dragoman, "diff", full, again).returncode:
                bad(f"{name}: another document comes of the amendment that was made")
    for path in sorted(glob.glob(os.path.join(args.folder, "res-*.xml"))):
        for _, chain in chains(path):
            if not chain.startswith("42A"):
                continue
            code = run(args.dragoman, "map", "explain", declarations[0], chain).returncode
            known += code in (0, 1)
            unknown += code not in (0, 1)
            if code not in (0, 1):
                print(f"{os.path.basename(path)}: {chain} names nothing")
    print(f"{pairs} pairs, {alone} amendments alone, {known} pointers of responses understood, {unknown} not; {wrong} wrong")
    return 1 if wrong or not pairs else 0


if __name__ == "__main__":
    sys.exit(main())
