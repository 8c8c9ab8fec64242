#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_examples.sh - the programs of translator/examples are compiled as their heads say, against the header and the shared library
# alone, and do what they say they do.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
case $BUILD in /*) ;; *) BUILD=$root/$BUILD ;; esac

flags=(-std=c17 -Wall -Wextra -Wpedantic -Werror -I "$root/translator" -L lib "-Wl,-rpath,$scratch/lib")
mkdir lib
for name in libdragoman.so libdragoman.so.0; do ln -s "$BUILD/libdragoman.so" lib/$name; done
if nm -D "$BUILD/libdragoman.so" | grep -q __asan_; then flags+=(-fsanitize=address,undefined -fno-sanitize-recover=all); fi
for example in check walk make answered; do
    run 0 cc "${flags[@]}" -o $example "$root/translator/examples/$example.c" -ldragoman
done

# What is made by hand has release characters, the character set and the counts right.
run 0 ./make
cp out invoice.edi
sed -E 's/\+[0-9]{6}:[0-9]{4}\+[0-9]+\x27/+DATE+REF\x27/; s/UNZ\+1\+[0-9]+/UNZ+1+REF/' invoice.edi >plain.edi
printf '%s' "UNB+UNOC:3+ME+YOU+DATE+REF'UNH+1+INVOIC:D:96A:UN'BGM+380+INV-2026/17'DTM+137:20261121:102'NAD+SE+++O?'Hara'" >wanted
printf "NAD+BY+++\305se & Sons'LIN+1'MOA+203:12.50'UNS+S'MOA+77:12.50'UNT+10+1'UNZ+1+REF'" >>wanted
same plain.edi wanted

run 0 ./check invoice.edi
is "$(cat out)" '1 messages, 0 refused' 'a message that is right'
sed "s/MOA+77:12.50'UNT+10/UNT+9/" invoice.edi >short.edi
run 1 ./check short.edi
has out 'error[edifact.group.missing]: mandatory group SG48'
has out '1 messages, 1 refused'
run 2 ./check

# What a partner answers to it is read, alone and beside what was sent.
run 1 "$DRAGOMAN" ack short.edi -o answer.edi
run 0 ./answered answer.edi
has out 'message 1 rejected'
has out 'error, code 13: Missing'
run 0 ./answered answer.edi short.edi
has out 'message 1 rejected, our message 1'
has out 'error, our message 1, UNS, code 13: Missing'
run 1 ./answered invoice.edi

input=invoice.edi
run 0 ./walk
has out '        3036 Åse & Sons'
has out 'document kind: 380'
is "$(grep -c '^ *SG2 $' out)" 2 'groups shown'
input=/dev/null
run 1 ./walk

finish examples
