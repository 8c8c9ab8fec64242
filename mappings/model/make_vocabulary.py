#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Derives the canonical vocabularies of the declaration and of its answers (mappings/model/declaration.tsv, response.tsv).

    make_vocabulary.py ELEMENTS OUTPUT [PROFILE]

OUTPUT is declaration.tsv or response.tsv; its name says which. ELEMENTS is a table of facts about the elements of the WCO Data
Model 3.6 (columns message, path, min, max, wco_id, wco_name, wco_format, tded_id). PROFILE is the element table of the XML profile
DMS:2 made by codecs/xml/make_profile.py (default: mappings/formats/xml/wco-dms2-declaration.tsv or wco-dms2-response.tsv); it gives
the order of children, the types and the attributes. Facts only: names, identifiers, cardinalities, formats. Python's standard
library only.

An answer points at places of what it answers: there the class Pointer (97A), whose occurrences are the steps, is one value of type
pointer. The second Declaration of an answer, what customs changed, is the house class ChangedDeclaration.
"""
import csv
import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
PROFILES = os.path.join(HERE, "..", "formats", "xml")
ENVELOPE, ANSWERED, CHANGED = "MetaData", "MetaData/Response/Declaration", "ChangedDeclaration"
HOUSE = "DocumentMetaData"  # the envelope's facts, which must survive from XML to XML, in a class of our own

# Types of attributes are those of their code lists, whatever string type the schema gives them.
ATTRIBUTE_TYPES = {"@currencyID": "code", "@unitCode": "code", "@languageID": "code"}

ENVELOPE_TITLES = {
    "WCODataModelVersionCode": "Version of the WCO Data Model",
    "WCOTypeName": "Kind of document",
    "ResponsibleCountryCode": "Country of the profile",
    "ResponsibleAgencyName": "Agency of the profile",
    "AgencyAssignedCustomizationCode": "Profile, coded",
    "AgencyAssignedCustomizationVersionCode": "Version of the profile",
}


def read_profile(path):
    rows = []
    with open(path, encoding="utf-8", newline="") as lines:
        body = [line for line in lines if not line.startswith("#")]
    for row in csv.DictReader(body, delimiter="\t", quoting=csv.QUOTE_NONE):
        changed = row["namespace"] == "dec" and row["path"].startswith(ANSWERED)
        within = changed or (rows and rows[-1][5] and row["path"].startswith(ANSWERED + "/"))
        rows.append((row["path"], row["min"], row["max"], row["type"], row["format"], bool(within)))
    return rows


def read_elements(path, root):
    with open(path, encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    facts = {}
    for row in rows:
        if row["message"] == root[:3].upper():
            facts.setdefault(row["path"][len(root) + 1:], row)
    if root == "Response":
        facts[CHANGED] = dict(facts["Declaration"], wco_name="Declaration as customs changed it", min="0")
        facts.update({CHANGED + row["path"][len("Declaration"):]: row for row in rows if row["message"] == "DEC"
                      and row["path"] != "Declaration"})
    return facts


def attributes_of(rows):
    """type -> [(name, type, format)]; every leaf of a type must have the same ones, or the head of the file cannot say them."""
    types = {(path, changed): kind for path, _, _, kind, _, changed in rows}
    found = {}
    for path, low, _, kind, form, changed in rows:
        owner, _, name = path.rpartition("/")
        if name.startswith("@") and not owner.endswith("/DateTimeString"):
            if low != "0":
                sys.exit("%s: a mandatory attribute must be a row of its own" % path)
            found.setdefault((owner, changed), []).append((name, ATTRIBUTE_TYPES.get(name, kind), form))
    sets = {}
    for owner, names in found.items():
        if sets.setdefault(types[owner], names) != names:
            sys.exit("%s: attributes differ from other places of type %s" % (owner[0], types[owner]))
    return sets


def own_rows(path):
    """Rows of our own in the file that is made anew: house places and all beneath them."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8", newline="") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    house, kept = set(), []
    for row in rows:
        if len(row) != 9 or row[0] == "path" or row[0].split("/")[0] in (HOUSE, CHANGED):
            continue
        if row[8] == "house" or row[0].rpartition("/")[0] in house:
            house.add(row[0])
            kept.append(tuple(row))
    return kept


def place(path, payload, changed):
    """The canonical path of a place of the profile, or None for what is an artefact of the XML."""
    if "@" in path or path in (ENVELOPE, payload) or path.endswith("/DateTimeString"):
        return None
    if changed:
        return CHANGED + path[len(ANSWERED):]
    if path.startswith(payload + "/"):
        return path[len(payload) + 1:]
    return HOUSE + path[len(ENVELOPE):]


def main(argv):
    if len(argv) not in (2, 3) or os.path.basename(argv[1]) not in ("declaration.tsv", "response.tsv"):
        sys.exit(__doc__)
    root = os.path.basename(argv[1]).partition(".")[0].capitalize()
    profile = argv[2] if len(argv) == 3 else os.path.join(PROFILES, "wco-dms2-%s.tsv" % root.lower())
    elements, rows, payload = read_elements(argv[0], root), read_profile(profile), ENVELOPE + "/" + root
    out, pointer = [], None
    for path, low, high, kind, form, changed in rows:
        if path == ENVELOPE:
            out.append((HOUSE, "0", "1", "-", "-", "-", "-", "Envelope of the document", "house"))
        name = place(path, payload, changed)
        if name is None or (pointer and path.startswith(pointer)):
            if name:
                elements.pop(name)
            continue
        if name.startswith(HOUSE):
            out.append((name, low, high, kind, form, "-", "-", ENVELOPE_TITLES[name[len(HOUSE) + 1:]], "wco"))
            continue
        fact = elements.pop(name, None)
        if fact is None:
            sys.exit("%s stands in the profile, not among the elements" % name)
        tded = fact["tded_id"] if fact["tded_id"].isdigit() else "-"
        form = "-" if kind == "date" else form
        if root == "Response" and fact["wco_id"] == "97A" and not changed:
            kind, high, pointer = "pointer", "1", path + "/"
        if name == CHANGED:
            out.append((name, "0", "1", "-", "-", "-", "-", fact["wco_name"], "house"))
            continue
        out.append((name, low, high, kind, form, fact["wco_id"] or "-", tded, fact["wco_name"] or "-", "wco"))
    if elements:
        sys.exit("no place in the profile: %s" % ", ".join(sorted(elements)))
    out += own_rows(argv[1])
    with open(argv[1], "w", encoding="utf-8", newline="\n") as tsv:
        title = {"Declaration": "Customs declaration", "Response": "Answer of customs to a declaration"}[root]
        tsv.write("dragoman: model/1\nmodel: %s@1\nroot: %s\ntitle: %s\n" % (root, root, title))
        tsv.write("source: WCO Data Model\n")
        tsv.write("edition: 3.6, cardinalities and order of the profile DMS:2; made by make_vocabulary.py\n")
        for kind, names in attributes_of(rows).items():
            for name, attribute_type, form in names:
                tsv.write("attribute: %s %s %s %s\n" % (kind, name, attribute_type, form))
        tsv.write("path\tmin\tmax\ttype\tformat\twco-id\ttded\ttitle\torigin\n")
        tsv.writelines("\t".join(row) + "\n" for row in out)


if __name__ == "__main__":
    main(sys.argv[1:])
