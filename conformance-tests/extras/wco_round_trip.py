#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Takes every WCO declaration of a folder through the built command and back, and compares value by value.

    conformance-tests/extras/wco_round_trip.py FOLDER [--dragoman build/dragoman] [--schema FILE.xsd] [--only PART-OF-NAME]
                                               [--keep DIR] [--verbose]

1. XML -> canonical -> XML: accepted with --strict (no residue, nothing unsaid), equal to what was read; with --schema valid as
   well.
2. XML -> CUSDEC D.96B -> XML: each value comes back equal, or was reported as unsaid; CUSDEC is read back without residue.
3. The paths of conformance-tests/paths/cusdec-d96b-equal.txt are never among the unsaid.

Equal means: same elements in the same order with equal values; comments, prefixes, white space between elements and empty leaf
elements are set aside. Numbers compare as numbers and dates as dates, by the types of mappings/model/declaration.tsv. Values that
the way through CUSDEC adds (a mass without a unit is one in kilograms) are counted apart. Files that are no declaration, or that
--schema does not accept to begin with, are left out. Python's standard library only; the exit code is 0 when everything holds.
"""
import argparse
import collections
import decimal
import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))


class Node:
    """An element or attribute by its local name, with its occurrence among its siblings of that name."""

    def __init__(self, name, place, value=None):
        self.name, self.place, self.value, self.children = name, place, value, []


def local(tag):
    return tag.rsplit("}", 1)[-1]


def tree_of(element, place=1):
    text = (element.text or "").strip() if len(element) == 0 else None
    node = Node(local(element.tag), place, text)
    for name, value in element.attrib.items():
        if "}" not in name:
            node.children.append(Node("@" + name, 1, value))
    seen = collections.Counter()
    for child in element:
        if not isinstance(child.tag, str):
            continue
        seen[local(child.tag)] += 1
        node.children.append(tree_of(child, seen[local(child.tag)]))
    # A date is one value of the model: DateTimeString and its formatCode.
    if len(node.children) == 1 and node.children[0].name == "DateTimeString":
        inner = node.children[0]
        code = [c.value for c in inner.children if c.name == "@formatCode"]
        node.value, node.children = (inner.value, code[0] if code else ""), []
        if not inner.value:
            node.value = None
    return node


def prune(node):
    """Without values and occurrences that hold nothing; None when nothing is left."""
    node.children = [c for c in (prune(child) for child in node.children) if c]
    if not node.value and not [c for c in node.children if not c.name.startswith("@")]:
        return None
    return node


def leaves(node, path, plain):
    here, bare = path + [(node.name, node.place)], plain + [node.name]
    if node.value:
        yield here, "/".join(bare), node.value
    for child in node.children:
        yield from leaves(child, here, bare)


def without(node, path, gone):
    """Takes the values away that are told as unsaid. A value goes with its attributes."""
    here = path + [(node.name, node.place)]
    if node.value and key(here) in gone:
        node.value = None
        for child in node.children:
            child.value = None
    for child in node.children:
        without(child, here, gone)


def key(path):
    """How paths of the report and of the document meet: names with their occurrence, without root and envelope."""
    steps = [s for s in path if s[0] not in ("MetaData", "Declaration", "DocumentMetaData")]
    return tuple(steps)


def key_of_report(path):
    steps = []
    for step in path.strip("/").split("/"):
        name, _, number = step.partition("#")
        steps.append((name, int(number) if number else 1))
    return key(steps)


def same(kind, a, b):
    if a == b:
        return True
    if isinstance(a, tuple) and isinstance(b, tuple):
        return date(a) == date(b)
    if kind in ("number", "amount", "quantity") and not isinstance(a, tuple) and not isinstance(b, tuple):
        try:
            return decimal.Decimal(a) == decimal.Decimal(b)
        except decimal.InvalidOperation:
            return False
    return False


def date(value):
    text, code = value
    digits = "".join(c for c in text[:14] if c.isdigit())
    zone = text[len(digits):]
    return digits, "+00" if zone == "Z" else zone


class Runner:
    def __init__(self, options):
        self.command = os.path.abspath(options.dragoman)

    def translate(self, path, to, *more):
        with tempfile.NamedTemporaryFile(suffix=".out", delete=False) as out:
            name = out.name
        os.unlink(name)
        done = subprocess.run([self.command, "translate", path, "--to", to, "-o", name, "--format", "json", *more],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        records = []
        for line in done.stderr.decode("utf-8", "replace").splitlines():
            try:
                records.append(json.loads(line))
            except ValueError:
                records.append({"code": "unreadable", "severity": "error", "message": line})
        data = None
        if os.path.exists(name):
            with open(name, "rb") as f:
                data = f.read()
            os.unlink(name)
        return done.returncode, data, records


def errors(records):
    return "; ".join("%s: %s %s" % (r.get("code"), r.get("message", ""), r.get("path", "")) for r in records
                     if r.get("severity") == "error") or "nothing was said"


def types_of_model():
    types = {}
    with open(os.path.join(TOP, "mappings", "model", "declaration.tsv"), encoding="utf-8") as f:
        for line in f:
            columns = line.rstrip("\n").split("\t")
            if len(columns) > 4:
                types[columns[0]] = columns[3]
    return types


def promised_paths():
    with open(os.path.join(TOP, "conformance-tests", "paths", "cusdec-d96b-equal.txt"), encoding="utf-8") as f:
        return {line.strip() for line in f if line.strip() and not line.startswith("#")}


def compare(before, after, types, problems):
    """Both pruned. Everything of `before` must stand in `after` in the same place; what `after` has besides is counted."""
    added = collections.Counter()

    def walk(a, b, plain):
        path = "/".join(plain)
        kind = types.get(path.replace("MetaData/Declaration/", "", 1), "")
        if a.value and not same(kind, a.value, b.value):
            problems.append("%s was %r and came back as %r" % (path, a.value, b.value))
        if not a.value and b.value:
            added[path] += 1
        names = []
        for child in a.children + b.children:
            if child.name not in names:
                names.append(child.name)
        for name in names:
            left = [c for c in a.children if c.name == name]
            right = [c for c in b.children if c.name == name]
            for x, y in zip(left, right):
                walk(x, y, plain + [name])
            for x in left[len(right):]:
                for _, bare, value in leaves(x, [], plain):
                    problems.append("%s %r did not come back" % (bare, value))
            for y in right[len(left):]:
                for _, bare, _ in leaves(y, [], plain):
                    added[bare] += 1
    if not before or not after:
        if bool(before) != bool(after):
            problems.append("one of the documents is empty")
        return added
    walk(before, after, [before.name])
    return added


def document(data):
    return tree_of(ET.fromstring(data))


def valid(schema, path):
    return subprocess.run(["xmllint", "--noout", "--nonet", "--schema", schema, path], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0


def is_declaration(data):
    try:
        root = ET.fromstring(data)
    except ET.ParseError:
        return False
    return local(root.tag) == "MetaData" and any(local(e.tag) == "Declaration" for e in root)


class Totals:
    files = left_out = xml_equal = xml_valid = cusdec_done = cusdec_equal = values = equal = 0

    def __init__(self):
        self.unsaid, self.added, self.promised = collections.Counter(), collections.Counter(), collections.Counter()


def xml_and_back(runner, options, path, data, types, totals, problems):
    code, out, records = runner.translate(path, "wco-declaration", "--strict")
    if code or not out:
        problems.append("XML -> XML refused: " + errors(records))
        return
    before = len(problems)
    added = compare(prune(document(data)), prune(document(out)), types, problems)
    problems.extend("XML -> XML added %s" % p for p in added)
    totals.xml_equal += len(problems) == before
    if options.schema:
        with tempfile.NamedTemporaryFile(suffix=".xml") as f:
            f.write(out)
            f.flush()
            if valid(options.schema, f.name):
                totals.xml_valid += 1
            else:
                problems.append("what was written is not valid")


def cusdec_and_back(runner, options, path, data, types, promised, totals, problems):
    code, edi, records = runner.translate(path, "cusdec-d96b")
    if code or not edi:
        problems.append("XML -> CUSDEC refused: " + errors(records))
        return
    gone = {key_of_report(r["path"]) for r in records if "unsaid" in r.get("code", "") and r.get("path")}
    base = os.path.join(options.keep or tempfile.gettempdir(), os.path.basename(path) + ".edi")
    with open(base, "wb") as f:
        f.write(edi)
    code, back, records = runner.translate(base, "wco-declaration")
    if not options.keep:
        os.unlink(base)
    if code or not back:
        problems.append("CUSDEC -> XML refused: " + errors(records))
        return
    problems.extend("CUSDEC -> XML residue %s %s" % (r.get("path"), r.get("message", ""))
                    for r in records if "residue" in r.get("code", ""))
    totals.cusdec_done += 1
    before = document(data)
    pruned = prune(document(data))
    for here, bare, _ in leaves(pruned, [], []) if pruned else ():
        plain = bare.replace("MetaData/Declaration/", "", 1)
        totals.values += 1
        if key(here) in gone:
            totals.unsaid[plain] += 1
            if plain in promised:
                problems.append("promised path is unsaid: " + plain)
        else:
            totals.equal += 1
            totals.promised[plain] += plain in promised
    without(before, [], gone)
    count = len(problems)
    totals.added.update(compare(prune(before), prune(document(back)), types, problems))
    totals.cusdec_equal += len(problems) == count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--dragoman", default=os.path.join(TOP, "build", "dragoman"))
    parser.add_argument("--schema")
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", help="folder for the CUSDEC interchanges")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    runner, types, promised, totals = Runner(options), types_of_model(), promised_paths(), Totals()
    bad = 0
    for name in sorted(os.listdir(options.folder)):
        path = os.path.join(options.folder, name)
        if not name.endswith(".xml") or options.only not in name:
            continue
        with open(path, "rb") as f:
            data = f.read()
        if not is_declaration(data) or (options.schema and not valid(options.schema, path)):
            totals.left_out += 1
            continue
        totals.files += 1
        problems = []
        xml_and_back(runner, options, path, data, types, totals, problems)
        cusdec_and_back(runner, options, path, data, types, promised, totals, problems)
        bad += bool(problems)
        for p in problems if options.verbose else problems[:5]:
            print("%s: %s" % (name, p))
        if len(problems) > 5 and not options.verbose:
            print("%s: ... and %d more" % (name, len(problems) - 5))
    print("declarations %d (left out %d files)" % (totals.files, totals.left_out))
    print("XML -> XML      equal, no residue %d%s" % (totals.xml_equal, ", valid %d" % totals.xml_valid if options.schema else ""))
    print("XML -> CUSDEC -> XML  translated %d, every value equal or unsaid %d" % (totals.cusdec_done, totals.cusdec_equal))
    print("values %d, equal %d, unsaid %d; promised paths met %d of %d" %
          (totals.values, totals.values - sum(totals.unsaid.values()), sum(totals.unsaid.values()),
           sum(1 for n in totals.promised.values() if n), len(promised)))
    for what, counter in (("unsaid", totals.unsaid), ("added", totals.added)):
        for path, n in counter.most_common():
            print("  %s %6d  %s" % (what, n, path))
    print("FAILED in %d declarations" % bad if bad else "holds")
    return 1 if bad or not totals.files else 0


if __name__ == "__main__":
    sys.exit(main())
