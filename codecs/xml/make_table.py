#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes element tables (mappings/formats/xml/*.tsv) of outlines that are written by hand.

    codecs/xml/make_table.py OUTLINE... --to mappings/formats/xml [--check]

An outline says what elements a vocabulary has, one a line, two blanks deeper for each level:

    namespace KEY                     # elements from here on are in the namespace that the format file calls KEY; - is none
    include FILE                      # what a file beside this one defines (NAME.parts)
    define Name                       # lines beneath stand wherever `use Name` does; `use Name -A -B` leaves out A and B
    Element OCCURS TYPE FORMAT VALUES # OCCURS: 1, ? (0 or 1, the usual), * (any number), + (one or more), 2..9
    @attribute OCCURS TYPE FORMAT VALUES

TYPE is text where nothing is said, and - for an element that has others beneath; what is left out at the end of a line is "-".
VALUES has | between codes. `#` begins a remark; remarks at the top of an outline go into the table. --check: says which tables are
not what their outlines make, and writes nothing.
"""
import argparse
import os
import re
import sys

OCCURS = {"1": ("1", "1"), "?": ("0", "1"), "*": ("0", "*"), "+": ("1", "*")}
HEAD = "path\tmin\tmax\ttype\tformat\tnamespace\tid\tvalues"


class Line:
    def __init__(self, number, depth, words):
        self.number, self.depth, self.words, self.children = number, depth, words, []


def fail(path, number, what):
    sys.exit("%s:%d: %s" % (path, number, what))


def read(path):
    """The remarks at the top, and the lines as a tree."""
    remarks, top, root = [], True, Line(0, -1, [])
    stack = [root]
    with open(path, encoding="utf-8") as f:
        for number, raw in enumerate(f, 1):
            text = raw.rstrip("\n")
            if text.startswith("#"):
                if top:
                    remarks.append(text)
                continue
            words = re.sub(r"\s#.*", "", text).split()
            if not words:
                continue
            top = False
            blanks = len(text) - len(text.lstrip(" "))
            depth = blanks // 2
            if blanks % 2 or depth > stack[-1].depth + 1:
                fail(path, number, "it stands deeper than the line above allows")
            while stack[-1].depth >= depth:
                stack.pop()
            line = Line(number, depth, words)
            stack[-1].children.append(line)
            stack.append(line)
    return remarks, root.children


def occurrences(path, line, word):
    if word in OCCURS:
        return OCCURS[word]
    both = re.fullmatch(r"(\d+)\.\.(\d+|\*)", word)
    if not both:
        fail(path, line.number, "%s says nothing of how often" % word)
    return both.groups()


def rows(path, lines, parent, defined, state, left_out=()):
    for line in lines:
        name = line.words[0]
        if name == "namespace":
            state["namespace"] = line.words[1]
            continue
        if name == "include":
            other = os.path.join(os.path.dirname(path), line.words[1])
            for _ in rows(other, read(other)[1], parent, defined, state):
                fail(path, line.number, "%s has more than definitions" % other)
            continue
        if name == "define":
            defined[line.words[1]] = line.children
            continue
        if name == "use":
            if line.words[1] not in defined:
                fail(path, line.number, "%s is not defined" % line.words[1])
            yield from rows(path, defined[line.words[1]], parent, defined, state, {w[1:] for w in line.words[2:]})
            continue
        if name in left_out:
            continue
        words = line.words[1:] + ["-"] * 4
        least, most = occurrences(path, line, words[0] if words[0] != "-" else "?")
        holds = any(not c.words[0].startswith("@") for c in line.children)
        kind = words[1] if words[1] != "-" else "-" if holds else "text"
        here = parent + [name]
        space = "-" if name.startswith("@") else state["namespace"]
        yield "\t".join(["/".join(here), least, most, kind, words[2], space, "-", words[3].replace("|", " ")])
        below = dict(state)
        attributes = [c for c in line.children if c.words[0].startswith("@")]
        yield from rows(path, attributes, here, defined, below)
        yield from rows(path, [c for c in line.children if c not in attributes], here, defined, below)


def table(path):
    remarks, lines = read(path)
    source = "# made by codecs/xml/make_table.py of codecs/xml/outlines/%s" % os.path.basename(path)
    body = list(rows(path, lines, [], {}, {"namespace": "-"}))
    return "\n".join(remarks + [source, HEAD] + body) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("outline", nargs="+")
    parser.add_argument("--to", required=True)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    other = 0
    for path in options.outline:
        target = os.path.join(options.to, os.path.splitext(os.path.basename(path))[0] + ".tsv")
        made = table(path)
        there = open(target, encoding="utf-8").read() if os.path.exists(target) else ""
        if made == there:
            continue
        other += 1
        if options.check:
            print("%s is not what %s makes" % (target, path))
        else:
            with open(target, "w", encoding="utf-8") as f:
                f.write(made)
    return 1 if options.check and other else 0


if __name__ == "__main__":
    sys.exit(main())
