#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# make_page.sh - prints the page of the cookbook (mappings/COOKBOOK.md), made of the recipes in this folder: each a mapping and its
# cases. The tests hold the page against it.
#
#     mappings/cookbook/make_page.sh >mappings/COOKBOOK.md
set -eu
cd "$(dirname "$0")"

cat <<'END'
# Cookbook

Situations that everybody who maps messages of trade meets, and what to write. Each recipe is a mapping that the tests
run, with the input and output shown here: the files are in [`cookbook/`](cookbook), and this page is made of them
(`cookbook/make_page.sh`). [`GUIDE.md`](GUIDE.md) is where to begin, [`README.md`](README.md) the language, every key.

The messages are a small national XML made up for this page and UN/EDIFACT's CUSDEC, of which the envelope is left out
here; the document is a declaration in small, in words of the WCO Data Model. ⇄ means both ways: what is read is written
back as it came. A snippet is what stands below the head of its file; those for CUSDEC extend a mapping of one rule,
`{wire: BGM/1004, model: ID}`. Try one, change it, try again:

    dragoman map test --mappings mappings/cookbook mappings/cookbook/01-value.yaml
END

# The mapping: heading, text, snippet, tables. The case file: what goes in and what comes.
recipe() {
    awk -v name="$1" '
    FNR == 1 { file++ }
    file == 1 && /^# SPDX/ { next }
    file == 1 && /^# section: / { section = substr($0, 12); next }
    file == 1 && /^# table: / { table[++tables] = substr($0, 10); next }
    file == 1 && /^#/ && !head {
        line = substr($0, 3)
        if (title == "") title = line
        else if (line != "") text = text (text == "" ? "" : "\n") line
        next
    }
    file == 1 && /^(dragoman|mapping|wire|model): / { head = 1; next }
    file == 1 && /^extends: base$/ { next }
    file == 1 { snippet = snippet "    " $0 "\n" }
    file == 2 { exit }
    END {
        if (section != "") printf "\n## %s\n", section
        number = name; sub(/-.*/, "", number); sub(/^0/, "", number)
        printf "\n### %s. %s\n\n%s\n\n%s", number, title, text, snippet
        for (i = 1; i <= tables; i++) {
            printf "\n`codes/%s.tsv`:\n\n", table[i]
            while ((getline line < ("codes/" table[i] ".tsv")) > 0)
                if (line !~ /^#/ || line ~ /^# extends/) printf "    %s\n", line
        }
    }' "$1.yaml" "$1.case.yaml"
    awk '
    function kept(line) { return line !~ /^    (UN[BHTZ]|UNS)[+]/ && line !~ /^    <[?]xml/ }
    function told() {
        if (title == "") return
        printf "\n*%s*", title
        if (refused) printf " - it is refused, `%s`:", diagnostics
        else if (from == "json") printf " - the document:"
        else if (same == whole && out != "") printf " - written back as it came:"
        else printf ":"
        printf "\n\n%s", in_text
        if (model != "") printf "\n%s\n\n%s", !refused && same == whole ? "⇄" : "→", model
        if (!refused && out != "" && same != whole)
            printf "\n%s\n\n%s", from == "json" ? "is written as:" : "and is written back as:", out
        if (!refused && diagnostics != "") printf "\nand told: `%s`\n", diagnostics
    }
    function begin() { title = in_text = out = model = diagnostics = whole = same = from = part = ""; refused = 0 }
    /^- title: / { told(); begin(); title = substr($0, 10); gsub(/^"|"$/, "", title); next }
    /^  [a-z]+:/ && title != "" {
        part = $1; sub(/:$/, "", part)
        if (part == "from") from = $2
        if (part == "refused") refused = 1
        if (part == "diagnostics") {
            diagnostics = $0
            sub(/^  diagnostics: \[/, "", diagnostics)
            sub(/\]$/, "", diagnostics)
            gsub(/"/, "", diagnostics)
        }
        if (part == "params") in_text = "    " substr($0, 3) "\n" in_text
        next
    }
    part == "input" && /^    / { whole = whole $0 "\n"; if (kept($0)) in_text = in_text $0 "\n" }
    part == "output" && /^    / { same = same $0 "\n"; if (kept($0)) out = out $0 "\n" }
    part == "model" && /^    / { gsub(/"/, ""); model = model $0 "\n" }
    END { told() }' "$1.case.yaml"
}
for file in [0-9]*.yaml; do
    case $file in *.case.yaml) continue ;; esac
    recipe "${file%.yaml}"
done
