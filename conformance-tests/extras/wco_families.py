#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads every XML file of a folder, writes it again, and says by family what became of it and why.

    conformance-tests/extras/wco_families.py FOLDER [--dragoman build/dragoman] [--schemas FOLDER] [--check FAMILY=SCHEMA.xsd]
                                             [--verbose]

A family is the root element, with the payload below it where there is one, and the function of a declaration: MetaData/Declaration
13. For each file: accepted or refused, with the codes of what was said. What is accepted is written again and must hold the same,
element by element (by local names where the document has no namespaces), and writing that again must give the same bytes.
--schemas: for roots that no format begins with, a format is made of the schema of that folder that has such an
element (`dragoman format import`). --check: xmllint says whether files of a family (its beginning is enough) are valid before, and
then they must be afterwards, and be accepted. The exit code is 0 when all of that holds. Python's standard library only.
"""
import argparse
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
import compare_xml  # noqa: E402


def local(tag):
    return tag.rsplit("}", 1)[-1]


def family_of(root):
    payload = [e for e in root if local(e.tag) in ("Declaration", "Response")]
    if not payload:
        return local(root.tag)
    function = [e.text for e in payload[0] if local(e.tag) == "FunctionCode"]
    return "%s/%s %s" % (local(root.tag), local(payload[0].tag), function[0] if function else "")


def bare(rows):
    return [(re.sub(r"\{[^}]*\}", "", path), attributes, text) for path, attributes, text in rows]


class Runner:
    def __init__(self, options, scratch):
        self.command = os.path.abspath(options.dragoman)
        self.options, self.scratch = options, scratch
        self.mappings = os.path.join(scratch, "mappings")
        shutil.copytree(os.path.join(TOP, "mappings"), self.mappings)
        self.made = {}

    def run(self, *words):
        done = subprocess.run([self.command, *words], capture_output=True, check=False)
        records = []
        for line in done.stderr.decode("utf-8", "replace").splitlines():
            try:
                records.append(json.loads(line))
            except ValueError:
                records.append({"code": "unreadable", "severity": "error", "message": line})
        return done.returncode, records

    def make_format(self, root):
        """A format of a schema that has the element; once for each root."""
        if root in self.made or not self.options.schemas:
            return self.made.get(root, False)
        self.made[root] = False
        for top, folders, files in os.walk(self.options.schemas):
            folders.sort()
            for name in sorted(files):
                path = os.path.join(top, name)
                if not name.endswith(".xsd"):
                    continue
                try:
                    elements = {e.get("name") for e in ET.parse(path).getroot() if local(e.tag) == "element"}
                except ET.ParseError:
                    continue
                if root not in elements:
                    continue
                out = os.path.join(self.mappings, "formats", "xml", "made-%s.yaml" % root.lower())
                done = subprocess.run([self.command, "format", "import", path, "--root", root, "--schemas", self.options.schemas,
                                       "-o", out], capture_output=True, check=False)
                self.made[root] = done.returncode == 0
                return self.made[root]
        return False

    def codes(self, records):
        counted = collections.Counter(r.get("code") for r in records if r.get("severity") != "info")
        return ", ".join("%s%s" % (code, " x%d" % n if n > 1 else "") for code, n in sorted(counted.items(), key=str))

    def take(self, path, family, root):
        """(verdict, reasons, problem or None)"""
        if root is not None:
            self.make_format(local(root.tag))
        once, twice = os.path.join(self.scratch, "once"), os.path.join(self.scratch, "twice")
        for name in (once, twice):
            if os.path.exists(name):
                os.unlink(name)
        more = ["--format", "json", "--mappings", self.mappings]
        code, records = self.run("rewrite", path, "-o", once, *more)
        said = self.codes(records)
        if code > 1:
            return "failed", said, "exit code %d" % code
        if code == 1 or not os.path.exists(once):
            return "refused", said, None if said else "refused without a reason"
        a, b = compare_xml.flat(root), compare_xml.flat(ET.parse(once).getroot())
        if not root.tag.startswith("{"):
            a, b = bare(a), bare(b)
        if a != b:
            at = next((i for i in range(min(len(a), len(b))) if a[i] != b[i]), min(len(a), len(b)))
            return "changed", said, "element %d: %s became %s" % (at + 1, a[at:at + 1], b[at:at + 1])
        code, _ = self.run("rewrite", once, "-o", twice, *more)
        with open(once, "rb") as f:
            first = f.read()
        if code or not os.path.exists(twice) or open(twice, "rb").read() != first:
            return "equal", said, "written again it is not the same bytes"
        return "equal", said, None

    def valid(self, family, path):
        """True, False, or None where no schema was named."""
        for begin, schema in (c.split("=", 1) for c in self.options.check):
            if family.startswith(begin):
                return subprocess.run(["xmllint", "--noout", "--nonet", "--schema", schema, path], capture_output=True,
                                      check=False).returncode == 0
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--dragoman", default=os.path.join(TOP, "build", "dragoman"))
    parser.add_argument("--schemas")
    parser.add_argument("--check", action="append", default=[])
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    table, problems = collections.defaultdict(collections.Counter), []
    with tempfile.TemporaryDirectory() as scratch:
        runner = Runner(options, scratch)
        for name in sorted(os.listdir(options.folder)):
            path = os.path.join(options.folder, name)
            if not name.endswith(".xml"):
                continue
            try:
                root = ET.parse(path).getroot()
                family = family_of(root)
            except ET.ParseError:
                root, family = None, "(not well-formed)"
            verdict, said, problem = runner.take(path, family, root)
            valid = runner.valid(family, path)
            if valid and verdict != "equal":
                problem = problem or "it is valid and was %s" % verdict
            if valid and verdict == "equal" and runner.valid(family, os.path.join(scratch, "once")) is False:
                problem = "it was valid and what was written is not"
            word = {True: "valid", False: "invalid", None: "not checked"}[valid]
            table[family][(verdict, word, said)] += 1
            if problem:
                problems.append("%s: %s (%s)" % (name, problem, said))
            if options.verbose:
                print("%-8s %-11s %s  %s" % (verdict, word, name, said))
    for family in sorted(table):
        print(family)
        for (verdict, word, said), n in sorted(table[family].items()):
            print("  %4d %-8s %-11s %s" % (n, verdict, word, said))
    for p in problems:
        print("PROBLEM " + p)
    print("%d files, %d problems" % (sum(sum(t.values()) for t in table.values()), len(problems)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
