#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_watch.sh - the watch gateway: what it takes and leaves, where things go, and that each input is delivered exactly once
# whatever named point it is killed at, also when it is killed again while it recovers (definition D, 8).
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=conformance-tests/cli/watch_lib.sh
. "$root/conformance-tests/cli/watch_lib.sh"
context=once
once() { run "$1" "$DRAGOMAN" watch --once --in in --to wco-declaration --out box "${@:2}"; }

# ---- what is there is delivered
fresh
offer 1
offer 2
once 0
has err 'delivered declaration-1.edi → declaration-1.xml'
consume
counted 1 2
settled
once 0
is "$(ls box | wc -l)" 0 'nothing is delivered twice'

# ---- what is not to be taken
fresh
offer 1
mv in/declaration-1.edi in/a.part
cp in/a.part in/b.tmp
cp in/a.part in/.hidden
mkdir in/folder
ln -s ../in/a.part in/link.edi
once 0
is "$(ls box | wc -l)" 0 'names that are left alone'
is "$(ls -A in | tr '\n' ' ')" '.claim .hidden a.part b.tmp bad folder link.edi ' 'what is left alone stays'

# ---- a file that somebody still writes is not taken
fresh
offer 1
exec 9>>in/declaration-1.edi
once 0
is "$(ls box | wc -l)" 0 'a file still open for writing'
exec 9>&-
once 0
is "$(ls box | wc -l)" 1 'the same file, closed'

# ---- names as long as a file system allows, and odd ones
fresh
long=$(printf 'ä%.0s' $(seq 125))
cp "$sample" "in/$long.edi"
cp "$sample" "in/${long}b.e"
cp "$sample" 'in/ two  words '
cp "$sample" "in/$(printf 'new\nline').edi"
cp "$sample" in/noend
printf 'no message\n' >"in/${long}bad"
once 1
is "$(ls box | wc -l)" 6 'documents with odd names, one of them on two lines'
is "$(find in/bad -type f | wc -l)" 2 'a refused file with a long name'
if find box in/bad -type f | iconv -f UTF-8 -t UTF-8 >/dev/null; then good; else bad 'a name that is cut inside a character'; fi
context='odd names'
settled
context=once

# ---- a name that is taken is not replaced
fresh
echo mine >box/declaration-1.xml
offer 1
once 0
is "$(cat box/declaration-1.xml)" mine 'what was there'
is "$(ls box)" "$(printf 'declaration-1-2.xml\ndeclaration-1.xml')" 'the next free name'

# ---- refused inputs
fresh
offer_bad 1
offer 2
once 1
has err 'refused bad-1.edi'
is "$(ls in/bad)" "$(printf 'bad-1.edi\nbad-1.edi.diagnostics.txt')" 'the refused file and its diagnostics'
has in/bad/bad-1.edi.diagnostics.txt 'job.input.unknown'
consume
counted 2 2
settled
offer_bad 1
once 1 --format json --bad aside
json_lines err
json_lines aside/bad-1.edi.diagnostics.jsonl
offer_bad 1
once 1 --format json --bad aside
is "$(ls aside | wc -l)" 4 'a second refused file of the same name'
settled

# ---- inputs that are kept
fresh
offer 1
once 0 --keep
is "$(ls in/.done)" declaration-1.edi 'a kept input'

# ---- wrong surroundings
fresh
run 2 "$DRAGOMAN" watch --once --in in --to wco-declaration --out in
has err 'the same folder'
run 3 "$DRAGOMAN" watch --once --in nowhere --to json --out box
has err 'nowhere'
run 2 "$DRAGOMAN" watch --once --in in --to wco-declaratoin --out box
has err 'wco-declaration'
run 2 "$DRAGOMAN" watch --once --in in --to json --out box --scan x
has err '--scan takes seconds'

# ---- the loop: ready, events, one gateway at a time, a graceful end
wait_for() { # TEXT FILE
    local n
    for n in $(seq 600); do
        if grep -qaF -- "$1" "$2"; then
            good
            return
        fi
        sleep 0.05 # between two looks at a fact
    done
    bad "no '$1' in $2 after 30 s"
}
fresh
offer 1
"$DRAGOMAN" watch --in in --to wco-declaration --out box 2>log </dev/null &
pid=$!
wait_for 'watching in' log
wait_for 'delivered declaration-1.edi' log
offer 2
wait_for 'delivered declaration-2.edi' log
sed 's/NDD2026000117/REF00003/' "$sample" >in/declaration-3.edi
wait_for 'delivered declaration-3.edi' log
run 3 "$DRAGOMAN" watch --once --in in --to wco-declaration --out box
has err 'another gateway watches'
kill -TERM $pid
wait $pid
is $? 0 'exit code after SIGTERM'
has log 'stopped'
consume
counted 1 3
settled

# ---- mappings that are edited meanwhile: what was saved holds for the next input, what cannot be used is told of and not taken
state() { # WORD: the rules write it into each document
    cp "$root/mappings/rules/cusdec-d96b.yaml" mappings/.next
    printf '\n- {model: DocumentMetaData/WCOTypeName, is: "%s", always: true}\n' "$1" >>mappings/.next
    mv mappings/.next mappings/rules/cusdec-d96b.yaml
}
fresh
rm -rf mappings
cp -r "$root/mappings" mappings
state first
offer 1
"$DRAGOMAN" watch --format json --mappings mappings --in in --to wco-declaration --out box 2>log </dev/null &
pid=$!
wait_for '"event":"delivered","input":"declaration-1.edi"' log
state second
offer 2
wait_for '"event":"delivered","input":"declaration-2.edi"' log
echo '- {wire: NOWHERE, model: ID}' >>mappings/rules/cusdec-d96b.yaml
offer 3
wait_for '"event":"delivered","input":"declaration-3.edi"' log
state third
offer 4
wait_for '"event":"delivered","input":"declaration-4.edi"' log
rm mappings/formats/xml/wco-declaration.yaml mappings/rules/wco-declaration.yaml # what it must write can no longer be written
offer 5
wait_for '"event":"delivered","input":"declaration-5.edi"' log
kill -TERM $pid
wait $pid
json_lines log
for n in 1:first 2:second 3:second 4:third 5:third; do
    has "box/declaration-${n%:*}.xml" "WCOTypeName>${n#*:}<"
done
is "$(grep -c '"event":"reloaded"' log)" 2 'mappings taken up'
is "$(grep -c '"event":"kept"' log)" 2 'mappings refused'
has log 'NOWHERE'
version() { sed -n "s/.*\"input\":\"declaration-$1.edi\".*\"mappings\":\"\([0-9a-f]*\)\".*/\1/p" log; }
is "$(version 2)" "$(version 3)" 'the version of what was kept'
is "$(for n in 1 2 4; do version $n; done | sort -u | wc -l)" 3 'a version for each state'
is "$(version 1 | tr -d '\n' | wc -c)" 16 'the digits of a version'
rm -rf mappings
cp -r "$root/mappings" mappings
offer 6
"$DRAGOMAN" watch --no-reload --mappings mappings --in in --to wco-declaration --out box 2>log </dev/null &
pid=$!
wait_for 'delivered declaration-6.edi' log
state fourth
offer 7
wait_for 'delivered declaration-7.edi' log
kill -TERM $pid
wait $pid
lacks box/declaration-7.xml fourth
rm -rf mappings

# ---- killed at every named point: once, and once more at every point while it recovers
points=$("$DRAGOMAN_TESTING" watch --in in --to json --out box --crash-at list | grep -v "^store-") # those of stores: test_merge.sh
if [ "$(echo "$points" | wc -w)" -ge 12 ]; then good; else bad "crash points: $points"; fi
run 2 "$DRAGOMAN_TESTING" watch --in in --to json --out box --crash-at nowhere
run 2 "$DRAGOMAN" watch --in in --to json --out box --crash-at claimed
has err 'watch has no option --crash-at'

die() { # POINT: 1 when it died there, 0 when it never came by
    "$DRAGOMAN_TESTING" watch --once --quiet --in in --to wco-declaration --out box --crash-at "$1" >out.log 2>err </dev/null
    case $? in
    137) return 0 ;;
    0 | 1) return 1 ;;
    *) bad "crash at $1: exit code $?" ;;
    esac
}
offer_all() {
    offer 1
    offer_bad 9
    offer 2
}
for point in $points; do
    context="$point"
    fresh
    offer_all
    if die "$point"; then good; else bad "never came by $point"; fi
    consume
    die "$point"
    consume
    die "$point"
    consume
    "$DRAGOMAN" watch --once --quiet --in in --to wco-declaration --out box >/dev/null 2>&1
    consume
    counted 1 2
    settled
    is "$(ls in/bad | tr '\n' ' ')" 'bad-9.edi bad-9.edi.diagnostics.txt ' "the refused file ($context)"
done
# Pairs of different points: half of them here, by position; `make torture` kills at random moments besides.
i=0
for first in $points; do
    for second in $points; do
        i=$((i + 1))
        if [ "$first" = "$second" ] || [ $((i % 4)) -ne 0 ]; then continue; fi
        context="$first, then $second"
        fresh
        offer_all
        die "$first"
        consume
        die "$second"
        consume
        "$DRAGOMAN" watch --once --quiet --in in --to wco-declaration --out box >/dev/null 2>&1
        consume
        counted 1 2
        settled
    done
done

# ---- an input that ends the process again and again is set aside
fresh
offer 1
for _ in 1 2 3 4 5 6 7 8; do die translating; done
"$DRAGOMAN" watch --once --in in --to wco-declaration --out box >out.log 2>err
is $? 1 'a deadly input is refused'
is "$(ls in/bad | wc -l)" 2 'a deadly input is set aside'
has in/bad/declaration-1.edi.diagnostics.txt 'gateway.watch.deadly'

finish watch
