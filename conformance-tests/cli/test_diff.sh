#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_diff.sh - `dragoman diff`: two messages compared in canonical terms, whatever they came in.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
xml=$root/mappings/samples/import-declaration.xml

run 0 "$DRAGOMAN" diff "$sample" "$xml"
is "$(cat out)" '✓ 0 differences' 'an EDIFACT message and the XML it becomes'
run 0 "$DRAGOMAN" translate "$sample" --to json -o it.json
run 0 "$DRAGOMAN" diff it.json "$xml"
run 0 "$DRAGOMAN" diff -q "$sample" it.json
empty out

# changed, left out, put in; numbers are equal when their values are
sed -e 's/EVER PROSPER/EVER CALM/' -e 's/>8640.5</>8640.50</' -e 's/<RoutingCountryCode>SG</<RoutingCountryCode>MY</' \
    "$xml" >other.xml
has other.xml '8640.50'
run 1 "$DRAGOMAN" diff "$sample" other.xml
has out '  BorderTransportMeans/Name '
has out 'EVER PROSPER → EVER CALM'
has out 'SG → MY'
has out '✗ 2 differences'
run 1 "$DRAGOMAN" diff --format json "$sample" other.xml
json_lines out
has out '{"document":1,"path":"BorderTransportMeans/Name","a":"EVER PROSPER","b":"EVER CALM","is":"changed"}'
awk '/<Itinerary>/ && !done { skip = 1 } !skip { print } /<\/Itinerary>/ { if (skip) done = 1; skip = 0 }' "$xml" >shorter.xml
run 1 "$DRAGOMAN" diff "$xml" shorter.xml
has out '- Consignment/Itinerary#1/RoutingCountryCode'
has out '✗ 1 difference'
run 1 "$DRAGOMAN" diff shorter.xml "$xml"
has out '+ Consignment/Itinerary#1/RoutingCountryCode'
run 1 "$DRAGOMAN" diff --format json shorter.xml "$xml"
has out '"is":"added"'

# what is refused is compared as far as it was read, in its own terms
sed "s/EVER PROSPER/EVER CALM/; s/UNT+[0-9]*/UNT+7/" "$sample" >wrong.edi
run 1 "$DRAGOMAN" diff "$sample" wrong.edi
has err 'edifact.count.segments'
has out 'SG4#1/TDT/C222/8212'

# as many messages on either side
sed -e "s/UNZ+1/UNZ+2/" -e "/^UNZ/d" "$sample" >two.edi
sed -n "/^UNH/,/^UNT/p" "$sample" | sed -e "s/^UNH+1+/UNH+2+/; s/^\(UNT+[0-9]*\)+1'/\1+2'/" >>two.edi
grep "^UNZ" "$sample" | sed 's/UNZ+1/UNZ+2/' >>two.edi
run 1 "$DRAGOMAN" diff "$sample" two.edi
has out '1 messages in'
has out '✗ 0 differences'

# messages that nothing maps: in their own terms; what has nothing in common cannot be compared
invoice="UNB+UNOC:3+A+B+260115:1023+1'UNH+1+INVOIC:D:96A:UN'BGM+380+1'DTM+137:20260101:102'NAD+SE+1'"
invoice+="LIN+1'UNS+S'MOA+77:1'UNT+8+1'UNZ+1+1'"
printf '%s' "$invoice" >invoice.edi
printf '%s' "${invoice/NAD+SE+1/NAD+SE+2}" >invoice2.edi
run 0 "$DRAGOMAN" diff invoice.edi invoice.edi
run 1 "$DRAGOMAN" diff invoice.edi invoice2.edi
has out 'NAD/C082/3039'
has out '1 → 2'
run 1 "$DRAGOMAN" diff invoice.edi "$sample"
has err 'gateway.diff.other'
run 2 "$DRAGOMAN" diff invoice.edi
run 3 "$DRAGOMAN" diff invoice.edi no-such.edi

finish diff
