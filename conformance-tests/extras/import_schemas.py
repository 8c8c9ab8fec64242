#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a format of every XML Schema of a folder, and checks that each can be loaded.

    conformance-tests/extras/import_schemas.py FOLDER [--dragoman build/dragoman] [--verbose]

For each schema with an element at its top: `format import` succeeds, says the same twice, and what it makes passes `format lint`;
where several elements may be the root, each of the first few that it names. Schemas of types only, and files that are no schema,
must be refused as such. Nothing but ours is run; Python's standard library only; the exit code is 0 when everything holds.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--dragoman", default="build/dragoman")
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    made, refused, wrong = 0, 0, []

    def run(*words):
        return subprocess.run([args.dragoman, "format", *words], capture_output=True, text=True, check=False)

    with tempfile.TemporaryDirectory() as scratch:
        out = os.path.join(scratch, "made.yaml")

        def read():
            with open(out, "rb") as a, open(out[:-4] + "tsv", "rb") as b:
                return a.read(), b.read()

        def attempt(path, *more):
            done = run("import", path, "--schemas", args.folder, "-o", out, *more)
            if done.returncode != 0:
                return done
            first = read()
            run("import", path, "--schemas", args.folder, "-o", out, *more)
            lint = run("lint", out)
            if read() != first:
                wrong.append("%s: not the same twice" % path)
            if lint.returncode != 0:
                wrong.append("%s: %s" % (path, lint.stderr.strip()))
            if args.verbose:
                print(path, *more, done.stdout.strip())
            return done

        for top, folders, files in os.walk(args.folder):
            folders.sort()
            for name in sorted(files):
                path = os.path.join(top, name)
                if not name.endswith(".xsd"):
                    continue
                done = attempt(path)
                roots = re.search(r"xml\.schema\.root\].*it may be one of: (.*)", done.stderr)
                if done.returncode == 0:
                    made += 1
                elif roots:
                    for root in roots.group(1).split(", "):
                        again = attempt(path, "--root", root)
                        made += again.returncode == 0
                        if again.returncode != 0:
                            wrong.append("%s --root %s: %s" % (path, root, again.stderr.strip()))
                elif done.returncode == 1 and re.search(r"error\[xml\.schema\.(types|none)\]", done.stderr):
                    refused += 1
                else:
                    wrong.append("%s: exit code %d: %s" % (path, done.returncode, done.stderr.strip()))
    print("%d formats made, %d schemas have no element of their own or are none, %d wrong" % (made, refused, len(wrong)))
    for line in wrong:
        print(line)
    return 1 if wrong or not made else 0


if __name__ == "__main__":
    sys.exit(main())
