#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns tables of UN/EDIFACT directory facts (TSV) into the compact text form that the library links.

    make_directory.py INPUT_FOLDER OUTPUT_FOLDER [D96B D01B ... | all]      (D96B when none is named)

INPUT_FOLDER holds directories/*.tsv and service/*.tsv. Each output file is sorted by its first field, byte by byte, so that the
library finds a line by halving; fields are separated by tabs. The form is described in README.md beside this script.
"""
import csv
import hashlib
import pathlib
import sys

def rows(path):
    with open(path, encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield {k: "" if v == "-" else v for k, v in row.items()}


class Ranges:
    """Directory ranges: cut down to the directories wanted and written as short as can be."""

    def __init__(self, known, wanted):
        self.number = {name: i for i, name in enumerate(known)}
        self.known = known
        self.wanted = [self.number[w] for w in wanted]
        self.cache = {}

    def wanted_of(self, dirs):
        if dirs not in self.cache:
            inside = set()
            for item in dirs.split(","):
                first, _, last = item.partition("-")
                inside.update(range(self.number[first], self.number[last or first] + 1))
            self.cache[dirs] = tuple(w for w in self.wanted if w in inside)
        return self.cache[dirs]

    def text(self, numbers):
        """Numbers of wanted directories as ranges; a range may only pass over directories that are not wanted."""
        place = {n: i for i, n in enumerate(self.wanted)}
        out, start, last = [], None, None
        for n in sorted(numbers):
            if start is not None and place[n] == place[last] + 1:
                last = n
                continue
            if start is not None:
                out.append((start, last))
            start = last = n
        out.append((start, last))
        return ",".join(self.known[a] if a == b else f"{self.known[a]}-{self.known[b]}" for a, b in out)


def occurrence(status, most):
    return {"M1": "", "C1": "?"}.get(status + most, ("?" if status == "C" else "!") + most)


def item(name, status, most, repr_):
    return name + (":" + repr_ if repr_ else "") + occurrence(status, most)


def structure(lines):
    """One message as nested groups: UNH BGM DTM?35 (RFF DTM?)?99 ... UNT. Groups are SG1, SG2 ... in the order they open."""
    out, open_groups, number = [], [], 0
    for i, r in enumerate(lines):
        parent = r["parent"]
        while open_groups and open_groups[-1][0] != parent:
            out.append(")" + open_groups.pop()[1])
        if (open_groups[-1][0] if open_groups else "") != parent:
            raise SystemExit(f"{r['message']}: parent {parent} of {r['tag']} is not open")
        if r["kind"] == "G":
            number += 1
            if r["tag"] != f"SG{number}":
                raise SystemExit(f"{r['message']}: group {r['tag']} stands where SG{number} would be")
            if i + 1 == len(lines) or lines[i + 1]["kind"] != "S" or lines[i + 1]["parent"] != r["tag"]:
                raise SystemExit(f"{r['message']}: group {r['tag']} does not begin with a segment")
            open_groups.append((r["tag"], occurrence(r["status"], r["max"])))
            out.append("(")
        else:
            out.append(r["tag"] + occurrence(r["status"], r["max"]))
    out += [")" + g[1] for g in reversed(open_groups)]
    return " ".join(out).replace("( ", "(").replace(" )", ")")


class Table:
    """Lines of one output file: key → text → directories in which that text holds."""

    def __init__(self):
        self.lines = {}

    def add(self, key, text, numbers):
        if numbers:
            self.lines.setdefault((key, text), set()).update(numbers)

    def write(self, path, ranges):
        fixed, done = {SERVICE: "SERVICE", SERVICE_4: "SERVICE4"}, []
        for (key, text), numbers in self.lines.items():
            first = min(numbers)
            done.append((key.encode(), first, f"{key}\t{fixed.get(first) or ranges.text(numbers)}\t{text}\n"))
        done.sort(key=lambda line: line[:2])
        path.write_text("".join(line[2] for line in done), encoding="utf-8")
        return len(done)


def collect(kind_rows, key, ranges, text):
    """Groups consecutive rows of one key and one range of directories: {key: [(directories, rows)]}."""
    variants = {}
    for r in kind_rows:
        variants.setdefault((r[key], r["dirs"]), []).append(r)
    for (name, dirs), lines in variants.items():
        yield name, ranges.wanted_of(dirs), text(lines)


def directories(source, ranges, tables):
    for r in rows(source / "elements.tsv"):
        coded = "y" if r["coded"] == "y" else "n"
        tables["elements"].add(r["id"], f"{r['repr']}\t{coded}\t{r['name']}", ranges.wanted_of(r["dirs"]))
    for r in rows(source / "names.tsv"):
        tables["names"].add(r["id"], r["name"], ranges.wanted_of(r["dirs"]))
    text = lambda lines: " ".join(item(r["element"], r["status"], "1", r["repr"]) for r in lines)
    for name, where, line in collect(rows(source / "composites.tsv"), "composite", ranges, text):
        tables["composites"].add(name, line, where)
    text = lambda lines: " ".join(item(r["item"], r["status"], r["repeat"], r["repr"]) for r in lines)
    for name, where, line in collect(rows(source / "segments.tsv"), "segment", ranges, text):
        tables["segments"].add(name, line, where)
    for name, where, line in collect(rows(source / "messages.tsv"), "message", ranges, structure):
        tables["messages"].add(name, line, where)
    for r in rows(source / "codes.tsv"):
        tables["codes"].add(f"{r['element']} {r['code']}", r["name"], ranges.wanted_of(r["dirs"]))


SERVICE, SERVICE_4 = -1, -2  # instead of directories: any syntax version; version 4 where it differs from 1 to 3


def service(source, tables):
    """The service segments, twice over. Those of syntax 1 to 3 agree but for later additions, so that version 3 speaks for them; version
    4 adds lines of its own where it says something else, and what it alone has is found in any."""
    seen = {}

    def add(table, key, text, syntax):
        if syntax == "3":
            seen[table, key] = text
        elif seen.get((table, key)) == text:
            return
        tables[table].add(key, text, {SERVICE_4 if syntax == "4" and (table, key) in seen else SERVICE})

    for syntax in ("3", "4"):
        coded = {r["element"] for r in rows(source / "codes.tsv") if r["syntax"] == syntax}
        for r in rows(source / "elements.tsv"):
            if r["syntax"] == syntax:
                add("elements", r["id"], f"{r['repr']}\t{'y' if r['id'] in coded else 'n'}\t{r['name']}", syntax)
        for r in rows(source / "names.tsv"):
            if r["syntax"] == syntax:
                add("names", r["id"], r["name"], syntax)
        for kind, key, value in (("composites", "composite", "element"), ("segments", "segment", "item")):
            whole = {}
            for r in rows(source / f"{kind}.tsv"):
                if r["syntax"] == syntax:
                    whole.setdefault(r[key], []).append(item(r[value], r["status"], r.get("repeat", "1"), r["repr"]))
            for name, items in whole.items():
                add(kind, name, " ".join(items), syntax)
        whole = {}
        for r in rows(source / "messages.tsv"):
            if r["syntax"] == syntax:
                whole.setdefault(r["message"], []).append(r)
        for name, lines in whole.items():
            add("messages", name, structure(lines), syntax)
        last = {(r["element"], r["code"]): r["name"] for r in rows(source / "codes.tsv") if r["syntax"] == syntax}
        for (element, code), name in last.items():
            add("codes", f"{element} {code}", name, syntax)


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    source, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    known = [r["dir"] for r in rows(source / "directories" / "directories.tsv")]
    wanted = sys.argv[3:] or ["D96B"]
    wanted = known if wanted == ["all"] else [k for k in known if k in wanted]
    ranges = Ranges(known, wanted)
    tables = {n: Table() for n in ("elements", "composites", "segments", "names", "messages", "codes")}
    directories(source / "directories", ranges, tables)
    service(source / "service", tables)
    target.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    for name, table in tables.items():
        path = target / f"{name}.txt"
        count = table.write(path, ranges)
        digest.update(path.read_bytes())
        size += path.stat().st_size
        print(f"{name}: {count} lines, {path.stat().st_size} bytes")
    (target / "stamp.h").write_text(
        "/* SPDX-License-Identifier: Apache-2.0\n"
        " *\n"
        " * stamp.h - made by make_directory.py: which directories the text files beside it hold. Including it makes the compiler\n"
        " * take the files again when they change. Constant.\n"
        " */\n"
        "#ifndef DGM_EDI_STAMP_H\n#define DGM_EDI_STAMP_H\n\n"
        f'#define DGM_EDI_STAMP          "{digest.hexdigest()[:16]}"\n'
        f"#define DGM_EDI_DIRECTORIES(X) {' '.join(f'X({w})' for w in wanted)}\n\n#endif\n", encoding="utf-8")
    print(f"together {size} bytes")


if __name__ == "__main__":
    main()
