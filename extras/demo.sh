#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# demo.sh DRAGOMAN - the first thing a visitor sees: a customs declaration as it travels, as a person reads it, as the WCO writes it, and
# back again. Everything it makes goes into a folder of its own that is removed.
set -eu
dragoman=$1
sample=mappings/samples/import-declaration.edi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

colour=never bold='' dim='' off='' accent=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    colour=always bold=$(printf '\033[1m') dim=$(printf '\033[2m') off=$(printf '\033[0m') accent=$(printf '\033[36m')
fi
width=$( (stty size </dev/tty) 2>/dev/null | cut -d' ' -f2 || true)
case ${width:-} in '' | 0) width=110 ;; esac
export COLUMNS="$width"

heading() { # NUMBER TEXT COMMAND
    printf '\n%s%s %s%s\n%s$ %s%s\n\n' "$bold$accent" "$1" "$2" "$off" "$dim" "$3" "$off"
}
excerpt() { # FILE LINES
    head -n "$2" "$1" | cut -c "1-$width"
    left=$(($(wc -l <"$1") - $2))
    if [ "$left" -gt 0 ]; then printf '%s… %d lines more%s\n' "$dim" "$left" "$off"; fi
}

printf '\n%sDragoman%s  the interpreter between the message standards of trade\n' "$bold" "$off"

heading 1 'What travels: a customs declaration in UN/EDIFACT' "cat $sample"
excerpt "$sample" 16

heading 2 'What it says' "dragoman inspect $sample"
"$dragoman" inspect --colour "$colour" "$sample" >"$work/inspect.txt"
excerpt "$work/inspect.txt" 60

heading 3 'The same declaration in the WCO Data Model' "dragoman translate $sample --to wco-declaration"
"$dragoman" translate "$sample" --to wco-declaration -o "$work/declaration.xml"
excerpt "$work/declaration.xml" 40

heading 4 'Where each value came from' "dragoman translate $sample --to wco-declaration --explain"
"$dragoman" translate "$sample" --to wco-declaration --explain 2>"$work/explain.txt" >/dev/null
excerpt "$work/explain.txt" 12

heading 5 'And back' 'dragoman translate declaration.xml --to cusdec-d96b'
"$dragoman" translate "$work/declaration.xml" --to cusdec-d96b --set writer.line-breaks=yes -o "$work/back.edi"
excerpt "$work/back.edi" 16

heading 6 'Nothing was lost on the way' 'dragoman translate back.edi --to wco-declaration | cmp - declaration.xml'
"$dragoman" translate "$work/back.edi" --to wco-declaration -o "$work/again.xml"
if cmp -s "$work/again.xml" "$work/declaration.xml"; then
    printf '%s✓%s the declaration that came back is the one that went out, byte for byte\n' "$bold" "$off"
else
    printf 'The declaration that came back differs:\n'
    diff "$work/declaration.xml" "$work/again.xml" | head -n 20
    exit 1
fi

cat <<END

${bold}What to try next${off}
  $dragoman formats                                                 what can be read and written
  $dragoman validate $sample        what is wrong with a message
  $dragoman inspect --model $sample
                                                                         the same in the canonical model
  $dragoman watch --in inbox --to wco-declaration --out outbox      the smallest gateway
  \$EDITOR mappings/rules/cusdec-d96b.yaml                                the rules that did this: plain text, two-way
  make help                                                              everything else

END
