#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_tools.sh - what stands around the command: tidy finds what it must, the shared library exports what is listed, manual
# pages are made and well formed, an installed tree works from where it was put.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
case $BUILD in /*) ;; *) BUILD=$root/$BUILD ;; esac

run 0 "$BUILD/tools/tidy" --self-test
has out ' 0 failed'

# ---- exported symbols
nm -D --defined-only "$BUILD/libdragoman.so" | awk '$2 != "A" {print $3}' |
    grep -vE '^(_init|_fini|__asan|__ubsan|__odr_asan)' | sort >symbols
run 0 diff "$root/translator/dragoman.symbols" symbols
grep -v '^dgm_' symbols >foreign
empty foreign
# What the header declares is what is exported.
grep -oE '^DGM_API .*' "$root/translator/dragoman.h" | grep -oE 'dgm_[a-z_]+\(' | tr -d '(' | sort -u >declared
run 0 diff declared symbols

# ---- manual pages
for page in dragoman.1 dragoman-translate.1 dragoman-inspect.1 dragoman-validate.1 dragoman-formats.1 dragoman-watch.1 \
    dragoman-diagnostics.7; do
    filled "$BUILD/man/$page"
    has "$BUILD/man/$page" '.SH NAME'
done
# Every code of the one list is in the manual.
sed -nE 's/^X\([A-Z0-9_]+, ([0-9]+), "([^"]+)".*/\2/p' "$root"/translator/base/diag_codes/*.def | sort >codes
filled codes
while read -r code; do has "$BUILD/man/dragoman-diagnostics.7" "\\fB$code\\fR"; done <codes
is "$(sort codes | uniq -d | wc -l)" 0 'names of diagnostics that are given twice'
if command -v groff >/dev/null; then
    for page in "$BUILD"/man/*; do
        groff -man -Tutf8 -Kutf8 -ww "$page" >page 2>warnings
        last="groff $page"
        empty warnings
    done
fi

# ---- installed, and moved
run 0 make -s -C "$root" BUILD="$BUILD" install-files DESTDIR="$scratch/tree" PREFIX=/opt/dragoman
for f in bin/dragoman lib/libdragoman.a lib/libdragoman.so lib/libdragoman.so.0 include/dragoman.h lib/pkgconfig/dragoman.pc \
    share/man/man1/dragoman.1 share/man/man7/dragoman-diagnostics.7 share/dragoman/mappings/rules/cusdec-d96b.yaml \
    share/dragoman/schemas/mapping.json share/dragoman/schemas/Declaration@1.json; do
    filled "tree/opt/dragoman/$f"
done
mv tree/opt/dragoman moved
run 0 moved/bin/dragoman translate "$sample" --to json
filled out
mv moved/share/dragoman/mappings elsewhere
run 3 moved/bin/dragoman translate "$sample" --to json
run 0 moved/bin/dragoman translate "$sample" --to json --mappings elsewhere
run 0 env DRAGOMAN_MAPPINGS=elsewhere moved/bin/dragoman translate "$sample" --to json
mkdir -p moved/share/dragoman
mv elsewhere moved/share/dragoman/mappings
out_of=moved/lib/pkgconfig/dragoman.pc
is "$(pkg-config --variable=mappings $out_of)" /opt/dragoman/share/dragoman/mappings 'the folder of the mappings'

# A program of somebody else, against what was installed.
cat >user.c <<'END'
#include <dragoman.h>
#include <stdio.h>
int main(void)
{
    dgm_context_options o = { .struct_bytes = sizeof o, .mappings = { "moved/share/dragoman/mappings", 29 } };
    dgm_diags *diags = 0;
    dgm_context *context = 0;
    if (dgm_diags_new(0, 0, &diags) != DGM_OK) return 1;
    dgm_status status = dgm_context_open(&o, diags, &context);
    printf("%s %d %zu\n", dgm_version(), (int)status, dgm_context_format_count(context));
    dgm_context_free(context);
    dgm_diags_free(diags);
    return status != DGM_OK;
}
END
if nm -D "$BUILD/libdragoman.so" | grep -q __asan; then sanitize=-fsanitize=address,undefined; else sanitize=; fi
run 0 cc $sanitize -std=c17 -Wall -Wextra -Wpedantic -Werror -o user user.c -Imoved/include -Lmoved/lib -ldragoman
run 0 env LD_LIBRARY_PATH=moved/lib ./user
run 0 make -s -C "$root" BUILD="$BUILD" uninstall DESTDIR="$scratch/tree" PREFIX=/opt/dragoman

finish tools
