# SPDX-License-Identifier: Apache-2.0
#
# watch_lib.sh - what the tests of the watch gateway share: inputs that can be told apart, a sink that does not de-duplicate,
# and the count. Sourced after lib.sh.

# offer N: an input whose translation names REF<N> and nothing else does. Written under a name that is left alone, then renamed.
offer() {
    sed "s/NDD2026000117/REF$(printf %05d "$1")/" "$sample" >in/.new
    mv in/.new "in/declaration-$1.edi"
}
offer_bad() { # N: refused, and can be told apart
    printf 'REF%05d is no message\n' "$1" >in/.new
    mv in/.new "in/bad-$1.edi"
}

# The consumer: takes everything it finds, under a name of its own each time.
taken=0
consume() {
    local f
    for f in box/*; do
        [ -e "$f" ] || continue
        taken=$((taken + 1))
        mv "$f" "sink/$taken"
    done
}

fresh() {
    rm -rf in box sink
    mkdir in box sink
    taken=0
}

# counted FROM TO: each reference stands in exactly one document of the sink, and there are no other documents.
counted() {
    local n wanted=0
    for n in $(seq "$1" "$2"); do
        wanted=$((wanted + 1))
        is "$(grep -la "REF$(printf %05d "$n")" sink/* 2>/dev/null | wc -l)" 1 "deliveries of input $n ($context)"
    done
    is "$(ls sink | wc -l)" "$wanted" "documents in the sink ($context)"
}

# settled: nothing is left of claims, stages and inputs.
settled() {
    is "$(find in/.claim box/.stage -mindepth 1 ! -name .lock | wc -l)" 0 "leavings ($context)"
    is "$(find in -maxdepth 1 -type f | wc -l)" 0 "inputs left ($context)"
}
