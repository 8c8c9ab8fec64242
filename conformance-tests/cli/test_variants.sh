#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_variants.sh - one good interchange as it comes from other senders: other separators, other line ends, other encodings, cut,
# doubled, filled. Each is read, or refused for its true reason at its place. What is expected follows from ISO 9735.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

head="UNB+UNOA:3+SENDER+RECIPIENT+200101:1200+1'" # 42 bytes
message="UNH+1+CUSRES:D:96B:UN'BGM+963+A+9'UNT+3+1'" # 22 + 12 + 8 bytes
tail="UNZ+1+1'"

# accepted NAME MESSAGES: with no error and no warning
accepted() { run 0 "$DRAGOMAN" validate "$1"; has out "accepted; $2, 0 errors, 0 warnings"; }

# ---- read without a word
printf 'UNA:*.? ~%s' "$(printf '%s' "$head$message$tail" | tr "+'" '*~')" >una.edi
accepted una.edi '1 message'
printf '%s' "$head$message$tail$head$message$tail" >two.edi
accepted two.edi '2 messages'
printf '%s\0\0\0\0' "$head$message$tail" >nul.edi
accepted nul.edi '1 message'
printf '%s\r\n\032' "$head$message$tail" >ctrl-z.edi
accepted ctrl-z.edi '1 message'
printf '%s' "$head$message$tail" | sed "s/'/'\r/g" >cr.edi
accepted cr.edi '1 message'
printf '%s' "${head}UNG+CUSRES+A+B+200101:1200+1+UN+D:96B'${message}UNE+1+1'$tail" >group.edi
accepted group.edi '1 message'

# ---- read, and told of
printf '%s' "${head}UNG+CUSRES+A+B+200101:1200+1+UN+D:96B'UNE+0+1'UNZ+1+1'" >empty-group.edi
run 0 "$DRAGOMAN" validate empty-group.edi
has out 'accepted; 0 messages, 0 errors, 1 warning'
has err ':1:81: warning[edifact.interchange.empty]: the functional group holds no message'
printf '%s' "${head}UNZ+0+1'" >empty.edi
run 0 "$DRAGOMAN" validate empty.edi
has out 'accepted; 0 messages, 0 errors, 1 warning'
has err ':1:43: warning[edifact.interchange.empty]: the interchange holds no message'
printf '%s' "$head$message$tail" | iconv -f ASCII -t UTF-16LE | (printf '\377\376' && cat) >utf-16.edi
run 0 "$DRAGOMAN" validate utf-16.edi
has err 'edifact.interchange.bom'
has err 'it was decoded before it was read'
printf '%s' "$head$message$tail" | iconv -f ASCII -t IBM500 >ebcdic.edi
run 0 "$DRAGOMAN" validate ebcdic.edi
has err 'but in IBM037'
printf '%s' "$head$message$tail" | fold -w 20 >wrapped.edi
run 0 "$DRAGOMAN" validate wrapped.edi --set reader.line-breaks=drop
has err 'edifact.segment.lines'
printf '\357\273\277%s' "$head$message$tail" >bom.edi
run 0 "$DRAGOMAN" validate bom.edi
has err 'edifact.interchange.bom'
printf '%s' "$message" >headless.edi
run 0 "$DRAGOMAN" validate headless.edi
has err 'edifact.interchange.no-header'

# ---- refused, for what is wrong with it and nothing else
printf '%s' "$head$message" >no-unz.edi
run 1 "$DRAGOMAN" validate no-unz.edi
has err 'no-unz.edi:1:85: error[edifact.interchange.no-end]'
has out '1 message, 1 error, 0 warnings'
printf '%s' "$head$message" | head -c 70 >cut.edi
run 1 "$DRAGOMAN" validate cut.edi
has err 'edifact.message.truncated'
has err 'edifact.interchange.no-end'
run 1 "$DRAGOMAN" validate wrapped.edi
has err 'character 0x0A'
printf '%s' "$head${message/BGM/bgm}$tail" >lower.edi
run 1 "$DRAGOMAN" validate lower.edi
has err 'lower.edi:1:65: error'
has err 'bgm'
printf '%s' "$head${message/UNT+3/UNT+4}$tail" >count.edi
run 1 "$DRAGOMAN" validate count.edi
has err 'count.edi:1:81: error[edifact.count.segments]'
has out '1 message, 1 error, 0 warnings'

finish variants
