#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads every file of a folder with the built command and prints a table: verdict, counts, main reason.

    conformance-tests/extras/survey.py FOLDER [--dragoman build/dragoman] [--level advice] [--only PART-OF-NAME] [--tsv] [--codes]

Verdicts: translated (a mapping reads all its messages, too), valid, warned (valid, with warnings), refused, broken (the command
itself failed: a crash, an exit code that it should not give). The main reason is the first error; where there is none, the first
warning. With --codes the table is followed by how many files each code of a diagnostic occurs in. A MANIFEST.tsv in the folder
(columns file and notes) is shown beside the verdict. Python's standard library only. The exit code is 1 when a file is broken, else
0: what is refused for a true reason is no failure, and which reason is true is for people to review.
"""
import argparse
import collections
import csv
import json
import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--dragoman", default=os.path.join(TOP, "build", "dragoman"))
    parser.add_argument("--level", default="advice")
    parser.add_argument("--set", action="append", default=[], help="passed on to the command")
    parser.add_argument("--only", default="")
    parser.add_argument("--tsv", action="store_true", help="tab-separated, for programs")
    parser.add_argument("--codes", action="store_true")
    return parser.parse_args()


def manifest(folder):
    path = os.path.join(folder, "MANIFEST.tsv")
    if not os.path.exists(path):
        return {}
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["file"]: row.get("notes") or "" for row in rows}


def objects(text):
    for line in text.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def survey(o, name):
    """One row: verdict, messages, errors, warnings, reason, codes."""
    command = [o.dragoman, "validate", "--format", "json", "--accounts", "off", "--level", o.level]
    for setting in o.set:
        command += ["--set", setting]
    run = subprocess.run(command + [os.path.join(o.folder, name)], capture_output=True, timeout=120, check=False)
    said = list(objects(run.stderr.decode("utf-8", "replace")))
    verdicts = [v for v in objects(run.stdout.decode("utf-8", "replace")) if "accepted" in v]
    codes = collections.Counter(d["code"] for d in said)
    if run.returncode not in (0, 1) or len(verdicts) != 1 or verdicts[0]["accepted"] != (run.returncode == 0):
        return "broken", 0, 0, 0, "exit code %d" % run.returncode, codes
    v = verdicts[0]
    main = next((d for d in said if d["severity"] == "error"), None) or next((d for d in said if d["severity"] == "warning"), None)
    reason = ""
    if main:
        reason = "%s:%s %s: %s" % (main.get("line", "-"), main.get("column", "-"), main["code"], " ".join(main["message"].split()))
    unmapped = codes["job.mapping.missing"]
    if not v["accepted"]:
        verdict = "refused"
    elif v["messages"] and not unmapped:
        verdict = "translated"
    else:
        verdict = "warned" if v["warnings"] else "valid"
    return verdict, v["messages"], v["errors"], v["warnings"], reason, codes


def main():
    o = options()
    notes = manifest(o.folder)
    wanted = [f for f in os.listdir(o.folder) if f != "MANIFEST.tsv" and o.only in f]
    files = sorted(f for f in wanted if os.path.isfile(os.path.join(o.folder, f)))
    verdicts, spread = collections.Counter(), collections.Counter()
    for name in files:
        verdict, messages, errors, warnings, reason, codes = survey(o, name)
        verdicts[verdict] += 1
        spread.update(codes.keys())
        row = (verdict, str(messages), str(errors), str(warnings), name, reason, notes.get(name, ""))
        if o.tsv:
            print("\t".join(row))
        else:
            print("%-10s %4s messages %4s errors %4s warnings  %s" % row[:5])
            for text in row[5:]:
                if text:
                    print("           %s" % text[:150])
    if o.codes:
        for code, count in spread.most_common():
            print("%5d files: %s" % (count, code))
    if not o.tsv:
        print("%d files: %s" % (len(files), ", ".join("%d %s" % (n, v) for v, n in sorted(verdicts.items()))))
    return 1 if verdicts["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
