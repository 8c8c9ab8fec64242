#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_schema.sh - `dragoman schema`: what is shipped fits the schemas, what is wrong does not, by an independent validator.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

check=$root/conformance-tests/extras/check_schemas.py
for kind in mapping case guide partner format Declaration@1 Response@1; do
    run 0 "$DRAGOMAN" schema "$kind"
    cp out "$kind.json"
    json_lines out
done
run 0 "$DRAGOMAN" schema list
has out 'mapping '
has out 'Declaration@1 '
run 0 "$DRAGOMAN" schema --format json
json_lines out
run 2 "$DRAGOMAN" schema maping
has err "there is no schema of 'maping'; did you mean mapping"
run 2 "$DRAGOMAN" schema Declaration@9

# ---- what is shipped fits
fits() { run 0 "$check" "$@"; }
mapfile -t mappings < <(grep -l '^dragoman: mapping/1' "$root"/mappings/rules/*.yaml "$root"/mappings/cookbook/*.yaml)
fits mapping.json "${mappings[@]}"
fits case.json "$root"/mappings/rules/*.case.yaml "$root"/mappings/cookbook/*.case.yaml
mapfile -t guides < <(grep -l '^dragoman: guide/1' "$root"/mappings/formats/edifact/*.yaml)
mapfile -t formats < <(grep -l '^dragoman: format/1' "$root"/mappings/formats/*/*.yaml)
fits guide.json "${guides[@]}"
fits format.json "${formats[@]}"
awk '/^    dragoman: partner\/1/ {on = 1} on && !/^    / && !/^$/ {exit} on {print substr($0, 5)}' \
    "$root/mappings/partners/README.md" >acme.yaml
mkdir keys # that the page's profile names
for who in acme ours; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout keys/$who.key -out keys/$who.pem -days 9 \
        -subj "/CN=$who" >/dev/null 2>&1
done
sed -i -e "/guide:/d" -e "/una:/d" -e "/passphrase-from:/d" acme.yaml && run 0 "$DRAGOMAN" partner lint acme.yaml
fits partner.json acme.yaml
n=0
for f in "$root"/conformance-tests/golden/*/*/canonical.json; do
    kind=$(sed -n 's/^  "model": "\(.*\)@1",$/\1/p' "$f")
    cp "$f" "$kind-doc$((n += 1)).json"
done
if [ "$n" -ge 8 ]; then good; else bad "only $n documents"; fi
fits Declaration@1.json Declaration-doc*.json
fits Response@1.json Response-doc*.json
"$DRAGOMAN" translate "$sample" --to json -o sample.json 2>/dev/null
fits Declaration@1.json sample.json

# ---- what is wrong does not, and dragoman says so, too
wrong() { # SCHEMA FILE TEXT
    run 1 "$check" "$1" "$2"
    has out "$3"
}
sed 's/number: keep/numbr: keep/' "$root/mappings/rules/cusdec-d96b.yaml" >bad.yaml
wrong mapping.json bad.yaml "'numbr' was unexpected"
run 1 "$DRAGOMAN" map lint bad.yaml
sed 's/number: keep/number: kept/' "$root/mappings/rules/cusdec-d96b.yaml" >bad.yaml
wrong mapping.json bad.yaml "'kept' is not one of"
sed 's/^model: .*//' "$root/mappings/rules/cusdec-d96b.yaml" >bad.yaml
wrong mapping.json bad.yaml "'model' is a required property"
sed 's/  title: /  titel: /' "$root/mappings/rules/wco-declaration.case.yaml" >bad.yaml
sed -i 's/^- title: /- titel: /' bad.yaml
wrong case.json bad.yaml "'titel' was unexpected"
sed 's/use: required/used: required/' "${guides[0]}" >bad.yaml
wrong guide.json bad.yaml "'used' was unexpected"
sed 's/line-breaks: drop/line-brakes: drop/' acme.yaml >bad.yaml
wrong partner.json bad.yaml "'line-brakes' was unexpected"
sed '/^codec:/d' "${formats[0]}" >bad.yaml
wrong format.json bad.yaml "'codec' is a required property"
sed 's/"TypeCode"/"TypKode"/' sample.json >bad.json
wrong Declaration@1.json bad.json "'TypKode' was unexpected"
run 1 "$DRAGOMAN" validate bad.json
sed 's/"GoodsItemQuantity": 2/"GoodsItemQuantity": {"value": 2, "unit": "X"}/' sample.json >bad.json
wrong Declaration@1.json bad.json "GoodsItemQuantity"

# ---- every key that a rule may have is in the schema of mappings: the language's own page names them
while read -r key; do
    has mapping.json "\"$key\":"
done < <(awk '/^## 3\. Rule/ {on = 1} /^## 4\./ {exit} on' "$root/mappings/README.md" | grep -oE '^\| `[a-z]+`' | tr -d '|` ')

finish schema
