#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_map_infer.sh - `dragoman map infer`: a hidden mapping of seventy statements found again from five pairs, each conversion by
# itself on messages made by hand, the evidence to the byte, and what is said when nothing can be inferred.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
here=$root/conformance-tests/infer

# A folder without the mapping that is to be found: only the declaration as JSON and as XML.
cp -r "$root/mappings" m
rm m/rules/cusdec-d96b.yaml m/rules/*.case.yaml
cp "$here/hidden-functions.tsv" m/codes/

pairs() { # FOLDER NAME ENDING SEED...: into src and tgt
    local folder=$1 name=$2 ending=$3 i
    shift 3
    src=() tgt=()
    for i in "$@"; do
        src+=("$folder/$name-$i.$ending")
        tgt+=("$folder/$name-$i.json")
    done
}

# ---- a mapping nobody has seen: five rich documents give it back, and what they say is what they said
run 0 "$DRAGOMAN" map lint --mappings m "$here/hidden.yaml"
has out ' 71 rules: '
run 0 "$DRAGOMAN" map laws --mappings m --count 40 --output docs/ "$here/hidden.yaml"
is "$(find docs -name '*.edi' | wc -l)" 40 'messages kept'
is "$(find docs -name '*.json' | wc -l)" 40 'documents kept'

compare() { # WANTED GOT FEWEST: at least so many percent found, at most 10 % wrong
    last="compare $2"
    python3 "$here/compare.py" "$1" "$2" -v >said 2>err
    read -r found wanted wrong got < <(sed -nE 's/^found ([0-9]+) of ([0-9]+), wrong ([0-9]+) of ([0-9]+)$/\1 \2 \3 \4/p' said)
    cp said out
    is "$((${wanted:-0} >= 60))" 1 'statements of the hidden mapping'
    is "$((${found:-0} * 100 >= $3 * ${wanted:-1}))" 1 "found ${found:-none} of ${wanted:-none}"
    is "$((${wrong:-99} * 10 <= ${got:-0}))" 1 "wrong ${wrong:-all} of ${got:-none}"
}

if command -v python3 >/dev/null && python3 -c 'import yaml' 2>/dev/null; then
    # Five seeds of those whose documents fill 80 and 100 percent of all places; then five of 100 percent, five of 80. Each five
    # have several function codes: of one that is always the same nothing else can be learnt.
    for seeds in '4 5 11 16 22' '5 11 17 23 29' '4 10 16 22 28'; do
        # shellcheck disable=SC2086
        pairs docs hidden edi $seeds
        run 0 "$DRAGOMAN" map infer --mappings m --source "${src[@]}" --target "${tgt[@]}" -o m/rules/found.yaml
        run 0 "$DRAGOMAN" map lint --mappings m m/rules/found.yaml
        compare "$here/hidden.yaml" m/rules/found.yaml 95
        for i in "${!src[@]}"; do
            run 0 "$DRAGOMAN" translate "${src[i]}" --mappings m --to json --strict -o again.json
            same again.json "${tgt[i]}"
            run 0 "$DRAGOMAN" translate "${tgt[i]}" --mappings m --to cusdec-d96b --strict -o again.edi
            run 0 "$DRAGOMAN" diff --mappings m again.edi "${src[i]}"
        done
        # Every line of the code table it wrote is one of the hidden table.
        cat m/codes/found-functioncode-*.tsv >out
        last="the code table of seeds $seeds"
        is "$(grep -cvxF -f "$here/hidden-functions.tsv" <(grep -v '^#' out))" 0 'lines that the hidden table has not'
        is "$(($(grep -vc '^#' out) >= 3))" 1 'lines of the table'
        rm -f m/codes/found-* m/rules/found.yaml
    done
    # Documents as they come, most of them thin: what is in none of them cannot be found, but nothing else is made up.
    pairs docs hidden edi 1 2 3 4 5
    run 0 "$DRAGOMAN" map infer --mappings m --source "${src[@]}" --target "${tgt[@]}" -o m/rules/found.yaml
    compare "$here/hidden.yaml" m/rules/found.yaml 80
    rm -f m/codes/found-* m/rules/found.yaml
fi

# The mappings that are shipped, from five documents each: nearly every value is spoken of, and what is proposed is allowed.
run 0 "$DRAGOMAN" map laws --count 30 --output s/ cusdec-d96b wco-declaration
for kind in 'cusdec-d96b edi 95' 'wco-declaration xml 100'; do
    read -r name ending least <<<"$kind"
    pairs s "$name" "$ending" 5 11 17 23 29
    run 0 "$DRAGOMAN" map infer --source "${src[@]}" --target "${tgt[@]}" --name again -o again.yaml
    read -r taken values < <(sed -n 's/.*they speak of \([0-9]*\) of \([0-9]*\) values of the wire.*/\1 \2/p' err)
    is "$((${taken:-0} * 100 >= least * ${values:-1}))" 1 "$name: values of the wire that are spoken of ($taken of $values)"
    run 0 "$DRAGOMAN" map lint again.yaml
    rm -f again.yaml again-*.tsv
done

# Messages of thousands of lines.
python3 - <<'END'
import json
d = json.load(open('docs/hidden-5.json'))
items = d['document']['GoodsShipment']['GovernmentAgencyGoodsItem']
items = [dict(items[i % len(items)], SequenceNumeric=i + 1) for i in range(900)]
d['document']['GoodsShipment']['GovernmentAgencyGoodsItem'] = items
json.dump(d, open('big.json', 'w'))
END
run 0 "$DRAGOMAN" translate big.json --mappings m -M "$here/hidden.yaml" --to cusdec-d96b -o big.edi
run 0 timeout 60 "$DRAGOMAN" map infer --mappings m --source big.edi docs/hidden-11.edi --target big.json docs/hidden-11.json
has out 'each: {wire: Item, model: GoodsShipment/GovernmentAgencyGoodsItem}'

# ---- conversions, one by one, on messages made by hand
message() { # NUMBER LINE...: a CUSDEC with these segments
    local number=$1
    shift
    {
        echo "UNB+UNOC:3+S+R+260301:0800+$number'"
        echo "UNH+1+CUSDEC:D:96B:UN'"
        printf "%s'\n" "BGM+929+DOC-000$number+9" "$@" 'UNS+D' 'UNS+S'
        echo "UNT+$(($# + 5))+1'"
        echo "UNZ+1+$number'"
    } >"$number.edi"
}
document() { # NUMBER PAIRS: the canonical document as JSON
    printf '{"dragoman": "document/1", "model": "Declaration@1", "document": {%s}}\n' "$2" >"$1.json"
}
# What RFF+ABO holds is in small letters; RFF+ACD a date without its format; FTX a text in pieces; RFF+AAE a number filled with
# zeros; RFF+IV a kind that the model has other letters for; RFF+CU stands nowhere in the model.
n=0
while IFS='|' read -r low date iso no kind letter; do
    n=$((n + 1))
    begin="Chairs of teak for the garden, folding, number $n, with arms and all of" end='their cushions'
    message $n "LOC+22+OFF$n" "FTX+ACB+++$begin:$end" "RFF+ABO:$low" "RFF+ACD:$date" "RFF+AAE:000$no" "RFF+IV:$kind" \
        "RFF+CU:only-here-$n"
    document $n "\"FunctionCode\": \"9\", \"ID\": \"DOC-000$n\", \"FunctionalReferenceID\": \"${low^^}\",
      \"IssueDateTime\": \"$iso\", \"DeclarationOfficeID\": \"OFF$n\", \"TypeCode\": \"$letter\",
      \"GoodsShipment\": {\"UCR\": {\"ID\": \"$no\"}},
      \"AdditionalInformation\": [{\"StatementDescription\": \"$begin $end\"}]"
done <<'END'
acme-one|20260301|2026-03-01|4711|K1|A
acme-two|20260415|2026-04-15|82|K2|B
acme-six|20251224|2025-12-24|9003|K1|A
acme-ten|20260102|2026-01-02|17|K1|A
acme-pi|20260731|2026-07-31|555|K2|B
END
all=(1 2 3 4 5)
run 0 "$DRAGOMAN" map infer --mappings m --source "${all[@]/%/.edi}" --target "${all[@]/%/.json}" -o hand.yaml
cp hand.yaml out
has out '{wire: BGM/C106/1004, model: ID}  # 99 %: equal, 5 values in 5 pairs'
has out '{wire: "LOC[3227=22]/C517/3225", model: DeclarationOfficeID}  # 99 %: equal, 5 values in 5 pairs'
has out '- {wire: "Ref[RFF/1153=ACD]/RFF/C506/1154", model: IssueDateTime, as: date 102}  # 99 %: date'
has out '- {wire: "=upper(Ref[RFF/1153=ABO]/RFF/C506/1154)", model: FunctionalReferenceID, only: read, why: "the model has'
has out '# - {wire: "Ref[RFF/1153=AAE]/RFF/C506/1154", model: GoodsShipment/UCR/ID}  # 9'
has out 'one side is filled up with zeros or blanks, and no rule does that'
has out '- {wire: "Ref[RFF/1153=IV]/RFF/C506/1154", model: TypeCode, codes: hand-typecode-'
has out 'model: StatementDescription, fold: {width: 70, by: word}}'
has out '- {wire: BGM/C002/1001, is: "929"}'
lacks out 'only-here'
run 0 "$DRAGOMAN" map lint --mappings m hand.yaml
# The table stands beside the mapping, and is found there.
is "$(grep -v '^#' hand-typecode-*.tsv | sort | tr '\t\n' ' |')" 'A K1|B K2|model wire|' 'the code table'
run 0 "$DRAGOMAN" translate 2.edi --mappings m --mapping hand.yaml --to json --accounts off
has out '"TypeCode": "B"'
has out '"FunctionalReferenceID": "ACME-TWO"'
has out '"IssueDateTime": "2026-04-15"'

# Without a file for tables what needs one is a comment, with its lines.
run 0 "$DRAGOMAN" map infer --mappings m --source "${all[@]/%/.edi}" --target "${all[@]/%/.json}"
has out '# - {wire: "Ref[RFF/1153=IV]/RFF/C506/1154", model: TypeCode, codes: '
has out '#     model A  wire K1'
has err '✓ '
has err ' rules, '
cp out printed.yaml
run 0 "$DRAGOMAN" map lint --mappings m printed.yaml

# The sides may be turned: what is canonical is found out.
run 0 "$DRAGOMAN" map infer --mappings m --target "${all[@]/%/.edi}" --source "${all[@]/%/.json}"
cp out turned.yaml
same turned.yaml printed.yaml

# ---- a default: what the model always has where the wire has nothing; it is written where the wire says it too
n=10
while IFS='|' read -r office exit reference; do
    n=$((n + 1))
    lines=()
    [ -n "$office" ] && lines+=("LOC+22+$office")
    [ -n "$exit" ] && lines+=("LOC+42+$exit")
    [ -n "$reference" ] && lines+=("RFF+ABO:$reference")
    message $n "${lines[@]}"
    document $n "\"FunctionCode\": \"9\", \"ID\": \"DOC-000$n\", \"DeclarationOfficeID\": \"${office:-NL0396}\",
      \"FunctionalReferenceID\": \"${reference:-NONE}\", \"ExitOffice\": {\"ID\": \"${exit:-NL0510}\"}"
done <<'END'
DE7700|BE1010|R-1
|NL0510|NONE
FR0033||R-3
|BE2020|
IT4400||R-5
|PL0101|
END
some=(11 12 13 14 15 16)
run 0 "$DRAGOMAN" map infer --mappings m --source "${some[@]/%/.edi}" --target "${some[@]/%/.json}" -o usual.yaml
cp usual.yaml out
has out 'model: DeclarationOfficeID, default: {value: "NL0396", write: omit}}  # '
has out 'model: FunctionalReferenceID, default: "NONE"}  # '
lacks out 'model: ExitOffice/ID, default' # a class that nothing else is in would not be made for it
lacks out 'is: "NL'
run 0 "$DRAGOMAN" map lint --mappings m usual.yaml
for i in 12 16; do
    run 0 "$DRAGOMAN" translate $i.edi --mappings m --mapping usual.yaml --to json -o usual.json
    run 0 "$DRAGOMAN" diff --mappings m --mapping usual.yaml usual.json $i.json
done

# ---- the evidence, to the byte
run 0 "$DRAGOMAN" map infer --mappings m --format json --source "${all[@]/%/.edi}" --target "${all[@]/%/.json}"
json_lines out
empty err
if command -v python3 >/dev/null; then
    "$DRAGOMAN" map infer --mappings m --format json --source "${all[@]/%/.edi}" --target "${all[@]/%/.json}" >evidence.json
    run 0 python3 - <<'END'
import json
files = {'wire': [open(f'{n}.edi', 'rb').read() for n in range(1, 6)],
         'model': [open(f'{n}.json', 'rb').read() for n in range(1, 6)]}
lines = [json.loads(l) for l in open('evidence.json', encoding='utf-8')]
proposals = [l for l in lines if l['is'] == 'proposal']
percents = [p['percent'] for p in proposals]
assert percents == sorted(percents, reverse=True), 'not ranked'
checked = {'wire': 0, 'model': 0}
for p in proposals:
    for e in p['evidence']:
        for side in checked:
            v = e[side]
            if v and v.get('bytes') and '|' not in v['value']:
                bytes_ = files[side][e['pair'] - 1][v['at']:v['at'] + v['bytes']]
                assert bytes_.decode() == v['value'], (bytes_, v)
                checked[side] += 1
assert checked['wire'] > 35 and checked['model'] > 30, checked
codes = next(p for p in proposals if p['how'] == 'codes')
assert sorted((c['model'], c['wire']) for c in codes['codes']) == [('A', 'K1'), ('B', 'K2')]
assert codes['pairs'] == 5 and codes['agree'] == 5 and codes['distinct'] == 2
total = lines[-1]
assert total['is'] == 'sum' and total['pairs'] == 5 and total['wire'] == 'source' and not total['to_do']
END
fi

# ---- what speaks against it: one value that differs, one that is missing
sed -i 's/OFF3/OFF7/' 3.json
sed -i 's/"DeclarationOfficeID": "OFF4",//' 4.json
run 0 "$DRAGOMAN" map infer --mappings m --source "${all[@]/%/.edi}" --target "${all[@]/%/.json}"
grep -F 'model: DeclarationOfficeID' out >line
last='the weaker rule'
has line '3 values in 3 pairs; 1 value differs; the wire has 1 value that the model has not'

# ---- one wire format against another, over the mapping that the other one has
run 0 "$DRAGOMAN" map infer --mappings m --source "$sample" --target "${sample%.edi}.xml" -o over.yaml
run 0 "$DRAGOMAN" map lint --mappings m over.yaml
cp over.yaml out
has out 'wire: {format: cusdec-d96b}'
has out '- each: {wire: Item, model: GoodsShipment/GovernmentAgencyGoodsItem}'
has out '{wire: "Party[NAD/3035=DT]/NAD/C080/3036#*", model: Declarant/Name, fold: {width: 35, by: word}}'
has out '{wire: "DTM[2005=137]", model: IssueDateTime, as: date}'

# ---- a message of a directory that no file names: its format is written too
sed 's/D:96B/D:01B/' 1.edi >other.edi
run 0 "$DRAGOMAN" map infer --mappings m --source other.edi --target 1.json -o m/rules/cusdec-d01b.yaml
filled m/formats/edifact/cusdec-d01b.yaml
run 0 "$DRAGOMAN" map lint --mappings m m/rules/cusdec-d01b.yaml
run 0 "$DRAGOMAN" translate other.edi --mappings m --to json --accounts off
has out '"ID": "DOC-0001"'
rm m/formats/edifact/cusdec-d01b.yaml m/rules/cusdec-d01b.yaml

# ---- what cannot be
run 1 "$DRAGOMAN" map infer --mappings m --source 1.edi 2.edi --target 1.json
has err 'error[infer.pairs]: there are 2 messages on the one side and 1 on the other'
run 1 "$DRAGOMAN" map infer --mappings m --source 1.json --target 2.json
has err 'error[infer.canonical]'
run 1 "$DRAGOMAN" map infer --mappings m --source 1.edi --target 2.edi
has err 'error[infer.unmapped]: neither cusdec-d96b nor cusdec-d96b has a mapping'
run 1 "$DRAGOMAN" map infer --mappings m --source 1.edi other.edi --target 1.json 2.json
has err 'error[infer.other]'
echo nothing >empty.txt
run 1 "$DRAGOMAN" map infer --mappings m --source empty.txt --target 1.json
has err 'error[gateway.infer.nothing]: empty.txt holds no message'
run 3 "$DRAGOMAN" map infer --mappings m --source missing.edi --target 1.json
run 2 "$DRAGOMAN" map infer --mappings m --source 1.edi
has err 'map infer takes --source FILE... and --target FILE...'
run 2 "$DRAGOMAN" map infer --mappings m 1.edi --target 1.json
run 2 "$DRAGOMAN" map infer --mappings m --source
run 3 "$DRAGOMAN" map infer --mappings m --source 1.edi --target 1.json -o no/such/folder.yaml
run 3 "$DRAGOMAN" map laws --count 1 -o no/such/
run 0 "$DRAGOMAN" map --help
has out 'infer --source FILE... --target FILE...'

finish map-infer
