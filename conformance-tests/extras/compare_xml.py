#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Are two XML documents the same when comments, processing instructions, prefixes, white space between elements and empty leaf
elements are set aside?

    compare_xml.py A B        exit 0: equal; 1: different, and the first difference is told; 2: cannot be read

Elements are compared by namespace and name in document order, attributes as sets, text exactly. Schema locations are not compared.
Python's standard library only.
"""
import sys
import xml.etree.ElementTree as ET

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def flat(root):
    """(path, attributes, text) of each element, empty leaves left out; a parent that holds nothing else stays."""
    out, stack = [], [(root, "")]
    while stack:
        node, above = stack.pop()
        children = list(node)
        text = node.text or ""
        if children:
            text = (text + "".join(child.tail or "" for child in children)).strip()
        elif not text:
            continue
        path = above + "/" + node.tag
        attributes = {k: v for k, v in node.attrib.items() if not k.startswith(XSI)}
        out.append((path, attributes, text))
        stack.extend((child, path) for child in reversed(children))
    return out


def main(argv):
    if len(argv) != 2:
        sys.stderr.write(__doc__)
        return 2
    try:
        a, b = (flat(ET.parse(name).getroot()) for name in argv)
    except (OSError, ET.ParseError) as why:
        print(why)
        return 2
    for i in range(max(len(a), len(b))):
        one, two = (side[i] if i < len(side) else None for side in (a, b))
        if one != two:
            print("element %d differs:\n  %s: %s\n  %s: %s" % (i + 1, argv[0], one, argv[1], two))
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
