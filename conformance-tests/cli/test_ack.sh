#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_ack.sh - the command ack: answers on standard output, in files and folders, with the settings of partners, and what is told
# beside them.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

good="UNH+1+CUSDEC:D:96B:UN'BGM+929+X+9'UNS+D'UNS+S'UNT+5+1'"
printf "UNB+UNOC:3+S:14+R:ZZZ+260101:1023+REF1'%sUNZ+1+REF1'" "$good" >good.edi
printf "UNB+UNOC:3+S:14+R:ZZZ+260101:1023+REF2'%sUNH+2+CUSDEC:D:96B:UN'BGM+929+Y+9'DTM+13789:2'UNS+D'" "$good" >bad.edi
printf "UNS+S'UNT+6+2'UNZ+2+REF2'" >>bad.edi

run 0 "$DRAGOMAN" ack good.edi --set ack.reference=A1
has out "+A1'UNH+1+CONTRL:D:3:UN'UCI+REF1+S:14+R:ZZZ+7'UNT+3+1'UNZ+1+A1'"
has out "UNB+UNOC:3+R:ZZZ+S:14+"
empty err
run 1 "$DRAGOMAN" ack bad.edi --set ack.line-breaks=yes
has out "UCI+REF2+S:14+R:ZZZ+7'"
has out "UCM+2+CUSDEC:D:96B:UN+4'"
has out "UCD+39+2:1'"
has err 'edifact.value.too-long'
mv out answer.edi
# the answer is right, and is not answered
run 0 "$DRAGOMAN" validate answer.edi --level codes
has err 'info[job.mapping.missing]'
lacks err 'error[edifact'
run 0 "$DRAGOMAN" ack answer.edi --format json
empty out
has err 'edifact.ack.of-ack'
json_lines err

# several inputs: references count up; into files of a folder
run 1 "$DRAGOMAN" ack good.edi bad.edi --set ack.reference=A9
has out "UNZ+1+A9'"
has out "UNZ+1+A10'"
run 1 "$DRAGOMAN" ack good.edi bad.edi -o answers/
has answers/good.edi "UCI+REF1+"
has answers/bad.edi "UCI+REF2+"
input=good.edi
run 0 "$DRAGOMAN" ack - -o from-pipe.edi
has from-pipe.edi "UCI+REF1+"
input=/dev/null

# many messages on several threads, or fed through a pipe: the same answer
{
    printf "UNB+UNOC:3+S:14+R:ZZZ+260101:1023+REF9'"
    for i in $(seq 1 300); do printf "UNH+%d+CUSDEC:D:96B:UN'BGM+929+X+9'DTM+13789:2'UNS+D'UNS+S'UNT+6+%d'" "$i" "$i"; done
    printf "UNZ+300+REF9'"
} >many.edi
run 1 "$DRAGOMAN" ack many.edi --threads 1 --set ack.reference=A1 --set ack.line-breaks=yes
is "$(grep -c '^UCM+' out)" 300 'rejected messages'
grep -v '^UNB' out >one-thread
run 1 "$DRAGOMAN" ack many.edi --threads 4 --set ack.reference=A1 --set ack.line-breaks=yes
grep -v '^UNB' out >four-threads
same four-threads one-thread
input=many.edi
run 1 "$DRAGOMAN" ack - --set ack.reference=A1 --set ack.line-breaks=yes
input=/dev/null
grep -v '^UNB' out >fed
same fed one-thread

# what was agreed
run 1 "$DRAGOMAN" ack good.edi --set ack.recipients=OTHER
has out "UCI+REF1+S:14+R:ZZZ+4+7+UNB+4:1'"
has err 'edifact.ack.recipient'
run 0 "$DRAGOMAN" ack good.edi --set ack.when=requested
empty out
run 0 "$DRAGOMAN" ack bad.edi --level syntax --set ack.messages=all
has out "UCM+1+CUSDEC:D:96B:UN+7'"
run 1 "$DRAGOMAN" ack good.edi good.edi
has out "UCI+REF1+S:14+R:ZZZ+4+26+UNB+6'"

# what was taken before, in a register: not what was rejected, which may come again
run 0 "$DRAGOMAN" ack good.edi --seen seen.txt
is "$(cat seen.txt)" 'S 14 R ZZZ REF1' 'what is remembered'
run 1 "$DRAGOMAN" ack good.edi bad.edi --seen seen.txt
has out "UCI+REF1+S:14+R:ZZZ+4+26+UNB+6'"
has out "UCI+REF2+S:14+R:ZZZ+7'"
has err 'edifact.ack.duplicate'
is "$(sort seen.txt | tr '\n' ',')" 'S 14 R ZZZ REF1,S 14 R ZZZ REF2,' 'what is remembered'
run 1 "$DRAGOMAN" ack bad.edi --seen other.txt --set ack.recipients=NOBODY
is "$([ -s other.txt ] || echo nothing)" nothing 'of a rejected interchange'
run 0 "$DRAGOMAN" ack good.edi --seen other.txt -o answers/
run 1 "$DRAGOMAN" ack good.edi --seen other.txt -o answers/
has answers/good.edi '+4+26+UNB+6'
: >empty.txt
run 0 "$DRAGOMAN" ack good.edi --seen empty.txt
is "$(cat empty.txt)" 'S 14 R ZZZ REF1' 'into an empty file'
run 3 "$DRAGOMAN" ack good.edi --seen nowhere/seen.txt
run 2 "$DRAGOMAN" validate good.edi --seen seen.txt

# what a partner answered: D.3 with groups and places, version 4, old action codes
printf "UNB+UNOC:3+R+S+260101:1023+9'UNH+1+CONTRL:D:3:UN'UCI+REF2+S:14+R+7'UCM+2+CUSDEC:D:96B:UN+4+28+UNT+3'" >came.edi
printf "UCS+3'UCD+39+2:1'UCS+3+13'UNT+7+1'UNZ+1+9'" >>came.edi
run 0 "$DRAGOMAN" ack --read came.edi
empty err
printf '%s\n' 'interchange REF2 from S:14 to R: acknowledged' \
    '  message 2 (CUSDEC:D:96B:UN): rejected; UNT, element 2: References do not match (28)' \
    '    message 2, segment 3, element 1 component 1: Data element too long (39)' \
    '    message 2, behind segment 3: Missing (13)' >wanted
same out wanted
run 0 "$DRAGOMAN" ack --read came.edi --of bad.edi
has out '  message 2 (reference 2, CUSDEC:D:96B:UN): rejected'
has out '    message 2, DTM (segment 3), element 1 component 1: Data element too long (39)'
has out '    message 2, behind DTM (segment 3): Missing (13)'
run 0 "$DRAGOMAN" ack --read came.edi --of bad.edi --format json
json_lines out
printf '%s\n' '{"acknowledgement":"CONTRL:D:3:UN","source":"came.edi","from":"R","to":"S",'\
'"interchange":{"reference":"REF2","sender":"S",'\
'"sender_qualifier":"14","recipient":"R","verdict":"acknowledged","action":"7",'\
'"messages":[{"reference":"2","type":"CUSDEC:D:96B:UN",'\
'"message_number":2,"verdict":"rejected","action":"4",'\
'"error":{"code":"28","tag":"UNT","element":2,"text":"References do not match"},'\
'"errors":[{"segment":3,"code":"39","tag":"DTM","path":"DTM","element":1,"component":1,"text":"Data element too long"},'\
'{"segment":3,"code":"13","tag":"DTM","path":"DTM","text":"Missing"}]}]}}' >wanted
same out wanted
printf "UNB+UNOC:4+R+S+20260101:1023+9'UNH+1+CONTRL:4:1:UN'UCI+REF3+S+R+7'UCF+G1+A+B+7'UCM+5+CUSDEC:D:96B:UN+4'" >four.edi
printf "UCS+7'UCD+35+3::2'UCF+G2++B+4+32+UNG'UNT+8+1'UNZ+1+9'" >>four.edi
run 0 "$DRAGOMAN" ack --read four.edi
printf '%s\n' 'interchange REF3 from S to R: acknowledged' '  group G1: acknowledged' '  message 5 (CUSDEC:D:96B:UN): rejected' \
    '    message 5, segment 7, element 2 occurrence 2: Too many data element or segment repetitions (35)' \
    '  group G2: rejected; UNG: Lower level empty (32)' >wanted
same out wanted
run 0 "$DRAGOMAN" ack --read four.edi --format json
json_lines out
has out '"groups":[{"reference":"G1","sender":"A","recipient":"B","verdict":"acknowledged","action":"7",'\
'"messages":[{"reference":"5"'
has out '"repetition":2,"text":"Too many data element or segment repetitions"}]}]},{"reference":"G2",'
run 0 "$DRAGOMAN" ack good.edi --set ack.receipt=yes -o receipt.edi
run 0 "$DRAGOMAN" ack --read receipt.edi
has out 'interchange REF1 from S:14 to R:ZZZ: received'
run 1 "$DRAGOMAN" ack --read good.edi
has err 'gateway.ack.none'
empty out
run 2 "$DRAGOMAN" ack good.edi --of bad.edi
has err '--of needs --read'
run 3 "$DRAGOMAN" ack --read came.edi --of nowhere.edi

# documents that are refused for other reasons than their syntax
sed "s/^DTM+3:20251218:/DTM+3:20261345:/" "$sample" >wrong-date.edi
run 1 "$DRAGOMAN" ack --aperak wrong-date.edi --set ack.line-breaks=yes
has out "UNH+1+APERAK:D:96B:UN'"
has out "RFF+AGO:NDD2026000117'"
has out "ERC+3'"
has out "FTX+AAO+++20261345 is no date in the format 102 (SG1#5/DTM/C507/2380)'"
lacks out CONTRL
mv out aperak.edi
run 0 "$DRAGOMAN" validate aperak.edi --level codes
lacks err 'error[edifact'
# and read by who gets it
run 0 "$DRAGOMAN" ack --read aperak.edi
has out 'message 1 (document NDD2026000117): rejected'
has out '    message 1: 20261345 is no date in the format 102 (SG1#5/DTM/C507/2380) (3)'
run 0 "$DRAGOMAN" ack --read aperak.edi --of wrong-date.edi --format json
json_lines out
has out '"messages":[{"reference":"1","document":"NDD2026000117","message_number":1,"verdict":"rejected","action":"27",'
has out '"errors":[{"code":"3","text":"20261345 is no date in the format 102 (SG1#5/DTM/C507/2380)"}]}]}'
# what is wrong with the document is told in the sender's terms: the bytes it was made of, or the place where a rule looked
sed -e 's/^LOC+36+NL+ZH/LOC+36+NLD+ZH/' "$sample" >long.edi
run 1 "$DRAGOMAN" ack --aperak long.edi --set ack.line-breaks=yes
has out '2 are allowed:(LOC#6/C517/3225)' # a new line
run 1 "$DRAGOMAN" translate long.edi --to json
has err 'long.edi:10:8: error[model.value.long]'
has err 'segment 8 LOC, element 2 component 1 (GoodsShipment/Destination/CountryCode, in the message LOC#6/C517/3225), offset 207'
run 1 "$DRAGOMAN" translate long.edi --to json --format json
json_lines err
has err '"path":"GoodsShipment/Destination/CountryCode","sent":"LOC#6/C517/3225"'
sed -e "s/^\(BGM+.*\)+9'/\1'/" "$sample" >missing.edi
run 1 "$DRAGOMAN" ack --aperak missing.edi --set ack.line-breaks=yes
has out 'FunctionCode is missing (BGM/1225)'
# and so is what the other side cannot say: the eleventh tax of an item, by its line
awk '/<DutyTaxFee>/ && !done { open = 1 } open { block = block $0 "\n" } { print }
     /<\/DutyTaxFee>/ && open { for (i = 0; i < 10; i++) printf "%s", block; open = 0; done = 1 }' \
    "$root/mappings/samples/import-declaration.xml" >eleven.xml
run 1 "$DRAGOMAN" translate eleven.xml --to cusdec-d96b
has err 'eleven.xml:333:11: error[wire.full]'
has err 'in the message Declaration/GoodsShipment/GovernmentAgencyGoodsItem#1/Commodity/DutyTaxFee#11)'
run 0 "$DRAGOMAN" ack --aperak "$sample"
empty out
run 1 "$DRAGOMAN" ack "$sample"
has out "UCD+12+"
run 0 "$DRAGOMAN" ack "$sample" --level advice
has out "UCI+IC26000117+NDD-ROTTERDAM+DOUANE-NL+7'"
run 2 "$DRAGOMAN" ack --aperak "$sample" --set ack.directory=D.92A
has err 'ack.directory'
# its codes come from a table that is checked
cp -r "$root/mappings" mappings
table=$root/mappings/codes/application-errors.yaml
sed 's/map.date.\*: "3"/map.date.invalid: "D7"/' "$table" >mappings/codes/application-errors.yaml
run 1 "$DRAGOMAN" ack --aperak wrong-date.edi --mappings mappings
has out "ERC+D7'"
sed 's/map.flag.invalid/map.flag.invald/; s/job.strict: "8"/job.strict: "123456789"/' "$table" \
    >mappings/codes/application-errors.yaml
run 3 "$DRAGOMAN" ack --aperak wrong-date.edi --mappings mappings
has err 'map.flag.invalid'
has err 'a code of 1 to 8 characters'
printf 'dragoman: answers/2\ncodes: {}\n' >mappings/codes/application-errors.yaml
run 3 "$DRAGOMAN" ack --aperak wrong-date.edi --mappings mappings
has err 'answers/1'
rm mappings/codes/application-errors.yaml
run 1 "$DRAGOMAN" ack --aperak wrong-date.edi --mappings mappings
has out "ERC+4103'"

# in a directory that was added, whose APERAK has another maximum
printf 'directory: D.30A\nbase: D.01B\nmessages:\n  APERAK: [ UNH, BGM, DTM C 9, SG1 C 9: [ RFF, DTM C 9 ], ' >own.yaml
printf 'SG2 C 9: [ NAD ], SG3 C 9: [ ERC, FTX C 1 ], UNT ]\n' >>own.yaml
run 0 "$DRAGOMAN" directory import own.yaml --mappings mappings
run 1 "$DRAGOMAN" ack --aperak wrong-date.edi --mappings mappings --set ack.directory=D.30A -o aperak.edi
has aperak.edi "+APERAK:D:30A:UN'"
has aperak.edi "ERC+4103'"
run 0 "$DRAGOMAN" validate aperak.edi --level codes --mappings mappings
run 1 "$DRAGOMAN" validate aperak.edi
has err 'edifact.directory.unknown'
run 2 "$DRAGOMAN" ack --aperak wrong-date.edi --set ack.directory=D.30A

# a segment of 10,000 elements: 0098 can say 999, which is the 998th; what is behind is told of the segment
cells() { # WRONG...: numbers of the cells that are too long
    awk -v list=" $* " 'BEGIN {
        for (i = 0; i < 513; i++) long = long "X"
        printf "UNB+UNOC:3+S+R+260101:0900+1\047UNH+1+GESMES:D:00A:UN\047BGM+74\047DSI+X\047ARR+1:2"
        for (i = 1; i <= 9999; i++) printf "+%s", index(list, " " i " ") ? long : i
        printf "\047UNT+5+1\047UNZ+1+1\047"
    }'
}
cells >cells.edi
run 0 "$DRAGOMAN" validate cells.edi
run 0 "$DRAGOMAN" rewrite cells.edi
same out cells.edi
cells 254 997 998 9999 >wrong-cells.edi
run 1 "$DRAGOMAN" ack wrong-cells.edi
has out "UCM+1+GESMES:D:00A:UN+4'UCS+4+39'UCD+39+256:1'UCD+39+999:1'UNT+"
has err 'element 255 component 1 (SG13/ARR/C770#254/9424)'
has err 'element 10000 component 1 (SG13/ARR/C770#9999/9424)'
cp out answer.edi
run 0 "$DRAGOMAN" validate answer.edi --level codes

# wrong usage
run 2 "$DRAGOMAN" ack
has err 'needs an input'
run 2 "$DRAGOMAN" ack good.edi --set ack.recipient=X
has err 'recipients'
run 2 "$DRAGOMAN" ack good.edi --set ack.when=never
has err 'always requested rejected'
run 2 "$DRAGOMAN" validate good.edi --set ack.when=always
has err 'ack.when'
run 2 "$DRAGOMAN" ack good.edi --set ack.reference=123456789012345
has err 'ack.reference'
run 3 "$DRAGOMAN" ack nowhere.edi
run 0 "$DRAGOMAN" formats --settings
has out 'ack.max-age'

finish ack
