#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# fuzz.sh FOLDER PROGRAM... - libFuzzer targets in turn, each for RUNS runs (or TIME seconds when RUNS is empty), then a table of
# runs and findings. Nine tenths of it go into small inputs (SMALL bytes at most), which are fast and find nearly everything, the
# rest into large ones (LARGE bytes). What was learnt stays in FOLDER/corpus, what was found in FOLDER/findings. SEED chooses the
# mutations. Ends with 1 when anything was found.
set -u
folder=$1
shift
mkdir -p "$folder/findings" "$folder/logs"
table="" failed=0
small=${SMALL:-256} large=${LARGE:-8192}
words=conformance-tests/fuzz/words

# Freed memory waits only a little, and nobody asks where it came from: a finding is looked at again by itself, with both.
quick=quarantine_size_mb=1:thread_local_quarantine_size_kb=64:malloc_context_size=0:allocator_release_to_os_interval_ms=-1
export ASAN_OPTIONS=${ASAN_OPTIONS:-$quick}

if [ -n "${RUNS:-}" ]; then
    how="$RUNS runs" parts=("-runs=$((RUNS - RUNS / 10))" "-runs=$((RUNS / 10))")
else
    TIME=${TIME:-60}
    how="$TIME seconds" parts=("-max_total_time=$((TIME - TIME / 10))" "-max_total_time=$((TIME / 10 + 1))")
fi

# The dictionary of a target: its own, or that of its standard. ack, chunks … read EDIFACT.
words_of() {
    case $1 in
    ack | chunks | edifact | rewrite | job) echo "$words/edifact" ;;
    *) [ -f "$words/$1" ] && echo "$words/$1" ;;
    esac
}

value() {
    sed -n "s/^stat::$1: *//p" "$2" | tail -1
}

for program in "$@"; do
    name=${program##*/fuzz_}
    corpus=$folder/corpus/$name log=$folder/logs/fuzz_$name.log
    mkdir -p "$corpus"
    options=(-timeout=60 -rss_limit_mb=2048 -print_final_stats=1 -reload=0 -entropic=0 "-artifact_prefix=$folder/findings/$name-")
    dictionary=$(words_of "$name")
    [ -n "$dictionary" ] && options+=("-dict=$dictionary")
    # Targets that keep readers count their memory themselves (support/fuzz_kit.h).
    grep -q fuzz_kit.h "conformance-tests/fuzz/fuzz_$name.c" && options+=(-detect_leaks=0)
    seeds=()
    for from in "conformance-tests/fuzz/corpus/$name" conformance-tests/golden mappings/samples; do
        [ -d "$from" ] && seeds+=("$from")
    done
    echo "== $name, $how, seed $SEED"
    runs=0 spent=0 status=0
    for part in 0 1; do
        bytes=$small from=("${seeds[0]}")
        [ "$part" -eq 1 ] && bytes=$large from=("${seeds[@]}")
        begun=$SECONDS
        "$program" "${parts[part]}" "-max_len=$bytes" "-seed=$SEED" "${options[@]}" "$corpus" "${from[@]}" >"$log.$part" 2>&1
        status=$?
        done_now=$(value number_of_executed_units "$log.$part")
        runs=$((runs + ${done_now:-0})) spent=$((spent + SECONDS - begun))
        [ "$status" -eq 0 ] || break
    done
    found=$(find "$folder/findings" -name "$name-*" | wc -l)
    table+=$(printf '%-14s %12s %10s %9s' "$name" "$runs" "$((runs / (spent ? spent : 1)))" "$found")$'\n'
    if [ "$status" -ne 0 ] || [ "$found" -gt 0 ]; then
        failed=1
        grep -aE 'must hold|ERROR|SUMMARY|Test unit written' "$log".[01] | tail -4
    fi
done
printf '\n%-14s %12s %10s %9s\n%s' target runs runs/s findings "$table"
[ "$failed" -eq 0 ] || echo "findings are in $folder/findings; each becomes a file in conformance-tests/fuzz/corpus/NAME and a test"
exit "$failed"
