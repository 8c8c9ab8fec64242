#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# fuzz.sh FOLDER PROGRAM... - libFuzzer targets in turn, each for RUNS runs (or TIME seconds when RUNS is empty), then a table of
# runs and findings. What was learnt stays in FOLDER/corpus, what was found in FOLDER/findings. SEED chooses the mutations. Ends
# with 1 when anything was found.
set -u
folder=$1
shift
mkdir -p "$folder/findings" "$folder/logs"
table="" failed=0

if [ -n "${RUNS:-}" ]; then
    limit=-runs=$RUNS how="$RUNS runs"
else
    limit=-max_total_time=${TIME:-60} how="${TIME:-60} seconds"
fi

for program in "$@"; do
    name=${program##*/fuzz_}
    corpus=$folder/corpus/$name log=$folder/logs/fuzz_$name.log
    mkdir -p "$corpus"
    seeds=()
    for from in "conformance-tests/fuzz/corpus/$name" conformance-tests/golden mappings/samples; do
        [ -d "$from" ] && seeds+=("$from")
    done
    echo "== $name, $how, seed $SEED"
    "$program" "$limit" -timeout=60 -rss_limit_mb=2048 -seed="$SEED" -print_final_stats=1 \
        -artifact_prefix="$folder/findings/$name-" "$corpus" "${seeds[@]}" >"$log" 2>&1
    status=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -1)
    speed=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log" | tail -1)
    found=$(find "$folder/findings" -name "$name-*" | wc -l)
    table+=$(printf '%-14s %12s %10s %9s' "$name" "${runs:-0}" "${speed:-0}" "$found")$'\n'
    if [ "$status" -ne 0 ] || [ "$found" -gt 0 ]; then
        failed=1
        grep -aE 'ERROR|SUMMARY|Test unit written' "$log" | tail -3
    fi
done
printf '\n%-14s %12s %10s %9s\n%s' target runs runs/s findings "$table"
[ "$failed" -eq 0 ] || echo "findings are in $folder/findings; each becomes a file in conformance-tests/fuzz/corpus/NAME and a test"
exit "$failed"
