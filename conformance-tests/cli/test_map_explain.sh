#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_map_explain.sh - `dragoman map explain`: where values come from, and each reason why a place can be empty.
# shellcheck source=conformance-tests/cli/lib.sh
# shellcheck disable=SC2016 # the dollars are names of the mapping
. "$(dirname "$0")/lib.sh"

why() { run 1 "$DRAGOMAN" map explain "$@"; }

# ---- values: of the canonical document, of what is written, all of them
run 0 "$DRAGOMAN" map explain "$sample" IssueDateTime
has out 'IssueDateTime "2026-01-15T09:30:00+01"'
has out 'read as a date of format 304: "2026-01-15T09:30:00+01"'
has out 'bytes 380..398, sent as 20260115093000?+01'
has out '← format DTM#1/C507/2379 "304"  bytes 399..402'
is "$(head -c 402 "$sample" | tail -c 22)" '20260115093000?+01:304' 'the bytes that are named'
run 0 "$DRAGOMAN" map explain "$sample" 'GoodsShipment/GovernmentAgencyGoodsItem#1/Commodity/Description'
has out '3 pieces joined, cut between words'
is "$(grep -c '← piece SG30#1/FTX#1' out)" 3 'pieces of the text'
run 0 "$DRAGOMAN" map explain "$sample" BGM --to cusdec-d96b
has out "computed: =if(cut(\$type, 2) = 'EX', '830', '929')"
has out '← name $type TypeCode "IMA"'
has out 'codes message-functions, wire to model: "9"'
run 0 "$DRAGOMAN" map explain "$sample" --to wco-declaration
has out 'Declaration/FunctionCode "9"'
has out 'copied with all below it'
has out 'the format that its date is written in'
run 0 "$DRAGOMAN" map explain --format json "$sample"
json_lines out
lines=$(wc -l <out)
has out '"role":"value","place":"BGM/C106/1004","value":"NDD2026000117","offset":106,"bytes":13'

run 0 "$DRAGOMAN" map explain "$sample"
is "$(grep -c '^[^ ]' out)" "$lines" 'values in either form'

# ---- as an answer points to it: class identifiers with numbers, and the element behind them
run 0 "$DRAGOMAN" map explain "$sample" '42A 67A 68A#2/006'
has out 'GoodsShipment/GovernmentAgencyGoodsItem#2/SequenceNumeric "2"'
has out '← SG30#2/CST/1496 "2"  bytes 2850..2851'
run 0 "$DRAGOMAN" map explain --format json "$sample" '42A 67A#1 68A#2/006'
has out '"pointer":"42A 67A 68A#2/006"'
is "$(wc -l <out)" 1 'one value'
run 0 "$DRAGOMAN" map explain --to wco-declaration "$sample" '42A 67A 68A#1 23A/137'
has out 'Commodity/Description "'
run 1 "$DRAGOMAN" map explain "$sample" '42A 67A 68A#9/006'
has out '✗ 42A 67A 68A#9/006 is empty'
run 2 "$DRAGOMAN" map explain "$sample" '42A 67A 68A#1/337'
has err 'gateway.explain.place'

# ---- mistakes of usage
run 2 "$DRAGOMAN" map explain "$sample" Declarant/Nam
has err 'error[gateway.explain.place]: what comes of the message has no place Declarant/Nam'
run 2 "$DRAGOMAN" map explain
has err 'map explain takes a message, and perhaps a place'
run 3 "$DRAGOMAN" map explain no-such.edi
has err 'no-such.edi cannot be read'
printf 'nothing of the kind' >strange
run 1 "$DRAGOMAN" map explain strange

# ---- why a place is empty: each reason, with the values that were found
cat >mine.yaml <<'END'
dragoman: mapping/1
mapping: cusdec-d96b
wire: {format: cusdec-d96b}
model: Declaration@1
rules:
- {wire: BGM/C002/1001, is: "929"}
- {wire: BGM/C106/1004, model: FunctionalReferenceID}
- {wire: BGM/1225, model: FunctionCode, codes: message-functions}
- {wire: "DTM[2005=137]", model: IssueDateTime, as: date, name: day}
- {wire: "LOC[3227=22]/C517/3225", model: DeclarationOfficeID, name: office}
- {wire: "LOC[3227=22]/C517/3224", model: Declarant/Name}
- {wire: "GIS#1/C529/7365", model: IssueLocationID}
- when: "$office in (XX, YY)"
  rules:
  - {wire: "LOC[3227=91]/C517/3225", model: ExitOffice/ID}
- {wire: "LOC[3227=42]/C517/3225", model: PresentationOffice/ID, only: write, why: it is asked for and never answered}
- {model: Submitter/ID, only: read, wire: "=upper($nothing)", why: to see what becomes of nothing}
- {wire: "LOC[3227=99]/C517/3225", model: SupervisingOffice/ID, name: nothing}
- {model: GoodsShipment/Warehouse/TypeCode, is: R}
- each: {wire: Item, model: GoodsShipment/GovernmentAgencyGoodsItem}
  rules:
  - {wire: CST/1496, model: SequenceNumeric, number: keep}
  - {wire: "LOC[3227=27]/C517/3225", model: "Origin#1/CountryCode"}
END
cat >in.edi <<'END'
UNB+UNOC:3+S+R+260115:1023+1'
UNH+1+CUSDEC:D:96B:UN'
BGM+929+L-1+9'
LOC+22+NL000396'
LOC+91+NL000510'
UNS+D'
CST+1'
LOC+27+DE'
CST+2'
LOC+35+FR'
UNS+S'
UNT+11+1'
UNZ+1+1'
END
run 0 "$DRAGOMAN" map lint mine.yaml
ask() { why in.edi -M mine.yaml "$@"; }
ask IssueDateTime
has out 'IssueDateTime is empty'
has out 'rule mine.yaml:9  {wire: "DTM[2005=137]", model: IssueDateTime'
has out 'there is no DTM in the message'
ask PresentationOffice/ID
has out 'it is only for writing'
ask ExitOffice/ID
has out 'its condition does not hold: $office in (XX, YY) ($office is "NL000396")'
ask SupervisingOffice/ID
has out 'no LOC in the message passes the test of LOC[3227=99]/C517/3225: in 2 of them 3227 there is 22, 91'
ask Declarant/Name
has out 'LOC[3227=22]/C517/3224 is not there: there is no 3224 in C517'
ask IssueLocationID
has out 'there is no GIS in the message'
ask Submitter/ID
has out '=upper($nothing) is nothing ($nothing is nothing)'
ask GoodsShipment/Warehouse/TypeCode
has out 'nothing did (always: would)'
ask 'GoodsShipment/GovernmentAgencyGoodsItem#2/Origin/CountryCode'
has out 'in 1 of them 3227 there is 35'
is "$(grep -c 'rule mine' out)" 1 'only the occurrence that was asked for'
ask GoodsShipment/Consignee/ID
has out 'no rule of mine.yaml writes it'
run 0 "$DRAGOMAN" map explain in.edi -M mine.yaml GoodsShipment/GovernmentAgencyGoodsItem/Origin/CountryCode
has out 'GoodsShipment/GovernmentAgencyGoodsItem#1/Origin#1/CountryCode "DE"'
sed -e '/^CST/d' -e '/LOC+27/d' -e '/LOC+35/d' -e 's/UNT+11/UNT+7/' in.edi >none.edi
why none.edi -M mine.yaml GoodsShipment/GovernmentAgencyGoodsItem/Origin/CountryCode
has out 'its each has no occurrence: Item is not there: there is no SG30 in the message'
cp -r "$root/mappings" m
printf '# source: a test\n# edition: 1\nmodel\twire\n9\t9\n1\t1\n' >m/codes/small.tsv
sed -e 's/codes: message-functions/codes: small/' mine.yaml >m/rules/cusdec-d96b.yaml
sed -e 's/L-1+9/L-1+7/' in.edi >code.edi
why code.edi --mappings m FunctionCode
has out 'the code 7 is not in the column wire of small'
# a message that breaks its standard does not get as far as a rule
sed -e 's/UNT+11/UNT+12/' in.edi >broken.edi
why broken.edi -M mine.yaml FunctionCode
has err 'edifact.count.segments'
lacks err 'gateway.explain.place'
# in what is written: through both mappings
why in.edi -M mine.yaml --to wco-declaration Declaration/ExitOffice/ID
has out 'it copies ExitOffice/ID, which is not there'
has out '← ExitOffice/ID is empty'
has out 'its condition does not hold: $office in (XX, YY)'
ask --format json ExitOffice/ID
json_lines out
has out '"missing":true,"reasons":[{"why":"condition","rule":"mine.yaml","line":15'

finish map-explain
