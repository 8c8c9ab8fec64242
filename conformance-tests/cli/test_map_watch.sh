#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_map_watch.sh - `dragoman map test --watch`: a saved file runs the cases again, at once, however an editor saves it.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

cat >one.case.yaml <<'END'
dragoman: case/1
cases:
- title: it
  input: |
    UNB+UNOC:3+S+R+260115:1023+1'
    UNH+1+CUSDEC:D:96B:UN'
    BGM+929:::IMA+L-1+9'
    LOC+22+NL000396'
    UNS+D'
    UNS+S'
    UNT+6+1'
    UNZ+1+1'
  model: {DeclarationOfficeID: NL000396}
END
mkdir later
cp one.case.yaml later/one.case.yaml
sed 's/Office[A-Z]*: NL000396/OfficeID: NL1/' one.case.yaml >wrong

# Waits until the file seen has so many lines with a text.
came() { # TEXT TIMES
    for _ in $(seq 1 2000); do
        if [ "$(grep -c -- "$1" seen)" -ge "$2" ]; then
            good
            return
        fi
        sleep 0.005 # between two looks
    done
    cp seen out
    bad "'$1' did not come $2 times"
}

: >seen
"$DRAGOMAN" map test --watch one.case.yaml >seen 2>seen.err &
watch=$!
came '1 passed, 0 failed' 1
cp wrong one.case.yaml
came '0 passed, 1 failed' 1
cp later/one.case.yaml .beside # a hidden name: else what is written there were a save of its own, and now and then a run
mv .beside one.case.yaml
came '1 passed, 0 failed' 2
printf 'cases: [\n' >one.case.yaml
came 'error\[yaml' 1
for i in 3 4 5; do
    cp later/one.case.yaml one.case.yaml
    came '1 passed, 0 failed' "$i"
    cp wrong one.case.yaml
    came '0 passed, 1 failed' $((i - 1))
done
# A run takes less than a tenth of a second: of a processor (the kernel counts hundredths), for what else the machine has to do is
# not the command's.
read -r -a stat <"/proc/$watch/stat"
runs=$(grep -c 'passed, .* failed' seen)
spent=$(((stat[15] + stat[16]) * 10 / runs))
most=100
if ldd "$DRAGOMAN" | grep -q 'lib.*asan'; then most=300; fi # a sanitizer takes three times as long
if [ "$runs" -ge 9 ] && [ "$spent" -lt "$most" ]; then good; else bad "a run took $spent ms of a processor"; fi
# What an editor leaves on its way, and what is only looked at, runs nothing.
before=$(wc -l <seen)
echo x >.one.case.yaml.swp
echo x >one.case.yaml~
cat one.case.yaml >/dev/null
sleep 0.3 # longer than a run takes: none comes
is "$(wc -l <seen)" "$before" 'lines after nothing was saved'
lacks seen 'folders are watched'
kill "$watch"
wait "$watch" 2>/dev/null
is "$?" 143 'ended by the signal'
empty seen.err

finish map-watch
