#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_rewrite.sh - the command rewrite: normalised and as it came, on standard output, in files and folders, what is refused, and
# settings.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# exactly FILE TEXT
exactly() {
    printf '%s' "$2" >wanted
    same "$1" wanted
}

# a message of a directory without a format file, with a decimal comma, empty tails, releases that nobody needs, lines
body="BGM+220+A?1+9+'
DTM+137:20260115:'
UNS+S'
MOA+79:12,5'
UNT+6+M1'
"
printf "UNA:+,? '\nUNB+UNOC:3+S:14+R:ZZZ+260101:1023+REF1++APP'\nUNH+M1+ORDERS:D:01B:UN:EAN010'\n%sUNZ+1+REF1'\n" "$body" >came.edi
normal="UNB+UNOC:3+S:14+R:ZZZ+260101:1023+REF1++APP'UNH+M1+ORDERS:D:01B:UN:EAN010'BGM+220+A1+9'"
normal="${normal}DTM+137:20260115'UNS+S'MOA+79:12.5'UNT+6+M1'UNZ+1+REF1'"
run 0 "$DRAGOMAN" rewrite came.edi
exactly out "$normal"
empty err
run 0 "$DRAGOMAN" rewrite --keep came.edi
same out came.edi
input=came.edi
run 0 "$DRAGOMAN" rewrite --keep - -o kept.edi
same kept.edi came.edi
run 0 "$DRAGOMAN" rewrite - -o normal.edi
exactly normal.edi "$normal"
input=/dev/null

# settings
run 0 "$DRAGOMAN" rewrite came.edi --set writer.line-breaks=yes --set writer.una=yes --set writer.decimal=,
has out "UNA:+,? '"
has out "MOA+79:12,5'"
run 0 "$DRAGOMAN" rewrite came.edi --set writer.syntax=UNOC:4 --set writer.sender=X --set writer.test=yes
exactly out "UNB+UNOC:4+X:14+R:ZZZ+20260101:1023+REF1++APP++++1'${normal#*APP\'}"
cp out four.edi
run 0 "$DRAGOMAN" rewrite four.edi --set writer.syntax=UNOC:3 --set writer.sender=S --set writer.test=no
exactly out "$normal"
run 0 "$DRAGOMAN" rewrite came.edi --set writer.groups=yes --set writer.reference=7 --set writer.message-reference=20
has out "+7++APP'UNG+ORDERS+"
has out "UNH+20+"
has out "UNE+1+1'UNZ+1+7'"

run 0 "$DRAGOMAN" rewrite came.edi --set 'writer.una=|~,\ !' -o other.edi
is "$(head -c 13 other.edi)" 'UNA|~,\ !UNB~' 'service characters of our own'
run 0 "$DRAGOMAN" rewrite other.edi
exactly out "$normal"
run 3 "$DRAGOMAN" rewrite came.edi --set 'writer.una=++.? !' --format json
has err 'edifact.setting.una'
sed 's/UNOC:3/UNOA:3/' came.edi >level-a.edi
run 1 "$DRAGOMAN" rewrite level-a.edi --set 'writer.una=:+.? ~' --format json
has err 'edifact.write.service-characters'
empty out

# one message of three is refused: its neighbours go on, counts are right
message() { printf "UNH+%s+CUSDEC:D:96B:UN'BGM+929+X+9'UNS+D'UNS+S'UNT+5+%s'\r\n" "$1" "$1"; }
{
    printf "UNB+UNOC:3+S+R+260101:1023+REF2'\r\nUNG+CUSDEC+A+B+260101:1023+G1+UN+D:96B'\r\n"
    message 1
    printf "UNH+2+CUSDEC:D:96B:UN'BGM+929+X+1234'UNS+D'UNS+S'UNT+5+2'\r\n"
    message 3
    printf "UNE+3+G1'\r\nUNG+CUSDEC+A+C+260101:1023+G2+UN+D:96B'\r\n"
    message 4
    printf "UNE+1+G2'\r\nUNZ+2+REF2'\r\n"
} >mixed.edi
run 1 "$DRAGOMAN" rewrite mixed.edi --format json
has out "UNT+5+1'UNH+3+"
has out "UNE+2+G1'UNG+CUSDEC+A+C+260101:1023+G2+UN+D:96B'UNH+4+"
has out "UNE+1+G2'UNZ+2+REF2'"
lacks out 'UNH+2+'
has err 'edifact.value.too-long'
json_lines err
run 1 "$DRAGOMAN" rewrite --keep mixed.edi
tr -d '\r\n' <mixed.edi >flat
sed "s/UNH+2.*UNT+5+2'//; s/UNE+3/UNE+2/" flat >wanted.flat
tr -d '\r\n' <out >out.flat
same out.flat wanted.flat
mv out mixed-kept.edi
run 0 "$DRAGOMAN" rewrite mixed-kept.edi -o there.edi
input=mixed.edi
run 1 "$DRAGOMAN" rewrite --keep - -o piped.edi
same piped.edi mixed-kept.edi
run 1 "$DRAGOMAN" rewrite --keep --threads 1 mixed.edi
same out mixed-kept.edi
input=/dev/null
printf "UNB+UNOC:3+S+R+260101:1023+REF3'UNH+2+CUSDEC:D:96B:UN'BGM+929+X+1234'UNS+D'UNS+S'UNT+5+2'UNZ+1+REF3'" >wrong.edi
run 1 "$DRAGOMAN" rewrite --keep wrong.edi
empty out
run 1 "$DRAGOMAN" rewrite wrong.edi -o none.edi
is "$(find . -name none.edi)" "" "a file made of nothing"

# interchanges of a set size: a file each in a folder, one behind the other elsewhere
{
    printf "UNB+UNOC:3+S+R+260101:1023+8'"
    for i in 1 2 3 4 5; do message $i | tr -d '\r\n'; done
    printf "UNZ+5+8'"
} >five.edi
run 0 "$DRAGOMAN" rewrite five.edi --set writer.messages-per-interchange=2 -o split/
has split/five.edi "UNZ+2+8'"
has split/five-2.edi "UNB+UNOC:3+S+R+260101:1023+9'UNH+3+"
has split/five-2.edi "UNZ+2+9'"
has split/five-3.edi "UNZ+1+10'"
is "$(find split -type f | wc -l)" 3 "files of the split"
run 0 "$DRAGOMAN" rewrite five.edi --set writer.messages-per-interchange=4
has out "UNZ+4+8'UNB+UNOC:3+S+R+260101:1023+9'UNH+5+"

# documents of other standards
run 0 "$DRAGOMAN" rewrite "${sample%.edi}.xml" -o once.xml
run 0 "$DRAGOMAN" rewrite once.xml -o twice.xml
same once.xml twice.xml
run 0 "$DRAGOMAN" translate "$sample" --to json -o once.json
run 0 "$DRAGOMAN" rewrite once.json -o twice.json
same once.json twice.json

# what came secured: refused, without its security, with it; in normal form already, so every byte is as it came, whatever the way
secured() { # HOW MANY GROUPS
    local g
    for i in 1 2; do
        printf "UNB+UNOC:4+S+R+20260101:1023+%s'USH+1+A'USA+1'" "$i"
        for ((g = 1; g <= $1; g++)); do
            printf "UNG+ORDERS+S+R+20260101:1023+%s+UN+D:01B'USH+6+B'UNH+%s+ORDERS:D:01B:UN'BGM+220+A'" "$g" "$g"
            printf "DTM+137:20260115:102'UNS+S'UNT+5+%s'UST+B+3'USR+1:FF%s'UNE+1+%s'" "$g" "$g" "$g"
        done
        printf "UST+A+4'USR+1:FF'UNZ+%s+%s'" "$1" "$i"
    done
}
secured 400 >secured.edi
run 1 "$DRAGOMAN" rewrite secured.edi
empty out
has err 'the interchange came with security segments'
has err 'writer.security=keep'
run 0 "$DRAGOMAN" rewrite secured.edi --set writer.security=keep
same out secured.edi
has err 'the interchange is written with the security segments it came with'
is "$(grep -c 'edifact.write.resealed' err)" 802 'told of each interchange and each group'
run 0 "$DRAGOMAN" rewrite secured.edi --set writer.security=keep --threads 3
same out secured.edi
input=secured.edi
run 0 "$DRAGOMAN" rewrite - --set writer.security=keep --threads 3
same out secured.edi
input=/dev/null
run 0 "$DRAGOMAN" rewrite secured.edi --set writer.security=drop
lacks out 'US'
run 0 "$DRAGOMAN" rewrite --keep secured.edi
same out secured.edi
run 0 "$DRAGOMAN" rewrite secured.edi --set writer.security=keep --set writer.messages-per-interchange=150 -o parts.edi
count() { grep -o "$1" parts.edi | wc -l; }
is "$(count "USH+1+A'USA+1'") $(count "UST+A+3'UNZ+150") $(count "USR+1:FF'UNZ+100")" '6 4 2' 'each part has headers and trailers'
run 0 "$DRAGOMAN" validate parts.edi
# a composite that repeats, in a segment that is kept
printf '%s' "UNB+UNOC:4+S+R+20260115:1023+1'UNH+1+ORDERS:D:01B:UN'USH+1+M'USA+1:16:1+12:300*13:301'BGM+220+A'" \
    "DTM+137:20260115:102'UNS+S'UST+M+3'UNT+8+1'UNZ+1+1'" >repeats.edi
run 0 "$DRAGOMAN" rewrite repeats.edi --set writer.security=keep
same out repeats.edi
# a result before its trailer is told of and secures nothing: the trailer counts what is there
head="UNB+UNOC:4+S+R+20260115:1023+1'USH+1+A'USA+1'"
body="UNH+1+ORDERS:D:01B:UN'BGM+220+A'DTM+137:20260115:102'UNS+S'UNT+5+1'"
printf '%s' "$head" "$body" "USR+1:FF'UNZ+1+1'" >astray.edi
run 1 "$DRAGOMAN" rewrite astray.edi --set writer.security=keep
has err 'edifact.security.place'
is "$(cat out)" "$head${body}UST+A+3'UNZ+1+1'" 'the pair is ended, without the result'
run 2 "$DRAGOMAN" rewrite secured.edi --set writer.security=mend
has err 'refuse'

# wrong usage
run 2 "$DRAGOMAN" rewrite
has err 'needs an input'
run 2 "$DRAGOMAN" rewrite --keep came.edi --set writer.una=yes
has err 'writer.una'
run 3 "$DRAGOMAN" rewrite nowhere.edi
run 2 "$DRAGOMAN" rewrite came.edi --set writer.unah=yes
has err 'writer'
run 1 "$DRAGOMAN" rewrite --keep once.xml
has err 'job.keep'

finish rewrite
