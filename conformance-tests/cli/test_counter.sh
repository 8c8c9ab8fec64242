#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_counter.sh - references from a file (--counter): over runs, over processes at once, for each recipient, after a crash, and
# what is said of a file that is none.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

TAB=$(printf '\t')
xml=$root/mappings/samples/import-declaration.xml
reference() { sed -n "s/.*UNB+[^']*+\([A-Z0-9]*\)'UNH.*/\1/p" "$1"; }

# translate: the numbers go on from run to run, in the pattern that was asked for
for want in 1 2 3; do
    run 0 "$DRAGOMAN" translate "$xml" --to cusdec-d96b --counter numbers -q
    is "$(reference out)" "$want" "reference of run $want"
done
run 0 "$DRAGOMAN" translate "$xml" --to cusdec-d96b --counter numbers -q --set writer.reference=CD00001
is "$(reference out)" CD00004 "pattern"
run 0 "$DRAGOMAN" translate "$xml" --to cusdec-d96b --counter numbers -q --set writer.reference=CD00100
is "$(reference out)" CD00100 "further on"
is "$(cat numbers)" "100${TAB}RECIPIENT${TAB}interchange" "the file"

# each recipient has its own; rewrite puts the new reference in the place of the one that came
message() { printf "UNH+%s+CUSDEC:D:96B:UN'BGM+929+X+9'UNS+D'UNS+S'UNT+5+%s'" "$1" "$1"; }
interchange() { printf "UNB+UNOC:3+S+%s+260101:1023+OLD'%sUNZ+1+OLD'" "$1" "$(message 1)"; }
interchange 'A CO' >a.edi
interchange B >b.edi
run 0 "$DRAGOMAN" rewrite a.edi b.edi a.edi --counter own -o docs/ -q
is "$(cat docs/* | grep -o "+OLD" | wc -l)" 0 "no reference of another"
is "$(sort own)" "1${TAB}B${TAB}interchange
2${TAB}A CO${TAB}interchange" "a number a recipient"
run 0 "$DRAGOMAN" rewrite a.edi --counter own -q --set 'writer.counted=interchanges messages' --set writer.message-reference=M1
has out "+3'UNH+M1+"
has out "UNT+5+M1'UNZ+1+3'"
has own "1${TAB}A CO${TAB}message" # what was put aside is given back
run 0 "$DRAGOMAN" rewrite a.edi --counter own -q --set 'writer.counted=interchanges messages' --set writer.message-reference=M1
has out "+4'UNH+M2+"
run 2 "$DRAGOMAN" rewrite a.edi --keep --counter own
has err '--counter would change'
run 3 "$DRAGOMAN" rewrite a.edi --counter own --set writer.reference=ABCDEFGHIJKLMN --format json
has err 'edifact.setting.invalid'

# answers
run 0 "$DRAGOMAN" ack a.edi --counter answers -q
run 0 "$DRAGOMAN" ack a.edi --counter answers -q --set ack.reference=K01
has out "UNB+UNOC:3+A CO+S+"
has out "+K02'UNH"
is "$(cat answers)" "2${TAB}S${TAB}interchange" "answers are counted for who sent"

# a hundred interchanges from four processes at once: no reference twice, none left out
for i in $(seq 25); do interchange C; done >many.edi
for p in 1 2 3 4; do "$DRAGOMAN" rewrite many.edi --counter shared -q -o "p$p/" & done
wait
cat p?/* | grep -o "+[0-9]*'UNH" | sort -u | wc -l >count
is "$(cat count)" 100 "different references"
is "$(cat shared)" "100${TAB}C${TAB}interchange" "the last of them"

# what an interrupted change left is no hindrance; a link stays a link
printf 'half a li' >shared.new
ln -s shared link
run 0 "$DRAGOMAN" rewrite b.edi a.edi --counter link -q -o two/
[ -L link ] && good || bad "the link is gone"
is "$(sort shared)" "1${TAB}A CO${TAB}interchange
1${TAB}B${TAB}interchange
100${TAB}C${TAB}interchange" "behind the link"

# what is no counter is left alone
for text in 'seven	B	interchange' '7	B' '7	B	parcel' '7	B	interchange	' '7K	B	interchange' '	B	interchange'; do
    printf '%s\n' "$text" >bad
    cp bad kept
    run 3 "$DRAGOMAN" rewrite b.edi --counter bad --format json
    has err gateway.counter.unusable
    empty out
    same bad kept
done
printf '7\tB\tinterchange' >bad # its end is missing: it was cut
run 3 "$DRAGOMAN" rewrite b.edi --counter bad
run 3 "$DRAGOMAN" rewrite b.edi --counter no/such/folder
run 3 "$DRAGOMAN" rewrite b.edi --counter .
has err 'cannot be used'
# without a counter a reference that is set counts up within one input, whatever writes it, and begins anew with the next
sed 's/IC26000117/IC26000118/' "$sample" | cat "$sample" - >two.edi
for how in "translate --to cusdec-d96b" rewrite; do
    for threads in 1 2; do
        # shellcheck disable=SC2086
        run 0 "$DRAGOMAN" $how two.edi two.edi --set writer.reference=R1 -T $threads -o "counted-$threads/"
        for i in "" -2 -3 -4; do
            grep -ao '+R[0-9][0-9]*' "counted-$threads/two$i.edi"
        done >references
        is "$(tr -d '\n' <references)" '+R1+R1+R2+R2+R1+R1+R2+R2' "references of $how"
        rm -r "counted-$threads"
    done
done
run 0 "$DRAGOMAN" translate two.edi --to cusdec-d96b
has out "+IC26000117'"
has out "+IC26000118'"

finish counter
