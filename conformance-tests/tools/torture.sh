#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# torture.sh SECONDS SEED PROGRAM... - long campaigns, each told with its seed and its result: laws, mutated corpora, and the
# watch gateway killed at random moments. The time is shared equally. Ends with "N passed, N failed".
set -u
seconds=$1 seed=$2
shift 2
each=$((seconds / ($# + 1)))
[ "$each" -gt 0 ] || each=1
passed=0 failed=0

campaign() { # NAME COMMAND...
    local name=$1
    shift
    echo "== $name, $each seconds, seed $seed"
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $name, seed $seed"
    fi
}

for program in "$@"; do
    name=${program##*/}
    case $program in
    */replay/*) campaign "replay_${name#fuzz_}" "$program" --seconds "$each" --seed "$seed" \
        "conformance-tests/fuzz/corpus/${name#fuzz_}" conformance-tests/golden mappings/samples ;;
    *) campaign "$name" "$program" --seconds "$each" --seed "$seed" ;;
    esac
done
campaign watch-kills env TORTURE_SECONDS="$each" TORTURE_SEED="$seed" bash conformance-tests/cli/kill_watch.sh
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
