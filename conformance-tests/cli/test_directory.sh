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
has out 'D4(0030,0080)  one or none'
run 0 "$DRAGOMAN" directory show USY V4
has out 'D3(020,030)  one or more'
run 0 "$DRAGOMAN" directory show UNG V4 --format json
json_lines out
has out '"dependencies":[{"note":"D2(010,060,070)","meaning":"all or none","positions":[10,60,70]}]'
run 0 "$DRAGOMAN" directory show UNG V3
lacks out 'Dependency'
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


# ---- import: invented directories in the layouts of three decades, and YAML
mkdir -p new old oldest own/directories
rule=$(printf -- '-%.0s' {1..70})
cat >new/EDSD.30A <<END
  Change indicators
     a minus sign (-)   for a deletion
$rule

       ZZA  ZEBRA ADDRESS

       Function: To specify where a zebra lives, and
                 what it likes.

010    C901 ZEBRA IDENTIFICATION                       M    1
       9901  Zebra code                                M      an..3
       9902  Zebra stripe description, long enough
             to be wrapped                             C      an..35
020    9903 ZEBRA MEADOW AND OTHER PLACES WHERE ZEBRAS
            ARE SEEN                                   C    5 an..17  1,2
030 -  9902 ZEBRA STRIPE DESCRIPTION                   C    1 an..35
040 +  C902 ZEBRA FEED                                 C    2

       Dependency notes:
       020  D5(020,040) If first, then all
       040  D3(040, 020) One or more
$rule

    +  ZZB  ZEBRA BEGIN

       Function: To begin.

010    9901 ZEBRA CODE                                 M    1 an..3
END
cat >new/EDCD.30A <<END
$rule

       C901 ZEBRA IDENTIFICATION

       Desc: Which zebra it is.

010    9901  Zebra code                                M      an..3
020    9902  Zebra stripe description, long enough
             to be wrapped                             C      an..35
$rule

*      C902 ZEBRA FEED

       Desc: What it eats.

010    9904  Feed weight                               C      n..6
END
cat >new/EDED.30A <<END
$rule

     9901  Zebra code                                              [C]

     Desc: Code of a zebra.

     Repr: an..3
$rule

|    9902  Zebra stripe description                                [B]

     Desc: Stripes.

     Repr: an..35
$rule

     9903  Zebra meadow                                            [B]

     Desc: In
           1999  Kyoto Zebra Convention

     Repr: an..17
$rule

     9904  Feed weight                                             [B]

     Desc: Weight.

     Repr: n..6

     Note:
           In kilograms.
END
cat >new/UNCL.30A <<END
$rule

*    9901  Zebra code                                              [C]

     Desc: Code of a zebra.

     Repr: an..3

     1     Plains zebra
              The usual
              one.

+    GZ    Zebra with a name so long that the directory has to
           wrap it
              Grevy's zebra.
           Note:
              Rare.

     X     Quagga
              Extinct.

-    9     Unicorn
              No zebra.
END
cat >new/ZEBDEC_D.30A <<'END'
                                   Message Type : ZEBDEC
                                   Version      : D
                                   Release      : 30A

4.2    Segment clarification
00010   UNH, Message header

4.3.1  Segment table

Pos     Tag Name                                     S   R

            HEADER SECTION

00010   UNH Message header                           M   1
00020 + ZZB Zebra begin                              M   1

00030       ---- Segment group 1  ------------------ C   99---------------+
00040   ZZA Zebra address of a name that is wrapped                       |
            onto a second line                       M   1                |
00050   ZZB Zebra begin                              C   9                |
                                                                          |
00060       ---- Segment group 2  ------------------ C   5---------------+|
00070   ZZB Zebra begin                              M   1               ||
00080 - ZZA Zebra address                            C   9               ||
00090   ZZA Zebra address                            C   1---------------++

            SUMMARY SECTION

00100   UNT Message trailer                          M   1
END
echo 'Read me.' >new/README
run 0 "$DRAGOMAN" directory import new -o new.directory
has out 'D.30A: 1 messages, 2 segments, 2 composites, 4 elements, 3 codes'
has err 'directory.text.kind'
has err 'README'
tr '\t' '|' <new.directory >lines
for wanted in 'name|D.30A' 'ZEBDEC|UNH ZZB (ZZA ZZB?9 (ZZB ZZA?)?5)?99 UNT' 'ZZA|C901 9903:an..17?5 C902?2' 'ZZB|9901:an..3' \
    'C901|9901:an..3 9902:an..35?' 'C902|9904:n..6?' '9901|an..3|y|Zebra code' '9903|an..17|n|Zebra meadow' \
    '9904|n..6|n|Feed weight' '9901 1|Plains zebra' \
    'ZZA|D5(020,030) D3(030,020)' \
    '9901 GZ|Zebra with a name so long that the directory has to wrap it' '9901 X|Quagga' 'ZZA|ZEBRA ADDRESS'; do
    if grep -qxF -- "$wanted" lines; then good; else bad "the directory has no line '$wanted'"; fi
done
lacks lines 'Unicorn'
lacks lines 'Kyoto'
lacks lines 'base'

# Till 1999: no repetitions in segments, no positions in composites, codes to the right of six columns.
cat >old/EDSD.96X <<END
$rule

   ZZA     ZEBRA ADDRESS

      Function: To specify where a zebra lives.

010   C901  ZEBRA IDENTIFICATION                        M
      9901   Zebra code                                 M  an..3
      9902   Zebra stripes                              C  an..35
020 + 9903  ZEBRA MEADOW                                C  an..17
020   9903  ZEBRA MEADOW                                C  an..17
END
cat >old/EDCD.96X <<END
$rule

   C901    ZEBRA IDENTIFICATION

      Desc: Which zebra it is.

      9901   Zebra code                                 M  an..3
      9902   Zebra stripes                              C  an..35
END
cat >old/UNCL.96X <<END
$rule

* 9901  Zebra code                                                 [C]

  Desc: Code of a zebra.

  Repr: an..3

+      1  Plains zebra
             The usual one.
      GZ  Grevy's zebra, the one with
          a longer name
             Rare.
#      X  Quagga
             Extinct since
             1883  when the last one died.
$rule

  9902  Zebra stripes                                              [B]

  Desc: Stripes.

  Repr: an..35
$rule

  9903  Zebra meadow                                               [B]

  Desc: Meadow.

  Repr: an..17
END
cat >old/ZEBDEC_D.96X <<'END'
 Message Type : ZEBDEC
 Version      : D
 Release      : 96X

Pos    Tag Name                                      S   R

0010   UNH Message header                            M   1

0020      ----- Segment group 1  ------------------- C   9------------+
0030*  ZZA Zebra address                             M   1------------+

0040   UNT Message trailer                           M   1
END
run 0 "$DRAGOMAN" directory import old -o old.directory
tr '\t' '|' <old.directory >lines
for wanted in 'name|D.96X' 'ZEBDEC|UNH (ZZA)?9 UNT' 'ZZA|C901 9903:an..17? 9903:an..17?' 'C901|9901:an..3 9902:an..35?' \
    '9901|an..3|y|Zebra code' '9901 1|Plains zebra' "9901 GZ|Grevy's zebra, the one with a longer name" '9901 X|Quagga'; do
    if grep -qxF -- "$wanted" lines; then good; else bad "the old directory has no line '$wanted'"; fi
done

# Of 1993: no positions, lines drawn in code page 437, items told from components by how far in they stand.
cat >oldest/EDSD.93X <<END
$rule
ZZA   ZEBRA ADDRESS

      Function: To specify where a zebra lives.

      C901  ZEBRA IDENTIFICATION                   M
        9901  Zebra code                           M  an..3
        9902  Zebra stripes                        C  an..35
      9903  ZEBRA MEADOW                           C  an..17
END
cp old/EDCD.96X oldest/EDCD.93X
cat >oldest/EDED.93X <<END
$rule
9901 Zebra code                                              E    88.1

  Desc: Code of a zebra.

  Repr: an..3                        Min: 1    Max: 3    Datatype: id
$rule
9902 Zebra stripes                                           E(84)88.1

  Desc: Stripes.

  Repr: an..35
$rule
9903 Zebra meadow

  Desc: Meadow.

  Repr: an..17
END
printf ' Message Type : ZEBDEC\n Version      : D\n Release      : 93X\n\n'\
'TAG    NAME                        S   REPT   S   REPT\n\n'\
'UNH    Message header              M   1\n'\
'       \xc4\xc4\xc4\xc4 Segment Group 1 \xc4\xc4\xc4\xc4 C   9 \xc4\xc4\xc4\xc4\xc4\xc4\xbf\n'\
'ZZA    Zebra address               M   1       \xb3\n'\
'       \xc4\xc4\xc4\xc4 Segment Group 2 \xc4\xc4\xc4\xc4 M   2 \xc4\xc4\xc4\xc4\xc4\xbf\xb3\n'\
'ZZA    Zebra address               M   1 \xc4\xc4\xc4\xc4\xc4\xd9\xd9\n'\
'UNT    Message trailer             M   1\n' >oldest/ZEBDEC_D.93X
run 0 "$DRAGOMAN" directory import oldest/* -o oldest.directory
tr '\t' '|' <oldest.directory >lines
for wanted in 'name|D.93X' 'ZEBDEC|UNH (ZZA (ZZA)!2)?9 UNT' 'ZZA|C901 9903:an..17?' '9901|an..3|n|Zebra code' \
    '9902|an..35|n|Zebra stripes' '9903|an..17|n|Zebra meadow'; do
    if grep -qxF -- "$wanted" lines; then good; else bad "the oldest directory has no line '$wanted'"; fi
done

# What cannot be read is told with its line, and nothing is written.
sed 's/C   99---------------+/C   99---------------/' new/ZEBDEC_D.30A >cut_D.30A
run 1 "$DRAGOMAN" directory import cut_D.30A -o none.directory
has err 'cut_D.30A:17'
has err 'directory.text.groups'
if [ -e none.directory ]; then bad 'a directory was written in spite of a mistake'; else good; fi
grep -v UNT new/ZEBDEC_D.30A >open_D.30A
run 1 "$DRAGOMAN" directory import open_D.30A -o none.directory
has err 'UNT is missing'
sed 's/   M    1 an..3/   Q    1 an..3/' new/EDSD.30A >EDSD.30A
run 1 "$DRAGOMAN" directory import EDSD.30A --base D.24A -o none.directory
has err 'EDSD.30A:24'
sed 's/Repr: n..6/Repr: heavy/' new/EDED.30A >EDED.30A
run 1 "$DRAGOMAN" directory import EDED.30A -o none.directory
has err 'EDED.30A:25'
run 1 "$DRAGOMAN" directory import new/EDSD.30A -o none.directory
has err 'directory.reference.missing'
has err 'EDSD.30A:5'
run 2 "$DRAGOMAN" directory import new/README -o none.directory
has err 'give --name'
run 2 "$DRAGOMAN" directory import new --name ../evil
run 2 "$DRAGOMAN" directory import new --base D.92Z
run 2 "$DRAGOMAN" directory import
run 3 "$DRAGOMAN" directory import nowhere.yaml

# YAML, put where the reader finds it.
cp -r "$root/mappings/." own/
cat >own.yaml <<'END'
directory: D.96B
agency: XX
base: D.96B
elements:
  9950: { repr: an..3, name: National procedure, codes: { A: Export, B: Import } }
  1001: { codes: { Z01: National declaration }, remove: [ 380 ] }
composites:
  C999: { name: NATIONAL DETAILS, items: [ 9950 M, 1131 C ] }
segments:
  ZNT: { name: NATIONAL DATA, items: [ C999 M, 3124 C 5 an..20 ] }
messages:
  NATDEC:
    - UNH
    - BGM
    - SG1 C 99: [ RFF, DTM C, SG2 C 9: [ ZNT, LOC C 5 ] ]
    - UNT
notes:
  ZNT: [ 'D5(020, 010)' ]
END
run 0 "$DRAGOMAN" directory import own.yaml --mappings own
has out 'own/directories/D.96B.directory'
run 0 "$DRAGOMAN" directory show NATDEC --mappings own
line out '0030  SG1 +C 99'
line out '0070      ZNT +National data +M  1'
run 0 "$DRAGOMAN" directory show ZNT D.96B --mappings own
line out '020  3124 +Name and address line +C 5  an\.\.20'
run 0 "$DRAGOMAN" directory show 1001/Z01 --mappings own
has out 'National declaration'
run 2 "$DRAGOMAN" directory show 1001/380 D.96B --mappings own
run 0 "$DRAGOMAN" directory list --mappings own
line out 'D\.96B +137 +137 +175 +497 +228 +6347  added to D\.96B'
printf "UNB+UNOA:3+S+R+961120:1023+1'UNH+1+NATDEC:D:96B:XX'BGM+Z01'RFF+ABE:1'ZNT+A+N1+N2'UNT+5+1'UNZ+1+1'" >national.edi
run 0 "$DRAGOMAN" validate national.edi --mappings own
has out 'accepted; 1 message, 0 errors, 0 warnings'
run 0 "$DRAGOMAN" inspect national.edi --mappings own
has out 'National procedure'
has out 'Z01  National declaration'
printf "UNB+UNOA:3+S+R+961120:1023+1'UNH+1+NATDEC:D:96B:UN'BGM+Z01'UNT+3+1'UNZ+1+1'" >other.edi
run 1 "$DRAGOMAN" validate other.edi --mappings own
has err 'D.96B has no message NATDEC'
# A file that is wrong is told of by every command that needs it.
echo 'nonsense' >own/directories/Z.directory
run 3 "$DRAGOMAN" validate national.edi --mappings own
has err 'Z.directory:1'
run 3 "$DRAGOMAN" directory list --mappings own
line out 'D\.96B +137 .*'

# An element without a representation does not get that of the next.
mkdir -p norepr
cat >norepr/EDED.30A <<END
$rule

     9901  Zebra code

     Desc: Code.

     9902  Zebra stripes

     Desc: Stripes.

     Repr: an..35
END
run 1 "$DRAGOMAN" directory import norepr -o norepr.directory
has err 'EDED.30A:3'
has err 'there is no "Repr:"'
bad_yaml() { # NAME TEXT WANTED: what stands in a file of that text, and what is said of it
    printf '%b' "$1" >wrong.yaml
    run 1 "$DRAGOMAN" directory import wrong.yaml -o none.directory
    has err "$2"
}
bad_yaml 'directory: D.40A\nbase: D.96B\nnotes: { BGM: [ "D5(010,090)" ] }\n' 'speaks of a position'
bad_yaml 'directory: D.40A\nelemets: {}\n' 'did you mean elements?'
bad_yaml 'directory: D.40A\nbase: D.92Z\n' 'directory.base.unknown'
bad_yaml 'directory: D.40A\nelements:\n  9950: { name: x }\n' 'wrong.yaml:3'
# A name that reads like a code of the base takes nothing away; a repetition is digits alone.
printf 'directory: D.41A\nbase: D.96B\nelements:\n  1001: { codes: { Z01: "380" }, remove: [ 381 ] }\n' >names.yaml
run 0 "$DRAGOMAN" directory import names.yaml -o names.directory
line names.directory $'1001 380\tCommercial invoice'
line names.directory $'1001 Z01\t380'
lacks names.directory $'1001 381\t'
bad_yaml 'directory: D.40A\nbase: D.96B\nsegments:\n  ZZA: { items: [ 1001 C 9K ] }\n' 'an id, then M or C'
bad_yaml 'directory: D.40A\nbase: D.96B\nelements:\n  1001: { remove: [ nope ] }\n' 'a code that the base has is expected'
bad_yaml 'directory: D.40A\nsegments:\n  ZZA: { items: [ 9950 Q ] }\n' 'an id, then M or C'
bad_yaml 'directory: D.40A\nsegments:\n  ZZA: { items: [ 9950 M an..3 ] }\n' 'directory.reference.missing'
bad_yaml 'directory: D.40A\nmessages:\n  ZEBDEC: [ UNH, [ UNS ], UNT ]\n' 'a segment, such as DTM C 9'
bad_yaml 'directory: D.40A\nmessages:\n  ZEBDEC: [ UNH, SG1 C 9: [ ], UNT ]\n' 'directory.line.invalid'
bad_yaml '[ 1, 2 ]\n' 'a map with directory'
bad_yaml 'a: &x 1\n' 'wrong.yaml:1'

finish directory
