#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_directory.sh - the command directory: lists, shows and compares UN/EDIFACT directories. Expected values are read off the
# printed directories.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# line FILE PATTERN: a line that matches the whole extended expression.
line() { if grep -qaE -- "^$2\$" "$1"; then good; else bad "$1 has no line '$2': $last"; fi; }

# ---- help, wrong usage
run 0 "$DRAGOMAN" directory --help
has out 'Usage: dragoman directory'
run 0 "$DRAGOMAN" help directory --man
has out '.SH EXIT STATUS'
run 2 "$DRAGOMAN" directory
has err 'list, show'
run 2 "$DRAGOMAN" directory shwo NAD
has err 'did you mean show?'
run 2 "$DRAGOMAN" directory list NAD
has err 'takes nothing'
run 2 "$DRAGOMAN" directory show
run 2 "$DRAGOMAN" directory diff D.96B
run 2 "$DRAGOMAN" directory show NAD D.97Z
has err 'did you mean D.97A?'
run 2 "$DRAGOMAN" directory show CUSDEK
has err 'did you mean CUSDEC?'
run 2 "$DRAGOMAN" directory show APERAK D.93A
has err 'D.93A has no APERAK; it is in D.95A to D.24A'
run 2 "$DRAGOMAN" directory show 1001/00380
has err '1001 has no code 00380'
run 2 "$DRAGOMAN" directory show 1001 380 D.93A
has err 'D.93A has no code 380 of 1001; it is in D.94A to D.24A'
run 2 "$DRAGOMAN" directory show NAD D.96B D.97A
run 2 "$DRAGOMAN" directory diff D.96B D.97A NOTH
has err "nothing is called 'NOTH'"

# ---- list: the counts that the directories were published with
run 0 "$DRAGOMAN" directory list
line out 'D\.93A +55 +89 +121 +344 +0 +0'
line out 'D\.96B +136 +136 +174 +496 +227 +6345'
line out 'D\.24A +195 +156 +199 +581 +[0-9]+ +11765'
line out 'V3 +1 +12 +11 .*service'
is "$(grep -c '^D\.' out)" 62 'directories'
run 0 "$DRAGOMAN" directory list --format json
json_lines out
has out '{"directory":"D.96B","kind":"published","messages":136,"segments":136,"composites":174,"elements":496,'

# ---- show: a message
run 0 "$DRAGOMAN" directory show CUSDEC D.96B
has out 'CUSDEC  Customs declaration message'
has out 'message of D.96B; in D.93A to D.24A'
line out '0010  UNH +Message header +M +1'
line out '0020  BGM +Beginning of message +M +1'
line out '[0-9]+  SG30 +C +9999'
line out '[0-9]+  UNT +Message trailer +M +1'
run 0 "$DRAGOMAN" directory show CUSDEC
has out 'message of D.24A'
run 0 "$DRAGOMAN" directory show CONTRL V4
line out '0030  SG1 +C +999999'
line out '0040    UCM +Message/package response +M +1'
line out '0060      UCS +Segment error indication +M +1'
run 0 "$DRAGOMAN" directory show AUTACK
has out 'message of ISO 9735, syntax version 4'

# ---- a segment, a composite, an element, a code
run 0 "$DRAGOMAN" directory show NAD 96B
has out 'NAD  Name and address'
line out '010  3035 +Party qualifier +M 1  an\.\.3 +coded'
line out '020  C082 +Party identification details +C 1'
line out '010    3039 +Party id\. identification +M 1  an\.\.17|010    3039 +Party id\. identification +M 1  an\.\.35'
has out 'CUSDEC'
run 0 "$DRAGOMAN" directory show C506 D.96B
line out '010    1153 +Reference qualifier +M 1  an\.\.3 +coded'
line out '020    1154 +Reference number +C 1  an\.\.35'
has out 'In segments (1): RFF'
run 0 "$DRAGOMAN" directory show 1225 D.96B
has out 'Representation: an..3'
line out '  9    Original'
has out 'In segments (1): BGM'
run 0 "$DRAGOMAN" directory show 1001 D.93A
has out 'the codes were not published with this directory'
run 0 "$DRAGOMAN" directory show 1001 380
has out '1001 380  Commercial invoice'
has out 'in D.94A to D.24A'
mv out spaced
run 0 "$DRAGOMAN" directory show 1001/380
same out spaced
run 0 "$DRAGOMAN" directory show 1001/380 D.96B
has out 'Element: 1001 Document/message name, coded'
run 0 "$DRAGOMAN" directory show 0007 14
has out 'GS1'
run 0 "$DRAGOMAN" directory show UNH V4
has out 'ISO 9735'
line out '050  S016 +Message subset identification +C 1'
run 0 "$DRAGOMAN" directory show UNH
lacks out 'S016'
for what in CUSDEC NAD C506 1225 1001/380; do
    run 0 "$DRAGOMAN" directory show $what D.96B --format json
    json_lines out
    is "$(wc -l <out)" 1 "lines about $what"
    has out '"holds_in":"D.'
done
run 0 "$DRAGOMAN" directory show 1001/380 D.96B --format json
has out '{"kind":"code","element":"1001","code":"380","name":"Commercial invoice","directory":"D.96B","holds_in":"D.94A to D.24A"}'
# Nothing but ASCII and names without a terminal; guides and colours are for one.
run 0 "$DRAGOMAN" directory show CUSDEC D.96B
lacks out '│'
lacks out $'\033'

# ---- diff
run 0 "$DRAGOMAN" directory diff D.96B D.01B 1225
line out '~ 1225 .*\(was: Message function, coded\) .*11 added'
line out '\+ 65 +Unsettled dispute'
run 0 "$DRAGOMAN" directory diff D.96B D.97A NAD
has out 'NAD is the same in D.96B and D.97A'
run 0 "$DRAGOMAN" directory diff D.96B D.96B
is "$(grep -c 'the same in both' out)" 4 'kinds without a difference'
run 0 "$DRAGOMAN" directory diff D.96B D.97A
line out '  \+ DGRECA +Dangerous goods recapitulation message'
run 0 "$DRAGOMAN" directory diff D.97A D.96B
line out '  - DGRECA +Dangerous goods recapitulation message'
run 0 "$DRAGOMAN" directory diff D.96B D.97A --format json
json_lines out
has out '{"kind":"message","id":"DGRECA","change":"added","name":"Dangerous goods recapitulation message"}'
run 0 "$DRAGOMAN" directory diff V3 V4 UNH
line out '\+ 0050  S016 +Message subset identification  C 1'

finish directory
