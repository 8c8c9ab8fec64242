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
import struct
import sys

SYNTAXES = {"3": "V1-V3", "4": "V4"}  # version 3 speaks for 1 and 2, which differ in nothing but S008 and S009 of version 1

# Names of the service tables that lost their marks (apostrophe, solidus, hyphen): what they say and what ISO 9735 says.
NAMES = {
    "Anticollision segment group header": "Anti-collision segment group header",
    "Anticollision segment group identification": "Anti-collision segment group identification",
    "Anticollision segment group trailer": "Anti-collision segment group trailer",
    "Application recipients identification": "Application recipient's identification",
    "Application senders identification": "Application sender's identification",
    "Interchange recipient internal subidentification": "Interchange recipient internal sub-identification",
    "Interchange sender internal subidentification": "Interchange sender internal sub-identification",
    "Message type subfunction identification": "Message type sub-function identification",
    "Status of transfer interactive": "Status of transfer - interactive",
    "Date andor time of initiation": "Date and/or time of initiation",
    "Datetime of preparation": "Date/time of preparation",
    "Messagepackage response": "Message/package response",
    "Number of segments in amessage": "Number of segments in a message",
    "Recipient referencepassword": "Recipient reference/password",
    "Recipient referencepassword details": "Recipient reference/password details",
    "Recipient referencepassword qualifier": "Recipient reference/password qualifier",
    "Recipients identification": "Recipient's identification",
    "Recipients reference password": "Recipient's reference, password",
    "Recipients referencepassword": "Recipient's reference/password",
    "Recipients referencepassword qualifier": "Recipient's reference/password qualifier",
}

# Dependency notes, which the tables of facts lack but for UNG's: id, directories, notes. README.md beside this script says where
# they were read.
UC = "D5(060,050) D5(070,060,050) D5(080,060,050,090) D5(090,080,060,050)"
NOTES = [
    ("CONTRL", "V4", "D4(0030,0080)"),
    ("TDT", "D05B-D24A", "D5(040,030)"),
    ("UCF", "V4", UC),
    ("UCI", "V4", UC),
    ("UNG", "V4", "D2(010,060,070)"),
    ("USC", "V4", "D5(110,100)"),
    ("USX", "V4", "D5(050,040) D1(070,090)"),
    ("USY", "V4", "D3(020,030)"),
]

# Repetitions that the service tables lost: (segment, position) and how often.
REPEATS = {("USC", "20"): "2", ("USC", "80"): "5", ("USC", "90"): "4"}

# Lines of the code tables that are no codes: a note of the printed list that was read as if it were (element, code).
NO_CODES = {("3055", "330."), ("3055", "")}


def service_name(name):
    name = NAMES.get(name, name)
    return name[:-6] + ", coded" if name.endswith(" coded") and not name.endswith(", coded") else name


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
        """Numbers of wanted directories as ranges; a range may only pass over directories that are not wanted. Names of syntax
        versions stand for themselves."""
        if any(isinstance(n, str) for n in numbers):
            return "V1-V4" if len(numbers) == len(SYNTAXES) else numbers.copy().pop()
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
        done = []
        for (key, text), numbers in self.lines.items():
            first = min(numbers)
            order = int(first[-1]) if isinstance(first, str) else first
            done.append((key.encode(), order, f"{key}\t{ranges.text(numbers)}\t{text}\n"))
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
        if (r["element"], r["code"]) in NO_CODES:
            continue
        tables["codes"].add(f"{r['element']} {r['code']}", r["name"], ranges.wanted_of(r["dirs"]))


def service(source, tables):
    """The service directories of syntax versions 1 to 3 and of version 4."""
    coded = {}
    for r in rows(source / "codes.tsv"):
        coded.setdefault(r["syntax"], {})[(r["element"], r["code"])] = r["name"]  # the last one named is the latest
    for syntax in SYNTAXES:
        here, lists = {SYNTAXES[syntax]}, coded[syntax]
        listed = {element for element, _ in lists}
        for r in rows(source / "elements.tsv"):
            if r["syntax"] == syntax:
                y = "y" if r["id"] in listed else "n"
                tables["elements"].add(r["id"], f"{r['repr']}\t{y}\t{service_name(r['name'])}", here)
        for r in rows(source / "names.tsv"):
            if r["syntax"] == syntax:
                tables["names"].add(r["id"], service_name(r["name"]), here)
        for kind, key, value in (("composites", "composite", "element"), ("segments", "segment", "item")):
            whole = {}
            for r in rows(source / f"{kind}.tsv"):
                if r["syntax"] == syntax:
                    most = REPEATS.get((r[key], r["pos"]), r.get("repeat", "1"))
                    whole.setdefault(r[key], []).append(item(r[value], r["status"], most, r["repr"]))
            for name, items in whole.items():
                tables[kind].add(name, " ".join(items), here)
        whole = {}
        for r in rows(source / "messages.tsv"):
            if r["syntax"] == syntax:
                whole.setdefault(r["message"], []).append(r)
        for name, lines in whole.items():
            tables["messages"].add(name, structure(lines), here)
        for (element, code), name in lists.items():
            tables["codes"].add(f"{element} {code}", name, here)


def macro(wanted):
    """X(D93A) X(D94A) ... on lines of fifteen."""
    calls = [f"X({w})" for w in wanted]
    return "".join(" \\\n    " + " ".join(calls[i:i + 15]) for i in range(0, len(calls), 15))


def code_index(text, wanted):
    """The index of codes.txt, as directory_codes.c describes it: a hash of the codes of each element. Numbers are little-endian."""
    number = {name: i + 1 for i, name in enumerate(wanted)} | {"V1": 254, "V3": 254, "V4": 255}
    lists, at = {}, 0
    for line in text.splitlines(keepends=True):
        key, where = line.decode().split("\t")[:2]
        element, _, code = key.partition(" ")
        for item in where.split(","):
            first, _, last = item.partition("-")
            lists.setdefault(element, {}).setdefault(code.encode(), []).append((at, number[first], number[last or first]))
        at += len(line)
    heads, slots, entries = [], [], []
    for element, codes in sorted(lists.items()):
        bits = max(1, (2 * len(codes) - 1).bit_length())
        table, base = [0] * (1 << bits), len(entries)
        for code, places in sorted(codes.items(), key=lambda c: (c[0][:8].ljust(8, b"\0"), c[0])):
            slot = (int.from_bytes(code[:8], "little") * 0x9E3779B97F4A7C15 % 2**64) >> (64 - bits)
            while table[slot]:
                slot = (slot + 1) % len(table)
            table[slot] = len(entries) - base + 1
            for i, (line, first, last) in enumerate(places):
                entries.append(struct.pack("<8sIBBBB", code[:8], line, first, last, len(places) - 1 - i, len(code)))
        heads.append(struct.pack("<8sIIII", element.encode(), base, len(entries) - base, len(slots), bits))
        slots += table
    counts = struct.pack("<IIII", len(heads), len(slots), len(entries), 0)
    return counts + b"".join(heads) + b"".join(entries) + struct.pack(f"<{len(slots)}H", *slots)


def known_text(known, wanted):
    """The directories wanted, to tell people: "D.93A to D.24A" when none between is left out."""
    dotted = [f"D.{w[1:]}" for w in wanted]
    whole = wanted == known[known.index(wanted[0]):known.index(wanted[-1]) + 1]
    return f"{dotted[0]} to {dotted[-1]}" if whole and len(wanted) > 2 else " ".join(dotted)


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    source, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    known = [r["dir"] for r in rows(source / "directories" / "directories.tsv")]
    wanted = sys.argv[3:] or ["D96B"]
    wanted = known if wanted == ["all"] else [k for k in known if k in wanted]
    ranges = Ranges(known, wanted)
    tables = {n: Table() for n in ("elements", "composites", "segments", "names", "messages", "codes", "notes")}
    directories(source / "directories", ranges, tables)
    service(source / "service", tables)
    for key, where, notes in NOTES:
        tables["notes"].add(key, notes, {where} if where[0] == "V" else ranges.wanted_of(where))
    target.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    for name, table in tables.items():
        path = target / f"{name}.txt"
        count = table.write(path, ranges)
        digest.update(path.read_bytes())
        size += path.stat().st_size
        print(f"{name}: {count} lines, {path.stat().st_size} bytes")
    index = code_index((target / "codes.txt").read_bytes(), wanted)
    (target / "codes.idx").write_bytes(index)
    digest.update(index)
    size += len(index)
    print(f"index of codes: {len(index)} bytes")
    (target / "stamp.h").write_text(
        "/* SPDX-License-Identifier: Apache-2.0\n"
        " *\n"
        " * stamp.h - made by make_directory.py: which directories the text files beside it hold. Including it makes the compiler\n"
        " * take the files again when they change. Constant.\n"
        " */\n"
        "#ifndef DGM_EDI_STAMP_H\n#define DGM_EDI_STAMP_H\n\n"
        f'#define DGM_EDI_STAMP "{digest.hexdigest()[:16]}"\n\n'
        f'#define DGM_EDI_DIRECTORIES_TEXT "{known_text(known, wanted)}"\n\n'
        f"/* clang-format off */\n#define DGM_EDI_DIRECTORIES(X){macro(wanted)}\n/* clang-format on */\n\n#endif\n",
        encoding="utf-8")
    print(f"together {size} bytes")


if __name__ == "__main__":
    main()
