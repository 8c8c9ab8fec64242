#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_cookbook.sh - each recipe of mappings/cookbook is right, does what its cases say, and is short; and mappings/COOKBOOK.md is
# the page that is made of them.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

book=$root/mappings/cookbook
export DRAGOMAN_MAPPINGS=$book
count=0
for case in "$book"/[0-9]*.case.yaml; do
    recipe=${case%.case.yaml}.yaml
    name=$(basename "$recipe")
    filled "$recipe"
    run 0 "$DRAGOMAN" map lint "$recipe"
    lacks out 'warning['
    lacks err 'warning['
    run 0 "$DRAGOMAN" map test "$recipe"
    has out ', 0 failed'
    run 0 "$DRAGOMAN" map fmt --check "$recipe" "$case"
    lines=$(sed '/^#/d; /^\(dragoman\|mapping\|wire\|model\): /d; /^extends: base$/d' "$recipe" | wc -l)
    if [ "$lines" -le 10 ]; then good; else bad "$name: the snippet has $lines lines, more than ten"; fi
    if grep -q '^  output: ' "$case" || grep -q '^  refused: ' "$case"; then good; else bad "$name: nothing is written"; fi
    count=$((count + 1))
done
if [ "$count" -ge 40 ]; then good; else bad "only $count recipes"; fi
is "$(find "$book" -maxdepth 1 -name '*.yaml' | wc -l)" $((2 * count)) 'a mapping and its cases each'

# Numbers are those of the page, one after the other.
number=0
for case in "$book"/[0-9]*.case.yaml; do
    number=$((number + 1))
    found=$(basename "$case" | sed 's/-.*//; s/^0//')
    is "$found" "$number" "$(basename "$case")"
done

# The page is made of the files, and both pages that lead to it do.
"$book/make_page.sh" >page.md || bad 'the page cannot be made'
same page.md "$root/mappings/COOKBOOK.md"
is "$(grep -c '^### ' page.md)" "$count" 'recipes on the page'
if grep -q 'COOKBOOK.md' "$root/mappings/GUIDE.md"; then good; else bad 'GUIDE.md does not lead to the cookbook'; fi
if grep -q 'COOKBOOK.md' "$root/README.md"; then good; else bad 'README.md does not lead to the cookbook'; fi

finish cookbook
