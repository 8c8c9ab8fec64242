#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_map_laws.sh - `dragoman map laws`: what is shipped keeps them, and a mapping that does not is shown its smallest document.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

run 0 "$DRAGOMAN" map laws --count 250
has out '✓ cusdec-d96b: 250 documents from seed 1: 250 hold, 0 cannot be written'
has out '✓ wco-declaration: 250 documents from seed 1: 250 hold, 0 cannot be written'
has out ' 0 unsaid'
run 0 "$DRAGOMAN" map laws --seed 4711 -n 20 --format json "$root/mappings/rules/wco-declaration.yaml"
json_lines out
is "$(wc -l <out)" 1 'one mapping was asked for'
has out '"seed":4711,"documents":20,"hold":20,"outside":0'
cp out first
run 0 "$DRAGOMAN" map laws --seed 4711 -n 20 --format json "$root/mappings/rules/wco-declaration.yaml"
same out first

# Two codes of the model are one on the wire: every line of the table by itself is right.
cp -r "$root/mappings" m
printf '# source: a test\n# edition: 1\nmodel\twire\nA\t1\nB\t2\n<C\t1\n' >m/codes/letters.tsv
cat >m/rules/cusdec-d96b.yaml <<'END'
dragoman: mapping/1
mapping: cusdec-d96b
wire: {format: cusdec-d96b}
model: Declaration@1
rules:
- {wire: BGM/C002/1001, is: "929"}
- {wire: BGM/C106/1004, model: FunctionalReferenceID}
- {wire: BGM/1225, model: FunctionCode}
- {wire: BGM/4343, model: TypeCode, codes: letters}
- {wire: "LOC[3227=22]/C517/3225", model: DeclarationOfficeID}
- {wire: "DTM[2005=137]", model: IssueDateTime, as: date}
END
mine=m/rules/cusdec-d96b.yaml
laws() { run "$1" "$DRAGOMAN" map laws --mappings m "${@:2}" $mine; }
run 0 "$DRAGOMAN" map lint --mappings m $mine
laws 1
has out '✗ cusdec-d96b: the document of seed '
has out 'read(write(d)) is not d: TypeCode "C" became TypeCode "A"'
has out '    TypeCode = C'
lacks out 'FunctionalReferenceID ='
lacks out 'DeclarationOfficeID ='
lacks out 'IssueDateTime ='
lacks out 'GoodsShipment'
has out 'BGM+929+'
has out '✗ cusdec-d96b: '
seed=$(grep -oE 'seed [0-9]+,' out | grep -oE '[0-9]+')
laws 1 --seed "$seed" --count 1
has out "the document of seed $seed, cut down"
laws 1 --format json
json_lines out
has out '"is":"counterexample"'

# What a rule may lose for a stated reason breaks no law.
printf '# source: a test\n# edition: 1\nmodel\twire\nA\t1\nB\t2\nC\t3\n' >m/codes/letters.tsv
laws 0 --count 200
sed -i 's/model: FunctionalReferenceID}/model: FunctionalReferenceID, lose: it is cut}/' $mine
laws 0 --count 200

# Written by one rule, and read by none.
sed -i 's/model: DeclarationOfficeID}/model: DeclarationOfficeID, only: write, why: nobody asks}/' $mine
laws 1
has out 'of what was written 2 values are not read'
has out 'DeclarationOfficeID = '
lacks out 'TypeCode = '

# Amendments, where they can be said: two documents, and the message between them that is written and read. What a default puts
# where the message takes something away is found out, with the smallest pair; `partial` mends it.
run 0 "$DRAGOMAN" map laws --count 1200 --format json "$root/mappings/rules/wco-declaration.yaml"
json_lines out
has out '"documents":1200,"hold":1200,"outside":0'
pairs=$(grep -oE '"pairs_hold":[0-9]+' out | grep -oE '[0-9]+')
is "$((pairs >= 1000))" 1 "$pairs pairs hold, of 1200"
run 0 "$DRAGOMAN" map laws --count 3 "$root/mappings/rules/sancrt-d96b.yaml"
lacks out 'amendments'
cp -r "$root/mappings" a
wco=a/rules/wco-declaration.yaml
printf '%s\n' '- {wire: /Declaration/DeclarationOfficeID, model: /DeclarationOfficeID, default: {value: NL000396, write: omit}}' \
    '- {wire: /Declaration/FunctionCode, model: /FunctionCode, name: function}' >>$wco
amended() { run "$1" "$DRAGOMAN" map laws --mappings a "${@:2}" $wco; }
amended 1
has out '✗ wco-declaration: the pair of seed '
has out 'base and read(write(amendment)) are not the other document'
has out '    DeclarationOfficeID = '
has out '  becomes'
is "$(sed -n '/^✗ wco-declaration: the pair/,/^  written/p' out | grep -c '^    ')" 3 'values of the smallest pair'
amended 1 --format json
json_lines out
has out '"value":"NL000396"}],"full":[{"place":"FunctionCode","value":"13"}],"written":'
sed -i 's/^rules:/partial: "$function in (4, 13)"\nrules:/' $wco
amended 0 --count 300
has out ' amendments: '

run 2 "$DRAGOMAN" map laws --count 0
has err '--count takes a number'
run 2 "$DRAGOMAN" map laws --seed few
run 3 "$DRAGOMAN" map laws no-such.yaml

finish map-laws
