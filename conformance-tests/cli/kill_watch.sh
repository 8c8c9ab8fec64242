#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# kill_watch.sh - a campaign of `make torture`: inputs land while the watch gateway is killed at moments chosen by a seed and
# started again; in the end each has been delivered exactly once to a consumer that takes everything away. TORTURE_SECONDS,
# TORTURE_SEED.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=conformance-tests/cli/watch_lib.sh
. "$root/conformance-tests/cli/watch_lib.sh"
seconds=${TORTURE_SECONDS:-10}
RANDOM=$((${TORTURE_SEED:-1} % 32768))
context="seed ${TORTURE_SEED:-1}"
fresh
end=$((SECONDS + seconds)) n=0 kills=0
while [ $SECONDS -lt $end ]; do
    "$DRAGOMAN" watch --quiet --in in --to wco-declaration --out box >/dev/null 2>&1 </dev/null &
    pid=$!
    for _ in 1 2 3; do
        n=$((n + 1))
        offer $n
    done
    sleep "0.$(printf %03d $((RANDOM % 1000)))" # the moment of the kill is what is tried
    kill -KILL $pid
    wait $pid 2>/dev/null
    kills=$((kills + 1))
    consume
done
run 0 "$DRAGOMAN" watch --once --in in --to wco-declaration --out box
consume
counted 1 $n
settled
echo "$n inputs, $kills kills"
finish kill_watch
