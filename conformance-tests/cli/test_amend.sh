#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_amend.sh - `dragoman amend`: a message that says only what changes is applied to the document it changes, and made of two.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
xml=$root/mappings/samples/import-declaration.xml

# An amendment by hand: another name of the vessel, the invoice in dollars, no second itinerary stop.
pointers() { # CLASS[#NUMBER][/TAG]...
    local step class number tag
    echo '<Amendment><ChangeReasonCode>32</ChangeReasonCode>'
    for step in "$@"; do
        tag=; number=
        case $step in */*) tag=${step#*/} step=${step%/*} ;; esac
        case $step in *#*) number=${step#*#} ;; esac
        class=${step%#*}
        echo "<Pointer>${number:+<SequenceNumeric>$number</SequenceNumeric>}<DocumentSectionCode>$class</DocumentSectionCode>"
        echo "${tag:+<TagID>$tag</TagID>}</Pointer>"
    done
    echo '</Amendment>'
}
message() { # HEAD-MORE AMENDMENTS BODY
    cat <<END
<md:MetaData xmlns:md="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"><Declaration xmlns="urn:wco:datamodel:WCO:DEC-DMS:2">
<FunctionCode>13</FunctionCode><FunctionalReferenceID>COR-1</FunctionalReferenceID>
<ID>${1:-26NL000396D1X2Y3Z4}</ID><TypeCode>COR</TypeCode>
${3:-}$2${4:-}</Declaration></md:MetaData>
END
}
message '' "$(pointers 42A 15A/T005)$(pointers 42A/109)$(pointers 42A 28A 81A#2)" \
    '<InvoiceAmount currencyID="USD">70000</InvoiceAmount>' \
    '<BorderTransportMeans><Name>EVER CALM</Name></BorderTransportMeans>' >change.xml
run 0 "$DRAGOMAN" amend apply "$xml" change.xml --to wco-declaration -o full.xml
empty err
run 1 "$DRAGOMAN" diff "$xml" full.xml
has out '61250 → 70000'
has out 'EUR → USD'
has out 'EVER PROSPER → EVER CALM'
has out '- Consignment/Itinerary#2/RoutingCountryCode'
has out '✗ 4 differences' # a stop has two values

# the same of the EDIFACT message, into EDIFACT
run 0 "$DRAGOMAN" amend apply "$sample" change.xml --to cusdec-d96b -o full.edi
run 0 "$DRAGOMAN" diff full.edi full.xml

# made of the two, it makes the one of the other; into the canonical document where nothing else is asked for
run 0 "$DRAGOMAN" amend make "$sample" full.xml --reason 32 --to wco-declaration -o made.xml
has made.xml '<FunctionCode>13</FunctionCode>'
has made.xml '<TypeCode>COR</TypeCode>'
has made.xml '<ChangeReasonCode>32</ChangeReasonCode>'
is "$(grep -c '<Amendment>' made.xml)" 3 'three changes'
lacks made.xml 'GovernmentAgencyGoodsItem'
run 0 "$DRAGOMAN" amend apply "$xml" made.xml -o again.json
run 0 "$DRAGOMAN" diff again.json full.xml
run 0 "$DRAGOMAN" amend make "$xml" full.xml --function 4 --type X --reference R-9
has out '"FunctionCode": "4"'
has out '"TypeCode": "X"'
has out '"FunctionalReferenceID": "R-9"'

# what it says beside its pointers is told and changes nothing
message '' "$(pointers 42A 15A/T005)" '<InvoiceAmount currencyID="EUR">1</InvoiceAmount>' \
    '<BorderTransportMeans><Name>EVER CALM</Name></BorderTransportMeans>' >beside.xml
run 0 "$DRAGOMAN" amend apply "$xml" beside.xml -o beside.json
has err 'amend.beside'
run 1 "$DRAGOMAN" diff "$xml" beside.json
has out '✗ 1 difference'

# what cannot be done
message '' "$(pointers 42A 99Z)" >unknown.xml
run 1 "$DRAGOMAN" amend apply "$xml" unknown.xml
has err 'amend.pointer'
empty out
message 26NL000396OTHER000 "$(pointers 42A/109)" >other.xml
run 1 "$DRAGOMAN" amend apply "$xml" other.xml
has err 'amend.other'
run 1 "$DRAGOMAN" amend apply "$xml" "$sample"
has err 'amend.none'
cat "$sample" "$sample" >two.edi
run 1 "$DRAGOMAN" amend make "$xml" two.edi
has err 'gateway.amend.one'
run 2 "$DRAGOMAN" amend both "$xml" change.xml
run 2 "$DRAGOMAN" amend apply "$xml"
run 3 "$DRAGOMAN" amend apply "$xml" nothing.xml
run 2 "$DRAGOMAN" amend apply "$xml" change.xml --to no-such-format

finish amend
