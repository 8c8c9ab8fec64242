#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_codec.sh - the command codec: the codecs there are, and the conformance kit over the built-in ones, on golden inputs.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
golden=$root/conformance-tests/golden
samples=$root/mappings/samples
export DRAGOMAN_MAPPINGS=$root/mappings

# ---- what there is
run 0 "$DRAGOMAN" codec list
is "$(grep -c 'built in' out)" "$(grep -o '&dgm_codec_[a-z]*' "$root/codecs/registry.c" | wc -l)" 'built-in codecs that are listed'
run 0 "$DRAGOMAN" codec list --format json
json_lines out
has out '"codec":"edifact","title":"","version":"","file":"","abi":0,"answers":true'

# ---- usage
run 2 "$DRAGOMAN" codec
run 2 "$DRAGOMAN" codec chek json "$sample"
run 2 "$DRAGOMAN" codec check json
run 2 "$DRAGOMAN" codec check edifakt "$sample"
has err "there is no codec 'edifakt'"
run 3 "$DRAGOMAN" codec check edifact none.edi
run 2 "$DRAGOMAN" codec check edifact "$sample" --runs 0
run 2 "$DRAGOMAN" codec check edifact "$sample" --set una=yes
: >empty.edi
run 2 "$DRAGOMAN" codec check edifact empty.edi
run 1 "$DRAGOMAN" codec check ./none.so "$sample"
has err 'codec.file.refused'

# ---- the folder
run 3 "$DRAGOMAN" codec list --codecs nowhere
has err 'codec.folder.unreadable'
mkdir open closed
run 0 "$DRAGOMAN" codec list --codecs closed
echo 'no program' >closed/text.so
run 3 "$DRAGOMAN" codec list --codecs closed
has err 'codec.file.unloadable'
chmod o+w closed/text.so
run 3 "$DRAGOMAN" formats --codecs closed
has err 'codec.file.refused'
has err 'everybody may write it'
rm closed/text.so
chmod o+w open
run 3 "$DRAGOMAN" codec list --codecs open
has err 'open is not loaded as a codec: everybody may write it'
cp "$DRAGOMAN" open/one.so # whatever it is: its folder is looked at first
run 1 "$DRAGOMAN" codec check open/one.so "$sample"
has err 'open/ is not loaded as a codec: everybody may write it'
chmod o-w open
run 1 "$DRAGOMAN" codec check open/one.so "$sample"
lacks err 'everybody may write it'

# ---- the kit over what is built in: many cases, short ones
kit() { # CODEC SAMPLE...
    run 0 "$DRAGOMAN" codec check --runs 150 --seed 7 "$@"
    has out "$1 passes: 11 parts over"
}
kit edifact "$golden"/cusdec-d96b/*/in.edi "$golden"/contrl/*/in.edi
kit xml "$golden"/wco-declaration/*/in.xml "$samples"/*.xml
kit json "$golden"/cusdec-d96b/accept-*/canonical.json "$golden"/wco-declaration/*/canonical.json
kit flat "$golden"/flat/*/in.*

# ---- what a program reads
run 0 "$DRAGOMAN" codec check edifact --format json --runs 8 "$golden/cusdec-d96b/accept-minimal/in.edi"
json_lines out
is "$(grep -c '"outcome":"passed"' out)" 11 'parts of the kit that passed'
has out '{"codec":"edifact","passed":true,"parts":11,"good":11}'

# ---- a sample that is none of the codec's
run 1 "$DRAGOMAN" codec check json --runs 1 "$golden/cusdec-d96b/accept-minimal/in.edi"
has out 'identification'
has out 'it does not know this sample'
has out 'json does not pass'

finish codec
