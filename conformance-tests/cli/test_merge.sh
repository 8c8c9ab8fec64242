#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_merge.sh - documents that several messages tell: pages of a manifest, a manifest and the bills of its houses; when they are
# complete, what waits, what comes twice, what disagrees.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

cp -r "$root/mappings" m
rm m/rules/*.case.yaml
tabbed() { tr '|' '\t'; }
tabbed >m/model/voyage.tsv <<'END'
dragoman: model/1
model: Voyage@1
root: Voyage
title: Voyage
source: a test
edition: 1
attribute: amount @currencyID code a3
path|min|max|type|format|wco-id|tded|title|origin
JourneyID|1|1|id|an..17|-|-|Which voyage|house
Carrier|1|1|-|-|-|-|Who carries|house
Carrier/Name|1|1|text|an..20|-|-|Name|house
Value|0|1|amount|n..16,3|-|-|What it is worth|house
Consignment|0|9999|-|-|-|-|A bill|house
Consignment/ID|1|1|id|an..35|-|-|Number|house
Consignment/Weight|0|1|number|n..9,3|-|-|Weight|house
Consignment/Description|0|1|text|an..70|-|-|What|house
Consignment/Seal|0|99|-|-|-|-|Seal|house
Consignment/Seal/ID|1|1|id|an..35|-|-|Number|house
END
for k in manifest house; do
    tabbed >m/formats/xml/$k.tsv <<END
# namespace p|urn:example:$k
path|min|max|type|format|namespace
$k|1|1|-|-|p
$k/Journey|0|1|id|an..35|p
$k/Page|0|1|id|an..5|p
$k/Pages|0|1|id|an..5|p
$k/End|0|1|code|an..5|p
$k/Carrier|0|1|text|an..70|p
$k/Value|0|1|number|n..16,3|p
$k/Value/@Ccy|0|1|code|a3|-
$k/Bill|0|*|-|-|p
$k/Bill/No|0|1|id|an..35|p
$k/Bill/Weight|0|1|number|n..9,3|p
$k/Bill/Text|0|1|text|an..70|p
$k/Bill/Seal|0|*|-|-|p
$k/Bill/Seal/No|0|1|id|an..35|p
END
    cat >m/formats/xml/$k.yaml <<END
dragoman: format/1
format: $k
title: A $k
codec: xml
table: $k.tsv
root: $k
document: $k
namespace.p: urn:example:$k
END
done
mapping() { # NAME DOCUMENT...
    local name=$1
    shift
    printf 'dragoman: mapping/1\nmapping: %s\nwire: {format: %s}\nmodel: Voyage@1\ndocument:\n' "$name" "$name"
    printf '  %s\n' "$@"
    cat <<'END'
rules:
- {wire: Carrier, model: Carrier/Name}
- {wire: Value, model: Value, as: number}
- {wire: Value/@Ccy, model: Value/@currencyID}
- each: {wire: Bill, model: Consignment}
  rules:
  - {wire: No, model: ID}
  - {wire: Weight, model: Weight}
  - {wire: Text, model: Description}
  - each: {wire: Seal, model: Seal}
    rules: [{wire: No, model: ID}]
END
}
keys='merge: {Journey: JourneyID}'
lists='into: {Consignment: ID, Consignment/Seal: ID}'
message() { # KIND JOURNEY PAGE PAGES REST: empty ones are left out
    printf '<%s xmlns="urn:example:%s"><Journey>%s</Journey>' "$1" "$1" "$2"
    if [ -n "$3" ]; then printf '<Page>%s</Page>' "$3"; fi
    if [ -n "$4" ]; then printf '<Pages>%s</Pages>' "$4"; fi
    printf '%s</%s>\n' "$5" "$1"
}
flat() { tr -d ' \n' <"$1"; }
mkdir dir

# ---- pages that say which of how many they are, in any order

mapping manifest "$keys" "$lists" 'number: Page' 'count: Pages' >m/rules/manifest.yaml
run 0 "$DRAGOMAN" map lint --mappings m m/rules/manifest.yaml
head='<Carrier>ACME</Carrier><Value Ccy="EUR">12.50</Value>'
message manifest V1 1 2 "$head<Bill><No>B1</No><Weight>10</Weight><Seal><No>S1</No></Seal></Bill>" >p1.xml
message manifest V1 2 2 "<Bill><No>B2</No></Bill><Bill><No>B1</No><Weight>10.0</Weight><Text>Tea</Text>\
<Seal><No>S2</No></Seal><Seal><No>S1</No></Seal></Bill>" >p2.xml
run 0 "$DRAGOMAN" translate --mappings m p1.xml p2.xml --to json -o dir/
is "$(ls dir)" p2.json 'one document, of the message that completes it'
whole='{"dragoman":"document/1","model":"Voyage@1","document":{"JourneyID":"V1","Carrier":{"Name":"ACME"},'
whole+='"Value":{"value":12.50,"currencyID":"EUR"},"Consignment":[{"ID":"B1","Weight":10,"Description":"Tea",'
whole+='"Seal":[{"ID":"S1"},{"ID":"S2"}]},{"ID":"B2"}]}}'
is "$(flat dir/p2.json)" "$whole" 'occurrences with equal keys are one, 10 and 10.0 are equal, what stands once is said once'
run 0 "$DRAGOMAN" translate --mappings m p2.xml p1.xml --to json -o turned.json
is "$(flat turned.json)" "$whole" 'the order in which pages come does not matter'
run 0 "$DRAGOMAN" translate --mappings m --threads 4 p2.xml p1.xml --to json -o threads.json
same threads.json turned.json
run 0 "$DRAGOMAN" translate --mappings m p1.xml p2.xml --to manifest -o - --strict
has out '<No>B2</No>'
has out '<Journey>V1</Journey>'

# Each value of the pages is mapped, or says which page it is.
run 0 "$DRAGOMAN" translate --mappings m p1.xml p2.xml --to json -o strict.json --strict
same strict.json dir/p2.json

# Each message is a message of its own to those who look at it alone.
run 0 "$DRAGOMAN" validate --mappings m p2.xml
run 0 "$DRAGOMAN" map explain --mappings m p2.xml Consignment#1/ID
has out B2

# ---- what does not come is told, and nothing is written of it

run 1 "$DRAGOMAN" translate --mappings m p1.xml --to json -o nothing.json
has err 'error[job.merge.incomplete]: the document JourneyID V1 is not complete and is not written: 1 of 2 of manifest.'
has err 'a message (part 1) by manifest'
is "$(ls nothing.json 2>/dev/null)" '' 'nothing is written'

# ---- what comes twice

run 0 "$DRAGOMAN" translate --mappings m p1.xml p1.xml p2.xml --to json -o twice.json
has err 'warning[job.merge.again]'
same twice.json dir/p2.json
run 0 "$DRAGOMAN" translate --mappings m p1.xml p2.xml p2.xml --to json -o late.json
has err 'warning[job.merge.again]'
same late.json dir/p2.json
sed 's/ACME/ACNE/' p1.xml >other.xml
run 1 "$DRAGOMAN" translate --mappings m p1.xml other.xml p2.xml --to json -o first.json
has err 'error[job.merge.otherwise]: this part of the document JourneyID V1 came before, in a message (part 1) by manifest'
same first.json dir/p2.json
run 1 "$DRAGOMAN" translate --mappings m p1.xml p2.xml other.xml --to json -o after.json
has err 'error[job.merge.late]'
same after.json dir/p2.json
mapping manifest "$keys" "$lists" 'number: Page' 'count: Pages' 'again: replace' >m/rules/manifest.yaml
run 0 "$DRAGOMAN" translate --mappings m p1.xml other.xml p2.xml --to json -o replaced.json
has err 'warning[job.merge.replaced]'
is "$(flat replaced.json)" "${whole/ACME/ACNE}" 'what came last holds'

# ---- pages that make no sense

message manifest V1 3 2 '' >beyond.xml
run 1 "$DRAGOMAN" translate --mappings m beyond.xml --to json -o bad.json
has err 'error[map.merge.beyond]: this is part 3 of a document that has 2'
message manifest V1 2 3 '' >more.xml
run 1 "$DRAGOMAN" translate --mappings m p1.xml more.xml --to json -o bad.json
has err 'error[job.merge.count]: the document JourneyID V1 has 2 of these, as a message said before; this one says 3'
message manifest V1 x 2 '' >word.xml
run 1 "$DRAGOMAN" translate --mappings m word.xml --to json -o bad.json
has err 'error[map.merge.number]: "x"'
message manifest V1 '' 2 '' >unnumbered.xml
run 1 "$DRAGOMAN" translate --mappings m unnumbered.xml --to json -o bad.json
has err 'error[map.merge.unnumbered]: nothing stands at Page'
message manifest '' 1 2 '' >keyless.xml
run 1 "$DRAGOMAN" translate --mappings m keyless.xml --to json -o bad.json
has err 'error[map.merge.keyless]: there is no JourneyID'

# A part whose number is beyond all that there are does not fill the gap beneath it, whichever comes first.
message manifest V1 3 '' '' >third.xml
message manifest V1 2 '' '<Bill><No>B2</No></Bill>' >second.xml
run 1 "$DRAGOMAN" translate --mappings m p1.xml third.xml --to json -o bad.json
has err 'error[job.merge.beyond]: the document JourneyID V1 ends with part 2, and a message is part 3'
is "$(ls bad.json 2>/dev/null)" '' 'not complete without the second'
run 1 "$DRAGOMAN" translate --mappings m third.xml p1.xml --to json -o bad.json
has err 'error[job.merge.beyond]'
is "$(ls bad.json 2>/dev/null)" '' 'nor the other way about'
run 1 "$DRAGOMAN" translate --mappings m p1.xml third.xml second.xml --to json -o gap.json
has gap.json B2

# ---- complete, and refused: the parts do not agree, or the document breaks a rule; told of the message that said it

sed 's/10.0/11/' p2.xml >weight.xml
run 1 "$DRAGOMAN" translate --mappings m p1.xml weight.xml --to json -o bad.json
has err 'error[job.merge.disagree]: 10 is said by a message (part 1) by manifest; a message (part 2) by manifest says 11'
has err 'Consignment#2/Weight'
has err 'job.merge.refused'
lacks err 'job.merge.incomplete'
sed 's/ACME/A carrier with a name that is too long/' p1.xml >long.xml
run 1 "$DRAGOMAN" translate --mappings m long.xml p2.xml --to json --format json -o bad.json
has err '"code":"model.value.long"'
has err '"sent":"Carrier"'
message manifest V3 1 1 '<Bill><No>B1</No></Bill>' >nobody.xml
run 1 "$DRAGOMAN" translate --mappings m nobody.xml --to json -o bad.json
has err 'error[model.place.missing]: Carrier'

# A refused one costs the others nothing.
run 1 "$DRAGOMAN" translate --mappings m nobody.xml p1.xml p2.xml --to json -o good.json
same good.json dir/p2.json

# ---- the last page says so

mapping manifest "$keys" "$lists" 'number: Page' 'last: {End: [LAST, ONLY]}' >m/rules/manifest.yaml
sed 's,<Pages>2</Pages>,<End>CONT</End>,' p1.xml >l1.xml
sed 's,<Pages>2</Pages>,<End>LAST</End>,' p2.xml >l2.xml
for order in 'l1.xml l2.xml' 'l2.xml l1.xml'; do
    # shellcheck disable=SC2086
    run 0 "$DRAGOMAN" translate --mappings m $order --to json -o last.json
    is "$(flat last.json)" "$whole" "complete with all up to the last: $order"
done
run 1 "$DRAGOMAN" translate --mappings m l2.xml --to json -o bad.json
has err '1 of 2 of manifest'
run 1 "$DRAGOMAN" translate --mappings m l1.xml --to json -o bad.json
has err '1 of manifest, and not the last'

sed 's,<Page>2</Page>,<Page>3</Page>,' l2.xml >l3.xml
run 1 "$DRAGOMAN" translate --mappings m l1.xml l3.xml --to json -o bad.json
has err '2 of 3 of manifest'
sed 's,<End>CONT</End>,<End>LAST</End>,' l1.xml >l1last.xml
run 1 "$DRAGOMAN" translate --mappings m l2.xml l1last.xml --to json -o bad.json
has err 'error[job.merge.beyond]: the document JourneyID V1 ends with part 1, and a message is part 2'
# One that is replaced takes back that it was the last.
mapping manifest "$keys" "$lists" 'number: Page' 'last: {End: [LAST, ONLY]}' 'again: replace' >m/rules/manifest.yaml
sed 's,LAST,CONT,' l2.xml >l2more.xml
run 1 "$DRAGOMAN" translate --mappings m l2.xml l2more.xml l1.xml --to json -o bad.json
has err '2 of manifest, and not the last'
is "$(ls bad.json 2>/dev/null)" '' 'it waits for the last'

# ---- occurrences are counted, not messages

mapping manifest "$keys" "$lists" 'count: Pages' 'of: Consignment' >m/rules/manifest.yaml
sed 's,<Pages>2</Pages>,<Pages>3</Pages>,; s,<Page>.</Page>,,' p1.xml >c1.xml
sed 's,<Pages>2</Pages>,,; s,<Page>.</Page>,,' p2.xml >c2.xml
run 0 "$DRAGOMAN" translate --mappings m c1.xml c2.xml --to json -o counted.json
is "$(flat counted.json)" "$whole" 'three bills in two messages, of which the first says how many'
run 1 "$DRAGOMAN" translate --mappings m c1.xml --to json -o bad.json
has err '1 of 3 occurrences of manifest'

# ---- two kinds of message tell one document; one of them is believed

mapping manifest "$keys" "$lists" 'with: [house]' 'master: manifest' >m/rules/manifest.yaml
mapping house "$keys" "$lists" 'with: [manifest]' 'master: manifest' >m/rules/house.yaml
message manifest V1 '' '' "$head<Bill><No>B1</No><Weight>10</Weight><Seal><No>S1</No></Seal></Bill>" >m1.xml
message house V1 '' '' "<Bill><No>B1</No><Weight>11</Weight><Text>Tea</Text><Seal><No>S2</No></Seal></Bill>\
<Bill><No>B2</No></Bill>" >h1.xml
for order in 'm1.xml h1.xml' 'h1.xml m1.xml'; do
    # shellcheck disable=SC2086
    run 0 "$DRAGOMAN" translate --mappings m $order --to json -o two.json
    is "$(flat two.json)" "$whole" "the manifest is believed: $order"
    has err 'warning[job.merge.believed]: 10 is said by a message by manifest, which is believed; a message by house says 11'
done
run 1 "$DRAGOMAN" translate --mappings m h1.xml --to json -o bad.json
has err 'none of manifest'

# Both must say the same of what tells one document from another.
mapping house 'merge: {End: JourneyID, Page: Carrier/Name}' 'with: [manifest]' 'master: manifest' |
    sed '/^- {wire: Carrier/d' >m/rules/house.yaml
run 3 "$DRAGOMAN" formats --mappings m
has err 'm/rules/house.yaml:7:10: error[map.merge.with]: manifest cannot tell one document with this mapping: '
has err 'its `merge` has no key for Carrier/Name'
has err 'error[map.merge.with]: manifest cannot tell one document with this mapping: its `merge` has no key for Carrier/Name'
mapping house "$keys" 'count: 1' >m/rules/house.yaml
run 3 "$DRAGOMAN" formats --mappings m
has err 'its `with` does not name this mapping'
rm m/rules/house.yaml
run 3 "$DRAGOMAN" formats --mappings m
has err 'there is no such mapping'

# ---- a limit

mapping manifest "$keys" "$lists" 'number: Page' 'count: Pages' >m/rules/manifest.yaml
run 1 "$DRAGOMAN" translate --mappings m --limit store-bytes=500 p1.xml p2.xml --to json -o bad.json
has err 'error[job.merge.full]'

# ---- a store in a folder: parts of one document in runs of their own

run 0 "$DRAGOMAN" translate --mappings m --store st p2.xml --to json -o stored.json
has err 'info[job.merge.waits]: the document JourneyID V1 waits for the rest of it: 1 of 2 of manifest.'
has err 'What came: a message (part 2)'
is "$(ls stored.json 2>/dev/null)" '' 'nothing is written yet'
run 0 "$DRAGOMAN" store list st
has out 'waits     JourneyID V1 (Voyage@1): 1 of 2 of manifest'
has out 'a message (part 2) by manifest'
run 0 "$DRAGOMAN" store list st --format json
json_lines out
has out '"name":"JourneyID V1"'
run 0 "$DRAGOMAN" translate --mappings m --store st p1.xml --to json -o stored.json
same stored.json dir/p2.json
run 0 "$DRAGOMAN" store list st
has out 'nothing waits'
run 0 "$DRAGOMAN" store list st --all
has out 'written   JourneyID V1'
run 0 "$DRAGOMAN" translate --mappings m --store st p1.xml --to json -o again.json
has err 'warning[job.merge.again]'
is "$(find st -type f | wc -l)" 2 'of what is written one record is left, beside the lock'
run 1 "$DRAGOMAN" store forget st 'JourneyID V9'
has err 'gateway.store.none'
run 0 "$DRAGOMAN" store forget st 'JourneyID V1'
is "$(find st -type f | wc -l)" 1 'and nothing when it is forgotten'

# Told of the message that said it, which came in another run.
run 0 "$DRAGOMAN" translate --mappings m --store st p1.xml --to json
run 1 "$DRAGOMAN" translate --mappings m --store st weight.xml --to json
has err 'error[job.merge.disagree]: 10 is said by a message (part 1) by manifest; a message (part 2) by manifest says 11'
run 0 "$DRAGOMAN" store list st
has out 'refused   JourneyID V1'
sed 's,<No>B1</No>,,' p1.xml >part.xml
run 0 "$DRAGOMAN" store forget st 'JourneyID V1'
run 0 "$DRAGOMAN" translate --mappings m --store st part.xml --to json
run 1 "$DRAGOMAN" translate --mappings m --store st p2.xml --to json --format json
has err '"code":"model.place.missing"'
has err '"sent":"Bill#1/Weight"'
run 0 "$DRAGOMAN" store forget st 'JourneyID V1'

# What cannot be used says why; a record that somebody wrote into is told, and the others are not touched by it.
: >file
run 3 "$DRAGOMAN" translate --mappings m --store file p1.xml --to json
has err 'error[gateway.store]: the store file cannot be used'
run 3 "$DRAGOMAN" store list nowhere
has err 'error[gateway.store]'
run 0 "$DRAGOMAN" translate --mappings m --store st p1.xml --to json
for f in st/????*????????; do printf 'rubbish' >"$f"; done
run 1 "$DRAGOMAN" translate --mappings m --store st p2.xml --to json
has err 'error[job.merge.broken]'
rm -r st

# A damaged file, a folder or a pipe in place of a record, what somebody copied: told, and what waits beside it is told too.
run 0 "$DRAGOMAN" translate --mappings m --store st p1.xml --to json
run 0 "$DRAGOMAN" store list st
digits=$(printf '%064d' 7)
cp out waits.txt
for kind in empty rubbish folder pipe link copy; do
    case $kind in
    empty) : >"st/$digits" ;;
    rubbish) printf 'dragoman-store/1 99\nx' >"st/$digits" ;;
    folder) mkdir "st/$digits" ;;
    pipe) mkfifo "st/$digits" ;;
    link) ln -s /etc/passwd "st/$digits" ;;
    copy) for f in st/[0-9a-f]*[0-9a-f]; do cp "$f" "st/$digits"; done ;;
    esac
    run 3 "$DRAGOMAN" store list st
    has err "error[gateway.store.broken]: the store st is damaged: its file $digits cannot be read"
    same out waits.txt
    message manifest V7 1 1 "$head<Bill><No>B1</No></Bill>" >v7.xml
    run 0 "$DRAGOMAN" translate --mappings m --store st v7.xml --to json -o "v7-$kind.json"
    has err 'warning[gateway.store.broken]'
    has "v7-$kind.json" V7
    run 3 "$DRAGOMAN" store forget st 'JourneyID V9'
    run 0 "$DRAGOMAN" store forget st 'JourneyID V7'
    rm -rf "st/$digits"
done
touch st/notes.txt "st/$digits.new" "st/$(printf '%064d' 7 | tr 0 X)"
run 0 "$DRAGOMAN" store list st
same out waits.txt

# The record of a part is gone: told with its document, which can be forgotten.
for f in st/[0-9a-f]*[0-9a-f]; do
    if grep -q kept-part "$f"; then rm "$f"; fi
done
run 3 "$DRAGOMAN" store list st
has out 'JourneyID V1 (Voyage@1): the record of one of its parts cannot be read'
run 1 "$DRAGOMAN" translate --mappings m --store st p2.xml --to json
has err 'error[job.merge.broken]'
run 0 "$DRAGOMAN" store forget st 'JourneyID V1'
run 0 "$DRAGOMAN" store list st
has out 'nothing waits'
rm -r st
run 2 "$DRAGOMAN" store
run 2 "$DRAGOMAN" store forget st

# ---- many at once: each document is written once

mkdir many
for v in $(seq 8); do
    message manifest "W$v" 1 2 "$head<Bill><No>B1</No></Bill>" >many/$v-1.xml
    message manifest "W$v" 2 2 '<Bill><No>B2</No></Bill>' >many/$v-2.xml
done
for page in 1 2; do
    for v in $(seq 8); do
        "$DRAGOMAN" translate --quiet --mappings m --store st many/$v-$page.xml --to json -o "many/$v-$page.json" \
            2>"many/err$page$v" &
    done
done
wait
is "$(find many -name '*.json' | wc -l)" 8 'eight documents of sixteen processes'
is "$(cat many/err*)" '' 'and nothing to complain about'
run 0 "$DRAGOMAN" store list st
has out 'nothing waits'
rm -r st

# ---- watched: parts in files of their own, killed at every point of delivery

watched() { # [POINT]: 137 when it died there
    if [ $# -gt 0 ]; then
        "$DRAGOMAN_TESTING" watch --once --quiet --mappings m --in in --to json --out box --store st --crash-at "$1" \
            >/dev/null 2>err
    else
        "$DRAGOMAN" watch --once --mappings m --in in --to json --out box --store st >out 2>err
    fi
}
mkdir in
cp p1.xml in/
run 0 watched
has err 'p1.xml is kept, for a document that waits for others'
is "$(find in box -maxdepth 1 -type f)" '' 'the part is in the store'
cp p2.xml in/
run 0 watched
same box/p2.json dir/p2.json
run 0 "$DRAGOMAN" store list st
has out 'nothing waits'
rm -r st box
died=0
for point in $("$DRAGOMAN_TESTING" watch --in in --to json --out box --crash-at list); do
    cp p1.xml p2.xml in/
    for k in 0 1 2; do
        watched "$point:$k" 2>/dev/null
        if [ $? -eq 137 ]; then died=$((died + 1)); fi
    done
    run 0 watched
    last="killed at $point"
    is "$(find box -maxdepth 1 -type f | wc -l)" 1 "$last: delivered once"
    same box/p2.json dir/p2.json
    is "$(find in -maxdepth 1 -type f | wc -l)" 0 "$last: nothing is left"
    run 0 "$DRAGOMAN" store list st
    has out 'nothing waits'
    rm -rf st box
done
if [ "$died" -ge 20 ]; then good; else bad "died only $died times"; fi
mkdir in/bad 2>/dev/null
cp p1.xml in/
run 1 "$DRAGOMAN" watch --once --mappings m --in in --to json --out box
has in/bad/p1.xml.diagnostics.txt 'job.merge.incomplete'

# ---- killed at every named point of the store, at whichever file: nothing is lost, and nothing is written twice but what was not
# known to be written

points=$("$DRAGOMAN_TESTING" watch --in in --to json --out box --crash-at list | grep '^store-')
is "$(echo "$points" | wc -w)" 4 'points of the store'
run 2 "$DRAGOMAN_TESTING" translate --mappings m p1.xml --to json --crash-at nowhere
run 2 "$DRAGOMAN" translate --mappings m p1.xml --to json --crash-at store-put
killed=0
for point in $points; do
    for k in 0 1 2 3; do
        rm -rf st done.json
        for page in p1.xml p2.xml; do
            "$DRAGOMAN_TESTING" translate --quiet --mappings m --store st $page --to json -o done.json --crash-at "$point:$k" \
                >/dev/null 2>err
            if [ $? -eq 137 ]; then killed=$((killed + 1)); fi
            run 0 "$DRAGOMAN" translate --mappings m --store st $page --to json -o done.json
        done
        last="killed at $point:$k"
        if [ -f done.json ]; then same done.json dir/p2.json; else bad "nothing written: $last"; fi
        run 0 "$DRAGOMAN" store list st
        has out 'nothing waits'
    done
done
if [ "$killed" -ge 15 ]; then good; else bad "killed only $killed times"; fi

finish merge
