#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_guides.sh - implementation guides: the page that teaches them word for word (tutorial.sh), the command guide, and the level
# guide in every command that reads, in profiles of partners and in answers.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=conformance-tests/cli/tutorial.sh
. "$root/conformance-tests/cli/tutorial.sh"

cp -r "$root/mappings" mappings
mkdir build
ln -s "$DRAGOMAN" build/dragoman
path=$PATH
follow "$root/mappings/formats/edifact/README.md"
is "$files" 2 'files the page writes'
if [ "$commands" -ge 20 ]; then good; else bad "only $commands commands were found on the page"; fi
if [ "$shown" -ge 5 ]; then good; else bad "only $shown outputs were found on the page"; fi
unset DRAGOMAN_MAPPINGS
PATH=$path

# line FILE PATTERN: a line that matches the whole extended expression.
line() { if grep -qaE -- "^$2\$" "$1"; then good; else bad "$1 has no line '$2': $last"; fi; }
golden=$root/conformance-tests/golden/guides

# ---- help, wrong usage
run 0 "$DRAGOMAN" guide --help
has out 'Usage: dragoman guide'
run 0 "$DRAGOMAN" help guide --man
has out '.SH EXIT STATUS'
run 2 "$DRAGOMAN" guide
has err 'list, show or lint'
run 2 "$DRAGOMAN" guide lnit
has err 'did you mean lint?'
run 2 "$DRAGOMAN" guide list x
run 2 "$DRAGOMAN" guide show
run 2 "$DRAGOMAN" guide lint
run 2 "$DRAGOMAN" guide show cusdec-d96b-inport
has err 'did you mean cusdec-d96b-import?'
run 3 "$DRAGOMAN" guide lint nowhere.yaml
has err 'nowhere.yaml'

# ---- list, show
run 0 "$DRAGOMAN" guide list
line out 'cusdec-d96b-import +CUSDEC:D:96B:UN +association IMPDEC +Import declaration in CUSDEC D\.96B'
line out 'cuscar-d95b-manifest +CUSCAR:D:95B:UN +association SEAMAN +.*'
run 0 "$DRAGOMAN" guide list --format json
json_lines out
has out '{"guide":"cusdec-d96b-import","title":"Import declaration in CUSDEC D.96B","message":"CUSDEC:D:96B:UN",'
run 0 "$DRAGOMAN" guide show cuscar-d95b-manifest
has out 'CUSCAR of D.95B; chosen by association SEAMAN'
line out '0020  BGM +Beginning of message +M +1'
line out ' +BGM/C002/1001 +Document/message name, coded +R +1  an\.\.3 +85 785 833'
line out '0070  SG1 +Means of transport +R +1'
line out ' +SG1/LOC\[3227=60\]/C517/3225 +UN/LOCODE +R +1  an5'
line out '0350 +SG6 +N +9'
lacks out '0360'
line out '0400 +SG7 +O +99'
has out 'each SG4/SG5: any-of SG7[NAD/3035=CZ], SG7[NAD/3035=SU]'
run 0 "$DRAGOMAN" guide show cusdec-d96b-import --format json
json_lines out
position=$("$DRAGOMAN" directory show CUSDEC D.96B | awk '$2 == "SG45" { print $1 + 0 }')
has out "\"kind\":\"group\",\"position\":$position,\"id\":\"SG45\""
has out '{"level":1,"kind":"segment","place":"LOC[3227=22]","name":"Declaration office","status":"R","max":1,'
has out '"codes":{"1131":"any","3055":[{"code":"N","name":"Document is attached"}'

# ---- lint: mistakes for people and programs
printf 'dragoman: guide/1\nguide: t\nmessage: CUSDEC:D:96B:UN\nplaces:\n  BGM/1001: {codes: [928], use: requird}\n' >bad.yaml
run 1 "$DRAGOMAN" guide lint bad.yaml
has err 'bad.yaml:5:22: error[guide.code.unknown]: 1001 has no code "928" in D.96B'
has err '  BGM/1001: {codes: [928], use: requird}'
has err 'bad.yaml:5:33: error[guide.word]: requird is none of required optional dependent unused'
has err 'did you mean required?'
has out 'bad.yaml: 2 mistakes'
run 1 "$DRAGOMAN" guide lint bad.yaml --format json
json_lines err
run 1 "$DRAGOMAN" guide lint "$root/mappings/formats/edifact/cuscar-d95b-manifest.yaml" bad.yaml
has out 'cuscar-d95b-manifest.yaml: good'
# In the folder it stops everything that asks for guides, with the same words, before any input is read; nothing else.
cp bad.yaml mappings/formats/edifact/
run 0 "$DRAGOMAN" formats --mappings mappings
empty err
run 0 "$DRAGOMAN" translate "$sample" --to json --mappings mappings -q
for asks in "guide list" "guide show cusdec-d96b-import" "validate $sample" "ack $sample" \
    "translate $sample --to json --guide auto" "inspect $sample --set reader.level=codes" "rewrite $sample --level codes"; do
    # shellcheck disable=SC2086
    run 3 "$DRAGOMAN" $asks --mappings mappings
    has err 'bad.yaml:5:33: error[guide.word]'
    empty out
done
printf 'dragoman: partner/1\npartner: p\nwhen: {sender: P}\nreader: {guide: cusdec-d96b-import}\n' >mappings/partners/p.yaml
run 3 "$DRAGOMAN" formats --mappings mappings
has err 'bad.yaml:5:33: error[guide.word]'
rm mappings/partners/p.yaml
run 3 "$DRAGOMAN" guide list --mappings mappings
has err 'bad.yaml:5:22: error[guide.code.unknown]'
sed 's/codes: \[928\], use: requird/use: required/' bad.yaml >mended.yaml
sed 's/^places/for: {association: IMPDEC}\nplaces/' mended.yaml >mappings/formats/edifact/bad.yaml
run 3 "$DRAGOMAN" guide list --mappings mappings
has err 'are for the same messages'
sed 's/guide: t/guide: cusdec-d96b-import/' mended.yaml >mappings/formats/edifact/bad.yaml
run 3 "$DRAGOMAN" guide list --mappings mappings
has err 'there is a guide cusdec-d96b-import already'
rm mappings/formats/edifact/bad.yaml

# ---- every command that reads
cp "$golden/accept-import/in.edi" good.edi
cp "$golden/refuse-import/in.edi" bad.edi
sed 's/:IMPDEC//' bad.edi >plain.edi
run 0 "$DRAGOMAN" validate --level guide good.edi
run 1 "$DRAGOMAN" validate --level guide bad.edi
has err 'edifact.guide.segment.missing'
run 1 "$DRAGOMAN" validate --level guide plain.edi # its national codes are nobody's
has err 'warning[edifact.guide.none]: no guide is for CUSDEC:D:96B:UN'
run 1 "$DRAGOMAN" validate --guide cusdec-d96b-import plain.edi
has err 'edifact.guide.rule.equal'
run 1 "$DRAGOMAN" validate --guide auto bad.edi
run 1 "$DRAGOMAN" validate --guide auto --level directory bad.edi # the mapping has its own to say
lacks err 'edifact.guide'
run 2 "$DRAGOMAN" validate --guide cusdec-d96b-inport bad.edi
has err 'did you mean cusdec-d96b-import?'
# Codes of its own are taken from level codes on, where the guide is for the message.
run 0 "$DRAGOMAN" validate --level codes good.edi
sed 's/:IMPDEC//' good.edi >foreign.edi
run 1 "$DRAGOMAN" validate --level codes foreign.edi
has err 'edifact.code.unknown'
# Who chose no guide is told, once and last, that there is one; and so is who sends an answer.
has err 'of these codes may be agreed: the guide cusdec-d96b-import is for CUSDEC:D:96B:UN'
is "$(grep -c gateway.guide.fits err)" 1 "words about the guide"
run 1 "$DRAGOMAN" ack foreign.edi foreign.edi
is "$(grep -c gateway.guide.fits err)" 1 "words about the guide"
run 1 "$DRAGOMAN" ack -q foreign.edi
lacks err 'gateway.guide.fits'
run 0 "$DRAGOMAN" ack --guide cusdec-d96b-import foreign.edi
lacks err 'gateway.guide.fits'
# what the guide calls a place stands in inspect, in words and as JSON; without it the directory's name does
run 0 "$DRAGOMAN" inspect --guide cusdec-d96b-import "$sample"
line out ' +3 LOC +Declaration office'
line out ' +1004 Local reference number \(LRN\) +NDD2026000117'
line out ' +4 LOC +Place/location identification'
run 0 "$DRAGOMAN" inspect --guide cusdec-d96b-import "$sample" --format json
has out '"name":"LOC","kind":"segment","title":"Declaration office"'
run 0 "$DRAGOMAN" inspect "$sample"
lacks out 'Declaration office'
line out ' +3 LOC +Place/location identification'
run 1 "$DRAGOMAN" inspect --guide auto bad.edi
has out 'edifact.guide.rule.any-of'
run 1 "$DRAGOMAN" translate --guide auto bad.edi --to json
has err 'edifact.guide.group.too-many'
empty out
run 0 "$DRAGOMAN" translate --guide auto good.edi --to json
filled out
run 1 "$DRAGOMAN" rewrite --guide auto bad.edi
run 0 "$DRAGOMAN" rewrite --guide auto good.edi
run 0 "$DRAGOMAN" validate --guide auto good.edi "$root/mappings/samples/import-declaration.xml" # XML has no guides
mkdir in out.d
cp bad.edi good.edi in/
run 1 "$DRAGOMAN" watch --once --guide auto --in in --to json --out out.d
is "$(ls out.d | wc -l)" 1 'documents delivered'
is "$(ls in/bad/*.edi | wc -l)" 1 'files refused'

# ---- profiles of partners
mkdir partners
printf 'dragoman: partner/1\npartner: ndd\nwhen: {sender: NDD-ROTTERDAM}\n' >partners/ndd.yaml
printf 'reader: {level: guide, guide: cusdec-d96b-import}\n' >>partners/ndd.yaml
run 1 "$DRAGOMAN" rewrite --partners partners plain.edi
has err 'edifact.guide.code'
sed -i 's/cusdec-d96b-import/cusdec-d96b-inport/' partners/ndd.yaml
run 3 "$DRAGOMAN" rewrite --partners partners plain.edi
has err 'cusdec-d96b-import'

# ---- answers: places have codes of list 0085, rules are application errors
run 1 "$DRAGOMAN" ack --guide auto bad.edi --set ack.line-breaks=yes
line out "UCS\+2'"
line out "UCD\+14\+2:1'"  # 1001: a value that is not taken
line out "UCD\+39\+2:4'"  # 1000 is too long
line out "UCS\+4\+13'"    # LOC 35 is missing behind LOC 36
line out "UCS\+8\+15'"    # FII is not used
line out "UCS\+13'"
line out "UCD\+13\+3:1'"  # the importer's number is missing
line out "UCS\+14\+36'"   # a second importer
run 1 "$DRAGOMAN" ack --guide auto --aperak "$golden/accept-import/in.edi" bad.edi
lacks out 'ERC'           # what a CONTRL rejects has no APERAK
sed 's/RFF+ABE:NDD2026000201/RFF+ABE:NDD2026000299/' good.edi >rule.edi
run 1 "$DRAGOMAN" ack --guide auto rule.edi --aperak --set ack.line-breaks=yes
line out "ERC\+9'"
has out 'must say the same'
run 0 "$DRAGOMAN" ack --guide auto good.edi

finish guides
