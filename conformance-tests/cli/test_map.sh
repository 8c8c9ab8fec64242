#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_map.sh - `dragoman map lint` and `map test`, and --mapping: a mapping tried without putting it into the folder.
# shellcheck source=conformance-tests/cli/lib.sh
# shellcheck disable=SC2016 # the backquotes are what is printed
. "$(dirname "$0")/lib.sh"

# ---- lint: the folder, one file, mistakes
run 0 "$DRAGOMAN" map lint
has out 'rules: cusdec-d96b, Declaration@1'
has out 'rules: wco-declaration, Declaration@1'
empty err
run 0 "$DRAGOMAN" map lint "$root/mappings/rules/cusdec-d96b.yaml"
is "$(wc -l <out)" 1 'one file was asked for'
run 0 "$DRAGOMAN" map lint --format json
json_lines out
has out '"format":"cusdec-d96b"'

shipped=$root/mappings/rules/cusdec-d96b.yaml
sed 's/BGM\/C106\/1004/BGM\/C106\/1040/; s/model: FunctionCode/model: FunctionKode/' "$shipped" >mine.yaml
run 1 "$DRAGOMAN" map lint mine.yaml
has out 'error[map.path.unknown]: C106 in BGM has no 1040'
has out 'did you mean 1004?'
has out 'did you mean FunctionCode?'
has out '✗ 2 mistakes'
has out 'mine.yaml:'
run 1 "$DRAGOMAN" map lint --format json mine.yaml
json_lines out
# the name of a mapping of the folder will do for its file
run 0 "$DRAGOMAN" map lint cusdec-d96b
has out 'mappings/rules/cusdec-d96b.yaml'
run 0 "$DRAGOMAN" map test cusdec-d96b
has out 'an export is 830 in 1001'
run 0 "$DRAGOMAN" map diff cusdec-d96b cusdec-d96b.yaml "$root/mappings/samples/import-declaration.edi"
has out '1 the same'
run 0 "$DRAGOMAN" map coverage cusdec-d96b "$root/mappings/samples/import-declaration.edi"
has out 'cusdec-d96b  1 read'
run 0 "$DRAGOMAN" translate --mapping cusdec-d96b --to json "$root/mappings/samples/import-declaration.edi"
has out '"FunctionalReferenceID"'
run 1 "$DRAGOMAN" map lint no-such.yaml
has out 'no-such.yaml cannot be read'

# ---- a mapping in place of the folder's: 1004 of BGM under another name
sed -e 's/{wire: BGM\/C106\/1004, model: FunctionalReferenceID,/{wire: BGM\/C106\/1004, model: ID,/' \
    -e 's/\(RFF\/1153=ABT\]\/RFF\/1154", model:\) ID}/\1 FunctionalReferenceID}/' "$shipped" >swapped.yaml
run 0 "$DRAGOMAN" translate "$sample" --to json
has out '"FunctionalReferenceID": "NDD2026000117"'
run 0 "$DRAGOMAN" translate "$sample" --to json --mapping swapped.yaml
has out '"ID": "NDD2026000117"'
run 3 "$DRAGOMAN" translate "$sample" --to json --mapping mine.yaml
has err 'map.path.unknown'
run 3 "$DRAGOMAN" translate "$sample" --to json -M swapped.yaml -M "$root/mappings/rules/cusdec-d96b.yaml"
has err 'context.mapping.second'

# ---- test: what is shipped, and each way a case can fail
run 0 "$DRAGOMAN" map test
has out '0 failed'
empty err
run 0 "$DRAGOMAN" map test "$root/mappings/rules/cusdec-d96b.yaml"
has out '✓ the sample declaration, whole'
lacks out 'becomes a CUSDEC'
run 0 "$DRAGOMAN" map test -q
empty out
run 0 "$DRAGOMAN" map test --format json
json_lines out
has out '"passed":true,"faults":[]'

small() { # SEGMENT... of the header
    printf '%s\n' "  input: |" "    UNB+UNOC:3+S+R+260115:1023+1'" "    UNH+1+CUSDEC:D:96B:UN'" "    BGM+929:::IMA+L-1+9'"
    printf "    %s\n" "$@"
    printf '%s\n' "    UNS+D'" "    UNS+S'" "    UNT+$((5 + $#))+1'" "    UNZ+1+1'"
}
case_of() { # FILE, then the lines of one case behind its input
    local file=$1
    shift
    { printf '%s\n' 'dragoman: case/1' 'cases:' '- title: it'; small "LOC+22+NL000396'"; printf '  %s\n' "$@"; } >"$file"
}
case_of one.case.yaml 'model: {DeclarationOfficeID: NL000396}'
run 0 "$DRAGOMAN" map test one.case.yaml
has out '✓ it'
case_of one.case.yaml 'model: {DeclarationOfficeID: NL1}'
run 1 "$DRAGOMAN" map test one.case.yaml
has out '✗ it  one.case.yaml:3'
has out 'model DeclarationOfficeID: wanted "NL1", is "NL000396"'
has out '✗ 1 case: 0 passed, 1 failed'
case_of one.case.yaml 'model: {IssueLocationID: X}'
run 1 "$DRAGOMAN" map test one.case.yaml
has out 'model IssueLocationID: wanted "X", is not there'
case_of one.case.yaml 'model: {IssueLocationID: ""}'
run 0 "$DRAGOMAN" map test one.case.yaml
case_of one.case.yaml 'model: {IssueLokationID: ""}'
run 1 "$DRAGOMAN" map test one.case.yaml
has out 'model IssueLokationID: there is no place "IssueLokationID"'
case_of one.case.yaml 'model: [{TypeCode: IMA}, {TypeCode: IMA}]'
run 1 "$DRAGOMAN" map test one.case.yaml
has out 'there is no document 2 to look for places of `model` in'
case_of one.case.yaml 'residue: 1'
run 1 "$DRAGOMAN" map test one.case.yaml
has out '0 values that no rule reads, instead of 1'
case_of one.case.yaml 'diagnostics: [map.is]'
run 1 "$DRAGOMAN" map test one.case.yaml
has out 'did not come: map.is'
case_of one.case.yaml 'refused: "yes"'
run 1 "$DRAGOMAN" map test one.case.yaml
has out 'not refused'
case_of one.case.yaml 'to: cusdec-d96b' 'target: {"LOC/C517/3225": NL1}'
run 1 "$DRAGOMAN" map test one.case.yaml
has out 'target LOC/C517/3225: wanted "NL1", is "NL000396"'
sed "s/UNT+6/UNT+7/" one.case.yaml >wrong.case.yaml
run 1 "$DRAGOMAN" map test wrong.case.yaml
has out 'not named: input:7:5: error[edifact.count.segments]'
has out '1 of 1 messages refused'

# outputs: in the case, in a file, blessed; the difference is shown
case_of one.case.yaml 'to: cusdec-d96b' 'settings: {writer.line-breaks: "yes"}' 'output: |' \
    "  UNB+UNOC:3+S+R+260102:0304+1'" "  UNH+1+CUSDEC:D:96B:UN'" \
    "  BGM+929:::IMA+L-1+9'" "  LOC+22+NL000396'" "  RFF+ABE:L-1'" "  UNS+D'" "  UNS+S'" "  UNT+7+1'" "  UNZ+1+1'"
run 0 "$DRAGOMAN" map test one.case.yaml
sed -i "s/RFF+ABE:L-1/RFF+ABE:L-2/" one.case.yaml
run 1 "$DRAGOMAN" map test one.case.yaml
has out 'output 1 is another'
has out 'line 5; - is what the case wants, + what came'
has out "    - RFF+ABE:L-2'"
has out "    + RFF+ABE:L-1'"
lacks out "- UNS+D"
case_of one.case.yaml 'to: json' 'output: {file: one.json}'
run 1 "$DRAGOMAN" map test one.case.yaml
has out 'one.json cannot be read'
run 0 "$DRAGOMAN" map test --bless one.case.yaml
has out 'wrote'
run 0 "$DRAGOMAN" map test one.case.yaml
has one.json '"DeclarationOfficeID": "NL000396"'
case_of one.case.yaml 'to: json' 'output: [{file: one.json}, {file: one.json}]'
run 1 "$DRAGOMAN" map test one.case.yaml
has out '1 outputs came instead of 2'

# a mapping of one's own with its cases beside it, outside of the folder
case_of swapped.case.yaml 'model: {ID: L-1}'
run 0 "$DRAGOMAN" map test swapped.yaml
run 1 "$DRAGOMAN" map test swapped.case.yaml
has out 'model ID: wanted "L-1", is not there'

# ---- mistakes in files of cases, each at its line
case_of bad.case.yaml 'too: json' 'strict: maybe' 'residue: few' 'model: x' 'diagnostics: map.is' 'output: {fill: x}'
run 1 "$DRAGOMAN" map test bad.case.yaml
has out 'bad.case.yaml:13:3: error[gateway.case.key]: a case has no key `too`'
has out 'bad.case.yaml:14:11: error[gateway.case.value]: `strict` must be yes or no'
has out '`residue` must be a number'
has out '`model` must be places with their values'
has out '`diagnostics` must be a list of codes'
has out '`output` must be a text, {file: NAME}, or a list of these'
printf '%s\n' 'dragoman: case/1' 'cases:' '- {title: a}' '- {input: {file: gone.edi}, title: b}' \
    '- {input: x, output: y, title: c}' >bad.case.yaml
run 1 "$DRAGOMAN" map test bad.case.yaml
has out 'a case needs `input`'
has out 'gone.edi cannot be read'
has out 'a case needs `to`'
printf 'rules: []\n' >bad.case.yaml
run 1 "$DRAGOMAN" map test bad.case.yaml
has out 'error[gateway.case.head]'
mkdir none
run 1 "$DRAGOMAN" map test none
has err 'error[gateway.case.none]: no cases were found in none'

# ---- doc: the paper
run 0 "$DRAGOMAN" map doc "$shipped"
has out '# cusdec-d96b: cusdec-d96b ↔ Declaration@1'
has out '| `BGM/1225` | Message function, coded | `FunctionCode` | Message function, coded (017) | codes message-functions |'
has out "is =if(cut(\$type, 2) = 'EX', '830', '929')"
has out '| **each** `LOC[3227=92]` |'
has out '| › `C517/3225` |'
has out '## Checks'
is "$(grep -o 'Digest [0-9a-f]*' out | wc -c)" 72 'a digest of 32 bytes'
cp out first.md
run 0 "$DRAGOMAN" map doc "$shipped"
same out first.md
run 0 "$DRAGOMAN" map doc swapped.yaml
is "$(grep -c "$(grep Digest first.md)" out)" 0 'another mapping has another digest'
run 0 "$DRAGOMAN" map doc --html
has out '<!doctype html>'
has out '<h1>wco-declaration: wco-declaration ↔ Declaration@1</h1>'
has out 'length($seal1) &lt; 11'
lacks out '$seal1) < 11'
is "$(grep -o '<tr' out | wc -l)" "$(grep -o '</tr>' out | wc -l)" 'rows of the page that are closed'
run 0 "$DRAGOMAN" map doc --format json
json_lines out
has out '"is":"each","depth":0,"mapping":"cusdec-d96b","wire":"LOC[3227=92]"'
run 1 "$DRAGOMAN" map doc mine.yaml
has out 'map.path.unknown'

# ---- diff: what a change does to real messages
run 0 "$DRAGOMAN" map diff "$shipped" "$shipped" "$sample" "$root/mappings/samples/import-declaration.xml"
is "$(cat out)" '✓ 2 documents: 2 the same, 0 differ in 0 places' 'a mapping and itself'
run 1 "$DRAGOMAN" map diff "$shipped" swapped.yaml "$sample"
has out 'import-declaration.edi, document 1'
has out 'NDD2026000117 → 26NL000396D1X2Y3Z4'
has out '✗ 1 document: 0 the same, 1 differ in 2 places'
run 1 "$DRAGOMAN" map diff --format json "$shipped" swapped.yaml "$sample"
json_lines out
has out '"document":1,"path":"ID","a":"26NL000396D1X2Y3Z4","b":"NDD2026000117","is":"changed"'
grep -v 'model: IssueLocationID' "$shipped" >less.yaml
run 1 "$DRAGOMAN" map diff "$shipped" less.yaml "$sample"
has out 'values that no rule reads: 0 → 2'
has out '- IssueLocationID'
run 1 "$DRAGOMAN" map diff --to cusdec-d96b "$shipped" less.yaml "$root/mappings/samples/import-declaration.xml"
has out 'values that the target cannot say: 0 → 1'
has out '- LOC#2/C517/3225'
run 1 "$DRAGOMAN" map diff "$shipped" mine.yaml "$sample"
has err 'map.path.unknown'
run 2 "$DRAGOMAN" map diff "$shipped" less.yaml
run 3 "$DRAGOMAN" map diff "$shipped" less.yaml no-such.edi

# ---- new: the first file, which loads as it is
run 0 "$DRAGOMAN" map new --from cusdec-d96b
has out 'wire: {format: cusdec-d96b}'
has out 'model: Declaration@1'
has out '# BGM, whatever stands in it'
has out '# - {wire: SG6/NAD/3035, model: }  # Party qualifier'
has out '# - {wire: , model: FunctionCode}  # Message function, coded'
has out '#     1225 is also BGM/1225'
lacks out 'UNH'
cp out fresh.yaml
run 0 "$DRAGOMAN" map lint fresh.yaml
# Of a format that nothing is mapped to yet, the model of other formats with its message.
cp -r "$root/mappings" others
sed 's/^format: .*/format: sancrt-acme/' others/formats/edifact/sancrt-d96b.yaml >others/formats/edifact/sancrt-acme.yaml
run 0 "$DRAGOMAN" map new --mappings others --from sancrt-acme
has out 'model: CertificateOfOrigin@1'
sed -i 's/^message: .*/message: PAXLST/; /^names:/,$d' others/formats/edifact/sancrt-acme.yaml
run 2 "$DRAGOMAN" map new --mappings others --from sancrt-acme
has err 'needs --to MODEL'
run 2 "$DRAGOMAN" map new
has err 'needs --from FORMAT'
run 2 "$DRAGOMAN" map new --from cusdec-d96
has err 'did you mean cusdec-d96b?'
run 2 "$DRAGOMAN" map new --from cusdec-d96b --to Declaration
has err 'did you mean Declaration@1?'

# ---- words
run 2 "$DRAGOMAN" map
has err 'map needs to know what to do'
run 2 "$DRAGOMAN" map lnt
has err 'did you mean lint?'

finish map
