#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# suites.sh LOGS JOBS PROGRAM... - runs test programs, JOBS at a time, one line each, and ends with the line "N passed, N
# failed". A program says how it went with a line "result NAME: N passed, N failed"; one that ends without it counts as one
# failure, and so does one that reports no failure but ends with another exit code than 0. The whole output of each stands in
# LOGS/NAME.log.
set -u
logs=$1 jobs=$2
shift 2
mkdir -p "$logs"

one() {
    local program=$1 log=$2 begun passed failed line code
    begun=$(date +%s%N)
    case $program in
    *.sh) bash "$program" >"$log" 2>&1 </dev/null ;;
    */replay/*)
        "$program" "conformance-tests/fuzz/corpus/${program##*/fuzz_}" conformance-tests/golden mappings/samples \
            >"$log" 2>&1 </dev/null
        ;;
    *) "$program" >"$log" 2>&1 </dev/null ;;
    esac
    code=$?
    line=$(grep -aE '^result .*: [0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
    passed=0 failed=1
    if [[ $line =~ ([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
        passed=${BASH_REMATCH[1]} failed=${BASH_REMATCH[2]}
        if [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
    fi
    echo "$passed $failed $code $((($(date +%s%N) - begun) / 1000000))" >"$log.result"
}

names=() running=0
for program in "$@"; do
    name=${program##*/}
    case $program in */replay/*) name=replay_${name#fuzz_} ;; esac
    name=${name%.sh}
    names+=("$name")
    rm -f "$logs/$name.log.result"
    one "$program" "$logs/$name.log" &
    running=$((running + 1))
    if [ "$running" -ge "$jobs" ]; then
        wait -n
        running=$((running - 1))
    fi
done
wait

all_passed=0 all_failed=0
for name in "${names[@]}"; do
    passed=0 failed=1 code=? ms=0
    read -r passed failed code ms <"$logs/$name.log.result"
    mark=ok
    if [ "$failed" -ne 0 ]; then mark=FAILED; fi
    printf '%-6s %-28s %6d passed %4d failed  %7d ms\n' "$mark" "$name" "$passed" "$failed" "$ms"
    if [ "$failed" -ne 0 ]; then
        echo "       exit code $code; the end of $logs/$name.log:"
        tail -n 40 "$logs/$name.log" | sed 's/^/       | /'
    fi
    all_passed=$((all_passed + passed)) all_failed=$((all_failed + failed))
done
echo "$all_passed passed, $all_failed failed"
[ "$all_failed" -eq 0 ] && [ "$all_passed" -gt 0 ]
