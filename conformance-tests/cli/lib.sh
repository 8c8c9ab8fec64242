# SPDX-License-Identifier: Apache-2.0
#
# lib.sh - what the tests of the command share: a scratch folder, checks that count, and the line that suites.sh reads. Sourced.

set -u
: "${DRAGOMAN:=build/dragoman}" "${DRAGOMAN_TESTING:=build/dragoman-testing}" "${BUILD:=build}"
root=$(pwd)
case $DRAGOMAN in /*) ;; *) DRAGOMAN=$root/$DRAGOMAN ;; esac
case $DRAGOMAN_TESTING in /*) ;; *) DRAGOMAN_TESTING=$root/$DRAGOMAN_TESTING ;; esac
unset DRAGOMAN_MAPPINGS NO_COLOR COLUMNS
export LC_ALL=C.UTF-8
sample=$root/mappings/samples/import-declaration.edi
scratch=$(mktemp -d "${TMPDIR:-/tmp}/dragoman-test.XXXXXX")
trap 'chmod -R u+rwx "$scratch"; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 3
passed=0 failed=0

good() { passed=$((passed + 1)); }
bad() { # TEXT
    failed=$((failed + 1))
    echo "FAILED: $*"
    for f in out err; do
        if [ -s $f ]; then sed "s/^/    $f: /" $f | head -n 20; fi
    done
}

# run CODE COMMAND...: standard output and error into the files out and err, and the exit code must be CODE. $input is its
# standard input.
input=/dev/null
run() {
    local wanted=$1 code
    shift
    "$@" <"$input" >out 2>err
    code=$?
    last="$*"
    if [ "$code" -eq "$wanted" ]; then good; else bad "exit code $code instead of $wanted: $last"; fi
}

# has FILE TEXT, lacks FILE TEXT: fixed strings.
has() { if grep -qaF -- "$2" "$1"; then good; else bad "$1 has no '$2': $last"; fi; }
lacks() { if grep -qaF -- "$2" "$1"; then bad "$1 has '$2': $last"; else good; fi; }
empty() { if [ -s "$1" ]; then bad "$1 is not empty: $last"; else good; fi; }
filled() { if [ -s "$1" ]; then good; else bad "$1 is empty: $last"; fi; }
same() { if cmp -s "$1" "$2"; then good; else bad "$1 and $2 differ: $last"; fi; }
is() { # GOT WANTED WHAT
    if [ "$1" = "$2" ]; then good; else bad "$3: got '$1', wanted '$2'"; fi
}

# json_lines FILE: every line is one JSON object, as far as a shell can see: braces that balance outside strings.
json_lines() {
    filled "$1"
    if awk '{
        depth = 0; text = 0; closed = 0
        for (i = 1; i <= length($0); i++) {
            c = substr($0, i, 1)
            if (text) { if (c == "\\") i++; else if (c == "\"") text = 0; continue }
            if (c == "\"") text = 1
            if (c == "{" || c == "[") depth++
            if (c == "}" || c == "]") { depth--; if (depth == 0 && i < length($0)) closed = 1 }
        }
        if (substr($0, 1, 1) != "{" || depth != 0 || text || closed) { print "line " NR ": " $0; wrong = 1 }
    } END { exit wrong }' "$1"; then good; else bad "$1 is not one JSON object a line: $last"; fi
}

finish() { # NAME
    echo "result $1: $passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
