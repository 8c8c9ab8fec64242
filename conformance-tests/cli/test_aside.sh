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

# ---- who asks about mappings is told as ever
run 1 "$DRAGOMAN" map lint
lacks err 'set aside'

finish aside
