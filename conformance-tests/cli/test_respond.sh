#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_respond.sh - `dragoman ack --answer cusres|response|json`: what customs answers to a declaration, accepted or rejected, with
# the place of each error; what is written validates by its own directory or profile and is read again without residue.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

sample=$root/mappings/samples/import-declaration.edi
cp "$sample" good.edi
breaks=(--set writer.line-breaks=yes)

# ---- nothing is wrong: accepted, to the sender, with both numbers of the declaration
run 0 "$DRAGOMAN" ack --answer cusres good.edi "${breaks[@]}"
cp out good.answer
has out "UNB+UNOC:3+DOUANE-NL+NDD-ROTTERDAM+"
has out "UNH+1+CUSRES:D:96B:UN'"
has out "BGM+961:::01+R"
has out "RFF+ABE:NDD2026000117'"
has out "RFF+ABT:26NL000396D1X2Y3Z4'"
lacks out "ERP"
run 0 "$DRAGOMAN" validate --level codes good.answer
run 0 "$DRAGOMAN" translate --strict good.answer --to wco-response
has out "<FunctionCode>01</FunctionCode>"

# ---- the number of items is no number, a mandatory function is missing in the second message: each error has its place
sed "s/^CNT+5:2'/CNT+5:2X'/" good.edi >bad.edi

run 1 "$DRAGOMAN" ack --answer cusres bad.edi "${breaks[@]}"
cp out bad.answer
has out "BGM+963:::03+R"
has out "DTM+ZZZ:"
has out "ERC+10'"
has out "FTX+ZZZ+++42A"
run 0 "$DRAGOMAN" validate --level codes bad.answer
run 0 "$DRAGOMAN" translate --strict bad.answer --to wco-response
has out "<FunctionCode>03</FunctionCode>"

# ---- XML is answered as well, and answers in XML and JSON are the same
xml=$root/mappings/samples/import-declaration.xml
sed 's/<TypeCode>IMA</<TypeCode>IMPORT</' "$xml" >bad.xml
run 1 "$DRAGOMAN" ack --answer response bad.xml
cp out answer.xml
has out "<FunctionCode>03</FunctionCode>"
has out "<FunctionalReferenceID>NDD2026000117</FunctionalReferenceID>"
has out "<TagID>D013</TagID>"
run 0 "$DRAGOMAN" validate answer.xml
run 1 "$DRAGOMAN" ack --answer json bad.xml
has out '"Pointer": "TypeCode"'
run 0 "$DRAGOMAN" ack --answer json "$xml"
has out '"FunctionCode": "01"'
lacks out '"Error"'

# ---- answers are not answered; what is no answer's format is refused
run 0 "$DRAGOMAN" ack --answer cusres good.answer
is "$(cat out)" '' 'an answer to an answer'
run 2 "$DRAGOMAN" ack --answer cusdec-d96b good.edi
has err 'an answer is a Response'
run 2 "$DRAGOMAN" ack --answer cusres --aperak good.edi
has err 'without --aperak'
run 2 "$DRAGOMAN" ack --answer cusress good.edi

# ---- several messages in one interchange are answered in one; threads change nothing
body=$(sed '1,/^UNH/{/^UNH/!d}; /^UNZ/d' good.edi)
{
    sed -n '/^UNB/p' good.edi
    printf '%s\n' "$body"
    printf '%s\n' "$body" | sed "s/^UNH+1+/UNH+2+/; s/^UNT+\([0-9]*\)+1'/UNT+\1+2'/; s/^CNT+5:2'/CNT+5:2X'/"
    sed -n "/^UNZ/s/UNZ+1+/UNZ+2+/p" good.edi
} >two.edi
run 1 "$DRAGOMAN" ack --answer cusres two.edi "${breaks[@]}" --threads 1
cp out one.answer
has out "BGM+961:::01+R"
has out "BGM+963:::03+R"
has out "UNZ+2+"
run 1 "$DRAGOMAN" ack --answer cusres two.edi "${breaks[@]}" --threads 3
is "$(grep -c "^ERP" out)" "$(grep -c "^ERP" one.answer)" 'errors with three threads'

# ---- the table of error points is that of the mapping which writes the CUSDEC
if command -v python3 >/dev/null; then
    check=$root/conformance-tests/extras/check_points.py
    points() { run "$1" python3 "$check" "$DRAGOMAN" "$root/mappings/rules/cusdec-d96b.yaml" "$2"; }
    points 0 "$root/mappings/codes/error-points.tsv"
    has out ' 0 wrong'
    sed 's/^TotalGrossMassMeasure\t1\tMEA/TotalGrossMassMeasure\t1\tQTY/' "$root/mappings/codes/error-points.tsv" >points.tsv
    points 1 points.tsv
    has out 'TotalGrossMassMeasure stands in MEA, and the table says QTY'
fi

finish respond
