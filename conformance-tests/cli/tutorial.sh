# SPDX-License-Identifier: Apache-2.0
#
# tutorial.sh - follows a page word for word: what stands behind "`NAME`:" is written to that file, what stands behind "add:" to the
# end of the last one, every command is run, and what is shown as its output must come, line for line. Sourced, after lib.sh.
# shellcheck shell=bash

files=0 commands=0 shown=0 last=none code=0
: >out
is_command() { case $1 in dragoman\ * | cp\ * | export\ * | sed\ * | conformance-tests/*) return 0 ;; *) return 1 ;; esac; }

show() { # FILE: each line of it must be in what the last commands printed
    local line
    shown=$((shown + 1))
    while IFS= read -r line; do
        case ${line//[[:blank:]]/} in '' | ...) continue ;; esac # what is left out
        if grep -qF -- "$line" out; then good; else bad "the guide shows '$line'"; fi
    done <"$1"
    if grep -qE 'error\[|✗' "$1"; then
        if [ "$code" -ne 0 ]; then good; else bad "the guide shows a failure, and there was none"; fi
    elif [ "$code" -eq 0 ]; then good; else bad "exit code $code before what the guide shows"; fi
    code=0
}

do_lines() { # FILE of commands
    local line
    : >out
    while IFS= read -r line; do
        if [ "$code" -ne 0 ]; then bad "exit code $code: $last"; fi
        case $line in conformance-tests/*) continue ;; esac # needs declarations of the reader's own
        commands=$((commands + 1))
        last=$line
        eval "$line" >>out 2>&1
        code=$?
    done <"$1"
}

take() { # FILE INTRO
    local name
    if is_command "$(head -n 1 "$1")"; then
        do_lines "$1"
    elif [[ $2 =~ ^\`([^\`]+)\`:$ ]]; then
        name=${BASH_REMATCH[1]}
        cp "$1" "$name"
        file=$name files=$((files + 1))
    elif [[ $2 == *add: ]]; then
        cat "$1" >>"$file"
    else
        show "$1"
    fi
}

# follow PAGE: in the scratch folder.
follow() {
    local blocks i part
    # Blocks (four blanks before each line) into files block.1 ..., the line of text before each into intro.1 ...
    awk -v dir="$scratch" '
    function flush() {
        sub(/\n+$/, "", block)
        printf "%s\n", block >(dir "/block." n)
        printf "%s\n", intro >(dir "/intro." n)
        open = 0
    }
    /^    / { if (!open) { n++; open = 1; block = "" } block = block substr($0, 5) "\n"; next }
    /^$/ { if (open) block = block "\n"; next }
    { if (open) flush(); intro = $0 }
    END { if (open) flush(); print n >(dir "/blocks") }' "$1"
    # A command and the output that follows it are one run of indented lines with a blank one between: parted here.
    blocks=$(cat blocks)
    for ((i = 1; i <= blocks; i++)); do
        csplit -s -z -f part. -n 3 "block.$i" '/^$/' '{*}' 2>/dev/null || cp "block.$i" part.000
        if is_command "$(head -n 1 "block.$i")"; then
            for part in part.*; do
                sed -i '1{/^$/d}' "$part"
                take "$part" "$(cat "intro.$i")"
            done
        else
            take "block.$i" "$(cat "intro.$i")"
        fi
        rm -f part.*
    done
    if [ "$code" -eq 0 ]; then good; else bad "exit code $code: $last"; fi
}
