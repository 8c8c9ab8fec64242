#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Derives the element table of an XML format (mappings/formats/xml/*.tsv) from XML Schemas.

    make_profile.py INPUT_FOLDER OUTPUT [--root FILE ELEMENT] [--payload FILE ELEMENT] [--elements TABLE]

INPUT_FOLDER holds the schemas of the WCO declaration (DocumentMetaData_2_DMS.xsd, WCO_DEC_2_DMS.xsd and the folders beside them);
other schemas are named by the two options. TABLE, a table of facts about the elements of the WCO Data Model (columns path and
wco_id), gives the identifiers that a schema does not have. Only facts go into the table: names, order, cardinalities, types,
lengths, code values, identifiers. No sentence of an annotation is copied. Python's standard library only.
"""
import csv
import os
import re
import sys
import xml.etree.ElementTree as ET

XS = "{http://www.w3.org/2001/XMLSchema}"

# What a built-in or unqualified type says about a value; a derived type inherits it.
BASE_TYPES = {
    "CodeType": "code", "IDType": "id", "TextType": "text", "NumericType": "number", "ValueType": "number", "AmountType": "amount",
    "MeasureType": "quantity", "QuantityType": "quantity", "IndicatorType": "flag", "DateTimeType": "text",
    "FormatCodeType": "code", "decimal": "number", "boolean": "flag", "token": "code", "string": "text", "language": "code",
    "anyURI": "text", "date": "text", "dateTime": "text", "integer": "number",
}


class Facets:
    """What is known of a simple value after walking its chain of types."""

    def __init__(self):
        self.type = None
        self.low, self.high = 0, None
        self.letters = self.digits = False
        self.total = self.fraction = None
        self.values = []
        self.attributes = []  # (name, required, Facets)

    def format(self):
        if self.type in ("number", "amount", "quantity"):
            if self.total is None:
                return "-"
            return "n..%d" % self.total if not self.fraction else "n..%d,%d" % (self.total, self.fraction)
        if self.high is None:
            return "-"
        kind = "a" if self.letters else "n" if self.digits else "an"
        return "%s%s%d" % (kind, "" if self.low == self.high else "..", self.high)


class Schemas:
    def __init__(self):
        self.types, self.elements, self.prefixes, self.target = {}, {}, {}, {}

    def load(self, path, seen):
        path = os.path.realpath(path)
        if path in seen:
            return
        seen.add(path)
        prefixes = dict(item for _, item in ET.iterparse(path, ["start-ns"]))
        root = ET.parse(path).getroot()
        target = root.get("targetNamespace", "")
        for node in root.iter():
            node.set("~target", target)
            self.prefixes[id(node)] = prefixes
        self.keep = getattr(self, "keep", []) + [root]  # ids stay valid while the tree lives
        for child in root:
            name = child.get("name")
            if child.tag in (XS + "complexType", XS + "simpleType"):
                self.types[target, name] = child
            elif child.tag == XS + "element":
                self.elements[target, name] = child
            elif child.tag in (XS + "import", XS + "include") and child.get("schemaLocation"):
                self.load(os.path.join(os.path.dirname(path), child.get("schemaLocation")), seen)

    def name(self, node, qname):
        prefix, _, local = qname.rpartition(":")
        return self.prefixes[id(node)].get(prefix, ""), local

    def facets(self, node, qname):
        """Facets of a named type, from its base to its own restrictions."""
        space, local = self.name(node, qname)
        if space == XS[1:-1] or (space, local) not in self.types:
            f = Facets()
            f.type = BASE_TYPES.get(local, "text")
            return f
        f = self.facets_of(self.types[space, local])
        if local in BASE_TYPES:
            f.type = BASE_TYPES[local]
        return f

    def facets_of(self, definition):
        body = definition.find(XS + "simpleContent")
        body = definition if body is None else body
        for step in list(body):
            if step.tag not in (XS + "restriction", XS + "extension"):
                continue
            f = self.facets(step, step.get("base"))
            for facet in step:
                self.apply(f, facet)
            return f
        return None

    def apply(self, f, facet):
        tag, value = facet.tag[len(XS):], facet.get("value")
        if tag == "maxLength":
            f.high = int(value)
        elif tag == "minLength":
            f.low = int(value)
        elif tag == "length":
            f.low = f.high = int(value)
        elif tag == "totalDigits":
            f.total = int(value)
        elif tag == "fractionDigits":
            f.fraction = int(value)
        elif tag == "enumeration":
            f.values.append(value)
        elif tag == "pattern":
            f.letters = f.letters or re.fullmatch(r"\(?\[a-zA-Z\]\)?[*+]?|\[A-Z\]\{\d+\}", value) is not None
            f.digits = f.digits or re.fullmatch(r"\(?\[0-9\]\)?[*+]?", value) is not None
            exact = re.fullmatch(r"\[A-Z\]\{(\d+)\}", value)
            if exact:
                f.low = f.high = int(exact.group(1))
        elif tag == "attribute":
            f.attributes.append((facet.get("name"), facet.get("use") == "required", self.facets(facet, facet.get("type"))))


def wco_id(element):
    node = element.find(".//WCOID") if element is not None else None
    return node.text.strip() if node is not None and node.text else "-"


def read_identifiers(path):
    with open(path, encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["path"]: row["wco_id"] for row in rows if row["wco_id"]}


class Table:
    def __init__(self, schemas, payload, identifiers):
        self.schemas, self.payload, self.keys, self.rows = schemas, payload, {}, []
        self.identifiers = identifiers

    def key(self, target):
        if target not in self.keys:
            known = {"DocumentMetaData": "md", "DEC": "dec", "RES": "res", "Declaration_DS": "ds", "Response_DS": "rds"}
            self.keys[target] = known.get(
                re.split(r"[-:]DMS", target)[0].split(":")[-1], "n%d" % (len(self.keys) + 1))
        return self.keys[target]

    def row(self, path, low, high, kind, form, space, ident, values):
        self.rows.append("\t".join([path, low, high, kind, form, space, ident, " ".join(values) or "-"]))

    def leaf(self, path, low, high, f, space, ident):
        self.row(path, low, high, f.type, f.format(), space, ident, f.values)
        for name, required, g in f.attributes:
            self.row(path + "/@" + name, "1" if required else "0", "1", g.type, g.format(), "-", "-", g.values)

    def element(self, node, prefix, above, place=None):
        """Rows of one element and all below it, in schema order. The schemas are not recursive; a type inside itself is refused."""
        place = node if place is None else place  # a reference says how often
        low, high = place.get("minOccurs", "1"), place.get("maxOccurs", "1")
        high = "*" if high == "unbounded" else high
        path = prefix + node.get("name")
        space = self.key(node.get("~target"))
        ident = wco_id(node)
        if ident == "-" and path.count("/"):  # the facts know paths from the payload; one document in another by its own
            plain = path.partition("/")[2]
            if space == "dec":
                plain = plain[plain.find("Declaration"):]
            ident = self.identifiers.get(plain, "42A" if plain == "Declaration" else "-")
        inner, named = node.find(XS + "complexType"), node.get("type")
        if inner is None and named:
            inner = self.schemas.types.get(self.schemas.name(node, named))
            if id(inner) in above:
                sys.exit("%s: a type inside itself cannot be a table" % path)
            above = above | {id(inner)}
        f = self.schemas.facets_of(inner) if inner is not None else self.schemas.facets(node, named or "xs:string")
        if f is not None:
            return self.leaf(path, low, high, f, space, ident)
        date = inner.find("./" + XS + "choice/" + XS + "element[@name='DateTimeString']") is not None
        self.row(path, low, high, "date" if date else "-", "-", space, ident, [])
        self.children(inner, path + "/", above)

    def children(self, holder, prefix, above):
        for child in holder:
            if child.tag == XS + "element":
                place = child
                if child.get("ref"):
                    child = self.schemas.elements[self.schemas.name(child, child.get("ref"))]
                self.element(child, prefix, above, place)
            elif child.tag == XS + "choice" and child.find(XS + "group") is not None:
                self.element(self.payload, prefix, above)  # the envelope's place for its payload
            elif child.tag in (XS + "sequence", XS + "choice", XS + "all"):
                self.children(child, prefix, above)


def main(argv):
    root, payload = ("DocumentMetaData_2_DMS.xsd", "MetaData"), ("WCO_DEC_2_DMS.xsd", "Declaration")
    args, identifiers = list(argv), {}
    if "--elements" in args:
        i = args.index("--elements")
        identifiers = read_identifiers(args[i + 1])
        del args[i:i + 2]
    for option in ("--root", "--payload"):
        if option in args:
            i = args.index(option)
            pair = (args[i + 1], args[i + 2])
            del args[i:i + 3]
            root, payload = (pair, payload) if option == "--root" else (root, pair)
    if len(args) != 2:
        sys.exit(__doc__)
    schemas, seen = Schemas(), set()
    for name, _ in (root, payload):
        schemas.load(os.path.join(args[0], name), seen)

    def top(name):
        found = [e for (_, n), e in schemas.elements.items() if n == name]
        if len(found) != 1:
            sys.exit("%d elements named %s" % (len(found), name))
        return found[0]

    table = Table(schemas, top(payload[1]), identifiers)
    table.element(top(root[1]), "", frozenset())
    with open(args[1], "w", encoding="utf-8", newline="\n") as out:
        out.write("# made by codecs/xml/make_profile.py; one row for each element and attribute, in schema order\n")
        for target, key in table.keys.items():
            out.write("# namespace %s\t%s\n" % (key, target))
        out.write("path\tmin\tmax\ttype\tformat\tnamespace\twco_id\tvalues\n")
        out.write("".join(row + "\n" for row in table.rows))


if __name__ == "__main__":
    main(sys.argv[1:])
