#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# demo.sh DRAGOMAN - the first thing a visitor sees: a customs declaration as it travels, as a person reads it, as the WCO
# writes it, and back again. Everything it makes goes into a folder of its own that is removed.
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
    printf '\n%s%s  %s%s\n   %s$ %s%s\n\n' "$bold$accent" "$1" "$2" "$off" "$dim" "$3" "$off"
}
lines() { # FILE FROM COUNT: that many lines, and how many follow
    sed -n "$2,$(($2 + $3 - 1))p" "$1"
}
rest() { # FILE SHOWN
    left=$(($(wc -l <"$1") - $2))
    if [ "$left" -gt 0 ]; then printf '%s   … %d lines more%s\n' "$dim" "$left" "$off"; fi
}
edifact() { sed "s/^\([A-Z][A-Z][A-Z]\)/$accent\1$off/"; }
xml() { sed "s/\(<[^>]*>\)/$dim\1$off/g"; }
line_of() { # FILE TEXT
    grep -n -m 1 -- "$2" "$1" | cut -d: -f1
}

printf '\n%sDragoman%s, the interpreter between the message standards of trade\n' "$bold" "$off"

heading 1 'A customs declaration travels as UN/EDIFACT, CUSDEC D.96B' "cat $sample"
lines "$sample" 1 18 | edifact
rest "$sample" 18

heading 2 'What it says: the head, and its first item' "dragoman inspect $sample"
"$dragoman" inspect --colour "$colour" "$sample" >"$work/inspect.txt"
"$dragoman" inspect --colour never "$sample" >"$work/plain.txt"
lines "$work/inspect.txt" 1 30
item=$(line_of "$work/plain.txt" '▸ SG30 ')
printf '%s   …%s\n' "$dim" "$off"
lines "$work/inspect.txt" "${item:-31}" 30
rest "$work/inspect.txt" $((${item:-31} + 29))

heading 3 'The same in the WCO Data Model, as XML' "dragoman translate $sample --to wco-declaration -o declaration.xml"
"$dragoman" translate "$sample" --to wco-declaration -o "$work/declaration.xml" --colour "$colour" 2>"$work/said.txt"
lines "$work/declaration.xml" 1 20 | xml
item=$(line_of "$work/declaration.xml" '<GovernmentAgencyGoodsItem>')
printf '%s   …%s\n' "$dim" "$off"
lines "$work/declaration.xml" "${item:-21}" 24 | xml
rest "$work/declaration.xml" $((${item:-21} + 23))
if [ -s "$work/said.txt" ]; then
    printf '\n%sand what there is to say about it:%s\n' "$dim" "$off"
    cat "$work/said.txt"
fi

heading 4 'Where each value came from: rule, and bytes of the input' "dragoman translate $sample --to wco-declaration --explain"
"$dragoman" translate "$sample" --to wco-declaration --explain --quiet 2>"$work/explain.txt" >/dev/null
lines "$work/explain.txt" 1 10
rest "$work/explain.txt" 10

heading 5 'And back to EDIFACT' 'dragoman translate declaration.xml --to cusdec-d96b'
"$dragoman" translate "$work/declaration.xml" --to cusdec-d96b --set writer.line-breaks=yes --quiet -o "$work/back.edi"
lines "$work/back.edi" 1 18 | edifact
rest "$work/back.edi" 18

heading 6 'Was anything lost on the way?' 'dragoman translate back.edi --to wco-declaration | cmp - declaration.xml'
"$dragoman" translate "$work/back.edi" --to wco-declaration --quiet -o "$work/again.xml"
if cmp -s "$work/again.xml" "$work/declaration.xml"; then
    printf '   %s✓%s no: the declaration that came back is the one that went out, byte for byte\n' "$bold" "$off"
else
    printf '   yes:\n'
    diff "$work/declaration.xml" "$work/again.xml" | head -n 20
    exit 1
fi

cat <<END

${bold}What to try next${off}
   $dragoman formats                               what can be read and written
   $dragoman validate FILE...                      what is wrong with a message, and where
   $dragoman inspect --model $sample
                                                 the same in the terms of the canonical model
   $dragoman watch --in inbox --to wco-declaration --out outbox
                                                 the smallest gateway: folder to folder, exactly once
   \$EDITOR mappings/rules/cusdec-d96b.yaml        the rules that did this: plain text, both ways
   make help                                     everything else

END
