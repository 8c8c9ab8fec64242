#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does a folder of real EDIFACT messages survive being read and written again?

    rewrite_folder.py DRAGOMAN FOLDER [--all]

For each file: `rewrite` must give an interchange that is accepted, that gives itself when it is rewritten once more, and whose
messages hold the same values as those of the file; `rewrite --keep` must give the file byte for byte when nothing of it is refused.
Prints a line for each file that is refused (with the first reason) or that breaks this, all lines with --all, and a summary.
Exit code 1 when a file breaks it; refused ones are for people to look at. Python's standard library only.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

NUMBER = re.compile(r"^-?[0-9]*[.,]?[0-9]*$")


def run(*words):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True)
    return done.returncode, done.stdout, done.stderr


def records(err):
    out = []
    for line in err.splitlines():
        try:
            out.append(json.loads(line))
        except ValueError:
            out.append({"severity": "error", "code": "?", "text": line.decode("utf-8", "replace")})
    return out


def reason(err):
    for r in records(err):
        if r.get("severity") == "error":
            return "%s (%s)" % (r.get("text", r.get("message", "?")), r.get("code", "?"))
    return "no reason was given"


def leaves(dragoman, path):
    """(path, value) of every value of every message; decimal marks alike."""
    _, out, _ = run(dragoman, "inspect", "--format", "json", path)
    messages = []
    for line in out.splitlines():
        found, stack = [], [("", json.loads(line).get("tree") or {})]
        while stack:
            above, node = stack.pop()
            name = above + "/" + node.get("name", "")
            value = node.get("value")
            if value:
                found.append((name, value.replace(",", ".") if NUMBER.match(value) else value))
            stack.extend((name, child) for child in reversed(node.get("children", [])))
        messages.append(found)
    return messages


def difference(a, b):
    if len(a) != len(b):
        return "%d messages became %d" % (len(a), len(b))
    for n, (x, y) in enumerate(zip(a, b), 1):
        for i in range(max(len(x), len(y))):
            u = x[i] if i < len(x) else None
            v = y[i] if i < len(y) else None
            if u != v:
                return "message %d: %s became %s" % (n, u, v)
    return ""


def look(dragoman, path, folder):
    """verdict, text"""
    once, twice = os.path.join(folder, "once.edi"), os.path.join(folder, "twice.edi")
    for name in (once, twice):
        if os.path.exists(name):
            os.remove(name)
    code, _, err = run(dragoman, "rewrite", "--format", "json", path, "-o", once)
    kept_code, kept, _ = run(dragoman, "rewrite", "--quiet", "--keep", path)
    with open(path, "rb") as f:
        original = f.read()
    if code > 1 or kept_code > 1:
        return "BROKEN", "exit codes %d and %d: %s" % (code, kept_code, err.decode("utf-8", "replace")[:200])
    if code == 0 and not os.path.exists(once):
        return "BROKEN", "nothing was written, and nothing was said"
    if os.path.exists(once):
        again, _, err_again = run(dragoman, "rewrite", "--format", "json", once, "-o", twice)
        if again != 0:
            return "BROKEN", "what was written is refused: " + reason(err_again)
        with open(once, "rb") as f, open(twice, "rb") as g:
            if f.read() != g.read():
                return "BROKEN", "rewriting what was written changes it"
    if code == 0:
        differs = difference(leaves(dragoman, path), leaves(dragoman, once))
        if differs:
            return "BROKEN", differs
        if kept != original:
            at = next((i for i, (x, y) in enumerate(zip(kept, original)) if x != y), min(len(kept), len(original)))
            return "BROKEN", "--keep differs from byte %d on (%d bytes became %d)" % (at, len(original), len(kept))
        return "equal", ""
    return "partly" if os.path.exists(once) else "refused", reason(err)


def main(argv):
    everything = "--all" in argv
    argv = [a for a in argv if a != "--all"]
    if len(argv) != 2:
        sys.stderr.write(__doc__)
        return 2
    dragoman, root = argv
    counts = {}
    paths = sorted(os.path.join(at, name) for at, _, names in os.walk(root) for name in names if not name.endswith((".tsv", ".md")))
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            verdict, text = look(dragoman, path, folder)
            counts[verdict] = counts.get(verdict, 0) + 1
            if everything or verdict != "equal":
                print("%-8s %s%s" % (verdict, os.path.relpath(path, root), ": " + text if text else ""))
    print("%d files: %s" % (len(paths), ", ".join("%d %s" % (n, v) for v, n in sorted(counts.items()))))
    return 1 if counts.get("BROKEN") else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
