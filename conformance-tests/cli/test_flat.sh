#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_flat.sh - flat files through the command: the fifteen minutes of mappings/formats/flat/README.md word for word, format lint,
# doc and show, and what the other commands do with the layouts that are shipped.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=conformance-tests/cli/tutorial.sh
. "$root/conformance-tests/cli/tutorial.sh"

cp -r "$root/mappings" mappings
mkdir bin
ln -s "$DRAGOMAN" bin/dragoman
PATH=$scratch/bin:$PATH
export DRAGOMAN_MAPPINGS=$scratch/mappings
follow "$root/mappings/formats/flat/README.md"
is "$files" 4 'files the page writes'
if [ "$commands" -ge 14 ]; then good; else bad "only $commands commands were found on the page"; fi
if [ "$shown" -ge 9 ]; then good; else bad "only $shown outputs were found on the page"; fi

# ---- lint
mapfile -t formats < <(grep -l "^dragoman: format/1" mappings/formats/*/*.yaml)
run 0 "$DRAGOMAN" format lint "${formats[@]}" --quiet
empty out
sed 's/at: 5-12/at: 4-12/; s/class: an/klass: an/; s/YYYYMMDD/YYYYMMXX/' mappings/formats/flat/duties.yaml >bad.yaml
run 1 "$DRAGOMAN" format lint bad.yaml
has err 'bad.yaml:15:40: error[flat.layout.date]'
has err 'bad.yaml:16:38: error[flat.layout.key]: there is no key klass in a field'
has err 'hint: did you mean class?'
has err 'bad.yaml:23:35: error[flat.layout.overlap]'
has out '3 mistakes'
run 1 "$DRAGOMAN" format lint --format json bad.yaml
json_lines err
run 3 "$DRAGOMAN" format lint nowhere.yaml
run 2 "$DRAGOMAN" format lint
run 0 "$DRAGOMAN" format lint catair-ft probe-gb18030
has out 'formats/flat/catair-ft.yaml: good'
run 2 "$DRAGOMAN" format lint catair-f
has err 'did you mean catair-ft?'
sed 's/^layout:/layuot:/' mappings/formats/flat/duties.yaml >misspelt.yaml
run 1 "$DRAGOMAN" format lint misspelt.yaml
has err 'there is no key layuot in a format of flat files'
has err 'hint: did you mean layout?'
has out '1 mistake'
for mark in '\xFF\xFE' '\xEF\xBB' '\xC3\xAF\xC2\xBB\xC2\xBF' '\xEF\xBB\xBF\xEF\xBB\xBF'; do
    { printf '%b' "$mark"; cat mappings/formats/flat/duties.yaml; } >marked.yaml
    run 1 "$DRAGOMAN" format lint marked.yaml
    has err 'marked.yaml:1:1: error[yaml.syntax]'
    has out '1 mistake'
done
{ printf '\xEF\xBB\xBF'; cat mappings/formats/flat/duties.yaml; } >marked.yaml
run 0 "$DRAGOMAN" format lint marked.yaml
run 2 "$DRAGOMAN" format
run 2 "$DRAGOMAN" format shw duties duties.txt
has err 'did you mean show?'

# ---- doc
run 0 "$DRAGOMAN" format doc duties
has out '# duties: list of duties'
has out '## Header/Duty (1..\*)'
# shellcheck disable=SC2016 # these are Markdown's
has out '| 13-22 | `amount` | number, 2 decimals implied, sign overpunched | required |  |'
has out 'made by the codec'
run 0 "$DRAGOMAN" format doc --format json mappings/formats/flat/duties.yaml
json_lines out
is "$(wc -l <out)" 10 'fields of duties'
run 2 "$DRAGOMAN" format doc wco-declaration
run 2 "$DRAGOMAN" format doc dutie
has err 'did you mean duties?'

# ---- show
run 1 "$DRAGOMAN" format show duties wrong.txt
has out 'flat.control.sum: total is 122.46; Header/Duty/amount comes to 122.45'
has out '1 error'
run 1 "$DRAGOMAN" format show --format json duties wrong.txt
json_lines out
has out '{"field":"amount","from":13,"at_byte":29,"bytes":10,"wrong":false,"value":"123.45"}'
has err '"code":"flat.control.sum"'
run 3 "$DRAGOMAN" format show duties nowhere.txt

# ---- what the sheets say of single fields: CATAIR's FT20 by the type of admission, ICEGATE's description over two fields
admission=$root/conformance-tests/golden/flat/accept-catair-ft/in.txt
sed 's/^20A/20D/' "$admission" >domestic.txt
run 1 "$DRAGOMAN" validate domestic.txt
is "$(grep -c 'error.flat.field.forbidden' err)" 8 'fields that a domestic admission has not'
run 0 "$DRAGOMAN" inspect "$root/conformance-tests/golden/flat/accept-icegate-be/in.be"
has out 'THAT TAKES ALL OF THE SIXTY CHARACTERS OF ITS FIELD'

# ---- infer: a first layout of each sample, which lint takes and which reads it with nothing left over
for name in catair-ft eport-h2000 export-rebate forex-verification icegate-be probe-gb18030 probe-shift-jis siscomex-carga; do
    folder=$root/conformance-tests/golden/flat/accept-$name
    sample=$folder/$(sed -n 's/^input: //p' "$folder/case.yaml")
    run 0 "$DRAGOMAN" format infer "$sample" --name guessed -o guessed.yaml
    has out 'kinds of record'
    run 0 "$DRAGOMAN" format lint guessed.yaml
    run 0 "$DRAGOMAN" format show guessed.yaml "$sample"
    has out ' 0 errors'
done
# of the page's own sample: kinds by the letter, a day among digits
run 0 "$DRAGOMAN" format infer duties.txt
has out '# Tried on them: they are read without an error and with nothing left over.'
has out 'kind: fixed'
has out 'ends: LF # 0 CRLF, 4 LF, 0 CR alone'
has out '- record: H # 1 lines'
has out '{at: 1-1, value: "H"}'
has out '{field: c2, at: 2-9, date: YYYYMMDD}'
has out '- record: D # 2 lines'
printf 'no,day,mark,amount\n1,2026-03-02,Y,12.50\n2,2026-03-03,N,7.25\n3,2026-03-04,Y,100.00\n' >table.csv
run 0 "$DRAGOMAN" format infer table.csv
has out 'kind: delimited # 0x2C stands in 4 of 4 lines, 12 times'
has out 'heading: names'
has out '{field: no, at: 1, class: n, required: yes} # 3 of 3 filled, 1 to 1 long, as 1'
has out '{field: day, at: 2, date: YYYY-MM-DD, required: yes}'
has out '{field: mark, at: 3, flag: [Y, N], required: yes}'
has out '{field: amount, at: 4, decimals: 2, required: yes}'
printf 'H20260101\nD1ab\nC1\nD2cd\nD3ef\nC2\nT3\n' >nested.txt
run 0 "$DRAGOMAN" format infer --format json nested.txt
json_lines out
has out '{"guess":"record","value":"C","beneath":"D","lines":2,"least":0,"most":1,"from":2,"to":2}'
has out '{"guess":"record","value":"T","beneath":"","lines":1,"least":1,"most":1,"from":2,"to":2}'
printf '\xC4\xF0\xF0\xF1\xC1\xC2\xC4\xF0\xF0\xF2\xC3\x40\xC4\xF0\xF0\xF3\xC5\xC6' >host.dat
run 0 "$DRAGOMAN" format infer host.dat
has out 'encoding: IBM037'
has out 'ends: none # no line ends; all samples are multiples of 6 bytes'
run 2 "$DRAGOMAN" format infer
run 3 "$DRAGOMAN" format infer nowhere.txt
printf 'x' >one.txt
run 2 "$DRAGOMAN" format infer one.txt

# ---- Cargo-IMP: what was read is written as it came; the version is told by the first line
for message in "$root"/conformance-tests/golden/flat/accept-cargo-imp-*/in.txt; do
    run 0 "$DRAGOMAN" rewrite "$message"
    same out "$message"
done
run 0 "$DRAGOMAN" format doc cargo-imp-ffm-8
# shellcheck disable=SC2016 # these are Markdown's
has out '`ULD/<type><serial><owner>[-<loading>][/<remarks>]`'
has out '| `departure` | date DDMMM, nearest to the day of reading |'
has out '| `arrival` | date DDMMMhhmm, nearest to departure |'
run 0 "$DRAGOMAN" inspect --set reader.as-of=2027-11-02 "$root/conformance-tests/golden/flat/accept-cargo-imp-ffm-8/in.txt"
has out 'departure               2028-01-14'
has out 'arrival                 2028-01-14T20:10'
run 3 "$DRAGOMAN" validate --set reader.as-of=2027-11-31 "$root/conformance-tests/golden/flat/accept-cargo-imp-ffm-8/in.txt"
has err 'as-of may be one of: a day, as 2026-12-31'
run 0 "$DRAGOMAN" format show cargo-imp-fwb-17 "$root/conformance-tests/golden/flat/accept-cargo-imp-fwb-17/in.txt"
has out '    5-12      serial              12345675'
sed 's/^FWB.17/FWB\/18/' "$root/conformance-tests/golden/flat/accept-cargo-imp-fwb-17/in.txt" >later.txt
run 1 "$DRAGOMAN" validate --from flat later.txt
has err 'error[flat.format.unknown]'

# ---- the other commands
run 0 "$DRAGOMAN" rewrite duties.txt
same out duties.txt
run 0 "$DRAGOMAN" inspect duties.txt
has out '123.45'
run 0 "$DRAGOMAN" validate --from duties - <duties.txt
cp mappings/formats/flat/duties.yaml mappings/formats/flat/twin.yaml
sed -i 's/format: duties/format: twin/' mappings/formats/flat/twin.yaml
run 1 "$DRAGOMAN" validate duties.txt
has err 'error[flat.format.ambiguous]: this may be duties or twin'
run 0 "$DRAGOMAN" validate --from twin duties.txt
printf 'Nothing like it\n' >other.txt
run 1 "$DRAGOMAN" validate --from flat other.txt
has err 'error[flat.format.unknown]'

# ---- a mapping: places of a layout are places of the wire, and a trailer of totals is the codec's to write
rm mappings/formats/flat/twin.yaml
cat >mappings/rules/duties.yaml <<'END'
dragoman: mapping/1
mapping: duties
wire: {format: duties}
model: Declaration@1
rules:
  - {model: FunctionCode, is: "='9'", only: read, why: a list is always an original}
  - {wire: Header/office, model: DeclarationOfficeID}
  - {wire: Header/date, model: IssueDateTime, as: date}
  - each: {wire: Header/Duty, model: GoodsShipment/GovernmentAgencyGoodsItem}
    rules:
      - {wire: line, model: SequenceNumeric, number: keep}
      - {wire: tariff, model: "Commodity/Classification[IdentificationTypeCode=TSP]/ID"}
      - wire: amount
        model: StatisticalValueAmount
        as: amount
        currency: EUR
        scale: 2
        round: half-up
        lose: amounts of this office have two decimals
END
run 0 "$DRAGOMAN" map lint mappings/rules/duties.yaml
run 0 "$DRAGOMAN" translate duties.txt --to json --strict
has out '"IssueDateTime": "2026-03-02"'
has out '"StatisticalValueAmount": {"value": 123.45, "currencyID": "EUR"}'
has out '"StatisticalValueAmount": {"value": -1.00, "currencyID": "EUR"}'
cp out list.json
run 0 "$DRAGOMAN" translate list.json --to duties
same out duties.txt
run 0 "$DRAGOMAN" translate duties.txt --to json --explain
has err '← Header/Duty#1/amount "123.45"  bytes 29..39'
run 0 "$DRAGOMAN" diff duties.txt list.json
sed -i 's/123.45/123.456/' list.json
run 0 "$DRAGOMAN" translate list.json --to duties
has out 'D00184715000000001234F'
has out 'T00004000001224F'
sed -i 's/"OFFICE1"/"OFFICE1234"/' list.json
run 1 "$DRAGOMAN" translate list.json --to duties
has err 'flat.write.long'
empty out

# every case that is accepted is written again as it came
for folder in "$root"/conformance-tests/golden/flat/accept-*; do
    arrived=$(sed -n 's/^input: //p' "$folder/case.yaml")
    from=$(sed -n 's/^from: //p' "$folder/case.yaml")
    run 0 "$DRAGOMAN" rewrite --mappings "$root/mappings" ${from:+--from "$from"} "$folder/$arrived"
    same out "$folder/$arrived"
done

# ---- text that is none of ours is of no layout
for text in README.md LICENSE CHANGELOG.md mappings/GUIDE.md codecs/flat/README.md; do
    run 1 "$DRAGOMAN" validate "$root/$text"
    has err 'error[job.input.unknown]'
done

finish flat
