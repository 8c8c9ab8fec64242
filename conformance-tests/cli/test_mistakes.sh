#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_mistakes.sh - the catalogue of conformance-tests/mistakes: each mapping there has one mistake, and `dragoman map lint`
# must tell just that: its code, its line and column, and a hint that helps. What is expected stands in the last line of each file.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# The shipped mappings, with the tables of the catalogue beside the others.
cp -r "$root/mappings" maps
cp "$root"/conformance-tests/mistakes/codes/*.tsv maps/codes/
export DRAGOMAN_MAPPINGS=$scratch/maps

# field NAME: a text of the JSON object on standard input; number NAME: a number.
field() { sed 's/.*"'"$1"'":"\(\([^"\\]\|\\.\)*\)".*/\1/'; }
number() { sed 's/.*"'"$1"'":\([0-9]*\).*/\1/'; }

count=0
for file in "$root"/conformance-tests/mistakes/*.yaml; do
    name=$(basename "$file")
    wanted=$(sed -n 's/^# expect: //p' "$file")
    read -r code place hint <<<"$wanted"
    case $code in map.unread) exit=0 ;; *) exit=1 ;; esac # the one that is a warning
    run $exit "$DRAGOMAN" map lint --format json "$file"
    sed -i '/"severity":/!d' out
    is "$(wc -l <out)" 1 "$name: diagnostics"
    got=$(field source <out)
    where=$(basename "$got"):$(number line <out):$(number column <out)
    case $place in *:*:*) ;; *) place=$name:$place ;; esac
    is "$(field code <out) $where" "$code $place" "$name"
    if [ -n "$hint" ]; then has out "$hint"; else filled out; fi
    count=$((count + 1))
done
if [ "$count" -ge 80 ]; then good; else bad "only $count mistakes in the catalogue"; fi

finish mistakes
