#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_map_coverage.sh - `dragoman map coverage`: what samples try of a mapping, as a table, as JSON and as a page.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# Ten statements. The sample has two items; of the second nothing but its CST is read; 91 and 35 are read by nobody.
cp -r "$root/mappings" m
printf '# source: a test\n# edition: 1\nmodel\twire\n9\t9\n1\t1\n4\t4\n' >m/codes/small.tsv
cat >m/rules/cusdec-d96b.yaml <<'END'
dragoman: mapping/1
mapping: cusdec-d96b
wire: {format: cusdec-d96b}
model: Declaration@1
rules:
- {wire: BGM/C002/1001, is: "929"}
- {wire: BGM/C106/1004, model: FunctionalReferenceID}
- {wire: BGM/1225, model: FunctionCode, codes: small}
- {wire: "DTM[2005=137]", model: IssueDateTime, as: date}
- {wire: "LOC[3227=22]/C517/3225", model: DeclarationOfficeID}
- {model: GoodsShipment/Warehouse/TypeCode, is: U}
- each: {wire: Item, model: GoodsShipment/GovernmentAgencyGoodsItem}
  rules:
  - {wire: CST/1496, model: SequenceNumeric, number: keep}
  - {wire: "LOC[3227=27]/C517/3225", model: "Origin#1/CountryCode"}
- ignore: {wire: ["GIS#1"], why: nobody asks for it}
END
cat >in.edi <<'END'
UNB+UNOC:3+S+R+260115:1023+1'
UNH+1+CUSDEC:D:96B:UN'
BGM+929+L-1+9'
LOC+22+NL000396'
LOC+91+NL000510'
GIS+7'
UNS+D'
CST+1'
LOC+27+DE'
CST+2'
LOC+35+FR'
UNS+S'
UNT+12+1'
UNZ+1+1'
END
cover() { run 0 "$DRAGOMAN" map coverage --mappings m "$@" m/rules/cusdec-d96b.yaml in.edi; }
cover
has out 'cusdec-d96b  1 read, 0 written, 0 refused, 0 of other formats'
has out 'rules   8 of 10 exercised (80 %)'
has out 'codes   1 of 3 seen'
has out '  small: 1 4'
has out 'cusdec-d96b.yaml:9    DTM[2005=137] ↔ IssueDateTime'
has out 'cusdec-d96b.yaml:11   - ↔ GoodsShipment/Warehouse/TypeCode'
lacks out 'BGM/C106/1004 ↔'
has out 'values that no rule reads'
has out '1  LOC/C517/3225  "NL000510"'
has out '1  SG30/LOC/C517/3225  "FR"'
has out '1  SG30/LOC/3227  "35"'
lacks out 'GIS'
cover --format json
json_lines out
has out '"line":12,"wire":"Item","model":"GoodsShipment/GovernmentAgencyGoodsItem","read":2,"written":0}'
has out '"line":15,"wire":"LOC[3227=27]/C517/3225","model":"Origin#1/CountryCode","read":1,"written":0}'
has out '"place":"GIS/C529/7365","used":0,"ignored":1,"lost":0}'
has out '"place":"LOC/C517/3225","used":1,"ignored":0,"lost":1,"example":"NL000510"}'
has out '"table":"small","code":"9","seen":1}'
is "$(grep -c '"is":"rule"' out)" 10 'statements'

# Documents of the model are written with it: what the wire cannot say is told.
run 0 "$DRAGOMAN" translate "$sample" --to json -o doc.json
run 0 "$DRAGOMAN" map coverage --mappings m m/rules/cusdec-d96b.yaml doc.json
has out '0 read, 1 written'
has out 'values that the wire cannot say'
has out 'Declarant/ID'
run 0 "$DRAGOMAN" map coverage --mappings m m/rules/cusdec-d96b.yaml in.edi doc.json
has out '1 read, 1 written'

# The page: whole by itself, a line for each rule that has two sides, dashed when it is never tried.
cover --html
has out '</html>'
is "$(grep -c '<path' out)" 7 'lines between the trees'
is "$(grep -c '<path class="never"' out)" 1 'lines of rules that were not tried'
lacks out 'http'
lacks out '<script'
lacks out '<link'
is "$(grep -o '<div' out | wc -l)" "$(grep -o '</div' out | wc -l)" 'elements that are closed'
if command -v python3 >/dev/null; then
    run 0 python3 - <<'END'
from html.parser import HTMLParser
import re
page = open('out').read()
class Reader(HTMLParser):
    void, open_, rows = {'meta'}, [], {}
    def handle_starttag(self, tag, attributes):
        if tag not in self.void: self.open_.append(tag)
    def handle_endtag(self, tag):
        assert self.open_.pop() == tag, tag
reader = Reader()
reader.feed(page)
assert not reader.open_
# each line ends at the middle of a row of its tree
trees = page.split('<div class="tree">')[1:]
left, right = trees[0].split('<svg')[0].count('<b>'), trees[1].split('<h2')[0].count('<b>')
names = [re.findall('<b>([^<]*)</b>', part) for part in (trees[0].split('<svg')[0], trees[1].split('<h2')[0])]
for a, b, title in re.findall(r'd="M0 (\d+)C\d+ \d+ \d+ \d+ \d+ (\d+)"><title>([^<]*)<', page):
    wire, model = title.split(' (')[0].split(' ↔ ')
    assert names[0][int(a) // 18] in (wire.split('/')[-1], 'SG30', 'DTM'), (title, names[0][int(a) // 18])
    assert names[1][int(b) // 18] == model.split('/')[-1], (title, names[1][int(b) // 18])
END
fi

# ---- codes whose cells are forms: which line a text was made by, reading and writing
cat >criteria.xml <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<Decl>
  <Scheme>ATIGA</Scheme>
  <Item>
    <Criterion>RVC 40.5%</Criterion>
  </Item>
  <Item>
    <Criterion>RVC 45%</Criterion>
  </Item>
  <Item>
    <Criterion>WO</Criterion>
  </Item>
</Decl>
END
cook=$root/mappings/cookbook
table=$(grep -vc '^#\|^scheme' "$cook/codes/criteria-text.tsv")
run 0 "$DRAGOMAN" map coverage --mappings "$cook" --format json "$cook/26-criterion-text.yaml" criteria.xml
is "$(grep -c '"is":"code"' out)" "$table" 'lines of the table'
has out '"table":"criteria-text","code":"RVC {pct:n..5.2}%","seen":2}'
has out '"table":"criteria-text","code":"WO","seen":1}'
run 0 "$DRAGOMAN" map coverage --mappings "$cook" "$cook/26-criterion-text.yaml" criteria.xml
has out "codes   2 of $table seen"
"$DRAGOMAN" translate -q --mappings "$cook" --mapping "$cook/26-criterion-text.yaml" --from national --to json \
    criteria.xml -o criteria.json
run 0 "$DRAGOMAN" map coverage --mappings "$cook" --format json "$cook/26-criterion-text.yaml" criteria.json
has out '"table":"criteria-text","code":"RVC {pct:n..5.2}%","seen":2}'
has out '"table":"criteria-text","code":"WO","seen":1}'

# ---- no value is lost: counted by a reader that shares nothing with the command
if command -v python3 >/dev/null; then
    count() { run 0 python3 "$root/conformance-tests/extras/count_values.py" "$DRAGOMAN" "$@"; }
    count cusdec-d96b "$root"/mappings/samples/*.edi
    has out '364 values; 364 used, 0 ignored, 0 left: ok'
    count wco-declaration "$root"/mappings/samples/*.xml
    has out '253 values; 253 used, 0 ignored, 0 left: ok'
    "$DRAGOMAN" translate -q "$root/mappings/samples/import-declaration.xml" --to cusdec-d96b -o back.edi
    count cusdec-d96b back.edi
    # one value more than any rule reads; one that is in no account is found out
    sed "s/^LOC+22+NL000396'/LOC+22+NL000396:112:5'/" "$root/mappings/samples/import-declaration.edi" >left.edi
    count cusdec-d96b left.edi
    has out '366 values; 364 used, 0 ignored, 2 left: ok'
    printf '#!/bin/bash\n"%s" "$@" | sed "/BGM\\/1225/d"\n' "$DRAGOMAN" >forgetful
    chmod +x forgetful
    run 1 python3 "$root/conformance-tests/extras/count_values.py" ./forgetful cusdec-d96b left.edi
    has out 'DIFFERS'
fi

run 2 "$DRAGOMAN" map coverage m/rules/cusdec-d96b.yaml
has err 'map coverage takes a mapping and samples'
run 3 "$DRAGOMAN" map coverage no-such.yaml in.edi
sed 's/UNT+12/UNT+13/' in.edi >bad.edi
run 1 "$DRAGOMAN" map coverage --mappings m m/rules/cusdec-d96b.yaml bad.edi
has out '0 read, 0 written, 1 refused'

finish map-coverage
