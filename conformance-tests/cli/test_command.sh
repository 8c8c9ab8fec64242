#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_command.sh - the command as its users meet it: exit codes, wrong usage with suggestions, inputs and outputs, diagnostics
# for programs.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# ---- help, version, wrong usage
run 2 "$DRAGOMAN"
has err 'Commands'
run 0 "$DRAGOMAN" --help
has out 'translate'
empty err
run 0 "$DRAGOMAN" --version
has out 'dragoman '
run 0 "$DRAGOMAN" version --format json
json_lines out
for command in translate inspect validate ack rewrite formats directory watch help version; do
    run 0 "$DRAGOMAN" $command --help
    has out "Usage: dragoman $command"
    has out 'Exit codes'
    has out 'A defect of dragoman'
    run 0 "$DRAGOMAN" help $command --man
    has out '.SH EXIT STATUS'
done
run 2 "$DRAGOMAN" tranlsate
has err 'did you mean translate?'
run 2 "$DRAGOMAN" help inspekt
has err 'did you mean inspect?'
run 2 "$DRAGOMAN" translate x --too json
has err 'did you mean --to?'
has err "Try 'dragoman translate --help'"
run 2 "$DRAGOMAN" translate x
has err 'translate needs --to FORMAT'
run 2 "$DRAGOMAN" translate --to json
has err 'needs an input'
run 2 "$DRAGOMAN" translate x --to
has err '--to needs a value'
run 2 "$DRAGOMAN" translate x --to json --format jsn
has err 'did you mean json?'
run 2 "$DRAGOMAN" translate x --to json --set nothing
has err 'takes NAME=VALUE'
run 2 "$DRAGOMAN" translate x --to json --strict=yes
has err 'takes no value'
run 2 "$DRAGOMAN" inspect x --to json
has err 'inspect has no option --to'
run 2 "$DRAGOMAN" formats extra
has err "does not know what to do with 'extra'"
run 2 "$DRAGOMAN" translate x --to json --limit depht=3
has err 'did you mean depth?'
run 2 "$DRAGOMAN" translate x --to json --limit depth=1000
has err 'from 1 to 64'
for threads in 0 x 65; do
    run 2 "$DRAGOMAN" translate "$sample" --to json --threads $threads
    has err 'from 1 to 64'
done
# A message cut inside its third segment: every record names that one.
printf "UNB+UNOC:3+A+B+260101:0900+1'UNH+1+CUSDEC:D:96B:UN'BGM+929+X+9'DTM+13" >cut.edi
run 1 "$DRAGOMAN" validate cut.edi --format json
cut=$(cat out err | grep -ac '"code":"edifact.segment.unterminated".*"segment":3')
is "$cut" 1 'segment number of a cut segment'
run 0 "$DRAGOMAN" translate "$sample" "$sample" --to json --threads 1
mv out alone
run 0 "$DRAGOMAN" translate "$sample" "$sample" --to json --threads 4
same out alone
run 2 "$DRAGOMAN" translate "$sample" --to wco-declaratoin
has err 'wco-declaration'
run 2 "$DRAGOMAN" translate "$sample" --to json --from cusdec-d96
has err 'cusdec-d96b'
run 2 "$DRAGOMAN" translate "$sample" --to cusdec-d96b --set writer.line-braeks=yes
has err 'line-break'
run 2 "$DRAGOMAN" watch --in . --to json
has err 'watch needs --out DIR'

# ---- the surroundings
run 3 "$DRAGOMAN" translate nowhere.edi --to json
has err 'nowhere.edi cannot be read: No such file or directory'
run 3 "$DRAGOMAN" translate . --to json
has err 'Is a directory'
run 3 "$DRAGOMAN" formats --mappings nowhere
has err 'nowhere'
run 3 env DRAGOMAN_MAPPINGS=nowhere "$DRAGOMAN" formats
has err 'nowhere'
run 3 "$DRAGOMAN" translate nowhere.edi --to json --format json
json_lines err
has err 'gateway.input.unreadable'

# ---- formats
run 0 "$DRAGOMAN" formats
has out 'cusdec-d96b'
has out 'wco-declaration'
has out 'Declaration@1'
run 0 "$DRAGOMAN" formats --format json
json_lines out
run 0 "$DRAGOMAN" formats --settings
has out 'reader.'
has out 'writer.'
run 0 "$DRAGOMAN" formats --settings --format json
json_lines out

# ---- translate: one input in every way it may come
run 0 "$DRAGOMAN" translate "$sample" --to wco-declaration
cp out there.xml
has out '<?xml'
lacks err 'error['
input=$sample run 0 "$DRAGOMAN" translate - --to wco-declaration
same out there.xml
cat "$sample" | "$DRAGOMAN" translate --to wco-declaration - >piped.xml 2>err
same piped.xml there.xml
run 0 "$DRAGOMAN" translate --to=wco-declaration -- "$sample"
same out there.xml
run 0 "$DRAGOMAN" translate -twco-declaration "$sample" -o there2.xml
empty out
same there2.xml there.xml
run 0 "$DRAGOMAN" translate there.xml --to json
has out '"FunctionalReferenceID"'
cp out model.json
run 0 "$DRAGOMAN" translate model.json --to wco-declaration
same out there.xml
run 0 "$DRAGOMAN" translate there.xml --to cusdec-d96b -o back.edi
has back.edi 'UNH+'
run 0 "$DRAGOMAN" translate back.edi --to wco-declaration
same out there.xml
run 0 "$DRAGOMAN" translate "$sample" --to wco-declaration --explain
has err 'cusdec-d96b.yaml:'
run 0 "$DRAGOMAN" translate "$sample" --to wco-declaration --quiet
empty err

# ---- several inputs and outputs
cp "$sample" one.edi
cp "$sample" two.edi
run 0 "$DRAGOMAN" translate one.edi two.edi --to wco-declaration -o folder/
same folder/one.xml there.xml
same folder/two.xml there.xml
is "$(ls -A folder | wc -l)" 2 'files in the folder'
mkdir deep
cp "$sample" deep/one.edi
run 0 "$DRAGOMAN" translate one.edi deep/one.edi --to wco-declaration -o folder2/
same folder2/one.xml there.xml
same folder2/one-2.xml there.xml
run 2 "$DRAGOMAN" translate one.edi two.edi --to wco-declaration -o both.xml
has err 'a second document comes'
has err 'give a folder'
is "$(ls both.xml .both.xml.* 2>/dev/null | wc -l)" 0 'nothing is left of a file that is given up'
run 0 "$DRAGOMAN" translate there.xml there2.xml --to cusdec-d96b -o both.edi
is "$(grep -ao 'UNZ+' both.edi | wc -l)" 2 'interchanges one after the other'
run 3 "$DRAGOMAN" translate one.edi nowhere.edi two.edi --to wco-declaration -o some/
same some/one.xml there.xml
same some/two.xml there.xml

# ---- bad input
run 3 "$DRAGOMAN" validate "$sample" --set reader.format=nonsense
has err 'setting `format` cannot be "nonsense"'
printf 'this is no message\n' >nonsense.txt
run 1 "$DRAGOMAN" translate nonsense.txt --to wco-declaration
has err 'no codec knows this input'
empty out
: >nothing.edi
run 1 "$DRAGOMAN" translate nothing.edi --to wco-declaration
filled err
sed 's/^BGM.*$//; s/BGM+[^'"'"']*'"'"'//' "$sample" >wrong.edi
run 1 "$DRAGOMAN" translate wrong.edi --to wco-declaration -o wrong.xml
filled err
is "$(ls wrong.xml .wrong.xml.* 2>/dev/null | wc -l)" 0 'no file for a refused message'
run 1 "$DRAGOMAN" validate wrong.edi
has err 'wrong.edi:'
has err '^'
has out 'refused'
run 1 "$DRAGOMAN" validate wrong.edi --format json
json_lines err
json_lines out
has out '"accepted":false'
run 0 "$DRAGOMAN" validate "$sample"
has out 'accepted'
# Which rules an input must keep is the level: 3227 has no code 5Z.
sed 's/LOC+[0-9]*+/LOC+5Z+/' "$sample" >coded.edi
run 0 "$DRAGOMAN" validate coded.edi
has err 'warning[edifact.code.unknown]: 3227'
run 1 "$DRAGOMAN" validate coded.edi --level codes
has err 'error[edifact.code.unknown]: 3227'
run 0 "$DRAGOMAN" validate coded.edi --level directory
lacks err 'edifact.code'
sed 's/+9'"'"'$/+9999'"'"'/' "$sample" >long.edi
run 1 "$DRAGOMAN" validate long.edi -l directory
run 0 "$DRAGOMAN" validate long.edi -l syntax --accounts off
run 2 "$DRAGOMAN" validate coded.edi --level code
has err 'did you mean codes?'
run 1 "$DRAGOMAN" inspect wrong.edi
has out '✗ error['
# A record stands under the line it is about: here the one of a value that is too long.
sed 's/+9'"'"'$/+9999'"'"'/' "$sample" >long.edi
run 1 "$DRAGOMAN" inspect long.edi
if grep -A1 -E '^ +1225 .* 9999$' out | grep -q '✗ error\[edifact'; then good; else bad 'a record under its line'; fi
head -c 400 "$sample" >cut.edi
run 1 "$DRAGOMAN" validate cut.edi
filled err

# ---- inspect
run 0 "$DRAGOMAN" inspect "$sample"
has out 'UNH'
lacks out '✗'
# Segments and elements by name, codes with their meaning, groups with their short name, values in one column.
if grep -qE '^ +2 BGM  Beginning of message$' out; then good; else bad 'a segment by name'; fi
if grep -qE '^ +1001 Document/message name, coded +929  Goods declaration for importation$' out; then good; else bad 'a meaning'; fi
if grep -qE '^ +▸ SG30 · Item 2  ' out; then good; else bad 'a group with its short name'; fi
is "$(grep -E '^ {7}(0065|1001|1004|1225) ' out | cut -c 54-55 | tr -d '\n')" ' C 9 N 9' 'values in one column, behind a blank'
if grep -q $'\033' out; then bad 'colour where there is no terminal'; else good; fi
run 0 "$DRAGOMAN" inspect --colour always "$sample"
if grep -q $'\033' out; then good; else bad 'no colour with --colour always'; fi
run 0 "$DRAGOMAN" inspect --model "$sample"
has out 'GovernmentAgencyGoodsItem'
run 0 "$DRAGOMAN" inspect there.xml
has out 'GoodsShipment'
run 0 "$DRAGOMAN" inspect model.json
has out 'GoodsShipment'
run 0 "$DRAGOMAN" inspect --format json "$sample" there.xml
json_lines out
is "$(wc -l <out)" 2 'one object for each message'
has out '"name":"1225","kind":"element","title":"Message function, coded","value":"9","meaning":"Original"'
has out '"name":"GoodsItemQuantity"'
# What secures an interchange and a group stands around the messages, by name; as JSON an object for each segment.
secured="UNB+UNOC:4+S+R+20260115:1023+REF'USH+1+A'UNG+ORDERS+GS:1+GR+20260115:1023+G1+UN+D:96B'USH+6+B'"
secured="${secured}UNH+7+ORDERS:D:96B:UN'BGM+220+A'DTM+137:20260115:102'UNS+S'UNT+5+7'"
printf '%s' "${secured}UST+B+2'UNE+1+G1'UST+A+3'USR+1:FF'UNZ+1+REF'" >secured.edi
run 0 "$DRAGOMAN" inspect secured.edi
is "$(grep -oE '^(Security of.*|ORDERS.*)|^ +US[A-Z]|  group G1' out | tr '\n' '|' | tr -s ' ')" \
    "Security of an interchange| USH|Security of a functional group| group G1| USH|ORDERS:D:96B:UN|Security of a functional \
group, behind its messages| group G1| UST|Security of an interchange, behind its messages| UST| USR|" 'security in its order'
has out '  from S  to R  interchange REF'
has out '  group G1  from GS  to GR  interchange REF'
has out '0501 Security service, coded    1  Non-repudiation of origin'
has out '0560 Validation value            FF'
run 0 "$DRAGOMAN" inspect --format json secured.edi
json_lines out
is "$(wc -l <out)" 6 'an object for each segment of security'
has out '"envelope":"group","ends":false,"sender":"GS","recipient":"GR","interchange":"REF","group":"G1","at":86,"bytes":8,"tree":{'
has out '{"name":"S508","kind":"composite","title":"Validation result","occurrence":1,"at":190,"children":[{"name":"0563"'
run 0 "$DRAGOMAN" inspect --model secured.edi
lacks out 'Security of'
run 0 env COLUMNS=60 "$DRAGOMAN" inspect "$sample"
if [ "$(wc -L <out)" -le 60 ]; then good; else bad 'lines wider than the terminal'; fi

# ---- no progress where nobody looks on, one where somebody does
run 0 "$DRAGOMAN" translate "$sample" --to json
if grep -q $'\r' err; then bad 'a progress bar in a file'; else good; fi

# ---- outputs that fail
if [ -e /dev/full ]; then
    "$DRAGOMAN" translate "$sample" --to wco-declaration >/dev/full 2>err
    is $? 3 'exit code when the disk is full'
    last='translate to a full disk'
    has err 'No space left on device'
    run 3 "$DRAGOMAN" translate "$sample" --to wco-declaration -o /dev/full
    has err 'No space left on device'
    "$DRAGOMAN" inspect "$sample" >/dev/full 2>err
    is $? 3 'exit code of inspect when the disk is full'
fi
run 3 "$DRAGOMAN" translate "$sample" --to wco-declaration -o nowhere/file.xml
has err 'nowhere/file.xml cannot be written'
# 141 is 128 + SIGPIPE, as of every tool whose reader has gone.
for _ in $(seq 200); do echo "$sample"; done | xargs "$DRAGOMAN" inspect 2>err | head -n 1 >/dev/null
is "${PIPESTATUS[1]}" 125 'xargs tells that the command died of a signal'
last='a closed pipe'
lacks err 'Broken pipe'
lacks err 'dragoman: error'
( sed -n '1p' "$sample" >file.out; chmod 444 file.out )
run 0 "$DRAGOMAN" translate "$sample" --to wco-declaration -o file.out
same file.out there.xml
is "$(ls -A | grep -c '^\.')" 0 'temporary files left behind'

# ---- what is written is there whole or not at all
mkfifo pipe
"$DRAGOMAN" translate pipe --to wco-declaration -o late.xml 2>err &
pid=$!
exec 9>pipe
head -c 300 "$sample" >&9
kill -TERM $pid
wait $pid
is $? 143 'ended by SIGTERM'
exec 9>&-
is "$(ls -A | grep -c 'late')" 0 'nothing is left of an output that was interrupted'

# tags in small letters: what is expected is said
printf "unb+unoc:3+S+R+260101:1023+1'unz+0+1'" >small.edi
run 1 "$DRAGOMAN" validate small.edi
has err 'job.input.small-letters'
has err 'written in capitals (UNB)'
printf "UNB+UNOC:3+S+R+260101:1023+1'UNH+1+ORDERS:D:96B:UN'bgm+220+A'DTM+137:20260115:102'UNS+S'UNT+5+1'UNZ+1+1'" >small.edi
run 1 "$DRAGOMAN" validate small.edi
has err 'segment tags are written in capitals: BGM'
printf 'unbelievable, is it not?' >small.edi
run 1 "$DRAGOMAN" validate small.edi
has err 'job.input.unknown'

# ---- what a mistake of the hands is answered with
printf '{}' >other.json
run 1 "$DRAGOMAN" translate other.json --from cusdec-d96b --to json
has err 'edifact.interchange.none'
has err '✗ 0 messages, 0 refused'
run 3 "$DRAGOMAN" validate --mappings nowhere "$sample"
has err 'hint: give their folder with --mappings, or in DRAGOMAN_MAPPINGS'
cp -r "$root/mappings" wrong-maps
printf '\tdragoman: format/1\n' >wrong-maps/formats/edifact/tab.yaml
run 3 "$DRAGOMAN" validate --mappings wrong-maps "$sample"
has err 'hint: a tab cannot indent a line in YAML: put blanks in its place'
has err 'hint: every file in it must be good: mend what is told above, or move the file away'
lacks err 'give their folder with'
run 2 "$DRAGOMAN" map new --from nothing-like-it
# shellcheck disable=SC2016 # these are no substitutions
has err '`dragoman formats` tells what there is'
run 2 "$DRAGOMAN" map new --from cusdec-d96b --to wco-declaration
has err "there is no model 'wco-declaration': a model is a document's, such as Declaration@1, not a format's"

finish command
