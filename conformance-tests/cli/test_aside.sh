#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_aside.sh - a mapping of the folder that is broken: what is wrong with it is told, messages that need it are refused, and all
# others go on as if nothing were.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

cp -r "$root/mappings" maps
export DRAGOMAN_MAPPINGS=$scratch/maps
edi=$root/mappings/samples/import-declaration.edi
run 0 "$DRAGOMAN" translate --to json "$edi" -o before.json
empty err

# ---- one that this message does not need
echo 'mapping: [' >maps/rules/cusres-d96b.yaml
run 0 "$DRAGOMAN" translate --to json "$edi" -o after.json
same before.json after.json
has err 'cusres-d96b.yaml is set aside until it is mended'
has err 'error[yaml.syntax]'
run 0 "$DRAGOMAN" validate "$edi"
run 0 "$DRAGOMAN" formats
printf '%s' "UNB+UNOA:3+S+R+200101:1200+1'UNH+1+CUSRES:D:96B:UN'BGM+963+A+9'UNT+3+1'UNZ+1+1'" >res.edi
run 1 "$DRAGOMAN" translate --to json res.edi
has err 'error[job.mapping.missing]'

# ---- the one it needs
cp "$root/mappings/rules/cusres-d96b.yaml" maps/rules/
printf 'mapping: 1\n' >maps/rules/cusdec-d96b.yaml
run 1 "$DRAGOMAN" translate --to json "$edi"
has err 'cusdec-d96b.yaml is set aside'
has err 'error[job.mapping.missing]'

# ---- one whose head says what it is for, and whose rules are wrong: told with what needs it, and by who looks at all
cp "$root/mappings/rules/cusdec-d96b.yaml" maps/rules/
echo '- {wire: NOWHERE, model: FunctionCode}' >>maps/rules/cusres-d96b.yaml
run 0 "$DRAGOMAN" translate --to json "$edi" -o after.json
same before.json after.json
empty err
run 1 "$DRAGOMAN" translate --to json res.edi
has err 'error[map.path.unknown]'
has err 'cusres-d96b.yaml is set aside'
has err 'error[job.mapping.missing]'
run 0 "$DRAGOMAN" validate --level directory res.edi
has err 'warning[map.path.unknown]'
run 2 "$DRAGOMAN" translate --to cusres-d96b "$edi"
has err 'error[map.path.unknown]'
run 0 "$DRAGOMAN" formats
has err 'cusres-d96b.yaml is set aside'
has err 'error[map.path.unknown]'

# ---- a format that is broken: what does not need it goes on
printf '%s\n' 'dragoman: format/1' 'format: odd' 'title: odd' 'codec: edifact' 'message: NOSUCH' 'version: D' 'release: 96B' \
    >maps/formats/edifact/odd.yaml
run 0 "$DRAGOMAN" translate --to json "$edi" -o after.json
same before.json after.json
run 3 "$DRAGOMAN" formats
has err 'NOSUCH'
rm maps/formats/edifact/odd.yaml

# ---- one that an input needs only when it comes to it: told with its line, however the input arrives
table=maps/formats/xml/gacc-manifest-mt2101.tsv
manifest="$root/conformance-tests/golden/profiles/accept-gacc-manifest-mt2101/in.xml"
printf 'Manifest/Nope\tnonsense\n' >>"$table"
line=$(wc -l <"$table")
for way in "$manifest" "$manifest $manifest --threads 2" -; do
    input=$manifest
    # shellcheck disable=SC2086 # words
    run 3 "$DRAGOMAN" validate $way
    has err "gacc-manifest-mt2101.tsv:$line:1: error[xml.profile.line]"
    input=/dev/null
done
cp "$root/mappings/formats/xml/gacc-manifest-mt2101.tsv" "$table"

# ---- who asks about mappings is told as ever
run 1 "$DRAGOMAN" map lint
lacks err 'set aside'

finish aside
