#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_ack.sh - the command ack: answers on standard output, in files and folders, with the settings of partners, and what is told
# beside them.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

good="UNH+1+CUSDEC:D:96B:UN'BGM+929+X+9'UNS+D'UNS+S'UNT+5+1'"
printf "UNB+UNOC:3+S:14+R:ZZZ+260101:1023+REF1'%sUNZ+1+REF1'" "$good" >good.edi
printf "UNB+UNOC:3+S:14+R:ZZZ+260101:1023+REF2'%sUNH+2+CUSDEC:D:96B:UN'BGM+929+Y+9'DTM+13789:2'UNS+D'UNS+S'UNT+6+2'UNZ+2+REF2'" "$good" >bad.edi

run 0 "$DRAGOMAN" ack good.edi --set ack.reference=A1
has out "+A1'UNH+1+CONTRL:D:3:UN'UCI+REF1+S:14+R:ZZZ+7'UNT+3+1'UNZ+1+A1'"
has out "UNB+UNOC:3+R:ZZZ+S:14+"
empty err
run 1 "$DRAGOMAN" ack bad.edi --set ack.line-breaks=yes
has out "UCI+REF2+S:14+R:ZZZ+7'"
has out "UCM+2+CUSDEC:D:96B:UN+4'"
has out "UCD+39+2:1'"
has err 'edifact.value.too-long'
mv out answer.edi
# the answer is right, and is not answered
run 1 "$DRAGOMAN" validate answer.edi --level codes
has err 'job.mapping.missing'
lacks err 'error[edifact'
run 0 "$DRAGOMAN" ack answer.edi --format json
empty out
has err 'edifact.ack.of-ack'
json_lines err

# several inputs: references count up; into files of a folder
run 1 "$DRAGOMAN" ack good.edi bad.edi --set ack.reference=A9
has out "UNZ+1+A9'"
has out "UNZ+1+A10'"
run 1 "$DRAGOMAN" ack good.edi bad.edi -o answers/
has answers/good.edi "UCI+REF1+"
has answers/bad.edi "UCI+REF2+"
input=good.edi
run 0 "$DRAGOMAN" ack - -o from-pipe.edi
has from-pipe.edi "UCI+REF1+"
input=/dev/null

# what was agreed
run 1 "$DRAGOMAN" ack good.edi --set ack.recipients=OTHER
has out "UCI+REF1+S:14+R:ZZZ+4+7+UNB+4:1'"
has err 'edifact.ack.recipient'
run 0 "$DRAGOMAN" ack good.edi --set ack.when=requested
empty out
run 1 "$DRAGOMAN" ack bad.edi --level syntax --set ack.messages=all
has out "UCM+1+CUSDEC:D:96B:UN+7'"
run 1 "$DRAGOMAN" ack good.edi good.edi
has out "UCI+REF1+S:14+R:ZZZ+4+26+UNB+6'"

# wrong usage
run 2 "$DRAGOMAN" ack
has err 'needs an input'
run 2 "$DRAGOMAN" ack good.edi --set ack.recipient=X
has err 'recipients'
run 2 "$DRAGOMAN" ack good.edi --set ack.when=never
has err 'always requested rejected'
run 2 "$DRAGOMAN" validate good.edi --set ack.when=always
has err 'ack.when'
run 2 "$DRAGOMAN" ack good.edi --set ack.reference=123456789012345
has err 'ack.reference'
run 3 "$DRAGOMAN" ack nowhere.edi
run 0 "$DRAGOMAN" formats --settings
has out 'ack.max-age'

finish ack
