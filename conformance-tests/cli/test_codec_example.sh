#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_codec_example.sh - a codec of somebody else: built with what is installed and pkg-config alone, loaded, tried by the kit, and
# used with a format and a mapping of its own; and the same codec with mistakes, each of which must be named.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
case $BUILD in /*) ;; *) BUILD=$root/$BUILD ;; esac

# ---- as a stranger: a prefix of its own, a copy of the sources
run 0 make -s -C "$root" BUILD="$BUILD" install-files DESTDIR= PREFIX="$scratch/prefix"
for f in include/dragoman.h include/dragoman/codec.h; do filled "prefix/$f"; done
PATH=$scratch/prefix/bin:$PATH
export PKG_CONFIG_PATH=$scratch/prefix/lib/pkgconfig
cp -r "$root/conformance-tests/examples/x12" x12
is "$(pkg-config --variable=codecs dragoman)" "$scratch/prefix/lib/dragoman/codecs" 'the folder of codecs'
build() { # OUTPUT FLAGS... -- SOURCES...
    # shellcheck disable=SC2046
    run 0 cc -std=c17 -O1 -g -Wall -Wextra -Wpedantic -Werror -fPIC -shared -fvisibility=hidden $(pkg-config --cflags dragoman) \
        -o "$@"
}
mkdir codecs
build codecs/x12.so x12/x12.c x12/writer.c
nm -D --undefined-only codecs/x12.so >needs
lacks needs dgm_
is "$(nm -D --defined-only codecs/x12.so | awk '{print $3}')" dragoman_codec 'what the codec exports'

# ---- listed: from a folder that is named, and from the one of the installation
run 0 dragoman codec list --codecs codecs
has out 'x12           codecs/x12.so; ANSI ASC X12: an example 1.0'
run 0 dragoman codec list --codecs codecs --format json
json_lines out
has out '"codec":"x12","title":"ANSI ASC X12: an example","version":"1.0","file":"codecs/x12.so","abi":0,"answers":false'
run 0 dragoman codec list
lacks out x12
cp codecs/x12.so prefix/lib/dragoman/codecs
run 0 dragoman codec list
has out 'lib/dragoman/codecs/x12.so'
rm prefix/lib/dragoman/codecs/x12.so
run 0 dragoman formats --settings --codecs codecs
has out 'writer.recipient'

# ---- a format and a mapping of its own, over those that are installed
cp -r prefix/share/dragoman/mappings mine
mkdir mine/formats/x12
cp x12/order.yaml mine/formats/x12/x12-850.yaml
cp x12/order-rules.yaml mine/rules/x12-850.yaml
cp x12/purpose.tsv mine/codes/x12-purpose.tsv
export DRAGOMAN_MAPPINGS=$scratch/mine
run 3 dragoman formats
has err 'there is no codec named x12'
run 0 dragoman formats --codecs codecs
has out 'x12-850'
run 0 dragoman validate --codecs codecs x12/order.x12
has out 'accepted'
run 0 dragoman translate --codecs codecs x12/order.x12 --to json --strict
cp out order.json
has out '"FunctionalReferenceID": "4711"'
has out '"FunctionCode": "9"'
has out '"Description": "Garden chairs of teak"'
run 0 dragoman translate --codecs codecs order.json --to x12-850 --set writer.sender=ACME --set writer.recipient=SHOP
sed -n '3,10p' out >body
printf '%s\n' 'ST*850*0001~' 'BEG*00*SA*4711~' 'N1*BY*ACME Ltd~' 'PO1*1~' 'PID*F****Garden chairs of teak~' 'PO1*2~' \
    'PID*F****Tables~' 'SE*8*0001~' >wanted
same body wanted
has out '*ZZ*ACME           *ZZ*SHOP           *'
cp out again.x12
run 0 dragoman translate --codecs codecs again.x12 --to json --strict
same out order.json
run 0 dragoman rewrite --codecs codecs x12/order.x12 -o rewritten.x12
is "$(grep -c 'warning\[job.rewrite.envelope\]: what surrounds messages of x12 is made anew' err)" 1 'told once'
run 0 dragoman inspect --codecs codecs x12/order.x12
has out 'Garden chairs of teak'

# ---- what it says is wrong has its own names, in text and JSON
sed 's/^SE\*8/SE*9/; s/^N1/ZZ/' x12/order.x12 >wrong.x12
run 1 dragoman validate --codecs codecs wrong.x12 --format json
cat out err >both
has both '"code":"x12.segment.unexpected","severity":"error"'
has both '"code":"x12.count.other","severity":"error"'
run 1 dragoman validate --codecs codecs wrong.x12
cat out err >both
has both 'error[x12.count.other]: the count does not agree with what was sent'
# A value that X12 cannot say is refused, not bent.
sed 's/Tables/Tables*chairs/' order.json >star.json
run 1 dragoman translate --codecs codecs star.json --to x12-850
has err 'x12.value.separator'

# ---- the kit
run 0 dragoman codec check ./codecs/x12.so x12/order.x12 again.x12 wrong.x12
has out 'x12 passes: 11 parts over 3 samples'
run 0 dragoman codec check x12 --codecs codecs --runs 20 x12/order.x12

# ---- mistakes that loading must refuse
mistake() { # NAME
    rm -rf broken && mkdir broken
    build broken/bad.so -DX12_BROKEN -D"BROKEN_$1" x12/broken.c x12/x12.c x12/writer.c
}
refused() { # CODE TEXT
    run 3 dragoman codec list --codecs broken
    has err "$1"
    has err "$2"
    run 3 dragoman validate --codecs broken "$sample"
    run 1 dragoman codec check ./broken/bad.so x12/order.x12
    has err "$1"
}
mistake ABI
refused codec.abi.other 'broken/bad.so was built for another codec interface: ABI 0 is expected, and it has 7'
mistake BUILD
refused codec.build.other 'was built with other headers'
mistake NAME
refused codec.name.twice 'the codec of broken/bad.so is called "xml" as the one that is built in'
mistake PART
refused codec.part.missing 'the codec of broken/bad.so lacks reset'
build broken/bad.so -DX12_BROKEN x12/x12.c x12/writer.c
refused codec.entry.missing 'it has no symbol dragoman_codec'
rm -rf broken && mkdir broken
ln -s ../codecs/x12.so broken/bad.so
refused codec.file.refused 'it is no regular file'
cp codecs/x12.so codecs/y12.so
run 3 dragoman codec list --codecs codecs
has err 'the codec of codecs/y12.so is called "x12" as the one codecs/x12.so'
rm codecs/y12.so

# ---- mistakes that the kit must find, each by its name
found() { # PART OUTCOME TEXT [OPTION...]
    local part=$1 outcome=$2 text=$3
    shift 3
    run 1 dragoman codec check ./broken/bad.so --runs 4 "$@" x12/order.x12
    grep -A 2 -E "^✗ $part +$outcome\$" out >lines
    has lines "$text"
}
mistake CRASH
found truncation crashed 'x12/order.x12, cut 1: crashed: Segmentation fault'
has out '✓ reading'
mistake HANG
found truncation hangs 'x12/order.x12, cut 1: hangs: no step for 1 seconds' --seconds 1
mistake LEAK
found chunks failed "fed at once: leak: 100 bytes of the host's memory are not given back"
if ! nm -D "$BUILD/libdragoman.so" | grep -q __asan; then
    mistake LEAK_BEHIND
    found memory failed "that are not the host's stay behind"
    is "$(grep -c '^✗' out)" 1 'parts that fail of memory behind the host'
fi
mistake LOSES
found round-trip failed 'a value does not survive: BEG/03: is lost or stands elsewhere: "4711"'
mistake CHUNKS
found chunks failed 'another reading than of the whole'
mistake LOADING
run 1 dragoman codec check ./broken/bad.so x12/order.x12
has err 'codec.loading.crashed'

finish codec_example
