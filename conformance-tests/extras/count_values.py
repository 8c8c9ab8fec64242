#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""count_values.py COMMAND MAPPING SAMPLE... - nothing is lost: counts the values of samples by readers of its own, which share
nothing with the library, and holds their number against the accounts that `COMMAND map coverage MAPPING SAMPLE` keeps: each
value was used by a rule, ignored for a stated reason, or told as left over. Values of headers and trailers (UNB, UNG, UNH and
theirs) are the codec's and not counted; samples of other formats, and refused ones, are passed over. Ends with 1 when a number
differs, when more than one value in twenty is ignored, or when no sample is of the mapping's format.
"""
import json
import subprocess
import sys
import xml.etree.ElementTree as tree

SERVICE = {"UNA", "UNB", "UNG", "UNH", "UNT", "UNE", "UNZ", "UNS"}
IGNORED_MOST = 0.05


def cut(text, mark, release):
    """Cuts at each mark that is not released; releases stay."""
    pieces, piece, at = [], [], 0
    while at < len(text):
        if text[at] == release and at + 1 < len(text):
            piece.append(text[at : at + 2])
            at += 2
        elif text[at] == mark:
            pieces.append("".join(piece))
            piece, at = [], at + 1
        else:
            piece.append(text[at])
            at += 1
    return pieces + ["".join(piece)]


def edifact_values(text):
    component, element, release, end = ":", "+", "?", "'"
    if text.startswith("UNA"):
        component, element, release, end = text[3], text[4], text[6], text[8]
        text = text[9:]
    count = 0
    for segment in cut(text, end, release):
        elements = cut(segment.lstrip("\r\n"), element, release)
        if cut(elements[0], component, release)[0] in SERVICE:
            continue
        for one in elements[1:]:
            count += sum(1 for value in cut(one, component, release) if value.strip(" ") != "")
    return count


def xml_values(data):
    """Texts of elements without children, and attributes that are no declarations of namespaces or of XML Schema instances."""
    count = 0
    for node in tree.fromstring(data).iter():
        count += len(node) == 0 and (node.text or "").strip() != ""
        count += sum(1 for name, value in node.attrib.items() if value.strip() and "XMLSchema-instance" not in name)
    return count


def values_of(path):
    data = open(path, "rb").read()
    if data.lstrip()[:1] == b"<":
        return xml_values(data)
    return edifact_values(data.decode("latin-1"))


def accounts_of(command, mapping, path):
    done = subprocess.run([command, "map", "coverage", mapping, path, "--format", "json"], capture_output=True, text=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    places = [row for row in rows if row["is"] == "place" and row["side"] == "wire"]
    through = [row for row in rows if row["is"] == "mapping" and row["read"] and not row["refused"] + row["strange"]]
    sums = {name: sum(row[name] for row in places) for name in ("used", "ignored", "lost")}
    return sums if through else None


def main(words):
    if len(words) < 3:
        print(__doc__)
        return 2
    command, mapping, wrong, ignored, total = words[0], words[1], 0, 0, 0
    for path in words[2:]:
        found = accounts_of(command, mapping, path)
        if found is None:
            print(f"{path}: not of the mapping's format, or refused")
            continue
        counted, told = values_of(path), sum(found.values())
        verdict = "ok" if told == counted else "DIFFERS"
        print(f"{path}: {counted} values; {found['used']} used, {found['ignored']} ignored, {found['lost']} left: {verdict}")
        wrong += told != counted
        ignored += found["ignored"]
        total += counted
    if total and ignored > IGNORED_MOST * total:
        print(f"{ignored} of {total} values are ignored, more than one in twenty")
        wrong += 1
    print(f"{total} values, {ignored} of them ignored")
    return 1 if wrong or not total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
