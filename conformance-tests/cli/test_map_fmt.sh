#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_map_fmt.sh - `dragoman map fmt`: files in place, with --check only told of; the form itself is tried in test_yaml_tidy.c.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

run 0 "$DRAGOMAN" map fmt --check "$root"/mappings/rules/*.yaml "$root"/mappings/formats/*/*.yaml
has out 'cusdec-d96b.yaml'
lacks out 'is not tidy'

cat >mine.yaml <<'END'
dragoman:   mapping/1
mapping: cusdec-d96b   # ours
wire: { format: cusdec-d96b }
model: Declaration@1


rules:
    # the head
    - {wire: BGM/C106/1004 ,model: FunctionalReferenceID}
    - each: {wire: Item, model: GoodsShipment/GovernmentAgencyGoodsItem}
      rules:
          - {wire: CST/1496, model: SequenceNumeric,   number: keep}
END
cat >wanted <<'END'
dragoman: mapping/1
mapping: cusdec-d96b   # ours
wire: {format: cusdec-d96b}
model: Declaration@1

rules:
# the head
- {wire: BGM/C106/1004, model: FunctionalReferenceID}
- each: {wire: Item, model: GoodsShipment/GovernmentAgencyGoodsItem}
  rules:
  - {wire: CST/1496, model: SequenceNumeric, number: keep}
END
cp mine.yaml before
chmod 640 mine.yaml
run 1 "$DRAGOMAN" map fmt --check mine.yaml
has out '✗ mine.yaml  is not tidy'
has out '+ # the head'
same mine.yaml before
run 1 "$DRAGOMAN" map fmt --check --format json mine.yaml
json_lines out
has out '{"file":"mine.yaml","tidy":false,"wrote":false}'
run 0 "$DRAGOMAN" map fmt mine.yaml
has out '✓ mine.yaml  written'
same mine.yaml wanted
is "$(stat -c %a mine.yaml)" 640 'the mode of the file'
is "$(find . -name 'mine.yaml*' | wc -l)" 1 'files that are left'
run 0 "$DRAGOMAN" map fmt mine.yaml
has out '✓ mine.yaml'
lacks out 'written'
run 0 "$DRAGOMAN" map fmt -q --check mine.yaml
empty out

printf 'a: [b\n' >broken.yaml
cp broken.yaml before
run 1 "$DRAGOMAN" map fmt broken.yaml mine.yaml
has out 'broken.yaml:'
same broken.yaml before
run 3 "$DRAGOMAN" map fmt no-such.yaml
has err 'no-such.yaml cannot be read'
run 2 "$DRAGOMAN" map fmt
has err 'map fmt takes the files'

finish map-fmt
