#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds what `validate --level schema` says of XML documents against what xmllint says with the same schemas.

    conformance-tests/extras/compare_schema.py DOCUMENTS SCHEMAS FORMAT [--changes N] [--dragoman build/dragoman] [--verbose]

DOCUMENTS is a folder of *.xml, SCHEMAS the folder(s) the schemas of FORMAT stand in (colons between). Documents of other formats
are passed over. A document that xmllint calls valid must have no error of the schema; where it names lines, an error of ours must
stand on each. --changes makes N more of each document: a value, a name, an attribute or an order that may be wrong, the same ones
each time.
Needs xmllint; the exit code is 0 when everything holds.
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile


def change(text, chance):
    """One thing in the document is another."""
    tags = [m for m in re.finditer(r"<([A-Za-z_][\w.:-]*)((?:\s[^<>]*)?)>([^<>]*)</\1>", text)]
    if not tags:
        return text
    tag = chance.choice(tags)
    what = chance.randrange(7)
    if what == 0:
        return text[: tag.start()] + text[tag.end() :]
    if what == 1:
        return text[: tag.end()] + tag.group(0) + text[tag.end() :]
    if what == 2:
        return text[: tag.start(3)] + chance.choice(["", "x" * 600, "-1", "1.2.3", "&#228; b", "2026-13-45"]) + text[tag.end(3) :]
    if what == 3:
        return text[: tag.start(2)] + ' wrong="1"' + text[tag.start(2) :]
    if what == 4:
        return text[: tag.start()] + tag.group(0).replace(tag.group(1), tag.group(1) + "Z") + text[tag.end() :]
    if what == 5:
        other = chance.choice(tags)
        first, second = sorted([tag, other], key=lambda m: m.start())
        if first.end() > second.start():
            return text
        between = text[first.end() : second.start()]
        return text[: first.start()] + second.group(0) + between + first.group(0) + text[second.end() :]
    return text[: tag.start(3)] + "<Inner/>" + text[tag.start(3) :]


def schema_of(dragoman, name, folders, scratch):
    """The schemas that the format names, imported by one."""
    root = os.path.join(os.path.dirname(dragoman), "..", "mappings", "formats", "xml")
    with open(os.path.join(root, name + ".yaml"), encoding="utf-8") as f:
        found = re.search(r"^schema: *(.*)$", f.read(), re.M)
    files = [s.strip() for s in found.group(1).strip("[]").split(",")]
    out = ['<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">']
    for file in files:
        path = next(os.path.abspath(os.path.join(d, file)) for d in folders if os.path.exists(os.path.join(d, file)))
        with open(path, encoding="utf-8") as f:
            target = re.search(r'targetNamespace="([^"]*)"', f.read()).group(1)
        out.append('<xs:import namespace="%s" schemaLocation="%s"/>' % (target, path))
    wrapper = os.path.join(scratch, "all.xsd")
    with open(wrapper, "w", encoding="utf-8") as f:
        f.write("".join(out) + "</xs:schema>\n")
    return wrapper


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("documents")
    parser.add_argument("schemas")
    parser.add_argument("format")
    parser.add_argument("--changes", type=int, default=0)
    parser.add_argument("--dragoman", default="build/dragoman")
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    count = {"valid": 0, "invalid": 0, "other": 0}
    wrong = []
    with tempfile.TemporaryDirectory() as scratch:
        wrapper = schema_of(args.dragoman, args.format, args.schemas.split(":"), scratch)
        paths = []
        for name in sorted(os.listdir(args.documents)):
            if not name.endswith(".xml"):
                continue
            path = os.path.join(args.documents, name)
            told = subprocess.run([args.dragoman, "inspect", "--format", "json", path], capture_output=True, text=True, check=False)
            if '"format":"%s"' % args.format not in told.stdout.replace(" ", ""):
                count["other"] += 1
                continue
            paths.append(path)
            chance = random.Random(name)
            with open(path, encoding="utf-8-sig", newline="") as f:
                # xmllint names the line that a tag ends in: none here has more than one
                text = re.sub(r"<[^<>]*>", lambda m: re.sub(r"\s+", " ", m.group(0)), f.read())
            for n in range(args.changes):
                made = os.path.join(scratch, "%s-%d.xml" % (name[:-4], n))
                with open(made, "w", encoding="utf-8", newline="") as f:
                    f.write(change(text, chance))
                paths.append(made)
        lint, ours = {}, {}
        for at in range(0, len(paths), 200):
            part = paths[at : at + 200]
            done = subprocess.run(["xmllint", "--noout", "--schema", wrapper, *part], capture_output=True, text=True, check=False)
            for line in done.stderr.splitlines():
                m = re.match(r"(.*?):(\d+): element [^:]*: Schemas validity error : (.*)", line)
                if m:
                    lint.setdefault(m.group(1), {})[int(m.group(2))] = m.group(3)
            words = ["validate", "--level", "schema", "--schemas", args.schemas, "--accounts", "off", "--format", "json"]
            done = subprocess.run([args.dragoman, *words, *part], capture_output=True, text=True, check=False)
            if done.returncode > 1:
                wrong.append("exit code %d: %s" % (done.returncode, done.stderr[:400]))
            for line in done.stderr.splitlines():
                d = json.loads(line)
                if d["severity"] == "error":
                    ours.setdefault(d["source"], []).append(d)
    for path in paths:
        theirs, mine = lint.get(path, {}), ours.get(path, [])
        schema = [d for d in mine if d["code"].startswith("xml.xsd.")]
        count["invalid" if theirs else "valid"] += 1
        if not theirs and schema:
            wrong.append("%s: xmllint calls it valid: %s" % (path, schema[0]))
        for line, text in theirs.items():
            if line not in [d.get("line") for d in mine] and not any(d["code"] == "xml.xsd.many" for d in mine):
                wrong.append("%s:%d: nothing is said of: %s" % (path, line, text))
        for d in schema:
            if d.get("line") not in theirs and d["code"] != "xml.xsd.many" and theirs:
                wrong.append("%s:%s: xmllint does not say: %s" % (path, d.get("line"), d["message"]))
        if args.verbose and theirs:
            print(path, theirs, [(d["line"], d["code"], d["message"]) for d in mine])
    print("%(valid)d valid, %(invalid)d invalid, %(other)d of other formats" % count + ", %d wrong" % len(wrong))
    for line in wrong:
        print(line)
    return 1 if wrong or count["valid"] + count["invalid"] == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
